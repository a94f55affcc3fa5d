from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside the work: nobody waits for an index of a large table

    dependencies: ClassVar = [("classification", "0021_last_interaction")]

    operations: ClassVar = [
        AddIndexConcurrently(
            "customerfacts",
            models.Index(fields=["last_interaction", "customer"], name="facts_by_interaction"),
        ),
    ]
