"""Writes of the persons at a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.base.clock import now, today
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, day, line
from zhike.customers.actions.customers import CustomerFields, create_customer
from zhike.customers.actions.forms import MadeBefore, check_repeat, insert_once
from zhike.customers.actions.reaches import column_values, follow_columns, listed, refresh_search, store, stored
from zhike.customers.columns import clean
from zhike.customers.models import Contact, Customer
from zhike.customers.phones import parse_phone
from zhike.customers.reaches import NewReach, arranged, clean_reaches
from zhike.timeline import actions as timeline
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from zhike.accounts.models import User


class ContactFields(TypedDict, total=False):
    """What a person may set of a contact. `reaches` are all ways to reach them: it decides phone and e-mail."""

    name: str
    title: str
    phone: str
    email: str
    reaches: Sequence[NewReach]
    role: str
    birthday: date | None
    preferences: str
    is_primary: bool
    left_on: date | None


# Leads the path of what is wrong with a contact that was given with its customer.
CONTACT = "contact."


@transaction.atomic
def create_with_contact(
    *, by: User | None, form_key: UUID | None, contact: ContactFields, **given: Unpack[CustomerFields]
) -> Customer:
    """Create a customer and, where one is named, its first contact: both or neither."""
    customer = create_customer(by=by, form_key=form_key, **given)
    if contact.get("name"):
        try:
            add_contact(customer=customer, by=by, form_key=form_key, **contact)
        except Invalid as error:
            raise Invalid(error.zh, error.en, path=f"{CONTACT}{error.path}") from None
        except MadeBefore:
            raise MadeBefore(customer) from None
    return customer


@transaction.atomic
def add_contact(
    *, customer: Customer, by: User | None, form_key: UUID | None = None, **given: Unpack[ContactFields]
) -> Contact:
    """Add a person to a customer; the same `form_key` again is what it is for `create_customer`.

    The first contact of a customer is the primary one unless it is said otherwise.
    """
    if by is not None:
        require(by, "change", customer)
    locked, _ = lock_customer(customer.pk, by=by, moment=now())
    rows = _reaches(given, [])
    columns = {"customer": locked, **_contact_columns({"name": "", **given}), **column_values(rows)}
    wanted = columns.pop("is_primary", not locked.contacts.exists()) and columns.get("left_on") is None
    contact = insert_once(Contact, form_key, columns)
    if contact.is_repeat:
        check_repeat(contact, columns, by)
        if stored(contact) != rows:
            raise MadeBefore(contact)
        return contact
    store(contact, rows)
    if wanted:
        _make_primary(contact)
    timeline.record(locked, "contact.added", by=by, contact=contact, data={"name": contact.name})
    if rows:
        refresh_search(locked)
    return contact


@transaction.atomic
def update_contact(*, contact: Contact, version: int, by: User | None, **given: Unpack[ContactFields]) -> Contact:
    """Change a contact that is still at `version`; else raise `Conflict`. Whoever has left is primary no longer."""
    if by is not None:
        require(by, "change", contact)
    locked, _ = lock_customer(contact.customer_id, by=by, moment=now())
    found = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    columns = _contact_columns(given)
    if columns.get("left_on", found.left_on) is not None:
        columns["is_primary"] = False
    before = stored(found)
    if "reaches" in given:
        rows = _reaches(given, before)
        columns |= column_values(rows)
        store(found, rows)
    else:
        follow_columns(found, columns)
        rows = stored(found)
    changes = _changes(found, columns)
    if before != rows:
        changes.append({"field": "reaches", "from": listed(before), "to": listed(rows)})
    if not changes:
        return found
    if found.version != version:
        raise Conflict(
            f"联系人{found.name}刚被别人改过，请先看最新内容再保存",
            f"{found.name} has been changed meanwhile: look again before you save",
        )
    if columns.pop("is_primary", found.is_primary):
        _make_primary(found)
    else:
        columns["is_primary"] = False
    for name, value in columns.items():
        setattr(found, name, value)
    found.version += 1
    found.save(update_fields=[*columns, "version"])
    data = {"name": found.name, "version": found.version, "changes": changes}
    timeline.record(locked, "contact.updated", by=by, contact=found, data=data)
    if before != rows:
        refresh_search(locked)
    return found


def _make_primary(contact: Contact) -> None:
    """There is one at a time; the customer is locked."""
    Contact.objects.filter(customer=contact.customer_id, is_primary=True).exclude(pk=contact.pk).update(
        is_primary=False
    )
    Contact.objects.filter(pk=contact.pk).update(is_primary=True)
    contact.is_primary = True


def _reaches(given: ContactFields, before: Sequence[NewReach]) -> list[NewReach]:
    """Return all ways to reach the contact: those given, or those before with another phone or e-mail."""
    if "reaches" in given:
        return clean_reaches(given["reaches"])
    rows = list(before)
    for kind, raw in (("phone", given.get("phone")), ("email", given.get("email"))):
        if raw is not None:
            value = next((row.value for row in clean_reaches([NewReach(kind, raw)], path=kind)), "")
            rows = arranged(rows, kind, value)
    return rows


def _changes(contact: Contact, columns: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return before and after of what really changes; how they are reached is told as a whole."""
    apart = {"phone", "phone_state", "email"}
    pairs = {name: (getattr(contact, name), value) for name, value in columns.items() if name not in apart}
    return [{"field": name, "from": _plain(old), "to": _plain(new)} for name, (old, new) in pairs.items() if old != new]


def _plain(value: object) -> object:
    return value if isinstance(value, str | bool | None) else str(value)


def _contact_columns(given: ContactFields) -> dict[str, Any]:
    texts = {"name": 100, "title": 100, "preferences": Customer.WORDS_MAX}
    columns: dict[str, Any] = {
        name: line(str(given.get(name) or ""), name, most, required=name == "name")
        for name, most in texts.items()
        if name in given
    }
    if "phone" in given:
        columns["phone"], columns["phone_state"] = parse_phone(given["phone"])
    if "email" in given:
        columns |= clean({"email": given["email"]}, (), company_zone())
    if "role" in given:
        if given["role"] not in Contact.Role.values:
            raise Invalid("没有这个角色", "there is no such role", path="role")
        columns["role"] = given["role"]
    if "birthday" in given:
        columns["birthday"] = day(given["birthday"], "birthday") if given["birthday"] else None
    if "left_on" in given:
        columns["left_on"] = _left_on(given["left_on"])
    if "is_primary" in given:
        columns["is_primary"] = given["is_primary"]
    return columns


def _left_on(given: date | None) -> date | None:
    if given is not None and day(given, "left_on") > today(company_zone()):
        raise Invalid("离职日期不能晚于今天", "the day of leaving cannot lie in the future", path="left_on")
    return given
