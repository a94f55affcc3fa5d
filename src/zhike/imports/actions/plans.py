"""Writes: what is to be done with a file, checked against the rights of whoever asks, and the fields that it needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import field_access, require
from zhike.base.inputs import Invalid
from zhike.core.facts import FieldType
from zhike.core.text import Text, fold
from zhike.customers.actions.fields import CHOICES_MAX, KEY_OF_CHOICE_MAX, Choice, add_field, define_field
from zhike.customers.fields import KINDS_BY_KEY, slug, uses_of
from zhike.customers.models import Contact, Customer, CustomField
from zhike.imports.actions.files import check_prepared, locked, reset_counts
from zhike.imports.guessing import DATA, REPEATED, guess
from zhike.imports.models import Import
from zhike.imports.plans import ADDED, MATCHES, NEW, OWN, Mode, OnMatch, Plan, Use
from zhike.imports.profiles import profile_of
from zhike.imports.reading import CREDIT
from zhike.imports.targets import CONTACT, TARGETS, target
from zhike.timeline.schema import kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from zhike.accounts.models import User

CREDIT_LABEL = Text("统一社会信用代码", "Unified credit code")
# A field whose type follows from its values, called as its column is.
AUTO = f"{NEW}auto"
_MATCHED_BY = {"id": "key", "phone": "phone", "email": "email", "name": "name", CREDIT: f"{OWN}{CREDIT}"}


@transaction.atomic
def set_plan(*, imported: Import, plan: Plan, by: User | None) -> Import:
    """Keep what is to be done; what was tried before is forgotten."""
    found = locked(imported)
    check_prepared(found)
    check_plan(plan, found.columns, by=by)
    found.plan, found.what = plan.as_data(), plan.what
    found.state = Import.State.DRAFT
    found.rows.all().delete()
    reset_counts(found)
    found.save()
    return found


@transaction.atomic
def plan_as(*, imported: Import, what: str, by: User) -> Import:
    """Take the rows of a file for something else: its columns are recognised anew."""
    require(by, "import", Customer)
    found = locked(imported)
    check_prepared(found)
    if what not in TARGETS:
        raise Invalid("请选择客户、联系人或事件", "choose customers, contacts or events", path="what")
    profiles = {name: profile_of(data) for name, data in found.profile.items()}
    plan = guess(found.columns, profiles, list(CustomField.objects.all()), what=what)
    found.plan, found.what = replace(plan, owner=Plan.of(found.plan).owner).as_data(), what
    found.state = Import.State.DRAFT
    found.rows.all().delete()
    reset_counts(found)
    found.save()
    return found


def check_plan(plan: Plan, columns: Collection[str], *, by: User | None) -> None:
    """Refuse a plan that cannot be carried out, and one that writes what is not this person's to write."""
    if plan.what not in TARGETS:
        raise Invalid("请选择客户、联系人或事件", "choose customers, contacts or events", path="what")
    seen: set[str] = set()
    for column, use in plan.uses.items():
        if not use.to:
            continue
        if column not in columns:
            raise Invalid(f"文件里没有 {column} 这一列", f"the file has no column {column}", path="uses")
        if use.to in seen and use.to not in REPEATED and not use.to.startswith(NEW):
            label = label_of(plan.what, use.to)
            raise Invalid(f"有两列都是{label.zh}，请只留一列", f"two columns are {label.en}: keep one", path="uses")
        seen.add(use.to)
        _check_use(plan, use)
    _check_required(plan, seen)
    if plan.on_match not in set(OnMatch) or not set(plan.match) <= set(MATCHES):
        raise Invalid("请选择怎样匹配", "choose how rows are matched", path="match")
    if by is not None:
        _check_rights(plan, seen, by)


