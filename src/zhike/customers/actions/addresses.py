"""Writes of addresses. The primary one says the city and the region of a customer of whom nobody has said them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction

from zhike.accounts.policy import field_access, require
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, line
from zhike.core.text import fold
from zhike.customers.actions.records import record_changes
from zhike.customers.divisions import is_known, place, region_of, short_name
from zhike.customers.models import Address, Customer
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from uuid import UUID

    from zhike.accounts.models import User
    from zhike.customers.actions.records import Change

MOST = 50
_POSTCODE_MAX = 10


class AddressFields(TypedDict, total=False):
    """What a person says of an address. `division` is the code of the smallest division that they know.

    Without it the names stay that the address has, be they of a division that there is no longer.
    """

    label: str
    division: str
    street: str
    postcode: str
    is_primary: bool


@transaction.atomic
def add_address(
    *, customer: Customer, by: User | None, form_key: UUID | None = None, **given: Unpack[AddressFields]
) -> Address:
    """Add an address; the first one is the primary one. The same `form_key` again gives back what it made."""
    if by is not None:
        require_addresses(by, customer)
    found, _ = lock_customer(customer.pk, by=by, moment=now())
    made = Address.objects.filter(form_key=form_key, customer=found).first() if form_key else None
    if made is not None:
        return made
    size = Address.objects.filter(customer=found).count()
    if size >= MOST:
        raise Invalid(f"最多 {MOST} 个地址", f"at most {MOST} addresses")
    columns = _columns(given)
    _check_place(columns.get("division", ""), columns.get("street", ""))
    is_primary = columns.pop("is_primary", False) or not size
    address = Address.objects.create(customer=found, form_key=form_key, **columns)
    changes: list[Change] = [("addresses", "", _told(address))]
    if is_primary:
        changes += _make_primary(found, address)
    record_changes(found, changes, by, bump=len(changes) > 1)
    return address


@transaction.atomic
def update_address(*, address: Address, version: int, by: User | None, **given: Unpack[AddressFields]) -> Address:
    """Change an address that is still at `version`; else raise `Conflict`."""
    if by is not None:
        require_addresses(by, address.customer)
    customer, _ = lock_customer(address.customer_id, by=by, moment=now())
    found = Address.objects.get(pk=address.pk)
    before, was_primary = _told(found), found.is_primary
    columns = _columns(given)
    _check_place(columns.get("division", found.division), columns.get("street", found.street))
    is_primary = columns.pop("is_primary", was_primary) or was_primary  # another one takes its place, or none
    if all(getattr(found, name) == value for name, value in columns.items()) and is_primary == was_primary:
        return found
    if found.version != version:
        raise Conflict(
            "这个地址刚被别人改过，请先看最新内容再保存",
            "This address has been changed meanwhile: look again before you save",
        )
    for name, value in columns.items():
        setattr(found, name, value)
    found.version += 1
    found.save(update_fields=[*columns, "version"])
    changes: list[Change] = []
    if is_primary:
        changes = _make_primary(customer, found)
    record_changes(customer, [("addresses", before, _told(found)), *changes], by, bump=bool(changes))
    return found


@transaction.atomic
def remove_address(*, address: Address, by: User | None) -> None:
    """Take an address away; the oldest of the others becomes the primary one in its place."""
    if by is not None:
        require_addresses(by, address.customer)
    customer, _ = lock_customer(address.customer_id, by=by, moment=now())
    found = Address.objects.get(pk=address.pk)
    told, was_primary = _told(found), found.is_primary
    found.delete()
    following = Address.objects.filter(customer=customer).order_by("pk").first() if was_primary else None
    changes: list[Change] = [("addresses", told, "")]
    if following is not None:
        changes += _make_primary(customer, following)
    record_changes(customer, changes, by, bump=len(changes) > 1)


def require_addresses(by: User, customer: Customer) -> None:
    """Let only those write addresses who may write all that an address tells: region and city too."""
    require(by, "change", customer)
    field_access(by, Customer).require_writable(["addresses"])


def _make_primary(customer: Customer, address: Address) -> list[Change]:
    """Make it the one; return what the customer's own columns took from it."""
    if not address.is_primary:
        Address.objects.filter(customer=customer, is_primary=True).update(is_primary=False)
        Address.objects.filter(pk=address.pk).update(is_primary=True)
        address.is_primary = True
    told = {"city": short_name(address.city), "region": region_of(address.division)}
    new = {name: value for name, value in told.items() if value and not getattr(customer, name)}
    if new:
        folded = {f"{name}_folded": fold(value) for name, value in new.items()}
        Customer.objects.filter(pk=customer.pk).update(**new, **folded)
    return [(name, "", value) for name, value in new.items()]


def _check_place(division: str, street: str) -> None:
    if not (division or street):
        raise Invalid("选择省市，或者写下街道", "choose a province or write down the street", path="street")


def _told(address: Address) -> str:
    return " ".join(part for part in (address.label, address.line, address.postcode) if part)


def _columns(given: AddressFields) -> dict[str, Any]:
    columns: dict[str, Any] = {
        name: line(str(given.get(name) or ""), name, most)
        for name, most in (("label", Address.LABEL_MAX), ("street", Address.STREET_MAX), ("postcode", _POSTCODE_MAX))
        if name in given
    }
    if "division" in given:
        code = given["division"]
        if code and not is_known(code):
            raise Invalid("没有这个省、市或区县", "there is no such province, city or district", path="division")
        columns |= {"division": code, **place(code)._asdict()}
    if "is_primary" in given:
        columns["is_primary"] = given["is_primary"]
    return columns
