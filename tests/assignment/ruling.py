"""Rules and people as the tests of assignment speak of them."""

from __future__ import annotations

from datetime import UTC, datetime

from zhike.accounts.models import Role, User
from zhike.assignment.actions.people import set_capacity
from zhike.assignment.actions.rules import save_rule
from zhike.assignment.models import Rule

# A Wednesday on which everybody works.
WEDNESDAY = datetime(2026, 6, 3, 2, tzinfo=UTC)
SATURDAY = datetime(2026, 6, 6, 2, tzinfo=UTC)

EAST = {"field": "customer.region", "op": "eq", "value": "华东"}


def admin():
    return User.objects.filter(role=Role.ADMIN).order_by("pk").first()


def make_rule(name="规则", *, where=None, is_last=False, by=None, **given) -> Rule:
    """Make a rule that takes turns among `people`, on every occasion, unless said otherwise."""
    usual = {
        "occasions": Rule.Occasion.values,
        "target": "people",
        "people": [],
        "team": None,
        "method": "turns",
        "least_level": 0,
        "skills": [],
        "from_pools": False,
    }
    return save_rule(
        rule=None, given={"name": name, "where": where, **usual, **given}, by=by or admin(), is_last=is_last
    )


def can_take(person, most=None, *, level=1, skills=(), weekdays=(1, 2, 3, 4, 5)):
    set_capacity(
        person=person,
        most=most,
        weekdays=weekdays,
        keeps_holidays=True,
        level=level,
        skills=skills,
        by=admin(),
    )
