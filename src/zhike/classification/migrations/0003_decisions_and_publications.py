"""What people decide beside the rules, and how new rules come into force."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("classification", "0002_placement_undetermined"),
        ("customers", "0003_once_per_form"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customers", models.PositiveIntegerField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="BackTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revision", models.PositiveIntegerField()),
                ("days", models.JSONField()),
                ("outcome_days", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "排队中"),
                            ("running", "计算中"),
                            ("done", "完成"),
                            ("failed", "没有完成"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("result", models.JSONField(default=dict)),
                ("problem", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="KeptMetric",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(max_length=120, unique=True)),
                ("complete", models.BooleanField(default=False)),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("changed", "类别变化"),
                            ("warning", "将要降级"),
                            ("feedback", "判得不准"),
                            ("answered", "反馈有了答复"),
                            ("rules", "规则变化"),
                        ],
                        max_length=12,
                    ),
                ),
                ("dimension", models.CharField(blank=True, max_length=64)),
                ("from_key", models.CharField(blank=True, max_length=64)),
                ("to_key", models.CharField(blank=True, max_length=64)),
                ("day", models.DateField(blank=True, null=True)),
                ("text", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="NotificationChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dimension", models.CharField(max_length=64)),
                ("class_key", models.CharField(max_length=64)),
                ("wanted", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dimension", models.CharField(max_length=64)),
                ("class_key", models.CharField(max_length=64)),
                ("was_key", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(max_length=500, verbose_name="理由")),
                ("created_at", models.DateTimeField()),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="到期")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "end",
                    models.CharField(
                        blank=True,
                        choices=[("expired", "到期"), ("lifted", "撤销"), ("replaced", "另行指定")],
                        max_length=12,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("publish", "发布"), ("rollback", "退回"), ("retire", "停用")],
                        default="publish",
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("scheduled", "已预约"),
                            ("preparing", "正在准备"),
                            ("settling", "已生效，正在收尾"),
                            ("done", "已生效"),
                            ("failed", "没有生效"),
                            ("cancelled", "已取消"),
                        ],
                        default="scheduled",
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                ("created_at", models.DateTimeField()),
                ("starts_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("switched_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("moves", models.JSONField(default=dict)),
                ("problem", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dimension", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("suggestion", "建议改判"),
                            ("demotion", "已降级"),
                            ("warning", "将要降级"),
                            ("expiring", "人工指定将到期"),
                            ("feedback", "判得不准"),
                        ],
                        max_length=12,
                    ),
                ),
                ("from_key", models.CharField(max_length=64)),
                ("to_key", models.CharField(blank=True, max_length=64)),
                ("due_on", models.DateField(blank=True, null=True)),
                ("said", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("escalated_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "待复核"),
                            ("accepted", "已接受"),
                            ("kept", "已保持"),
                            ("obsolete", "已过时"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="Staged",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dimension", models.CharField(max_length=64)),
                ("class_key", models.CharField(max_length=64)),
                ("computed_key", models.CharField(max_length=64)),
                ("old_key", models.CharField(blank=True, max_length=64)),
                ("source", models.CharField(max_length=8)),
                ("undetermined", models.BooleanField()),
                ("reason", models.JSONField()),
                ("next_flip_at", models.DateTimeField(null=True)),
                ("next_key", models.CharField(max_length=64)),
                ("falls", models.BooleanField()),
                ("staged_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Sweep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("customers", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("lag", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name="customerfacts",
            name="placed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="placement",
            name="computed_key",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.RunSQL("UPDATE classification_placement SET computed_key = class_key", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="placement",
            name="falls",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="placement",
            name="next_key",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="scheme",
            name="is_paused",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="scheme",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="scheme",
            name="pending_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="schemeversion",
            name="base",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="classification.schemeversion",
            ),
        ),
        migrations.AddField(
            model_name="schemeversion",
            name="moved",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="schemeversion",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="schemeversion",
            name="revision",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="schemeversion",
            name="updated_at",
            field=models.DateTimeField(auto_now=True),
        ),
        migrations.AddField(
            model_name="schemeversion",
            name="updated_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(condition=models.Q(("falls", True)), fields=["next_flip_at"], name="placement_falls"),
        ),
        migrations.AddConstraint(
            model_name="schemeversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")), fields=("scheme",), name="one_draft"
            ),
        ),
        migrations.AddField(
            model_name="acknowledgement",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="backtest",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="backtest",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="back_tests",
                to="classification.schemeversion",
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="customers.customer",
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notifications", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="notificationchoice",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="override",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="override",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="overrides", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="override",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="override",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="classification.schemeversion"
            ),
        ),
        migrations.AddField(
            model_name="publication",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="publication",
            name="versions",
            field=models.ManyToManyField(related_name="publications", to="classification.schemeversion"),
        ),
        migrations.AddField(
            model_name="acknowledgement",
            name="publication",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="acknowledgements",
                to="classification.publication",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="raised_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="staged",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="staged",
            name="publication",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="classification.publication"
            ),
        ),
        migrations.AddField(
            model_name="staged",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="classification.schemeversion"
            ),
        ),
        migrations.AddConstraint(
            model_name="sweep",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_sweep"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["user", "-created_at", "-id"], name="notification_of_user"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(condition=models.Q(("read_at", None)), fields=["user"], name="notification_unread"),
        ),
        migrations.AddConstraint(
            model_name="notificationchoice",
            constraint=models.UniqueConstraint(fields=("user", "dimension", "class_key"), name="one_choice_a_class"),
        ),
        migrations.AddIndex(
            model_name="override",
            index=models.Index(condition=models.Q(("ended_at", None)), fields=["expires_on"], name="override_expires"),
        ),
        migrations.AddIndex(
            model_name="override",
            index=models.Index(fields=["dimension", "created_at"], name="override_of_dimension"),
        ),
        migrations.AddConstraint(
            model_name="override",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("customer", "dimension"),
                name="one_override_a_dimension",
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("state__in", ["scheduled", "preparing", "settling"])),
                fields=["starts_at"],
                name="publication_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="acknowledgement",
            constraint=models.UniqueConstraint(fields=("publication", "user"), name="one_acknowledgement_a_person"),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["-created_at", "-id"], name="review_open"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["dimension", "created_at"], name="review_of_dimension"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open"), models.Q(("kind", "feedback"), _negated=True)),
                fields=("customer", "dimension", "kind"),
                name="one_open_review_of_a_kind",
            ),
        ),
    ]
