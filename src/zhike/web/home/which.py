"""Which homes a person has, and which of them comes first: it follows from what their role lets them see and do.

`work` is one's own day; `team` is for whoever gives customers to others and sees what those have; `company` for whoever
sees everything and answers for it. Who has customers begins with their own day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from zhike.accounts.models import Company
from zhike.accounts.policy import can, sees_all, sees_others
from zhike.customers.models import Customer
from zhike.web.home.whose import owns_customers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User

type Home = Literal["work", "team", "company"]


def homes_of(user: User) -> Sequence[Home]:
    """Return the homes that this person can open, in the order of the switch."""
    found: list[Home] = ["work"]
    if sees_others(user, Customer) and can(user, "assign", Customer):
        found.append("team")
    if sees_all(user, Customer) and can(user, "change", Company):
        found.append("company")
    return found


def home_of(user: User, asked: str, homes: Sequence[Home]) -> Home:
    """Return the home that was asked for, else the one that comes first for this person."""
    if asked in homes:
        return cast("Home", asked)
    if len(homes) == 1 or owns_customers(user):
        return "work"
    return homes[-1]
