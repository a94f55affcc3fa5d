"""Own values that name a colleague or another customer: they must be there, and be seen by who names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.models import User
from zhike.accounts.policy import visible
from zhike.base.inputs import Invalid
from zhike.customers.models import Customer, CustomField
from zhike.customers.queries import ID_DIGITS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

PERSON, CUSTOMER = CustomField.Format.PERSON, CustomField.Format.CUSTOMER


def check_links(own: Mapping[str, object], fields: Iterable[CustomField], *, by: User | None) -> None:
    """Refuse a colleague who is not there and a customer whom `by` may not see. Asks only for what is named."""
    for field in fields:
        value = own.get(field.key)
        if value is None:
            continue
        if field.format == PERSON and not User.objects.filter(email=value, is_active=True).exists():
            raise no_person(str(value), field)
        if field.format == CUSTOMER and not known_customers([str(value)], by=by):
            raise no_customer(str(value), field)


def no_person(text: str, field: CustomField) -> Invalid:
    shown = text[:60]
    return Invalid(f"没有 {shown} 这位同事", f"there is no colleague {shown}", path=field.name)


def no_customer(text: str, field: CustomField) -> Invalid:
    shown = text[:60]
    return Invalid(f"没有 {shown} 这位客户", f"there is no customer {shown}", path=field.name)


def known_customers(texts: Collection[str], *, by: User | None) -> dict[str, str]:
    """Return key or id → id, as text, of the customers whom `by` may see; a key comes before an id."""
    rows = Customer.objects.all() if by is None else visible(by, Customer)
    ids = {text: int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS}
    there = set(rows.filter(pk__in=ids.values()).values_list("pk", flat=True)) if ids else set()
    found = {text: str(pk) for text, pk in ids.items() if pk in there}
    keys = rows.filter(key__in=list(texts)).values_list("key", "pk")
    return found | {key: str(pk) for key, pk in keys if key is not None}


class Linker:
    """Turns the links of many rows at once: a file names customers by their key."""

    def __init__(self, fields: Iterable[CustomField], *, by: User | None) -> None:
        linked = [field for field in fields if field.format in {PERSON, CUSTOMER}]
        self._people = [field for field in linked if field.format == PERSON]
        self._customers = [field for field in linked if field.format == CUSTOMER]
        self._by = by
        self.emails = (
            set(User.objects.filter(is_active=True).values_list("email", flat=True)) if self._people else set()
        )
        self._known: dict[str, str] = {}

    @property
    def asks(self) -> bool:
        """Say whether rows may name customers, who have to be looked up."""
        return bool(self._customers)

    def read(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Look up the customers that some rows name, in one query."""
        if self._customers:
            keys = {field.key for field in self._customers}
            named = {str(value) for row in rows for key, value in _own(row).items() if key in keys and value}
            self._known = known_customers(named, by=self._by)

    def resolve(self, row: Mapping[str, object]) -> Mapping[str, object]:
        """Return the row with ids in place of keys, or raise `Invalid`."""
        own = _own(row)
        changed: dict[str, object] = {}
        for field in self._people:
            if (value := own.get(field.key)) and str(value).strip().casefold() not in self.emails:
                raise no_person(str(value), field)
        for field in self._customers:
            if value := own.get(field.key):
                if str(value) not in self._known:
                    raise no_customer(str(value), field)
                changed[field.key] = self._known[str(value)]
        return {**row, "custom": {**own, **changed}} if changed else row


def _own(row: Mapping[str, object]) -> Mapping[str, object]:
    found = row.get("custom")
    return found if isinstance(found, dict) else {}
