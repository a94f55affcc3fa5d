"""Writes of the persons at a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction

from zhike.accounts.policy import field_access, require
from zhike.accounts.queries import company_zone
from zhike.base.clock import now, today
from zhike.base.inputs import Invalid, day, line
from zhike.customers.actions.changes import changed_since, plain, tell_contact
from zhike.customers.actions.customers import CustomerFields, create_customer
from zhike.customers.actions.forms import MadeBefore, check_repeat, insert_once
from zhike.customers.actions.merging import Overlap, merge
from zhike.customers.actions.reaches import column_values, listed, store, stored
from zhike.customers.actions.search import make_findable
from zhike.customers.columns import clean
from zhike.customers.models import Contact, Customer
from zhike.customers.phones import parse_phone
from zhike.customers.reaches import NewReach, arranged, clean_reaches
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from zhike.accounts.models import User
    from zhike.customers.actions.changes import Changes


# What the history tells of a contact; all ways to reach them are told beside these, as one.
_TOLD = ("name", "title", "phone", "email", "role", "birthday", "preferences", "is_primary", "left_on")


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
        require(by, "create", Contact(customer=customer))
        field_access(by, Contact).require_writable(name for name, value in given.items() if value)
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
    made = {name: [None, plain(columns[name])] for name in columns if name in _TOLD and columns[name]}
    if rows:
        made["reaches"] = [None, listed(rows)]
    make_findable([locked.pk])
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
    """Change a contact as somebody wants it who saw it at `version`; what that means is `update_customer`'s.

    Whoever has left is primary no longer.
    """
    if by is not None:
        require(by, "change", contact)
    locked, _ = lock_customer(contact.customer_id, by=by, moment=now())
    found = Contact.objects.select_for_update(no_key=True, of=("self",)).select_related("customer").get(pk=contact.pk)
    before = stored(found)
    columns = _contact_columns(given)
    if version != found.version:
        _merge_into(found, version, settled, columns, given)
    rows = _reaches(given, before)
    if rows != before:
        columns |= column_values(rows)
    if columns.get("left_on", found.left_on) is not None:
        columns["is_primary"] = False
    changes = _changes(found, columns)
    if rows != before:
        changes["reaches"] = [listed(before), listed(rows)]
    if not changes:
        return found
    if by is not None:
        field_access(by, Contact).require_writable(changes)
    _apply(found, columns)
    if rows != before:
        store(found, rows)
    make_findable([locked.pk])
    tell_contact(found, "contact.updated", changes, by)
    return found


def _changes(found: Contact, columns: Mapping[str, Any]) -> Changes:
    """Return what really changes."""
    return {
        name: [plain(getattr(found, name)), plain(value)]
        for name, value in columns.items()
        if name in _TOLD and getattr(found, name) != value
    }


def _apply(found: Contact, columns: dict[str, Any]) -> None:
    if columns.pop("is_primary", found.is_primary):
        _make_primary(found)
    else:
        columns["is_primary"] = False
    for name, value in columns.items():
        setattr(found, name, value)
    found.version += 1
    found.save(update_fields=[*columns, "version"])


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


def _merge_into(
    found: Contact,
    version: int,
    settled: Mapping[str, int] | None,
    columns: dict[str, Any],
    given: ContactFields,
) -> None:
    """Take out of the columns, and out of what was given, what others changed and this person did not."""
    mine: dict[str, object] = {name: value for name, value in columns.items() if name in _TOLD}
    there: dict[str, object] = {name: getattr(found, name) for name in mine}
    if "reaches" in given:
        mine["reaches"] = listed(clean_reaches(given["reaches"]))
        there["reaches"] = listed(stored(found))
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
        given.pop(name, None)  # type: ignore[misc]  # one of the keys
        for column in (name, f"{name}_state"):
            columns.pop(column, None)


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
