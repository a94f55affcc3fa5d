"""Writes of the persons at a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction

from zhike.accounts.policy import field_access, require
from zhike.accounts.queries import company_zone
from zhike.base.inputs import Invalid, line
from zhike.customers.actions.changes import changed_since, plain, tell_contact
from zhike.customers.actions.forms import check_repeat, insert_once
from zhike.customers.actions.merging import Overlap, merge
from zhike.customers.actions.search import make_findable
from zhike.customers.columns import clean
from zhike.customers.models import Contact, Customer
from zhike.customers.phones import parse_phone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from zhike.accounts.models import User


# What the history tells of a contact.
_TOLD = ("name", "title", "phone", "email", "role")


class ContactFields(TypedDict, total=False):
    """What a person may set of a contact."""

    name: str
    title: str
    phone: str
    email: str
    role: str


@transaction.atomic
def add_contact(
    *, customer: Customer, by: User | None, form_key: UUID | None = None, **given: Unpack[ContactFields]
) -> Contact:
    """Add a person to a customer; the same `form_key` again is what it is for `create_customer`."""
    if by is not None:
        require(by, "create", Contact(customer=customer))
        field_access(by, Contact).require_writable(name for name, value in given.items() if value)
    columns = {"customer": customer, **_contact_columns({"name": "", **given})}
    contact = insert_once(Contact, form_key, columns)
    if contact.is_repeat:
        check_repeat(contact, columns, by)
    else:
        make_findable([customer.pk])
        made = {name: [None, columns[name]] for name in columns if name in _TOLD and columns[name]}
        tell_contact(contact, "contact.added", made, by)
    return contact


@transaction.atomic
def update_contact(
    *,
    contact: Contact,
    version: int,
    by: User | None,
    settled: Mapping[str, int] | None = None,
    **given: Unpack[ContactFields],
) -> Contact:
    """Change a contact as somebody wants it who saw it at `version`; what that means is `update_customer`'s."""
    if by is not None:
        require(by, "change", contact)
    found = Contact.objects.select_for_update(no_key=True, of=("self",)).select_related("customer").get(pk=contact.pk)
    columns = _contact_columns(given)
    if version != found.version:
        _merge_into(found, version, settled, columns)
    changes = {
        name: [plain(getattr(found, name)), plain(value)]
        for name, value in columns.items()
        if name in _TOLD and getattr(found, name) != value
    }
    if not changes:
        return found
    if by is not None:
        changed = [name for name, value in columns.items() if getattr(found, name) != value]
        field_access(by, Contact).require_writable(changed)
    for name, value in columns.items():
        setattr(found, name, value)
    found.version += 1
    found.save(update_fields=[*columns, "version"])
    make_findable([found.customer_id])
    tell_contact(found, "contact.updated", changes, by)
    return found


def _merge_into(found: Contact, version: int, settled: Mapping[str, int] | None, columns: dict[str, Any]) -> None:
    """Take out of the columns what others changed and this person did not."""
    mine = {name: value for name, value in columns.items() if name in _TOLD}
    there = {name: getattr(found, name) for name in mine}
    merged = merge(version, mine, there, changed_since(found.customer, version, found), settled)
    if version > found.version or merged.differences:
        who = "、".join(merged.changed) or "别人"
        raise Overlap(
            f"联系人{found.name}刚被 {who} 改过，请看看哪些不同，再决定怎样保存",
            f"{found.name} has been changed meanwhile by {', '.join(merged.changed) or 'somebody'}: "
            "see what differs, then decide what to save",
            differences=merged.differences,
            version=found.version,
        )
    for name in merged.dropped:
        for column in (name, f"{name}_state"):
            columns.pop(column, None)


def _contact_columns(given: ContactFields) -> dict[str, Any]:
    columns: dict[str, Any] = {
        name: line(str(value or ""), name, 100, required=name == "name")
        for name, value in given.items()
        if name in {"name", "title"}
    }
    if "phone" in given:
        columns["phone"], columns["phone_state"] = parse_phone(given["phone"])
    if "email" in given:
        columns |= clean({"email": given["email"]}, (), company_zone())
    if "role" in given:
        if given["role"] not in Contact.Role.values:
            raise Invalid("没有这个角色", "there is no such role", path="role")
        columns["role"] = given["role"]
    return columns
