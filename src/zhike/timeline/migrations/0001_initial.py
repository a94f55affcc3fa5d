"""The first tables."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("kind", models.CharField(max_length=64)),
                ("occurred_at", models.DateTimeField()),
                ("day", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("channel", models.CharField(blank=True, max_length=32)),
                ("source", models.CharField(blank=True, max_length=64)),
                ("amount", models.BigIntegerField(blank=True, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("base_amount", models.BigIntegerField(blank=True, null=True)),
                ("subject_type", models.CharField(blank=True, max_length=32)),
                ("subject_id", models.CharField(blank=True, max_length=64)),
                ("data", models.JSONField(blank=True, default=dict)),
                ("key", models.CharField(blank=True, max_length=200)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="customers.contact",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="customers.customer",
                    ),
                ),
                (
                    "voids",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voided_by",
                        to="timeline.event",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-day", "-occurred_at", "-id"], name="event_of_customer"),
                    models.Index(fields=["kind", "day"], include=("customer", "base_amount"), name="event_kind_day"),
                    models.Index(
                        condition=models.Q(("kind", "class.changed")),
                        fields=["-occurred_at", "-id"],
                        name="event_class_changes",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("source", "key"),
                        name="event_once_per_key",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("voids__isnull", False)),
                        fields=("voids",),
                        name="event_voided_once",
                    ),
                ],
            },
        ),
    ]
