"""The first tables."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Team",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="名称")),
            ],
        ),
        migrations.CreateModel(
            name="Company",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=200, verbose_name="公司名称")),
                ("timezone", models.CharField(blank=True, max_length=64, verbose_name="时区")),
                ("currency", models.CharField(default="CNY", max_length=3, verbose_name="币种")),
                ("pack", models.CharField(blank=True, max_length=64, verbose_name="分类包")),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_company")],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="邮箱")),
                ("name", models.CharField(max_length=100, verbose_name="姓名")),
                (
                    "role",
                    models.CharField(
                        choices=[("admin", "管理员"), ("manager", "主管"), ("sales", "销售")],
                        default="sales",
                        max_length=16,
                        verbose_name="角色",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "简体中文"), ("en", "English")],
                        default="zh-hans",
                        max_length=16,
                        verbose_name="语言",
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        choices=[("auto", "跟随系统"), ("light", "浅色"), ("dark", "深色")],
                        default="auto",
                        max_length=8,
                        verbose_name="外观",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="创建时间")),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="accounts.team",
                        verbose_name="团队",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="user_email_lower_case",
                    )
                ],
            },
        ),
    ]
