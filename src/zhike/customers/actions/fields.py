"""Writes of the company's own fields and of the headings under which they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import F, Max

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.audit.actions import record as audit
from zhike.base.clock import now
from zhike.base.doors import Door
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid, line
from zhike.core.text import Text
from zhike.customers.actions.changes import tell_many
from zhike.customers.actions.completeness import counted_anew
from zhike.customers.fields import FieldKind, kind_of, slug, uses_of
from zhike.customers.models import Customer, CustomField, FieldSection
from zhike.customers.values import stored_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.core.facts import FieldType

CHOICES_MAX = 100
FIELDS_MAX = 300
KEY_OF_CHOICE_MAX = 40
# What a person says of a field, and what the audit log names when it is changed.
_SAID = (
    "label_zh",
    "label_en",
    "help_zh",
    "help_en",
    "kind",
    "is_required",
    "is_sensitive",
    "section_id",
    "choices",
    "default",
)


class FieldGiven(TypedDict, total=False):
    """What may be said of a field beside its kind. `choices`: key (empty for a new one), names, whether retired."""

    label: Text
    help: Text
    kind: str
    is_required: bool
    is_sensitive: bool
    default: object
    section: FieldSection | None
    choices: Sequence[Choice]


class Choice(TypedDict):
    """One choice as a person writes it down."""

    key: str
    zh: str
    en: str
    retired: bool


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
            "position": _next(CustomField),
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


@transaction.atomic
def add_field(*, field_kind: FieldKind, by: User | None, **given: Unpack[FieldGiven]) -> CustomField:
    """Make a field of the company's own. Its key comes from its name and never changes."""
    if by is not None:
        require(by, "create", CustomField)
    taken = set(CustomField.objects.values_list("key", flat=True))
    if len(taken) >= FIELDS_MAX:
        raise Invalid(f"最多 {FIELDS_MAX} 个字段", f"at most {FIELDS_MAX} fields", path="label_zh")
    field = CustomField(type=field_kind.type.value, format=field_kind.format, position=_next(CustomField))
    _fill(field, given)
    field.key = slug(Text(field.label_zh, field.label_en), taken, most=CustomField.KEY_MAX)
    _check(field, given)
    field.save(force_insert=True)
    audit("field.added", by=by, subject=field, data={"key": field.key, "type": kind_of(field).key})
    if field.is_required:
        counted_anew()
    return field


@transaction.atomic
def change_field(*, field: CustomField, by: User | None, **given: Unpack[FieldGiven]) -> CustomField:
    """Say other things of a field. What customers have in it stays, whatever it is called and asks for."""
    if by is not None:
        require(by, "change", CustomField)
    found = _locked(field)
    before = {name: getattr(found, name) for name in _SAID}
    _fill(found, given)
    _check(found, given)
    found.save()
    changed = [name for name, value in before.items() if value != getattr(found, name)]
    if changed:
        audit("field.changed", by=by, subject=found, data={"key": found.key, "fields": changed})
    if {"is_required", "kind"} & {*changed}:
        counted_anew()
    return found


def _fill(field: CustomField, given: FieldGiven) -> None:
    if "label" in given:
        zh, en = given["label"]
        field.label_zh = line(zh, "label_zh", CustomField.LABEL_MAX, required=True)
        field.label_en = line(en, "label_en", CustomField.LABEL_MAX) or field.label_zh
    if "help" in given:
        zh, en = given["help"]
        field.help_zh = line(zh, "help_zh", CustomField.HELP_MAX)
        field.help_en = line(en, "help_en", CustomField.HELP_MAX)
    if "kind" in given:
        if given["kind"] not in {"", *Customer.Kind.values}:
            raise Invalid("请选择企业、个人或都适用", "choose companies, individuals or both", path="kind")
        field.kind = given["kind"]
    field.is_required = given.get("is_required", field.is_required)
    field.is_sensitive = given.get("is_sensitive", field.is_sensitive)
    field.section = given.get("section", field.section)
    if "choices" in given:
        field.choices = _written(given["choices"], field)


def _check(field: CustomField, given: FieldGiven) -> None:
    """Read the default as a value of the field, and refuse a choice without choices."""
    kind = kind_of(field)
    if kind.key == "choice" and not any("retired" not in choice for choice in field.choices):
        raise Invalid("至少写一个选项", "write at least one choice", path="choices")
    if "default" in given:
        try:
            field.default = stored_value(given["default"], field, company_zone())
        except Invalid as error:
            raise Invalid(error.zh, error.en, path="default") from None
    if field.is_sensitive:
        _check_sensitive(field)


def _check_sensitive(field: CustomField) -> None:
    """Refuse what cannot be where a person has to agree first: nobody new has."""
    if field.kind == Customer.Kind.COMPANY:
        raise Invalid(
            "只给企业的字段不是个人信息", "a field of companies alone is no personal data", path="is_sensitive"
        )
    if field.is_required:
        raise Invalid(
            "敏感个人信息不能必填：本人没有单独同意时不能填写",
            "sensitive data cannot be required: without a separate consent it may not be filled in",
            path="is_required",
        )
    if field.default is not None:
        raise Invalid("敏感个人信息不能有默认值", "sensitive data has no default", path="default")


