"""A small pack with plans, as the tests of follow-ups speak of it, and shorthands for what it makes people do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.scenes import rules_in_force

if TYPE_CHECKING:
    from zhike.customers.models import Customer
    from zhike.followups.models import Plan

# A Wednesday on which everybody works, ten o'clock in Shanghai; the weekend begins with the 6th.
WEDNESDAY = datetime(2026, 6, 3, 2, tzinfo=UTC)


def both(words: str) -> dict[str, str]:
    return {"zh": f"{words}。", "en": words}


def step(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": both(key), "method": "call", **more}


def template(key: str, purpose: str, *steps: dict[str, Any], **starts: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": both(key),
        "purpose": purpose,
        "short_goal": both("near"),
        "long_goal": both("far"),
        **({"starts": starts} if starts else {}),
        "steps": list(steps),
    }


def _class(key: str, when: object = None, **service: Any) -> dict[str, Any]:
    return {"key": key, "label": both(key), "service": service, **({"when": when} if when else {})}


def _inquiries(least: int) -> dict[str, Any]:
    return {"field": "metric.inquiries", "over": {"days": 7}, "op": "gte", "value": least}


PACK: dict[str, Any] = {
    "pack": "planned",
    "version": 1,
    "dimensions": [
        {
            "key": "intent",
            "label": both("intent"),
            "classes": [_class("hot", _inquiries(2)), _class("warm", _inquiries(1))],
            "default": _class("cold"),
        },
        {
            "key": "value",
            "label": both("value"),
            "classes": [
                _class("high", {"field": "metric.revenue", "op": "gte", "value": 1000}, cadence_days=2, owner="senior")
            ],
            "default": _class("regular"),
        },
    ],
    "plans": [
        template(
            "hot",
            "win",
            step("first_call"),
            step("meet", offset=2, after="previous", method="meeting"),
            step("after_quote", offset=2, after="event:quote.sent"),
            trigger="class",
            dimension="intent",
            **{"class": "hot"},
        ),
        template(
            "warm",
            "win",
            step("brochure", offset=3, method="message"),
            step("first_call", offset=1, after="previous"),
            trigger="class",
            dimension="intent",
            **{"class": "warm"},
        ),
        template("rise", "win", step("look"), trigger="change", dimension="value"),
        template("tea", "keep", step("drink"), trigger="product", product="茶"),
        template("hand", "service", step("greet", offset=1), step("ask", offset=5, after="previous")),
    ],
}


def in_force() -> None:
    rules_in_force(PACK)


def shown(plan: Plan) -> list[tuple[str, str, str]]:
    """Return step, state and day of a plan's tasks."""
    rows = plan.tasks.order_by("due_on", "pk").values_list("step", "state", "due_on")
    return [(key, state, day.isoformat()) for key, state, day in rows]


def day_of(customer: Customer) -> tuple[str | None, str]:
    """Return the day of the next contact, and who set it."""
    customer.refresh_from_db()
    day = customer.next_contact_on
    return day.isoformat() if day else None, customer.next_contact_by