def _check_use(plan: Plan, use: Use) -> None:
    kind = use.to.removeprefix(NEW)
    is_known = (
        target(plan.what, use.to) is not None
        or (use.to.startswith(NEW) and (kind in KINDS_BY_KEY or is_auto(use.to)))
        or (use.to.startswith(OWN) and CustomField.objects.filter(key=use.to.removeprefix(OWN)).exists())
        or (use.to == DATA and plan.what == "events")
    )
    if not is_known or use.mode not in set(Mode):
        shown = use.to[:40]
        raise Invalid(f"不认得 {shown}", f"there is nothing called {shown}", path="uses")


def _check_required(plan: Plan, targets: set[str]) -> None:
    if plan.what == "events":
        if "occurred_at" not in targets:
            raise Invalid("请指明哪一列是发生时间", "say which column is the time", path="uses")
        if not targets & set(MATCHES):
            raise Invalid("请指明按哪一列认出客户", "say which column tells the customer", path="uses")
        if "kind" not in targets:
            kind_of(plan.kind)
        return
    persons = {"contact.name", "contact.family", "contact.given"}
    if plan.what == "contacts" and not targets & (persons | {"phone", "email"}):
        raise Invalid("请指明哪一列是联系人的姓名", "say which column is the contact's name", path="uses")
    if plan.what == "customers" and not targets & {"name", "id", CREDIT, *persons}:
        raise Invalid("请指明哪一列是客户名称或编号", "say which column is the customer's name or number", path="uses")


def _check_rights(plan: Plan, targets: set[str], by: User) -> None:
    require(by, "import", Customer)
    customers, contacts = field_access(by, Customer), field_access(by, Contact)
    for one in targets:
        if one.startswith(OWN):
            customers.require_writable([one])
        elif (known := target(plan.what, one)) is not None and known.field:
            (contacts if known.group == CONTACT else customers).require_writable([known.field])
    for name in plan.match:
        # Whoever compares learns: what a person may not read is no key.
        if not customers.reads(_MATCHED_BY[name]):
            raise Invalid("不能按你看不到的字段匹配", "a field that you may not read is no key", path="match")
    if any(one.startswith(NEW) for one in targets):
        require(by, "create", CustomField)


def label_of(what: str, key: str) -> Text:
    """Return what people call a target."""
    known = target(what, key)
    if known is not None:
        return known.label
    if key.startswith(OWN):
        field = CustomField.objects.filter(key=key.removeprefix(OWN)).first()
        return Text(field.label_zh, field.label_en) if field else Text(key, key)
    if key.startswith(NEW) and key.removeprefix(NEW) in KINDS_BY_KEY:
        return KINDS_BY_KEY[key.removeprefix(NEW)].label
    return Text("事件的数据", "Data of the event") if key == DATA else Text(key, key)


def make_fields(imported: Import, plan: Plan, *, by: User | None) -> Plan:
    """Make the fields that a plan asks for and return the plan with them in it."""
    uses = dict(plan.uses)
    before = set(CustomField.objects.values_list("key", flat=True))
    for column, use in plan.uses.items():
        if use.to.startswith(NEW):
            uses[column] = Use(f"{OWN}{_field(imported, column, use.to, by).key}", use.mode)
    if CREDIT in plan.targets():
        define_field(key=CREDIT, type_=FieldType.TEXT, by=None, label=CREDIT_LABEL)
    for key, words in _added(plan).items():
        if by is not None:
            require(by, "change", CustomField)
        field = CustomField.objects.select_for_update(of=("self",)).get(key=key)
        field.choices = [*field.choices, *_new_choices(field, words)]
        field.save(update_fields=["choices"])
    made = [key for key in CustomField.objects.order_by("pk").values_list("key", flat=True) if key not in before]
    return replace(plan, uses=uses, made=tuple(made))


def drop_empty_fields(imported: Import) -> None:
    """Remove the fields that were made for a file of which nothing is left."""
    for field in CustomField.objects.filter(key__in=Plan.of(imported.plan).made):
        if not Customer.objects.filter(custom__has_key=field.key).exists() and not uses_of(field.name):
            field.delete()


