"""Indexes for what lists are filtered by, and for what is counted of a person's customers."""

from __future__ import annotations

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_once_per_form"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="customer",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="customers",
                to=settings.AUTH_USER_MODEL,
                verbose_name="负责人",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["owner", "id"], name="customer_owned"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["created_on"], include=("owner",), name="customer_created"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["kind"], name="customer_kind"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["size"], name="customer_size"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["region_folded", "name_key", "id"], name="customer_region"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["city_folded", "name_key", "id"], name="customer_city"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["industry_folded"], name="customer_industry"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["source_folded"], name="customer_source"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tags_folded"], name="customer_tags"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["region"], name="customer_regions"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["city"], name="customer_cities"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["industry"], name="customer_industries"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["source"], name="customer_sources"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(condition=models.Q(("tags", []), _negated=True), fields=["id"], name="customer_tagged"),
        ),
    ]
