"""Reads of customers: what a person may see, search, and the order of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.policy import readable_fields, visible
from zhike.customers.models import Customer
from zhike.customers.names import grams, squeeze, terms

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zhike.accounts.models import User

# As many as always fit into a bigint.
ID_DIGITS = 18

# What a search looks into.
SEARCHED = frozenset({"name", "phone", "email", "key"})

# Written by the actions and read by the database alone: no page needs them.
SEARCH_COLUMNS = ("search_text", "search_grams", "name_folded", "custom_folded")


def customers(user: User) -> QuerySet[Customer]:
    """Return the customers that `user` may see, with their owners."""
    return visible(user, Customer).select_related("owner").defer(*SEARCH_COLUMNS)


def search(rows: QuerySet[Customer], query: str, user: User | None = None) -> QuerySet[Customer]:
    """Keep the customers in whom every word of `query` is found; an empty query keeps all.

    A word is any part of the name, its pinyin, its initials, the digits of the telephone number,
    the e-mail address or the key. Whoever may not read all of these finds by the name alone.
    """
    if user is not None and not readable_fields(user, Customer) >= SEARCHED:
        for term in terms(query):
            rows = rows.filter(name_folded__contains=term)
        return rows
    for term in terms(query):
        needles = grams(term)
        if needles:
            rows = rows.filter(search_grams__contains=needles)
        rows = rows.filter(search_text__contains=squeeze(term))
    return rows


def find_customer(user: User | None, text: str) -> list[Customer]:
    """Return the customers whom an id, a key or a name names: the first of these that finds any."""
    rows = Customer.objects.all() if user is None else visible(user, Customer)
    rows = rows.select_related("owner")
    wanted = text.strip()
    found = list(rows.filter(key=wanted)[:2])
    if not found and wanted.isascii() and wanted.isdigit() and len(wanted) <= ID_DIGITS:
        found = list(rows.filter(pk=int(wanted)))
    if not found:
        found = list(rows.filter(name=wanted)[:20])
    return found or list(search(rows, wanted, user).order_by("name_key", "pk")[:20])
