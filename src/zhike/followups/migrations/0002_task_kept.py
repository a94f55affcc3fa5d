from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("followups", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "done"])),
                fields=["due_on"],
                include=("owner", "state", "done_at"),
                name="task_kept",
            ),
        ),
    ]
