"""The first tables."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.fields.json
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Scheme",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("dimension", models.CharField(max_length=64, unique=True, verbose_name="维度")),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "mode",
                    models.CharField(
                        choices=[("auto", "自动生效"), ("suggest", "先审核"), ("manual", "人工")],
                        default="auto",
                        max_length=8,
                        verbose_name="方式",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="CustomerFacts",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="facts",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("values", models.JSONField(default=dict)),
                ("as_of", models.DateField()),
                ("next_flip_at", models.DateTimeField(blank=True, null=True)),
                ("contact_every", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("contact_due_on", models.DateField(blank=True, null=True)),
                (
                    "revenue_year",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Cast(
                            django.db.models.fields.json.KeyTextTransform("metric.revenue@365", "values"),
                            models.BigIntegerField(),
                        ),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_flip_at__isnull", False)),
                        fields=["next_flip_at"],
                        name="facts_due",
                    ),
                    models.Index(fields=["revenue_year"], name="facts_by_revenue"),
                    models.Index(
                        condition=models.Q(("contact_due_on__isnull", False)),
                        fields=["contact_every", "contact_due_on"],
                        name="facts_contact_due",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SchemeVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "草稿"), ("published", "生效"), ("retired", "停用")],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("data", models.JSONField()),
                ("note", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="classification.scheme",
                    ),
                ),
            ],
            options={
                "ordering": ["scheme", "number"],
            },
        ),
        migrations.AddField(
            model_name="scheme",
            name="current",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="classification.schemeversion",
            ),
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("dimension", models.CharField(max_length=64)),
                ("class_key", models.CharField(max_length=64)),
                ("since", models.DateField()),
                (
                    "source",
                    models.CharField(
                        choices=[("rule", "规则"), ("model", "模型"), ("person", "人工")],
                        default="rule",
                        max_length=8,
                    ),
                ),
                ("reason", models.JSONField(default=dict)),
                ("next_flip_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="placements",
                        to="customers.customer",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="classification.schemeversion",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="schemeversion",
            constraint=models.UniqueConstraint(fields=("scheme", "number"), name="version_number_once"),
        ),
        migrations.AddConstraint(
            model_name="schemeversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "published")), fields=("scheme",), name="one_published_version"
            ),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(fields=["dimension", "class_key", "customer"], name="placement_members"),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(fields=("customer", "dimension"), name="one_class_a_dimension"),
        ),
    ]
