"""What others have done with the new customers of an import, as its page shows it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="followed",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
