"""Customers told in a line: 「order 2000@120, call@10」 is an order of 2 000 yuan 120 days ago and a call 10 days ago."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from zhike.core.events import Event
from zhike.core.facts import CUSTOMER_FIELDS, FieldType, Ref
from zhike.core.history import History
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
    "page": "page.viewed",
    "click": "email.clicked",
    "open": "deal.opened",
    "won": "deal.won",
    "lost": "deal.lost",
    "ticket": "ticket.opened",
    "referral": "referral.made",
}


def event(told):
    what, _, ago = told.partition("@")
    word, _, number = what.strip().partition(" ")
    data = {"line": word} if word in {"product", "service"} else {"seconds": int(number)} if word == "page" else {}
    amount = 0 if word == "page" or not number else round(float(number) * 100)
    return Event(WORDS[word], AS_OF - timedelta(days=int(ago)), amount, data)


def history(told, **fields):
    values = {Ref(f.key): frozenset() if f.type is FieldType.SET else None for f in CUSTOMER_FIELDS}
    values |= {Ref(f"customer.{key}"): value for key, value in fields.items()}
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
