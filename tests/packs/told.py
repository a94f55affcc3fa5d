"""Customers told in a line: 「order 2000@120, call@10」 is an order of 2 000 yuan 120 days ago and a call 10 days ago."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from zhike.core.events import Event
from zhike.core.facts import CUSTOMER_FIELDS, FieldType, Ref
from zhike.core.history import History
from zhike.core.projection import Projection
from zhike.core.schemes import is_undetermined

AS_OF = date(2026, 11, 19)

WORDS = {
    "order": "order.placed",
    "product": "order.placed",
    "service": "order.placed",
    "refund": "order.refunded",
    "pay": "payment.received",
    "quote": "quote.sent",
    "contract": "contract.signed",
    "delivery": "delivery.completed",
    "call": "call.made",
    "called": "call.received",
    "inquiry": "inquiry.received",
    "seminar": "seminar.attended",
    "page": "page.viewed",
    "click": "email.clicked",
    "open": "deal.opened",
    "won": "deal.won",
    "lost": "deal.lost",
    "ticket": "ticket.opened",
    "complaint": "complaint.filed",
    "survey": "survey.answered",
    "referral": "referral.made",
}


def event(told):
    what, _, ago = told.partition("@")
    word, _, number = what.strip().partition(" ")
    data, amount = {}, 0
    match word:
        case "product" | "service":
            data = {"line": word}
        case "page":
            data, number = {"seconds": int(number)}, ""
        case "survey":
            data, number = {"score": number}, ""
    if number:
        amount = round(float(number) * 100)
    return Event(WORDS[word], AS_OF - timedelta(days=int(ago)), amount, data)


def history(told, *, custom=None, **fields):
    values = {Ref(f.key): frozenset() if f.type is FieldType.SET else None for f in CUSTOMER_FIELDS}
    values |= {Ref(f"customer.{key}"): value for key, value in fields.items()}
    values |= {Ref(f"custom.{key}"): value for key, value in (custom or {}).items()}
    return History(values, [event(item) for item in told.split(",") if item.strip()], ZoneInfo("Asia/Shanghai"))


def classes(pack, told, **fields):
    """Return dimension → class; a default for want of data is `undetermined`."""
    facts = history(told, **fields).facts(pack.schemes, AS_OF)
    found = {scheme.dimension: facts[Ref(f"class.{scheme.dimension}")] for scheme in pack.schemes}
    return {
        scheme.dimension: "undetermined"
        if is_undetermined(scheme, found[scheme.dimension], facts)
        else found[scheme.dimension]
        for scheme in pack.schemes
    }


def story(pack, told, **fields):
    """Return dimension → class, with 「→ class@days」 where time alone will change it, if nothing happens."""
    projection = Projection(history(told, **fields), pack.schemes, AS_OF)
    found = {}
    for dimension, now in classes(pack, told, **fields).items():
        change = projection.next_change(dimension)
        found[dimension] = f"{now} → {change[1]}@{(change[0] - AS_OF).days}" if change else now
    return found
