"""Keep the choices of a field as a list: an object of PostgreSQL's forgets their order."""

from __future__ import annotations

from django.db import migrations, models

TO_LIST = """
UPDATE customers_customfield
   SET choices = coalesce((SELECT jsonb_agg(jsonb_build_object('key', key) || value) FROM jsonb_each(choices)), '[]')
 WHERE jsonb_typeof(choices) = 'object'
"""

TO_OBJECT = """
UPDATE customers_customfield
   SET choices = coalesce((SELECT jsonb_object_agg(c->>'key', c - 'key') FROM jsonb_array_elements(choices) c), '{}')
 WHERE jsonb_typeof(choices) = 'array'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_list_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="customfield",
            name="choices",
            field=models.JSONField(blank=True, default=list, verbose_name="选项"),
        ),
        migrations.RunSQL(TO_LIST, TO_OBJECT),
    ]
