from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside the work: nobody waits for an index of a large table

    dependencies: ClassVar = [("followups", "0007_settled")]

    operations: ClassVar = [
        AddIndexConcurrently(
            "escalation",
            models.Index(
                fields=["user", "due_on", "id"], condition=models.Q(is_settled=False), name="escalation_open_of"
            ),
        ),
        AddIndexConcurrently(
            "escalation",
            models.Index(fields=["due_on", "id"], condition=models.Q(is_settled=False), name="escalation_open"),
        ),
        AddIndexConcurrently(
            "escalation",
            models.Index(
                fields=["user", "-at", "-id"], condition=models.Q(is_settled=True), name="escalation_settled_of"
            ),
        ),
        AddIndexConcurrently(
            "escalation",
            models.Index(fields=["-at", "-id"], condition=models.Q(is_settled=True), name="escalation_settled"),
        ),
        RemoveIndexConcurrently("escalation", "escalation_by_day"),
    ]
