from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside the work: nobody waits for an index of a large table

    dependencies = [
        ("customers", "0016_planned_contact"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("erased_at", None), ("next_contact_on", None)),
                fields=["owner", "id"],
                name="customer_unplanned",
            ),
        ),
    ]
