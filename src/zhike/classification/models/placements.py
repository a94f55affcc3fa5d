"""The facts that rules read, and where each customer stands."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _


class CustomerFacts(models.Model):
    """The metric values that some scheme uses, as of a day; where nothing has changed since, as of today too.

    `values` maps ``str(ref)`` to the value; a ``days_since_*`` metric is stored as the ISO date
    it counts from, so that it need not change every day. `next_flip_at` is the local midnight at
    which time alone changes a stored value or a class. `contact_every` is the shortest cadence in
    days among the customer's classes, `contact_due_on` the day that it leads to. `placed_at` is when
    the customer was last placed otherwise than before.
    """

    customer = models.OneToOneField("customers.Customer", models.CASCADE, primary_key=True, related_name="facts")
    values = models.JSONField(default=dict)
    as_of = models.DateField()
    placed_at = models.DateTimeField(null=True, blank=True)
    next_flip_at = models.DateTimeField(null=True, blank=True)
    contact_every = models.PositiveSmallIntegerField(null=True, blank=True)
    contact_due_on = models.DateField(null=True, blank=True)
    # A column of its own, since the customer list is sorted by it.
    revenue_year = models.GeneratedField(
        expression=Cast(KeyTextTransform("metric.revenue@365", "values"), models.BigIntegerField()),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    # The day as text, which sorts as days do; empty for whom nobody has been in touch with.
    last_interaction = models.GeneratedField(
        expression=Coalesce(
            KeyTextTransform("metric.days_since_interaction", "values"), models.Value("", models.TextField())
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_flip_at"], name="facts_due", condition=models.Q(next_flip_at__isnull=False)),
            models.Index(fields=["revenue_year", "customer"], name="facts_by_revenue"),
            models.Index(fields=["last_interaction", "customer"], name="facts_by_interaction"),
            # The most urgent cadence first; each cadence is one stretch of the index.
            models.Index(
                fields=["contact_every", "contact_due_on"],
                include=["customer"],
                name="facts_contact_due",
                condition=models.Q(contact_due_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.as_of}"


class Placement(models.Model):
    """The class of one customer in one dimension, with the values that decided it.

    `class_key` is the class in effect, `computed_key` what the rules alone give. At `next_flip_at` time
    alone changes one of the two; `next_key` is the class in effect then, and `falls` says whether that
    is a demotion.
    """

    class Source(models.TextChoices):
        RULE = "rule", _("规则")
        MODEL = "model", _("模型")
        PERSON = "person", _("人工")

    # Without an index of its own: that of the constraint below begins with it.
    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="placements", db_index=False)
    dimension = models.CharField(max_length=64)
    class_key = models.CharField(max_length=64)
    computed_key = models.CharField(max_length=64)
    since = models.DateField()
    source = models.CharField(max_length=8, choices=Source, default=Source.RULE)
    version = models.ForeignKey("SchemeVersion", models.PROTECT, related_name="+")
    # The class is only the default for want of data: shown as 「未判定」.
    undetermined = models.BooleanField(default=False)
    # {"as_of": ISO day, "values": {str(ref): value seen}}: enough to write the explanation again.
    # It is that of the last time when class, version, next flip or evidence changed.
    reason = models.JSONField(default=dict)
    next_flip_at = models.DateTimeField(null=True, blank=True)
    next_key = models.CharField(max_length=64, blank=True)
    falls = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "dimension"],
                include=["class_key", "computed_key", "source", "undetermined"],  # what lists show and pages count
                name="one_class_a_dimension",
            ),
        ]
        indexes: ClassVar = [
            # Members of a class; how many they are, those of whom nothing is known apart, who decided and when.
            models.Index(
                fields=["dimension", "class_key", "customer"],
                include=["undetermined", "source", "since"],
                name="placement_members",
            ),
            # Whom to warn: those whom time alone is about to demote.
            models.Index(fields=["next_flip_at"], name="placement_falls", condition=models.Q(falls=True)),
        ]

    def __str__(self) -> str:
        return f"{self.dimension}.{self.class_key}"

    @property
    def waits(self) -> bool:
        """Say whether the rules give another class that a person has to agree to."""
        return self.source == self.Source.RULE and self.class_key != self.computed_key


class Shelved(models.Model):
    """Where a customer stood when it was put into the bin: the rows of `Placement`, to be put back as they were."""

    customer = models.OneToOneField("customers.Customer", models.CASCADE, primary_key=True, related_name="+")
    placements = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.customer_id)


class Sweep(models.Model):
    """The last run of those whom the clock moves. There is one row; `lag` is in seconds.

    `day_customers` are all whom it placed on the day `day`. `zone` is the time zone whose midnights
    are stored as next changes: the company may move to another one.
    """

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    customers = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    lag = models.PositiveIntegerField(default=0)
    day = models.DateField(null=True, blank=True)
    day_customers = models.PositiveIntegerField(default=0)
    zone = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_sweep")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class KeptMetric(models.Model):
    """A metric over a window that something besides the rules in force reads: a draft, a view.

    From the moment on which it is wanted every placing keeps it; it is `complete` when all other
    customers have been gone through as well, of whom `done` of `total` are.
    """

    ref = models.CharField(max_length=120, unique=True)
    complete = models.BooleanField(default=False)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.ref