def _written(choices: Sequence[Choice], field: CustomField) -> list[dict[str, object]]:
    """Return the choices in their new order. One that is left out is retired: customers may have it."""
    before = {choice["key"]: choice for choice in field.choices}
    taken = set(before)
    found: dict[str, dict[str, object]] = {}
    for choice in choices:
        zh = line(choice["zh"], "choices", CustomField.LABEL_MAX)
        en = line(choice["en"], "choices", CustomField.LABEL_MAX) or zh
        if not zh:
            continue
        key = choice["key"] if choice["key"] in before else slug(Text(zh, en), taken, most=KEY_OF_CHOICE_MAX)
        taken.add(key)
        found[key] = {"key": key, "zh": zh, "en": en} | ({"retired": True} if choice["retired"] else {})
    names = [str(choice["zh"]).casefold() for choice in found.values()]
    if len(set(names)) < len(names):
        raise Invalid("有两个选项同名", "two choices have the same name", path="choices")
    if len(found) > CHOICES_MAX:
        raise Invalid(f"最多 {CHOICES_MAX} 个选项", f"at most {CHOICES_MAX} choices", path="choices")
    gone = [{**choice, "retired": True} for key, choice in before.items() if key not in found]
    return [*found.values(), *gone]


@transaction.atomic
def order_fields(*, keys: Sequence[str], by: User | None, section: FieldSection | None = None) -> None:
    """Put fields under a heading, in this order; those that are not named stay where they are."""
    if by is not None:
        require(by, "change", CustomField)
    found = {field.key: field for field in CustomField.objects.select_for_update(of=("self",)).filter(key__in=keys)}
    moved = [found[key] for key in dict.fromkeys(keys) if key in found]
    for position, field in enumerate(moved):
        field.position, field.section = position, section
    CustomField.objects.bulk_update(moved, ["position", "section"])


@transaction.atomic
def retire_field(*, field: CustomField, is_retired: bool, by: User | None) -> CustomField:
    """Offer a field no longer, or again. Customers keep what they have, and rules go on reading it."""
    if by is not None:
        require(by, "change", CustomField)
    found = _locked(field)
    if found.is_retired != is_retired:
        found.retired_at = now() if is_retired else None
        found.save(update_fields=["retired_at"])
        audit("field.changed", by=by, subject=found, data={"key": found.key, "fields": ["retired_at"]})
        if found.is_required:
            counted_anew()
    return found


@transaction.atomic
def delete_field(*, field: CustomField, by: User | None) -> None:
    """Delete a retired field with what customers have in it. Refused while something reads it."""
    if by is not None:
        require(by, "delete", CustomField)
    found = _locked(field)
    if not found.is_retired:
        raise Conflict("先停用这个字段，再删除", "retire this field before you delete it")
    if uses := uses_of(found.name):
        raise Conflict(
            f"还有{'、'.join(use.label.zh for use in uses)}在用这个字段，不能删除",
            f"{', '.join(use.label.en for use in uses)} still read this field, so it stays",
        )
    _forget(found, by)
    audit("field.removed", by=by, subject=found, data={"key": found.key})
    found.delete()


def _forget(field: CustomField, by: User | None) -> None:
    """Take the values of a field away from all customers who have one. Nothing reads it, so nobody moves."""
    holding = Customer.objects.filter(custom__has_key=field.key).order_by("pk").select_for_update(no_key=True)
    changes = []
    for customer in holding.only("pk", "custom", "custom_folded", "version").iterator(chunk_size=2000):
        old = customer.custom.pop(field.key)
        customer.custom_folded.pop(field.key, None)
        customer.version += 1
        changes.append((customer, {field.name: [old, None]}))
    rows = [customer for customer, _ in changes]
    Customer.objects.bulk_update(rows, ["custom", "custom_folded", "version"], batch_size=2000)
    tell_many(changes, by=by, source=Door.FIELD)


@transaction.atomic
def add_section(*, label: Text, by: User | None) -> FieldSection:
    """Make a heading, after those that there are."""
    if by is not None:
        require(by, "change", CustomField)
    zh, en = _section_label(label)
    return FieldSection.objects.create(label_zh=zh, label_en=en, position=_next(FieldSection))


@transaction.atomic
def change_section(*, section: FieldSection, label: Text, by: User | None) -> None:
    if by is not None:
        require(by, "change", CustomField)
    section.label_zh, section.label_en = _section_label(label)
    section.save(update_fields=["label_zh", "label_en"])


@transaction.atomic
def order_sections(*, ids: Iterable[int], by: User | None) -> None:
    """Put the headings in this order."""
    if by is not None:
        require(by, "change", CustomField)
    found = FieldSection.objects.in_bulk(list(ids))
    moved = [found[pk] for pk in ids if pk in found]
    for position, section in enumerate(moved):
        section.position = position
    FieldSection.objects.bulk_update(moved, ["position"])


@transaction.atomic
def delete_section(*, section: FieldSection, by: User | None) -> None:
    """Take a heading away; its fields stand first again, after the others there."""
    if by is not None:
        require(by, "change", CustomField)
    behind = _next(CustomField)
    CustomField.objects.filter(section=section).update(position=F("position") + behind)
    section.delete()


def _section_label(label: Text) -> Text:
    zh = line(label.zh, "label_zh", FieldSection.LABEL_MAX, required=True)
    return Text(zh, line(label.en, "label_en", FieldSection.LABEL_MAX) or zh)


def _next(model: type[CustomField | FieldSection]) -> int:
    last: dict[str, Any] = model._default_manager.aggregate(last=Max("position"))
    return 0 if last["last"] is None else int(last["last"]) + 1


def _locked(field: CustomField) -> CustomField:
    found = CustomField.objects.select_for_update(of=("self",)).select_related("section").filter(pk=field.pk).first()
    if found is None:
        raise NotFound
    return found
