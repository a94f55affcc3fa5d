"""What customers are found by, in rows of its own: with contacts, and with every usual reading of a name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.db import connection, migrations, models

from zhike.customers.searched import Reached, search_columns

if TYPE_CHECKING:
    from django.apps.registry import Apps

CHUNK = 2_000


def fill(apps: Apps, _schema_editor: object) -> None:
    """Write the rows of all customers, some thousands at a time."""
    customers, contacts, texts = (apps.get_model("customers", name) for name in ("Customer", "Contact", "SearchText"))
    last = 0
    while rows := customers.objects.filter(pk__gt=last).order_by("pk").only("name", "key", "phone", "email")[:CHUNK]:
        last = rows[len(rows) - 1].pk
        people = defaultdict(list)
        for contact in contacts.objects.filter(customer__in=[row.pk for row in rows]).order_by("pk"):
            people[contact.customer_id].append(Reached(contact.name, (contact.phone,), (contact.email,)))
        texts.objects.bulk_create(
            texts(
                customer_id=row.pk,
                **search_columns(
                    name=row.name,
                    key=row.key or "",
                    phones=[row.phone],
                    emails=[row.email],
                    contacts=people[row.pk],
                ),
            )
            for row in rows
        )
    with connection.cursor() as cursor:
        # The indexes that follow may not be built while keys wait to be checked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0009_refused_and_erased"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="searched",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("name", models.TextField(editable=False)),
                ("initials", models.TextField(editable=False)),
                ("pinyin", models.TextField(editable=False)),
                ("spelled", models.TextField(editable=False)),
                ("key", models.TextField(editable=False)),
                ("phones", models.TextField(editable=False)),
                ("emails", models.TextField(editable=False)),
                ("contacts", models.TextField(editable=False)),
                ("contact_pinyin", models.TextField(editable=False)),
                ("contact_phones", models.TextField(editable=False)),
                ("contact_emails", models.TextField(editable=False)),
                (
                    "grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, editable=False
                    ),
                ),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_search",
        ),
        migrations.AddIndex(
            model_name="searchtext",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["grams"], gin_pending_list_limit=256, name="search_grams"
            ),
        ),
        migrations.AddIndex(
            model_name="searchtext",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Left("name", 64), "text_pattern_ops"
                ),
                name="search_name",
            ),
        ),
        migrations.AddIndex(
            model_name="searchtext",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Left("initials", 64), "text_pattern_ops"
                ),
                name="search_initials",
            ),
        ),
        migrations.AddIndex(
            model_name="searchtext",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Left("pinyin", 64), "text_pattern_ops"
                ),
                name="search_pinyin",
            ),
        ),
        migrations.RemoveField(
            model_name="customer",
            name="search_grams",
        ),
        migrations.RemoveField(
            model_name="customer",
            name="search_text",
        ),
    ]
