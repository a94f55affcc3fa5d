"""A publication may bring a new edition of the pack in force."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("classification", "0007_quarter_review"),
    ]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="edition",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name="publication",
            name="kind",
            field=models.CharField(
                choices=[("publish", "发布"), ("rollback", "退回"), ("retire", "停用"), ("edition", "合并新版")],
                default="publish",
                max_length=12,
            ),
        ),
    ]
