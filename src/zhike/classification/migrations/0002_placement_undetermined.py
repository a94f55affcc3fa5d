"""Keep beside the class, and no longer inside its reason, whether it is only the default for want of data."""

from __future__ import annotations

from django.db import migrations, models

FILL = """
UPDATE classification_placement
   SET undetermined = coalesce((reason->>'undetermined')::boolean, false), reason = reason - 'undetermined'
"""

EMPTY = """
UPDATE classification_placement SET reason = reason || jsonb_build_object('undetermined', undetermined)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("classification", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="placement",
            name="placement_members",
        ),
        migrations.AddField(
            model_name="placement",
            name="undetermined",
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(FILL, EMPTY),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(
                fields=["dimension", "class_key", "customer"], include=("undetermined",), name="placement_members"
            ),
        ),
    ]
