"""Reads: who may be the same as one customer, by indexes alone: while somebody types, and after a change.

Everybody is looked up, whoever asks. What a person may be told of whom is decided by `told`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.db.models import Q

from zhike.accounts.policy import visible
from zhike.core.duplicates.evidence import POSSIBLE, Comparison
from zhike.core.duplicates.records import Counts, count
from zhike.customers.models import Customer, Reach
from zhike.customers.needles import terms
from zhike.customers.search import matching, narrowing
from zhike.duplicates.models import Pair
from zhike.duplicates.reading import read_some
from zhike.engine.duplicates.comparing import compare

if TYPE_CHECKING:
    from collections.abc import Collection

    from zhike.accounts.models import User
    from zhike.core.duplicates.records import Record

# So many with one value are looked at; whoever shares it with more is not found by it.
MOST = 60
_CITY_MOST = 20_000
_NAMES = ("name", "pinyin")


class Found(NamedTuple):
    """Somebody who may be the same, and what speaks for it."""

    customer: int
    comparison: Comparison


class Told(NamedTuple):
    """What a person is told: whom they see, and how many there are besides."""

    found: list[tuple[Customer, Comparison]]
    hidden: int


def look_up(record: Record, *, least: float = POSSIBLE) -> list[Found]:
    """Return who may be the same as a record that is stored, or not yet (id 0), the likeliest first."""
    ids = _with_values(record) | _with_name(record) | _paired(record.id)
    ids.discard(record.id)
    others = read_some(Customer.present.filter(pk__in=ids).order_by("pk"))
    known = count([record, *others])
    counts = Counts(_size(), {**known.found, **_of_city(record)})
    found = [Found(other.id, compare(record, other, counts)) for other in others]
    kept = [one for one in found if _is_told(one.comparison, least)]
    return sorted(kept, key=lambda one: (-one.comparison.score, one.customer))


def _is_told(comparison: Comparison, least: float) -> bool:
    return comparison.shares_key or (comparison.score >= least and comparison.is_founded)


def told(user: User, found: Collection[Found]) -> Told:
    """Return what `user` may know: the customers whom they see, and how many others there are."""
    rows = visible(user, Customer).filter(pk__in=[one.customer for one in found]).select_related("owner")
    seen = {customer.pk: customer for customer in rows}
    shown = [(seen[one.customer], one.comparison) for one in found if one.customer in seen]
    return Told(shown, len(found) - len(shown))


def without_decided(record: int, found: Collection[Found]) -> list[Found]:
    """Leave out those of whom somebody has said that they are not the same."""
    said = _paired(record, state=Pair.State.OTHER)
    return [one for one in found if one.customer not in said]


def _paired(record: int, *, state: str = Pair.State.OPEN) -> set[int]:
    """Return with whom a customer stands in a pair: what a search of everybody has found is compared again."""
    if not record:
        return set()
    rows = Pair.objects.filter(Q(customer=record) | Q(other=record), state=state)
    return {pk for pair in rows.values_list("customer", "other") for pk in pair}


def _with_values(record: Record) -> set[int]:
    """Return who has a telephone number, an address of e-mail or a credit code of the record."""
    ids: set[int] = set()
    reached = [*(("phone", form) for value in record.phones for form in _forms(value))]
    reached += [("email", value) for value in record.emails]
    for kind, value in reached:
        held = Reach.objects.filter(value=value, kind=kind, customer__deleted_at=None)
        ids.update(held.values_list("customer", flat=True)[:MOST])
    for number in record.numbers:
        rows = Customer.present.filter(custom__credit_code=number.upper())
        ids.update(rows.values_list("pk", flat=True)[:MOST])
    return ids


def _forms(phone: str) -> list[str]:
    """Return how a number may be stored, from the digits by which it is compared."""
    return [f"+86{phone}", f"+{phone}"]


def _with_name(record: Record) -> set[int]:
    """Return who has the brand, or the person's name as it is written or read, as part of the name."""
    needles: list[str] = []
    if record.company is not None:
        words = sorted(record.company.words, key=lambda word: (-len(word), word))[:2]
        needles += [" ".join(words) if words else record.company.brand]
    else:
        for person in record.people:
            needles += [person.text, "".join(person.words)] if person.is_chinese else [" ".join(person.words)]
    ids: set[int] = set()
    for needle in needles:
        found = terms(needle)
        rows = Customer.present.all() if found else Customer.present.none()
        for term in found:
            rows = rows.filter(narrowing(term), matching(term, _NAMES))
        ids.update(rows.values_list("pk", flat=True)[:MOST])
    return ids


def _of_city(record: Record) -> dict[tuple[str, str], int]:
    """Return how many live in the city of the record, as far as it takes to call it common."""
    if not record.city:
        return {}
    rows = Customer.present.filter(city_folded__in=[record.city, f"{record.city}市"])
    return {("city", record.city): rows.order_by()[:_CITY_MOST].count()}


def _size() -> int:
    """Return about how many customers there are, as the database keeps count for itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = 'customers_customer'::regclass")
        (rows,) = cursor.fetchone()
    return max(int(rows), 0)
