from __future__ import annotations

from typing import ClassVar

import django.db.models.functions.comparison
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform


class Migration(migrations.Migration):
    dependencies: ClassVar = [("classification", "0020_notification_routed")]

    operations: ClassVar = [
        migrations.AddField(
            "customerfacts",
            "last_interaction",
            models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.comparison.Coalesce(
                    KeyTextTransform("metric.days_since_interaction", "values"), models.Value("", models.TextField())
                ),
                output_field=models.TextField(),
            ),
        ),
    ]
