"""The first tables."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomField",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("key", models.CharField(max_length=64, unique=True, verbose_name="标识")),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("text", "文本"),
                            ("choice", "选项"),
                            ("integer", "整数"),
                            ("decimal", "小数"),
                            ("bool", "是/否"),
                            ("date", "日期"),
                            ("datetime", "时间"),
                            ("set", "多选"),
                        ],
                        max_length=16,
                        verbose_name="类型",
                    ),
                ),
                ("label_zh", models.CharField(max_length=100, verbose_name="中文名称")),
                ("label_en", models.CharField(max_length=100, verbose_name="英文名称")),
                ("choices", models.JSONField(blank=True, default=dict, verbose_name="选项")),
                ("position", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "key",
                    models.CharField(blank=True, max_length=100, null=True, unique=True, verbose_name="编号"),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[("company", "企业"), ("person", "个人")],
                        max_length=8,
                        verbose_name="客户性质",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="名称")),
                ("name_folded", models.TextField(editable=False)),
                ("name_key", models.CharField(db_collation="C", editable=False, max_length=255)),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="区域")),
                ("region_folded", models.TextField(blank=True, editable=False)),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="城市")),
                ("city_folded", models.TextField(blank=True, editable=False)),
                ("industry", models.CharField(blank=True, max_length=100, verbose_name="行业")),
                ("industry_folded", models.TextField(blank=True, editable=False)),
                ("source", models.CharField(blank=True, max_length=100, verbose_name="来源")),
                ("source_folded", models.TextField(blank=True, editable=False)),
                (
                    "size",
                    models.CharField(
                        blank=True,
                        choices=[("micro", "微型"), ("small", "小型"), ("medium", "中型"), ("large", "大型")],
                        max_length=8,
                        verbose_name="规模",
                    ),
                ),
                ("birthday", models.DateField(blank=True, null=True, verbose_name="生日")),
                ("created_on", models.DateField(blank=True, null=True, verbose_name="建档日期")),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        verbose_name="标签",
                    ),
                ),
                (
                    "tags_folded",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, editable=False
                    ),
                ),
                ("custom", models.JSONField(blank=True, default=dict, verbose_name="自定义字段")),
                ("custom_folded", models.JSONField(default=dict, editable=False)),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="电话")),
                (
                    "phone_state",
                    models.CharField(
                        blank=True,
                        choices=[("", "无"), ("valid", "有效"), ("unverified", "待核实")],
                        default="",
                        max_length=12,
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="邮箱")),
                ("next_contact_on", models.DateField(blank=True, null=True, verbose_name="下次联系")),
                ("search_text", models.TextField(editable=False)),
                (
                    "search_grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, editable=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customers",
                        to="accounts.user",
                        verbose_name="负责人",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=100, verbose_name="姓名")),
                ("title", models.CharField(blank=True, max_length=100, verbose_name="职务")),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="电话")),
                (
                    "phone_state",
                    models.CharField(
                        blank=True,
                        choices=[("", "无"), ("valid", "有效"), ("unverified", "待核实")],
                        default="",
                        max_length=12,
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="邮箱")),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("decider", "决策"),
                            ("approver", "审批"),
                            ("influencer", "影响"),
                            ("buyer", "采购"),
                            ("user", "使用"),
                            ("", "未知"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="角色",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="customers.customer",
                        verbose_name="客户",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_grams"], name="customer_search"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["name_key", "id"], name="customer_by_name"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["owner", "name_key", "id"], name="customer_by_owner"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["next_contact_on", "id"], name="customer_by_plan"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                models.OrderBy(models.F("next_contact_on"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                name="customer_by_plan_down",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("next_contact_on__isnull", False)),
                fields=["owner", "next_contact_on"],
                name="customer_next_contact",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(("key", ""), _negated=True), name="customer_key_not_empty"
            ),
        ),
    ]
