"""How customers and contacts can be reached: one number is one value however it was written.

The first of a kind is the primary one. It stands in the holder's own column as well, where lists and
imports read and write it; `arranged` keeps the two in step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from zhike.accounts.actions import clean_email
from zhike.accounts.policy import visible
from zhike.base.inputs import Invalid, line
from zhike.core.text import fold
from zhike.customers.models import Contact, Customer, PhoneState, Reach
from zhike.customers.phones import parse_phone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.accounts.models import User

    type Holder = Customer | Contact

MOST = 20
# The kinds whose primary value stands in a column of the holder.
COLUMNS = (Reach.Kind.PHONE, Reach.Kind.EMAIL)
MOST_OTHERS = 3


class NewReach(NamedTuple):
    """A way to reach somebody, as a person gives it."""

    kind: str
    value: str
    label: str = ""


def clean_reaches(given: Iterable[NewReach], *, path: str = "reaches") -> list[NewReach]:
    """Return what is there, kind by kind, each value once; raises `Invalid` naming what cannot be."""
    found: dict[tuple[str, str], NewReach] = {}
    for row in given:
        if not row.value.strip():
            continue
        if row.kind not in Reach.Kind.values:
            raise Invalid("没有这种联系方式", "there is no such way to reach somebody", path=path)
        value = _clean_value(row.kind, row.value, path)
        label = line(row.label, path, Reach.LABEL_MAX)
        found.setdefault((row.kind, fold(value)), NewReach(row.kind, value, label))
    if len(found) > MOST:
        raise Invalid(f"最多 {MOST} 个联系方式", f"at most {MOST} ways to reach somebody", path=path)
    return by_kind(found.values())


def by_kind(rows: Iterable[NewReach]) -> list[NewReach]:
    """Return the rows in the order in which they are stored: kinds together, each in its own order."""
    return sorted(rows, key=lambda row: row.kind)


def _clean_value(kind: str, raw: str, path: str) -> str:
    try:
        match kind:
            case Reach.Kind.PHONE:
                return parse_phone(raw).number
            case Reach.Kind.EMAIL:
                return clean_email(raw)
            case _:
                return line(raw, path, Reach.VALUE_MAX, required=True)
    except Invalid as error:
        raise Invalid(error.zh, error.en, path=path) from None


def state_of(kind: str, value: str) -> str:
    """Return how far to trust a value that was checked."""
    return parse_phone(value).state.value if kind == Reach.Kind.PHONE else PhoneState.NONE.value


def primary(rows: Iterable[NewReach], kind: str) -> str:
    """Return the first value of a kind, or nothing."""
    return next((row.value for row in rows if row.kind == kind), "")


def of_holder(holder: Holder) -> list[Reach]:
    """Return what is kept of this customer itself, or of this contact."""
    rows = Reach.objects.filter(contact=holder) if isinstance(holder, Contact) else _own(holder.pk)
    return list(rows)


def _own(*customers: int) -> Iterable[Reach]:
    return Reach.objects.filter(customer__in=customers, contact=None)


def arranged(rows: Sequence[NewReach], kind: str, value: str) -> list[NewReach]:
    """Return the rows with `value` as the first of its kind: moved there, or in place of the first.

    No value takes the first away.
    """
    ours = [row for row in rows if row.kind == kind]
    others = [row for row in rows if row.kind != kind]
    known = next((row for row in ours if row.value == value), None)
    if known is not None:
        ours = [known, *(row for row in ours if row is not known)]
    else:
        label = ours[0].label if ours else ""
        ours = [*([NewReach(kind, value, label)] if value else []), *ours[1:]]
    return by_kind([*others, *ours])


@dataclass(frozen=True, slots=True)
class Shared:
    """Other customers with the same number or address: some by name, and how many this person may not see."""

    customers: Sequence[Customer]
    hidden: int


def shared_with(user: User, customer: int, reaches: Iterable[Reach]) -> Shared:
    """Return who else has one of these numbers or addresses, so that nobody has two owners unseen."""
    values = {reach.value for reach in reaches if reach.kind in COLUMNS}
    if not values:
        return Shared((), 0)
    present = Reach.objects.filter(customer__deleted_at=None)  # neither in the bin nor merged into another
    rows = present.filter(value__in=values, kind__in=COLUMNS).exclude(customer=customer)
    others = set(rows.values_list("customer", flat=True).distinct()[: MOST_OTHERS * 10])
    if not others:
        return Shared((), 0)
    seen = list(visible(user, Customer).filter(pk__in=others).only("pk", "name").order_by("name_key", "pk"))
    return Shared(seen[:MOST_OTHERS], len(others) - len(seen))
