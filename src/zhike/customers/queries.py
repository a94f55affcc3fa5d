"""Reads of customers: what a person may see, and who is meant by a name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from zhike.accounts.policy import field_access, readable_fields, visible
from zhike.customers.models import Customer
from zhike.customers.search import search

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from zhike.accounts.models import User

# As many as always fit into a bigint.
ID_DIGITS = 18

COMMON_AMONG = 5_000

# Written by the actions and read by the database alone: no page needs them.
SEARCH_COLUMNS = ("name_folded", "custom_folded")


def customers(user: User) -> QuerySet[Customer]:
    """Return the customers that `user` may see, with their owners."""
    return visible(user, Customer).select_related("owner").defer(*SEARCH_COLUMNS)


def find_customer(user: User | None, text: str) -> list[Customer]:
    """Return the customers whom an id, a key or a name names: the first of these that finds any."""
    rows = Customer.present.all() if user is None else visible(user, Customer)
    rows = rows.select_related("owner")
    wanted = text.strip()
    reads_keys = user is None or field_access(user, Customer).reads("key")
    found = list(rows.filter(key=wanted)[:2]) if reads_keys else []
    if not found and wanted.isascii() and wanted.isdigit() and len(wanted) <= ID_DIGITS:
        found = list(rows.filter(pk=int(wanted)))
    if not found:
        found = list(rows.filter(name=wanted)[:20])
    return found or list(search(rows, wanted, user).order_by("name_key", "pk")[:20])


def common_values(user: User, columns: Iterable[str], most: int) -> dict[str, list[str]]:
    """Return for each column the values that stand there mostly, among the newest customers that this person sees.

    Of lists each member counts. A few thousand tell what is common; whoever counted all would wait for it at
    every form and menu. Of a column that this person may not read nothing is said.
    """
    readable = readable_fields(user, Customer)
    names = tuple(name for name in columns if name in readable)
    newest = visible(user, Customer).order_by("-pk").values_list(*names)[:COMMON_AMONG] if names else ()
    found: dict[str, Counter[str]] = {name: Counter() for name in names}
    for row in newest:
        for name, value in zip(names, row, strict=True):
            found[name].update(value if isinstance(value, list) else [value] if value else [])
    # Of two that are equally common the one that sorts first, so that nothing moves between two looks.
    ordered = {name: sorted(counted, key=lambda value: (-counted[value], value)) for name, counted in found.items()}
    return {name: values[:most] for name, values in ordered.items()}
