"""The timeline: one append-only table."""

from __future__ import annotations

from typing import ClassVar, Never

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _


def said() -> models.Func:
    """Return the pieces of what somebody wrote, and the customer: what `event_said` is made of."""
    return models.Func(
        models.F("data"), models.F("customer"), function="zhike_said", output_field=ArrayField(models.TextField())
    )


class EventQuerySet(models.QuerySet["Event"]):
    """Reads only. A correction is an `event.voided` that names the event it voids."""

    def update(self, **_columns: object) -> Never:
        raise TypeError(APPEND_ONLY)

    def delete(self) -> Never:
        raise TypeError(APPEND_ONLY)


APPEND_ONLY = "the timeline is append-only: record an event.voided instead"


class Event(models.Model):
    """One thing that happened to a customer. A database trigger refuses changes.

    `day` is the calendar day of `occurred_at` in the company's zone. `key` is the sender's
    idempotency key, unique per source. Amounts are minor units of `currency`; `base_amount`
    is in the company's currency. `is_repeat` marks what `record` gave back because its key was known.
    """

    is_repeat = False

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="events")
    contact = models.ForeignKey("customers.Contact", models.PROTECT, null=True, blank=True, related_name="events")
    kind = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    day = models.DateField()
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.CharField(max_length=32, blank=True)
    source = models.CharField(max_length=64, blank=True)
    amount = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    base_amount = models.BigIntegerField(null=True, blank=True)
    subject_type = models.CharField(max_length=32, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict, blank=True)
    key = models.CharField(max_length=200, blank=True)
    voids = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="voided_by")

    objects: ClassVar[models.Manager[Event]] = EventQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["customer", "-day", "-occurred_at", "-id"], name="event_of_customer"),
            # Figures of the whole company add up a kind over months: from the index alone.
            models.Index(fields=["kind", "day"], include=["customer", "base_amount"], name="event_kind_day"),
            models.Index(
                fields=["-occurred_at", "-id"],
                name="event_class_changes",
                condition=models.Q(kind="class.changed"),
            ),
            # Where customers stood on a past day is told from the changes of one dimension since. Whoever asks who
            # entered one class is spared the rows of the others.
            models.Index(
                KeyTextTransform("dimension", "data"),
                models.F("day"),
                KeyTextTransform("to", "data"),
                name="event_class_entered",
                condition=models.Q(kind="class.changed"),
            ),
            # Who was in a class on a past day and has left it since.
            models.Index(
                KeyTextTransform("dimension", "data"),
                KeyTextTransform("from", "data"),
                models.F("day"),
                KeyTextTransform("since", "data"),
                name="event_classes_left",
                condition=models.Q(kind="class.changed"),
            ),
            # What people wrote, found by its words and walked from the newest.
            GinIndex(said(), name="event_said", condition=models.Q(data__has_key="text"), gin_pending_list_limit=256),
            models.Index(models.F("id").desc(), name="event_written", condition=models.Q(data__has_key="text")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "key"], condition=~models.Q(key=""), name="event_once_per_key"),
            models.UniqueConstraint(
                fields=["voids"], condition=models.Q(voids__isnull=False), name="event_voided_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"

    def save(self, *_args: object, **_kwargs: object) -> None:
        raise TypeError(_RECORD_INSTEAD)

    def delete(self, *_args: object, **_kwargs: object) -> Never:
        raise TypeError(APPEND_ONLY)


class ExchangeRate(models.Model):
    """What one `currency` is worth in `base`, the company's, from a day on until the next rate's day.

    Rows are never changed: of two for one day the later written counts, so it stays known what was.
    """

    currency = models.CharField(_("币种"), max_length=3)
    base = models.CharField(_("公司的币种"), max_length=3)
    day = models.DateField(_("从哪天起"))
    rate = models.DecimalField(_("汇率"), max_digits=18, decimal_places=8)
    note = models.CharField(_("来源"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["base", "currency", "-day", "-id"], name="rate_of_day")]
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_above_zero")]

    def __str__(self) -> str:
        return f"{self.currency} {self.day} {self.rate}"


_RECORD_INSTEAD = "events are written by timeline.actions.record"
