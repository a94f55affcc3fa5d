from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("classification", "0019_notification_of_followups"),
    ]

    operations = [
        # What was written before anybody could be told elsewhere is told nowhere else.
        migrations.AddField(
            model_name="notification",
            name="is_routed",
            field=models.BooleanField(db_default=True),
        ),
        migrations.AlterField(
            model_name="notification",
            name="is_routed",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(condition=models.Q(("is_routed", False)), fields=["id"], name="notification_unrouted"),
        ),
    ]
