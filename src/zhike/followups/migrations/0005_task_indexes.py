from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside the work: nobody waits for an index of a large table

    dependencies = [
        ("followups", "0004_calendar_feed"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "done"])),
                fields=["owner", "due_on"],
                include=("state", "done_at"),
                name="task_kept_by",
            ),
        ),
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                models.F("state"),
                models.OrderBy(models.F("done_at"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("state__in", ["done", "dropped"])),
                include=("owner",),
                name="task_finished",
            ),
        ),
        AddIndexConcurrently(
            model_name="escalation",
            index=models.Index(fields=["user", "due_on", "id"], name="escalation_by_day"),
        ),
        RemoveIndexConcurrently(model_name="escalation", name="escalation_of_user"),
        RemoveIndexConcurrently(model_name="task", name="task_kept"),
        RemoveIndexConcurrently(model_name="task", name="task_calendar"),
    ]
