"""Who works in the company of a benchmark, where, and with which views of its customers."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zhike.accounts.models import Team, User

    type Test = dict[str, object]

TEAMS, MEMBERS = 4, 5  # a manager leads each team; its salespeople own the customers, the admin none
PLACES = ("上海", "北京", "杭州", "苏州", "南京", "广州", "深圳", "成都")


def people() -> tuple[dict[str, User], list[User]]:
    """Add everybody; return one person of each role, and those who own customers."""
    from zhike.accounts.actions import add_team, add_user  # noqa: PLC0415
    from zhike.accounts.actions.territories import set_territory  # noqa: PLC0415

    def add(name: str, role: str, team: Team | None = None) -> User:
        password = random.SystemRandom().randbytes(16).hex()
        return add_user(email=f"{name}@example.com", name=name, role=role, team=team, password=password, by=None)

    teams = [add_team(name=f"team{number}", by=None) for number in range(TEAMS)]
    managers = [add(f"manager{number}", "manager", team) for number, team in enumerate(teams)]
    owners = [add(f"sales{number}", "sales", teams[number % TEAMS]) for number in range(TEAMS * MEMBERS)]
    known = {
        "admin": add("bench", "admin"),
        "manager": managers[0],
        "sales": owners[0],
        "few": add("few", "sales", teams[0]),
        "wide": owners[1],
    }
    set_territory(
        territory=None,
        by=known["admin"],
        name=PLACES[0],
        bounds={"cities": [PLACES[0]]},
        users=[owners[1]],
        teams=[],
    )
    return known, owners


def views() -> list[tuple[str, Test, Test, Test]]:
    """Return order and conditions of views: some find many, some few, and one hardly anybody."""
    silent: Test = {"field": "metric.days_since_interaction", "op": "gte", "value": 30}
    bought: Test = {"field": "metric.revenue", "over": {"days": 365}, "op": "gte", "value": 1_000_000}
    high: Test = {"field": "class.value", "op": "eq", "value": "high"}
    dormant: Test = {"field": "class.activity", "op": "in", "value": ["dormant", "lost"]}
    of_cities: Test = {"field": "customer.city", "op": "in", "value": ["北京", "上海"]}
    large: Test = {"field": "customer.size", "op": "eq", "value": "large"}
    return [
        ("", high, of_cities, silent),
        ("-revenue", high, of_cities, silent),
        ("next", high, large, silent),
        ("", dormant, bought, of_cities),
        ("-created", dormant, large, bought),
        ("", high, {"field": "customer.city", "op": "eq", "value": "昆明"}, silent),
    ]
