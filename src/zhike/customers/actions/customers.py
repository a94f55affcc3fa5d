"""Writes of customers: making one, changing one that is still as it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction
from django.utils import translation

from zhike.accounts.models import User
from zhike.accounts.policy import require
from zhike.accounts.queries import assignable_owners, company_zone
from zhike.base.clock import now, today
from zhike.base.errors import Conflict, Forbidden
from zhike.customers.actions.forms import check_repeat, insert_once
from zhike.customers.actions.reaches import follow_columns, make_reaches
from zhike.customers.actions.records import BESIDE
from zhike.customers.actions.tags import as_in_dictionary
from zhike.customers.columns import clean, derived, is_searched
from zhike.customers.models import Customer, CustomField
from zhike.customers.reaches import search_words
from zhike.timeline import actions as timeline
from zhike.timeline.locks import lock_customer
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID


class CustomerFields(TypedDict, total=False):
    """What a person may set. `custom` holds values by key; an empty one is taken away."""

    key: str | None
    kind: str
    name: str
    owner: User | None
    region: str
    city: str
    industry: str
    source: str
    size: str
    birthday: date | None
    created_on: date | None
    tags: list[str]
    custom: dict[str, object]
    phone: str
    email: str
    next_contact_on: date | None
    preferences: str
    campaign: str
    first_touch_channel: str
    first_touch_on: date | None
    first_touch_note: str


@transaction.atomic
def create_customer(*, by: User | None, form_key: UUID | None = None, **given: Unpack[CustomerFields]) -> Customer:
    """Create a customer. Its record begins today and its owner is who makes it, unless said.

    The same `form_key` again gives the first customer back; with other words it is refused, since
    they would be lost.
    """
    if by is not None:
        require(by, "create", Customer)
    zone = company_zone()
    columns = clean({"name": "", "created_on": today(zone), **given}, CustomField.objects.all(), zone)
    if columns.get("tags"):
        columns["tags"] = as_in_dictionary(columns["tags"], by)
    owner = given.get("owner", by)
    _check_owner(by, owner)
    _check_key(columns.get("key"), form_key)
    customer = insert_once(Customer, form_key, {"owner": owner, **columns, **derived(columns)})
    if customer.is_repeat:
        check_repeat(customer, {"owner": owner, **{name: columns[name] for name in given if name in columns}}, by)
    else:
        make_reaches([customer])
        timeline.record(customer, "customer.created", by=by)
    return customer


@transaction.atomic
def update_customer(*, customer: Customer, version: int, by: User | None, **given: Unpack[CustomerFields]) -> Customer:
    """Change a customer that is still at `version`; else raise `Conflict` naming who changed what.

    Whoever asks for what is there already, as a form does that is sent twice, contradicts nobody.
    """
    if by is not None:
        require(by, "change", customer)
    found, setting = lock_customer(customer.pk, by=by, moment=now())
    if "custom" in given:
        given["custom"] = {**found.custom, **given["custom"]}
    columns = clean(given, CustomField.objects.all(), setting.zone)
    if "owner" in given:
        columns["owner"] = given["owner"]
    if columns.get("tags", found.tags) != found.tags:
        columns["tags"] = as_in_dictionary(columns["tags"], by, held=found.tags)
    follow_columns(found, columns)
    changes = changes_between(found, columns)
    if not changes:
        return found
    if found.version != version:
        raise _conflict(found, version)
    if "owner" in changes:
        _check_owner(by, columns["owner"])
    if "key" in changes:
        _check_key(columns["key"])
    _apply(found, columns)
    _record_changes(found, changes, by)
    return found


def _apply(customer: Customer, columns: Mapping[str, Any]) -> None:
    """Write the columns and all that follows from them."""
    names = {*columns, "version", "updated_at"}
    for name, value in columns.items():
        setattr(customer, name, value)
    if is_searched(columns):
        given = {name: getattr(customer, name) for name in ("name", "phone", "email", "key")}
        follows = derived({**given, "reaches": search_words(customer.pk)})
        names |= set(follows)
        for name, value in follows.items():
            setattr(customer, name, value)
    customer.version += 1
    customer.save(update_fields=names)


def changes_between(customer: Customer, columns: Mapping[str, Any]) -> dict[str, list[object]]:
    """Return field → [old, new] as people read it, for what really changes; own fields each by itself."""
    shown = [name for name in columns if name != "custom" and not name.endswith(("_folded", "_state"))]
    pairs = {name: (getattr(customer, name), columns[name]) for name in shown}
    own = columns.get("custom", customer.custom)
    pairs |= {f"custom.{key}": (customer.custom.get(key), own.get(key)) for key in {**customer.custom, **own}}
    return {name: [_plain(old), _plain(new)] for name, (old, new) in pairs.items() if old != new}


def _plain(value: object) -> object:
    match value:
        case User():
            return value.email
        case None | str() | int() | float() | bool() | list() | dict():
            return value
        case _:
            return str(value)


def _record_changes(customer: Customer, changes: dict[str, list[object]], by: User | None) -> None:
    owner = changes.pop("owner", None)
    if owner is not None:
        old, new = owner
        data = {"from": old, "to": new, "version": customer.version}
        timeline.record(customer, "owner.changed", by=by, data=data)
    if changes:
        rows = [{"field": name, "from": old, "to": new} for name, (old, new) in changes.items()]
        data = {"version": customer.version, "changes": rows}
        timeline.record(customer, "customer.updated", by=by, data=data)


def _conflict(customer: Customer, version: int) -> Conflict:
    """Say who changed which fields since the version that the person had before them."""
    kinds = ["customer.updated", "owner.changed"]
    later = Event.objects.filter(customer=customer, kind__in=kinds, data__version__gt=version)
    names: dict[str, list[str]] = {}
    for event in later.select_related("actor").order_by("pk"):
        who = event.actor.name if event.actor else "Zhike"
        fields = [change["field"] for change in event.data.get("changes", [])] or ["owner"]
        names.setdefault(who, []).extend(fields)
    zh = "；".join(f"{who} 修改了{'、'.join(_labels(fields, 'zh-hans'))}" for who, fields in names.items())
    en = "; ".join(f"{who} changed {', '.join(_labels(fields, 'en'))}" for who, fields in names.items())
    return Conflict(
        f"这位客户刚被别人改过（{zh or '版本不符'}），请先看最新内容再保存",
        f"This customer has been changed meanwhile ({en or 'other version'}): look at it again before you save",
    )


def _labels(fields: list[str], language: str) -> list[str]:
    """Return what people call these columns, each once."""
    own = {f"custom.{f.key}": f.label_en if language == "en" else f.label_zh for f in CustomField.objects.all()}
    with translation.override(language):
        return [own.get(name) or _verbose_name(name) for name in dict.fromkeys(fields)]


def _verbose_name(name: str) -> str:
    if name in BESIDE:
        return str(BESIDE[name])
    return name if "." in name else str(Customer._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _check_owner(by: User | None, owner: User | None) -> None:
    """Let people give customers only to those they may give them to."""
    if by is None or owner == by:
        return
    if owner is None:
        require(by, "assign", Customer)
    elif not assignable_owners(by).filter(pk=owner.pk).exists():
        raise Forbidden("你不能把客户交给这个人", "You may not give a customer to this person")


def _check_key(key: str | None, form_key: UUID | None = None) -> None:
    """Refuse a key that another customer has; what the same form made is no other."""
    found = None if key is None else Customer.objects.filter(key=key).first()
    if found and (form_key is None or found.form_key != form_key):
        raise Conflict(f"编号 {key} 已经有一位客户", f"there is a customer {key} already")
