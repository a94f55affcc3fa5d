"""Customers whose past is written by hand, for exact figures: nothing is placed by what happens here."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import pairwise

from psycopg.types.json import Jsonb

from tests.factories import SHANGHAI, make_customer
from zhike.classification.models import Override, Placement
from zhike.timeline.actions import insert_events, record_many
from zhike.timeline.models import Event
from zhike.timeline.rows import NewEvent, Row

LONG_AGO = date(2025, 1, 1)


def noon(day):
    return datetime.combine(day, time(12), SHANGHAI).astimezone(UTC)


def make_standing(*stays, owner=None, created_on=None, dimension="value"):
    """Return a customer with these (class, day, how) behind them, the last of which is the present one.

    `how` is ``rule``, ``person`` or ``rules``: new rules. Their record began with the first, unless said.
    """
    customer = make_customer(owner=owner, created_on=created_on or stays[0][1])
    for before, after in pairwise(stays):
        _record_move(customer, dimension, before, after)
    key, since, *hows = stays[-1]
    Placement.objects.filter(customer=customer, dimension=dimension).update(
        class_key=key,
        computed_key=key,
        since=since,
        source="person" if "person" in hows else "rule",
        undetermined=False,
    )
    return customer


def _record_move(customer, dimension, before, after):
    (old, since, *_), (new, day, *hows) = before, after
    how = hows[0] if hows else "rule"
    data = {"dimension": dimension, "from": old, "to": new, "since": since.isoformat(), "version": 1, "reason": {}}
    data |= {"source": "person"} if how == "person" else {"source": "rule"}
    data |= {"recomputed": "rules"} if how == "rules" else {}
    nothing = dict.fromkeys(Row._fields)
    row = nothing | {
        "customer_id": customer.pk,
        "kind": "class.changed",
        "occurred_at": noon(day),
        "day": day,
        "recorded_at": noon(day),
        "data": Jsonb(data),
    }
    row |= dict.fromkeys(("channel", "source", "currency", "subject_type", "subject_id", "key"), "")
    insert_events([Row(**row)])


def happens(customer, kind, day, amount=None):
    """Record an event that places nobody."""
    event = NewEvent(customer_id=customer.pk, kind=kind, occurred_at=noon(day), amount=amount)
    record_many([event], by=None, place=False)
    return Event.objects.latest("pk")


def taken_back(event, day):
    void = NewEvent(customer_id=event.customer_id, kind="event.voided", occurred_at=noon(day), voids_id=event.pk)
    record_many([void], by=None, place=False)


def set_by_hand(customer, way, day, by, reason="战略客户", ended=None):
    """Write an override from one class to another as it was made on a day, without placing the customer again."""
    placement = Placement.objects.get(customer=customer, dimension="value")
    return Override.objects.create(
        customer=customer,
        dimension="value",
        was_key=way[0],
        class_key=way[1],
        version=placement.version,
        reason=reason,
        by=by,
        created_at=noon(day),
        ended_at=noon(ended) if ended else None,
        end="lifted" if ended else "",
    )
