"""Writes of the persons at a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, line
from zhike.customers.actions.forms import check_repeat, insert_once
from zhike.customers.actions.search import make_findable
from zhike.customers.columns import clean
from zhike.customers.models import Contact, Customer
from zhike.customers.phones import parse_phone

if TYPE_CHECKING:
    from uuid import UUID

    from zhike.accounts.models import User


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
        require(by, "change", customer)
    columns = {"customer": customer, **_contact_columns({"name": "", **given})}
    contact = insert_once(Contact, form_key, columns)
    if contact.is_repeat:
        check_repeat(contact, columns, by)
    else:
        make_findable([customer.pk])
    return contact


@transaction.atomic
def update_contact(*, contact: Contact, version: int, by: User | None, **given: Unpack[ContactFields]) -> Contact:
    """Change a contact that is still at `version`; else raise `Conflict`."""
    if by is not None:
        require(by, "change", contact)
    found = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    columns = _contact_columns(given)
    if all(getattr(found, name) == value for name, value in columns.items()):
        return found
    if found.version != version:
        raise Conflict(
            f"联系人{found.name}刚被别人改过，请先看最新内容再保存",
            f"{found.name} has been changed meanwhile: look again before you save",
        )
    for name, value in columns.items():
        setattr(found, name, value)
    found.version += 1
    found.save(update_fields=[*columns, "version"])
    make_findable([found.customer_id])
    return found


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
