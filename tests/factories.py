"""Makes the people, customers and events that tests speak of, through the actions.

Alice owns, Bob is on her team and leads it, Charlie is a stranger, Ada is the admin.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from zhike.accounts.actions import add_team, add_user
from zhike.accounts.models import Role, User
from zhike.customers.actions.customers import create_customer
from zhike.timeline.actions import record

if TYPE_CHECKING:
    from zhike.accounts.models import Team
    from zhike.customers.models import Customer
    from zhike.followups.models import Plan
    from zhike.timeline.models import Event

SHANGHAI = ZoneInfo("Asia/Shanghai")
PASSWORD = "correct horse battery"

_numbers = itertools.count(1)


def make_user(name: str = "", *, role: str = Role.SALES, team: Team | None = None, **given: Any) -> User:
    number = next(_numbers)
    name = name or f"person{number}"
    email = given.pop("email", f"{name.lower()}{number}@example.com")
    return add_user(email=email, name=name, password=PASSWORD, role=role, team=team, by=None, **given)


def make_team(name: str = "") -> Team:
    return add_team(name=name or f"team {next(_numbers)}", by=None)


def make_customer(name: str = "", *, owner: User | None = None, **given: Any) -> Customer:
    return create_customer(name=name or f"客户{next(_numbers)}", owner=owner, by=None, **given)


def make_event(customer: Customer, kind: str, day: date | None = None, **given: Any) -> Event:
    """Record an event at noon of a day in Shanghai; without a day it happens now."""
    if day is not None:
        given["occurred_at"] = datetime.combine(day, time(12), SHANGHAI).astimezone(UTC)
    return record(customer, kind, by=given.pop("by", None), **given)


@dataclass(frozen=True)
class People:
    """Alice's customer is seen by Alice, Bob and Ada, and never by Charlie or Carol."""

    alice: User
    bob: User
    charlie: User
    carol: User
    ada: User


def make_people() -> People:
    east, west = make_team(), make_team()
    return People(
        alice=make_user("Alice", team=east),
        bob=make_user("Bob", role=Role.MANAGER, team=east),
        charlie=make_user("Charlie", team=west),
        carol=make_user("Carol", role=Role.MANAGER, team=west),
        ada=make_user("Ada", role=Role.ADMIN),
    )


def make_plan(customer: Customer) -> Plan:
    """A plan that goes on, with one step, "call", which people call by its name."""
    from zhike.base.clock import now
    from zhike.followups.models import Plan, PlanTemplate

    words = {"name_zh": "促成", "name_en": "Win", "short_goal_zh": "见面", "long_goal_zh": "签约"}
    template, _ = PlanTemplate.objects.get_or_create(
        key="made", defaults={"purpose": "win", "is_active": False, **words}
    )
    steps = [{"key": "call", "name": {"zh": "致电", "en": "Call"}, "method": "call"}]
    return Plan.objects.create(
        customer=customer, template=template, purpose="win", steps=steps, days={"call": ""}, started_at=now()
    )
