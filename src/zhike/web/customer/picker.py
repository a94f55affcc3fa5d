"""Choosing another customer: what was typed, and who is found by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.accounts.policy import visible
from zhike.base.errors import NotFound
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.customers.search import search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User
    from zhike.web.request import Request

MOST = 10
LONGEST = 100
_DIGITS = 18


class NobodyChosen(ZhikeError):
    """A form that names no customer."""

    code = "nobody_chosen"
    status = 422


@dataclass(frozen=True, slots=True)
class Picker:
    """The words, the customers found by them, and who is chosen. The one whose page it is stands aside."""

    text: str
    found: Sequence[Customer]
    chosen: int | None


def read_picker(request: Request, customer: Customer, chosen: Customer | None = None) -> Picker:
    """Search among what this person sees; without words the one is offered who is chosen already."""
    given = request.POST if request.method == "POST" else request.GET
    text = " ".join(given.get("q", "").replace("\0", "").split())[:LONGEST]
    rows = visible(request.user, Customer).exclude(pk=customer.pk)
    found = (
        list(search(rows, text, request.user).only("name", "city", "kind").order_by("name_key", "pk")[:MOST])
        if text
        else []
    )
    if chosen is not None and chosen.pk not in {one.pk for one in found}:
        found.insert(0, chosen)
    only = found[0].pk if len(found) == 1 else None
    return Picker(text, found, _number(given.get("other", "")) or (chosen.pk if chosen else only))


def chosen_customer(user: User, given: str) -> Customer:
    """Return the customer that was chosen, if this person sees it."""
    number = _number(given)
    if number is None:
        raise NobodyChosen("先找到并选中一位客户", "Find a customer and choose it first", path="other")
    found = visible(user, Customer).filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None
