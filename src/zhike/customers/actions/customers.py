"""Writes of customers: making one, changing one that is still as it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction
from django.utils import translation

from zhike.accounts.models import User
from zhike.accounts.policy import field_access, require
from zhike.accounts.queries import assignable_owners, company_zone
from zhike.base.clock import now, today
from zhike.base.doors import way_of
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.customers.actions.changes import changed_since, changes_between, tell_changes
from zhike.customers.actions.forms import check_repeat, insert_once
from zhike.customers.actions.giving import tell_unowned
from zhike.customers.actions.merging import Overlap, merge
from zhike.customers.actions.reaches import follow_columns, make_reaches
from zhike.customers.actions.search import make_findable
from zhike.customers.actions.tags import as_in_dictionary
from zhike.customers.columns import clean, derived, is_searched
from zhike.customers.completeness import counted_fields, share_of
from zhike.customers.display import BESIDE, column_label
from zhike.customers.links import check_links
from zhike.customers.models import Customer, CustomField
from zhike.customers.sensitive import Guard, sensitive_fields
from zhike.timeline import actions as timeline
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from zhike.accounts.models import User
    from zhike.customers.actions.changes import Changes
    from zhike.customers.actions.merging import Merge


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
    they would be lost. An own field that nobody speaks of begins with its default.
    """
    if by is not None:
        require(by, "create", Customer)
    zone = company_zone()
    fields = list(CustomField.objects.all())
    kind = given.get("kind", "")
    named = list(given.get("custom", {}))
    defaults = {f.key: f.default for f in fields if f.default is not None and not f.is_retired and f.is_for(kind)}
    given["custom"] = {**defaults, **given.get("custom", {})}
    columns = clean({"name": "", "created_on": today(zone), **given}, fields, zone)
    if columns.get("tags"):
        columns["tags"] = as_in_dictionary(columns["tags"], by)
    check_links(columns["custom"], fields, by=by)
    Guard(fields, ()).check(None, kind=kind, own=columns["custom"])
    if by is not None:
        _check_required(fields, kind, {field.name for field in fields}, columns["custom"])
    owner = given.get("owner", by)
    if by is not None:
        access = field_access(by, Customer)
        access.require_writable(name for name in given if name not in {"owner", "custom"} and given[name])  # type: ignore[literal-required]
        access.require_writable(f"custom.{key}" for key in named)
        access.require_writable(["owner"] if owner != by else [])
    _check_owner(by, owner)
    _check_key(columns.get("key"), form_key)
    blank = Customer(**{**columns, "owner": owner})
    columns["completeness"] = share_of(blank, [field for field in fields if field.is_required and not field.is_retired])
    customer = insert_once(Customer, form_key, {"owner": owner, **columns, **derived(columns)})
    if customer.is_repeat:
        # Nobody's then, it may be somebody's by a rule now.
        whose = {} if owner is None else {"owner": owner}
        check_repeat(customer, {**whose, **{name: columns[name] for name in given if name in columns}}, by)
    else:
        make_reaches([customer])
        make_findable([customer.pk])
        timeline.record(customer, "customer.created", by=by, source=way_of(by))
        if owner is None:
            tell_unowned([customer.pk], by=by)
            customer.refresh_from_db(fields=["owner", "version", "updated_at", "completeness"])
    return customer


@transaction.atomic
def update_customer(
    *,
    customer: Customer,
    version: int,
    by: User | None,
    settled: Mapping[str, int] | None = None,
    **given: Unpack[CustomerFields],
) -> Customer:
    """Change a customer as somebody wants it who saw it at `version`.

    What others changed meanwhile and this person did not stays as they made it; where both changed the
    same, nothing is written and `Overlap` says who changed what, field by field. Whoever asks for what
    is there already, as a form does that is sent twice, contradicts nobody. `settled`: fields of which the
    person was asked and wants their own, with the version of the `Overlap` that asked.
    """
    if by is not None:
        require(by, "change", customer)
    found, setting = lock_customer(customer.pk, by=by, moment=now())
    fields = list(CustomField.objects.all()) if "custom" in given else []
    columns = clean(given, fields, setting.zone)
    if "owner" in given:
        columns["owner"] = given["owner"]
    if version != found.version:
        _merge_into(found, version, settled, columns, given)
    emptied = given.get("custom", {}).keys() - columns.get("custom", {}).keys()
    for name in ("custom", "custom_folded"):
        if name in columns:
            kept = {**getattr(found, name), **columns[name]}
            columns[name] = {key: value for key, value in kept.items() if key not in emptied}
    if columns.get("tags", found.tags) != found.tags:
        columns["tags"] = as_in_dictionary(columns["tags"], by, held=found.tags)
    follow_columns(found, columns)
    changes = changes_between(found, columns)
    if not changes:
        return found
    if by is not None:
        field_access(by, Customer).require_writable(changes)
    _check_changes(found, columns, changes, fields, by)
    _apply(found, columns)
    tell_changes(found, changes, by)
    return found


