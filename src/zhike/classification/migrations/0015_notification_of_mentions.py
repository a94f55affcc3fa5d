"""Somebody was spoken to in a note."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("classification", "0014_handover"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("changed", "类别变化"),
                    ("warning", "将要降级"),
                    ("feedback", "判得不准"),
                    ("answered", "反馈有了答复"),
                    ("rules", "规则变化"),
                    ("job", "后台任务结束"),
                    ("reveals", "查看原文较多"),
                    ("mentioned", "提到了你"),
                ],
                max_length=12,
            ),
        ),
    ]
