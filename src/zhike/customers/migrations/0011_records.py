"""Several ways to reach customers and contacts, addresses, groups, relations, tags, files and favourites.

What is there is taken over: a telephone number or an e-mail address becomes the primary one, the first contact
the primary contact, and every tag in use a word of the dictionary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhike.core.text import fold

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REACHES = """
INSERT INTO customers_reach (customer_id, contact_id, kind, value, state, label, position)
SELECT id, NULL::bigint, 'phone', phone, phone_state, '', 0 FROM customers_customer WHERE phone <> ''
 UNION ALL
SELECT id, NULL::bigint, 'email', email, '', '', 0 FROM customers_customer WHERE email <> ''
 UNION ALL
SELECT customer_id, id, 'phone', phone, phone_state, '', 0 FROM customers_contact WHERE phone <> ''
 UNION ALL
SELECT customer_id, id, 'email', email, '', '', 0 FROM customers_contact WHERE email <> ''
"""

FIRST_CONTACTS = """
UPDATE customers_contact SET is_primary = true
 WHERE id IN (SELECT min(id) FROM customers_contact GROUP BY customer_id)
"""


def take_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Fill the dictionary with the tags in use."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT unnest(tags) FROM customers_customer ORDER BY 1")
        names = [name for (name,) in cursor.fetchall()]
    words = {fold(name): name for name in reversed(names)}
    tag = apps.get_model("customers", "Tag")
    tag.objects.bulk_create([tag(name=name, name_folded=folded) for folded, name in words.items()])


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0010_search_text"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(blank=True, max_length=20, verbose_name="说明")),
                ("division", models.CharField(blank=True, max_length=6)),
                ("province", models.CharField(blank=True, max_length=32, verbose_name="省")),
                ("city", models.CharField(blank=True, max_length=32, verbose_name="市")),
                ("district", models.CharField(blank=True, max_length=32, verbose_name="区县")),
                ("street", models.CharField(blank=True, max_length=200, verbose_name="街道和门牌")),
                ("postcode", models.CharField(blank=True, max_length=10, verbose_name="邮编")),
                ("is_primary", models.BooleanField(default=False, verbose_name="主要地址")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("form_key", models.UUIDField(editable=False, null=True)),
            ],
            options={
                "ordering": ["-is_primary", "id"],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="文件名")),
                ("stored_as", models.CharField(editable=False, max_length=64, unique=True)),
                ("type", models.CharField(editable=False, max_length=100)),
                ("size", models.PositiveBigIntegerField(editable=False, verbose_name="大小")),
                ("form_key", models.UUIDField(editable=False, null=True)),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Favourite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Reach",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("phone", "电话"), ("email", "邮箱"), ("wechat", "微信"), ("wecom", "企业微信")],
                        max_length=8,
                        verbose_name="方式",
                    ),
                ),
                ("value", models.CharField(max_length=254, verbose_name="号码或地址")),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[("", "无"), ("valid", "有效"), ("unverified", "待核实")],
                        default="",
                        max_length=12,
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=20, verbose_name="说明")),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["kind", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Relation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("supplier", "供应商"), ("partner", "合作伙伴"), ("referrer", "介绍人")],
                        max_length=8,
                        verbose_name="关系",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="备注")),
            ],
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
                ("name_folded", models.TextField(editable=False, unique=True)),
                ("name_en", models.CharField(blank=True, max_length=100, verbose_name="英文名称")),
                ("definition", models.CharField(blank=True, max_length=500, verbose_name="什么时候用")),
                (
                    "tone",
                    models.CharField(
                        choices=[
                            ("ink", "墨"),
                            ("azurite", "石青"),
                            ("malachite", "石绿"),
                            ("gamboge", "藤黄"),
                            ("ochre", "赭石"),
                            ("cinnabar", "朱砂"),
                            ("carmine", "胭脂"),
                            ("wisteria", "藤紫"),
                        ],
                        default="ink",
                        max_length=12,
                        verbose_name="颜色",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("retired_at", models.DateTimeField(editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "ordering": ["name_folded"],
            },
        ),
        migrations.AddField(
            model_name="contact",
            name="birthday",
            field=models.DateField(blank=True, null=True, verbose_name="生日"),
        ),
        migrations.AddField(
            model_name="contact",
            name="is_primary",
            field=models.BooleanField(default=False, verbose_name="主要联系人"),
        ),
        migrations.AddField(
            model_name="contact",
            name="left_on",
            field=models.DateField(blank=True, null=True, verbose_name="离职日期"),
        ),
        migrations.AddField(
            model_name="contact",
            name="preferences",
            field=models.CharField(blank=True, max_length=200, verbose_name="偏好"),
        ),
        migrations.AddField(
            model_name="customer",
            name="campaign",
            field=models.CharField(blank=True, max_length=100, verbose_name="市场活动"),
        ),
        migrations.AddField(
            model_name="customer",
            name="first_touch_channel",
            field=models.CharField(blank=True, max_length=100, verbose_name="首次接触渠道"),
        ),
        migrations.AddField(
            model_name="customer",
            name="first_touch_note",
            field=models.CharField(blank=True, max_length=200, verbose_name="首次接触经过"),
        ),
        migrations.AddField(
            model_name="customer",
            name="first_touch_on",
            field=models.DateField(blank=True, null=True, verbose_name="首次接触日期"),
        ),
        migrations.AddField(
            model_name="customer",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="subsidiaries",
                to="customers.customer",
                verbose_name="上级公司",
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="preferences",
            field=models.CharField(blank=True, max_length=200, verbose_name="偏好"),
        ),
        migrations.AlterField(
            model_name="contact",
            name="role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("decider", "决策"),
                    ("approver", "审批"),
                    ("influencer", "影响"),
                    ("buyer", "采购"),
                    ("user", "使用"),
                    ("gatekeeper", "把关"),
                    ("", "未知"),
                ],
                default="",
                max_length=16,
                verbose_name="角色",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)), fields=("customer",), name="one_primary_contact"
            ),
        ),
        migrations.AddField(
            model_name="address",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="addresses", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="added_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="removed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="favourite",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="favourites", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="favourite",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="favourites", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="reach",
            name="contact",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reaches",
                to="customers.contact",
            ),
        ),
        migrations.AddField(
            model_name="reach",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reaches", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="relations", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="related", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="tag",
            name="made_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tag",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="谁负责",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)), fields=("customer",), name="one_primary_address"
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                condition=models.Q(("form_key__isnull", False)), fields=("form_key",), name="address_once_per_form"
            ),
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(fields=["customer", "-added_at", "-id"], name="attachment_of_customer"),
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(
                condition=models.Q(("removed_at__isnull", False)), fields=["removed_at"], name="attachment_removed"
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("form_key__isnull", False)), fields=("form_key",), name="attachment_once_per_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="favourite",
            constraint=models.UniqueConstraint(fields=("user", "customer"), name="favourite_once"),
        ),
        migrations.AddIndex(
            model_name="reach",
            index=models.Index(fields=["value", "kind"], name="reach_by_value"),
        ),
        migrations.AddConstraint(
            model_name="reach",
            constraint=models.UniqueConstraint(
                fields=("customer", "contact", "kind", "value"), name="reach_once_a_holder", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.UniqueConstraint(fields=("customer", "other", "kind"), name="relation_once"),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(("customer", models.F("other")), _negated=True), name="relation_of_two"
            ),
        ),
        migrations.RunSQL(REACHES, migrations.RunSQL.noop),
        migrations.RunSQL(FIRST_CONTACTS, migrations.RunSQL.noop),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