def _merge_into(
    found: Customer,
    version: int,
    settled: Mapping[str, int] | None,
    columns: dict[str, Any],
    given: CustomerFields,
) -> None:
    """Take out of the columns, and out of what was given, what others changed and this person did not."""
    own = given.get("custom", {})
    mine = {name: columns[name] for name in given if name != "custom"}
    mine |= {f"custom.{key}": columns["custom"].get(key) for key in own}
    there = {name: getattr(found, name) for name in given if name != "custom"}
    there |= {f"custom.{key}": found.custom.get(key) for key in own}
    merged = merge(version, mine, there, changed_since(found, version), settled)
    if version > found.version or merged.differences:
        raise _overlap(found, merged)
    dropped_own = {name.removeprefix("custom.") for name in merged.dropped if name.startswith("custom.")}
    if own:
        given["custom"] = {key: value for key, value in own.items() if key not in dropped_own}
    for name in ("custom", "custom_folded"):
        if name in columns:
            columns[name] = {key: value for key, value in columns[name].items() if key not in dropped_own}
    for name in merged.dropped:
        for column in (name, f"{name}_folded", f"{name}_state"):
            columns.pop(column, None)


def _check_changes(
    found: Customer, columns: Mapping[str, Any], changes: Changes, fields: Collection[CustomField], by: User | None
) -> None:
    if "owner" in changes:
        _check_owner(by, columns["owner"])
    if "key" in changes:
        _check_key(columns["key"])
    _check_sensitive(found, columns, changes, fields)
    if fields:
        touched = [field for field in fields if field.name in changes]
        check_links(columns["custom"], touched, by=by)
        if by is not None:
            _check_required(touched, columns.get("kind", found.kind), set(changes), columns["custom"])


def _check_sensitive(
    found: Customer, columns: Mapping[str, Any], changes: Changes, fields: Collection[CustomField]
) -> None:
    """Refuse sensitive values of a person who has not agreed to them, and to make a person of whom they are known."""
    kind, own = columns.get("kind", found.kind), columns.get("custom", found.custom)
    if kind == Customer.Kind.PERSON and any(name == "kind" or name.startswith("custom.") for name in changes):
        guard = Guard(fields or sensitive_fields(), [found.pk])
        guard.check(found.pk, kind=kind, own=own, was=found.kind, held=found.custom)


def _check_required(
    fields: Collection[CustomField], kind: str, named: Collection[str], own: Mapping[str, object]
) -> None:
    """Refuse a new record without a required value, and taking one away. Old records may go on lacking it."""
    for field in fields:
        is_asked = field.is_required and not field.is_retired and field.is_for(kind) and field.name in named
        if is_asked and own.get(field.key) is None:
            raise Invalid(f"请填写{field.label_zh}", f"fill in {field.label_en}", path=field.name)


def _apply(customer: Customer, columns: Mapping[str, Any]) -> None:
    """Write the columns and all that follows from them."""
    names = {*columns, "completeness", "version", "updated_at"}
    for name, value in columns.items():
        setattr(customer, name, value)
    if "name" in columns:
        follows = derived(columns)
        names |= set(follows)
        for name, value in follows.items():
            setattr(customer, name, value)
    customer.completeness = share_of(customer, counted_fields())
    customer.version += 1
    customer.save(update_fields=names)
    if is_searched(columns):
        make_findable([customer.pk])


def _overlap(customer: Customer, merged: Merge) -> Overlap:
    """Say who changed which fields since the version that the person had before them."""
    zh, en = (
        mark.join(
            f"{who} {verb} {_labels(names, language)}"
            if language == "en"
            else f"{who} {verb}{_labels(names, language)}"
            for who, names in merged.changed.items()
        )
        for mark, verb, language in (("；", "修改了", "zh-hans"), ("; ", "changed", "en"))
    )
    return Overlap(
        f"这位客户刚被别人改过（{zh or '版本不符'}），请看看哪些不同，再决定怎样保存",
        f"This customer has been changed meanwhile ({en or 'other version'}): see what differs, then decide what to save",
        differences=merged.differences,
        version=customer.version,
    )


def _labels(fields: Iterable[str], language: str) -> str:
    """Return what people call these columns."""
    own = {field.name: field.label("en" if language == "en" else "zh") for field in CustomField.objects.all()}
    with translation.override(language):
        return (", " if language == "en" else "、").join(own.get(name) or _verbose_name(name) for name in fields)


def _verbose_name(name: str) -> str:
    if name in BESIDE:
        return str(BESIDE[name])
    return name if "." in name else column_label(name)


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
    if found and found.merged_into_id is not None:
        raise Conflict(
            f"编号 {key} 的客户已经合并到另一条记录，这个编号仍归它",
            f"the customer {key} was merged into another record, which keeps this key as well",
        )
    if found and found.deleted_at is not None:
        raise Conflict(
            f"编号 {key} 的客户在回收站里，先恢复它，或者换一个编号",
            f"the customer {key} lies in the bin: restore it, or choose another key",
        )
    if found and (form_key is None or found.form_key != form_key):
        raise Conflict(f"编号 {key} 已经有一位客户", f"there is a customer {key} already")
