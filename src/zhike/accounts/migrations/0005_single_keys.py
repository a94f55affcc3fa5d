"""Whether a person wants keys that are pressed alone."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_people_come_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="single_keys",
            field=models.BooleanField(default=True, verbose_name="单键快捷键"),
        ),
    ]
