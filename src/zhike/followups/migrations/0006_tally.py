from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("followups", "0005_task_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("day", models.DateField()),
                ("overdue", models.PositiveIntegerField()),
                ("today", models.PositiveIntegerField()),
                ("contacts", models.PositiveIntegerField()),
                ("owned", models.PositiveIntegerField()),
                ("kept", models.JSONField(default=dict)),
                ("counted_at", models.DateTimeField()),
            ],
        ),
    ]
