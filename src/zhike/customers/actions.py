"""Writes: customers, contacts, the company's own fields, and the quick log of a contact.

Each change of a customer bumps its `version` and is one event of the timeline, which places the
customer again. `by=None` is the operator at the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import F
from django.utils import translation

from zhike.accounts.models import User
from zhike.accounts.policy import require
from zhike.accounts.queries import assignable_owners, company_zone
from zhike.base.clock import now, today
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid, day, line
from zhike.customers.columns import clean, derived, is_searched
from zhike.customers.models import Contact, Customer, CustomField
from zhike.customers.phones import parse_phone
from zhike.timeline import actions as timeline
from zhike.timeline.locks import lock_customer
from zhike.timeline.models import Event
from zhike.timeline.schema import clean_data, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from zhike.core.facts import FieldType
    from zhike.core.text import Text

# What the quick log offers → the kind of event it writes.
LOG_KINDS = {"call": "call.made", "visit": "visit.made", "message": "message.sent", "note": "note.added"}


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


class ContactFields(TypedDict, total=False):
    """What a person may set of a contact."""

    name: str
    title: str
    phone: str
    email: str
    role: str


class MadeBefore(Conflict):
    """A form that was sent again with other words than those of which it made a record."""

    def __init__(self, made: Customer | Contact) -> None:
        super().__init__(
            f"这张表单已经建了{made.name}，内容不同；要另建一位，就再保存一次",
            f"This form has made {made.name} already, from other words: save again to make another one",
        )
        self.made = made


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
    owner = given.get("owner", by)
    _check_owner(by, owner)
    _check_key(columns.get("key"), form_key)
    customer = _insert_once(Customer, form_key, {"owner": owner, **columns, **derived(columns)})
    if customer.is_repeat:
        _check_repeat(customer, {"owner": owner, **{name: columns[name] for name in given if name in columns}}, by)
    else:
        timeline.record(customer, "customer.created", by=by)
    return customer


def _insert_once[M: (Customer, Contact)](model: type[M], form_key: UUID | None, columns: dict[str, Any]) -> M:
    """Insert a row, or return the one that the same form has made, be it at this moment."""
    if form_key is None:
        return model.objects.create(**columns)
    row, is_new = model.objects.get_or_create(form_key=form_key, defaults=columns)
    row.is_repeat = not is_new
    return row


def _check_repeat(made: Customer | Contact, columns: Mapping[str, Any], by: User | None) -> None:
    if by is not None:
        require(by, "view", made)
    if any(getattr(made, name) != value for name, value in columns.items()):
        raise MadeBefore(made)


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
        follows = derived({name: getattr(customer, name) for name in ("name", "phone", "email", "key")})
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


@transaction.atomic
def add_contact(
    *, customer: Customer, by: User | None, form_key: UUID | None = None, **given: Unpack[ContactFields]
) -> Contact:
    """Add a person to a customer; the same `form_key` again is what it is for `create_customer`."""
    if by is not None:
        require(by, "change", customer)
    columns = {"customer": customer, **_contact_columns({"name": "", **given})}
    contact = _insert_once(Contact, form_key, columns)
    if contact.is_repeat:
        _check_repeat(contact, columns, by)
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


@transaction.atomic
def log_contact(  # noqa: PLR0913  one keyword each
    *,
    customer: Customer,
    kind: str,
    by: User,
    text: str = "",
    result: str = "",
    minutes: int | None = None,
    contact: Contact | None = None,
    next_contact_on: date | None = None,
    occurred_at: datetime | None = None,
    key: str = "",
) -> Event:
    """Write down a call, visit, message or note and when to be in touch next.

    A contact that was made fulfils what was planned: without a new day there is no plan left.
    `key` is drawn by the form, so that sending it twice logs once; sent again with other words it is
    refused, since they would be lost.
    """
    if kind not in LOG_KINDS:
        raise Invalid("请选择电话、拜访、消息或备注", "choose call, visit, message or note", path="kind")
    if not text.strip() and kind == "note":
        raise Invalid("请写下备注的内容", "write what the note should say", path="text")
    if contact is not None and contact.customer_id != customer.pk:
        raise NotFound
    if next_contact_on is not None:
        day(next_contact_on, "next_contact_on")
    data = {"text": text, "result": result, "minutes": minutes}
    event = timeline.record(
        customer,
        LOG_KINDS[kind],
        by=by,
        contact=contact,
        occurred_at=occurred_at,
        data=data,
        source="log" if key else "",
        key=key,
    )
    if event.is_repeat:
        if (event.kind, event.data) != (LOG_KINDS[kind], clean_data(kind_of(LOG_KINDS[kind]), data)):
            raise Conflict("这份记录已经保存过，内容不同", "this form was recorded before, with other words")
    elif kind != "note" or next_contact_on is not None:
        _plan(customer, next_contact_on)
    return event


def _plan(customer: Customer, day: date | None) -> None:
    """Set the day of the next contact. Whoever has the record open to change it must look again."""
    others = Customer.objects.filter(pk=customer.pk).exclude(next_contact_on=day)
    others.update(next_contact_on=day, version=F("version") + 1)


@transaction.atomic
def define_field(
    *,
    key: str,
    type_: FieldType,
    by: User | None,
    label: Text | None = None,
    choices: Mapping[str, Text] | None = None,
) -> CustomField:
    """Return the company's own field of this key, made when it is new. Its type never changes.

    A field that is there keeps the names that the company gave it; choices that it lacks are added.
    """
    if by is not None:
        require(by, "create", CustomField)
    name = line(key, "key", CustomField.KEY_MAX, required=True)
    found, is_new = CustomField.objects.get_or_create(
        key=name,
        defaults={
            "type": type_.value,
            "label_zh": label.zh if label else name,
            "label_en": label.en if label else name,
            "choices": _choices(choices),
            "position": CustomField.objects.count(),
        },
    )
    if not is_new and found.type == type_.value:
        _complete(found, label, choices)
    return found


def _complete(field: CustomField, label: Text | None, choices: Mapping[str, Text] | None) -> None:
    """Add what a field that is there lacks: the name while it has only its key, and further choices."""
    if label and field.label_zh == field.label_en == field.key:
        field.label_zh, field.label_en = label
    known = {choice["key"] for choice in field.choices}
    field.choices += [choice for choice in _choices(choices) if choice["key"] not in known]
    field.save(update_fields=["label_zh", "label_en", "choices"])


def rename_field(*, key: str, label: Text, choices: Mapping[str, Text], by: User | None) -> None:
    """Call a field of the company's and its choices otherwise; a choice that is not named keeps its name."""
    if by is not None:
        require(by, "create", CustomField)
    field = CustomField.objects.select_for_update().get(key=key)
    field.label_zh, field.label_en = label
    kept = [choice for choice in field.choices if choice["key"] not in choices]
    field.choices = [*_choices(choices), *kept] if field.choices else []
    field.save(update_fields=["label_zh", "label_en", "choices"])


def _choices(choices: Mapping[str, Text] | None) -> list[dict[str, str]]:
    return [{"key": key, "zh": text.zh, "en": text.en} for key, text in (choices or {}).items()]
