from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FIXED = """
CREATE FUNCTION zhike_consent_text_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the words of a consent are fixed' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER consent_text_fixed BEFORE UPDATE OR DELETE ON privacy_consenttext
    FOR EACH ROW EXECUTE FUNCTION zhike_consent_text_fixed();
"""

LOOSE = "DROP TRIGGER consent_text_fixed ON privacy_consenttext; DROP FUNCTION zhike_consent_text_fixed();"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0009_refused_and_erased"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("purpose", models.TextField(verbose_name="目的和方式")),
                ("necessity", models.TextField(verbose_name="为什么必要")),
                ("impact", models.TextField(verbose_name="对个人的影响和风险")),
                ("measures", models.TextField(verbose_name="保护措施")),
                ("filed_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ConsentText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(max_length=32)),
                ("number", models.PositiveIntegerField()),
                ("zh", models.TextField()),
                ("en", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(max_length=32)),
                (
                    "state",
                    models.CharField(
                        choices=[("given", "同意"), ("refused", "不同意"), ("withdrawn", "撤回")], max_length=12
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("form", "表单"),
                            ("phone", "电话"),
                            ("message", "消息"),
                            ("email", "邮件"),
                            ("paper", "书面"),
                            ("link", "链接"),
                            ("api", "接口"),
                        ],
                        max_length=12,
                    ),
                ),
                ("evidence", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("do_not_ask_until", models.DateField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="customers.customer"
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="privacy.consenttext"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Deletion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "identifiers",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), default=list),
                ),
                ("erased_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("access", "查阅、复制"),
                            ("correct", "更正"),
                            ("delete", "删除"),
                            ("refuse", "拒绝自动分类"),
                            ("contest", "对类别有异议"),
                        ],
                        max_length=12,
                        verbose_name="要求",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "处理中"), ("done", "已办结"), ("declined", "已拒绝")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("identity", models.CharField(blank=True, max_length=200, verbose_name="怎样核实了身份")),
                ("said", models.CharField(blank=True, max_length=1000, verbose_name="说明")),
                ("answer", models.CharField(blank=True, max_length=1000, verbose_name="答复")),
                ("received_on", models.DateField(verbose_name="收到")),
                ("due_on", models.DateField(verbose_name="答复期限")),
                ("created_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="privacy_requests",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BarredInput",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dimension", models.CharField(max_length=64)),
                ("input", models.CharField(max_length=120)),
                ("reason", models.CharField(max_length=500)),
                ("created_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)), fields=("dimension", "input"), name="input_barred_once"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="consenttext",
            constraint=models.UniqueConstraint(fields=("purpose", "number"), name="consent_text_version"),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["customer", "purpose", "-id"], name="consent_of_customer"),
        ),
        migrations.AddIndex(
            model_name="deletion",
            index=models.Index(fields=["record"], name="deletion_of_record"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["state", "due_on", "id"], name="privacy_request_due"),
        ),
        migrations.RunSQL(FIXED, LOOSE),
    ]
