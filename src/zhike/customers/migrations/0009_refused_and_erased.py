from __future__ import annotations

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0008_bin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="erased_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="no_profiling",
            field=models.BooleanField(default=False, editable=False, verbose_name="不作自动分类"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(condition=models.Q(("no_profiling", True)), fields=["id"], name="customer_unprofiled"),
        ),
        migrations.RemoveIndex(model_name="customer", name="customer_owned"),
        migrations.RemoveIndex(model_name="customer", name="customer_created"),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("erased_at", None)),
                fields=["owner", "id"],
                name="customer_owned",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("erased_at", None)),
                fields=["created_on", "id"],
                include=("owner",),
                name="customer_created",
            ),
        ),
    ]