def _added(plan: Plan) -> dict[str, list[str]]:
    """Return own field → the words that become choices of it."""
    found: dict[str, list[str]] = {}
    for column, words in plan.values.items():
        to = plan.uses.get(column, Use()).to
        if to.startswith(OWN) and (new := [word for word, key in words.items() if key == ADDED]):
            found.setdefault(to.removeprefix(OWN), []).extend(new)
    return found


def _new_choices(field: CustomField, words: Sequence[str]) -> list[dict[str, object]]:
    """Return choices for the words that a field lacks, each with a key of its own."""
    taken = {str(one["key"]) for one in field.choices}
    known = {fold(str(one[name])) for one in field.choices for name in ("key", "zh", "en")}
    found: list[dict[str, object]] = []
    for word in _distinct(words):
        if fold(word) not in known:
            label = word[: CustomField.LABEL_MAX]
            key = slug(Text(label, label), taken, most=KEY_OF_CHOICE_MAX)
            taken.add(key)
            found.append({"key": key, "zh": label, "en": label})
    if len(field.choices) + len(found) > CHOICES_MAX:
        raise Invalid(f"最多 {CHOICES_MAX} 个选项", f"at most {CHOICES_MAX} choices", path="uses")
    return found


def pretend_fields(imported: Import, plan: Plan) -> tuple[Plan, list[CustomField]]:
    """Return the plan and the fields as they will be, without making any: what a dry run reads by."""
    fields = list(CustomField.objects.all())
    added = _added(plan)
    for one in fields:
        if one.key in added:
            one.choices = [*one.choices, *_new_choices(one, added[one.key])]
    uses = dict(plan.uses)
    for number, (column, use) in enumerate(plan.uses.items()):
        if not use.to.startswith(NEW):
            continue
        name = use.to.removeprefix(AUTO).removeprefix(":") if is_auto(use.to) else ""
        field = _known_field(name or column)
        if field is None:
            profile = profile_of(imported.profile.get(column, {}))
            kind = KINDS_BY_KEY.get(use.to.removeprefix(NEW))
            type_, form = (kind.type.value, kind.format) if kind else (profile.type, "")
            field = CustomField(key=f"\0{number}", type=type_, format=form)
            fields.append(field)
        uses[column] = Use(field.name, use.mode)
    if CREDIT in plan.targets() and all(field.key != CREDIT for field in fields):
        fields.append(CustomField(key=CREDIT, type=FieldType.TEXT.value))
    return plan.with_uses(uses), fields


def _field(imported: Import, column: str, to: str, by: User | None) -> CustomField:
    profile = profile_of(imported.profile.get(column, {}))
    name = to.removeprefix(AUTO).removeprefix(":") if is_auto(to) else ""
    known = _known_field(name or column)
    if known is not None:
        return known
    if is_auto(to):
        return define_field(key=(name or column)[: CustomField.KEY_MAX], type_=FieldType(profile.type), by=by)
    kind = KINDS_BY_KEY[to.removeprefix(NEW)]
    label = Text(column[: CustomField.LABEL_MAX], column[: CustomField.LABEL_MAX])
    if not kind.has_choices:
        return add_field(field_kind=kind, by=by, label=label)
    words = _distinct(list(profile.words or {}))
    choices = [Choice(key="", zh=word[:100], en=word[:100], retired=False) for word in words]
    return add_field(field_kind=kind, by=by, label=label, choices=choices)


def is_auto(to: str) -> bool:
    """Say whether a target is a field whose type follows from its values; a name may stand behind it."""
    return to == AUTO or to.startswith(f"{AUTO}:")


def _known_field(column: str) -> CustomField | None:
    """Return the field that is called like a column: another file may have made it meanwhile."""
    return next(
        (one for one in CustomField.objects.all() if fold(column) in {one.key, fold(one.label_zh), fold(one.label_en)}),
        None,
    )


def _distinct(words: Collection[str]) -> list[str]:
    return list({fold(word): word for word in words}.values())
