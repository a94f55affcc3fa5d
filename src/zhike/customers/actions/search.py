"""Writes of what customers are found by. Whoever changes a name or a way to reach somebody calls it."""

from __future__ import annotations

from collections import defaultdict
from itertools import batched
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.base.among import among
from zhike.customers.copying import replace_searched
from zhike.customers.merged import former_names
from zhike.customers.models import Contact, Customer, Reach
from zhike.customers.searched import Reached, search_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_CHUNK = 5_000


@transaction.atomic(savepoint=False)
def make_findable(customers: Iterable[int]) -> None:
    """Write what these customers are found by, from what is known of them and of their contacts now.

    Their rows are locked first: of two who add a contact, the second sees the first's.
    """
    for ids in batched(sorted(set(customers)), _CHUNK):
        rows = Customer.objects.filter(pk__in=among(ids)).order_by("pk").select_for_update(no_key=True)
        _write(ids, list(rows.values_list("pk", "name", "key", "phone", "email")))


def _write(ids: Collection[int], rows: Sequence[tuple[int, str, str | None, str, str]]) -> None:
    reached = _reaches(ids)
    former = former_names(ids)
    contacts: dict[int, list[Reached]] = defaultdict(list)
    known = Contact.objects.filter(customer__in=among(ids)).order_by("pk")
    for customer, pk, name, phone, email in known.values_list("customer", "pk", "name", "phone", "email"):
        phones, others = reached[customer, pk]
        contacts[customer].append(Reached(name, tuple({phone, *phones}), tuple({email, *others})))
    # Worked out while it is written, so that we and the database are both at work.
    found = (
        search_columns(
            name=name,
            key=key or "",
            phones=dict.fromkeys([phone, *reached[pk, None][0]]),
            emails=dict.fromkeys([email, *reached[pk, None][1]]),
            contacts=contacts[pk],
            former=former.get(pk, ()),
        )
        for pk, name, key, phone, email in rows
    )
    replace_searched([pk for pk, *_ in rows], found)


def _reaches(ids: Collection[int]) -> defaultdict[tuple[int, int | None], tuple[list[str], list[str]]]:
    """Return the telephone numbers, and the addresses and names elsewhere, by customer and contact."""
    found: defaultdict[tuple[int, int | None], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    rows = Reach.objects.filter(customer__in=among(ids)).order_by("pk")
    for customer, contact, kind, value in rows.values_list("customer", "contact", "kind", "value"):
        found[customer, contact][kind != Reach.Kind.PHONE].append(value)
    return found
