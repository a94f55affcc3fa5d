"""Packs: versioned data that holds dimensions, classes, conditions and service policies.

`parse_pack` checks everything at once: keys, labels in both languages, conditions against the
fields that exist, and that no dimensions refer to each other in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast, get_args

from zhike.core.conditions.parse import parse
from zhike.core.errors import PackError
from zhike.core.facts import CUSTOMER_FIELDS, Field, FieldSet, FieldType, class_field, custom_field
from zhike.core.metrics import metric_fields
from zhike.core.plans import read_template
from zhike.core.reading import (
    only,
    read_items,
    read_key,
    read_mapping,
    read_number,
    read_one_of,
    read_text,
    read_word,
    read_words,
    said_twice,
)
from zhike.core.schemes import (
    OVERRIDE_DAYS,
    WARN_DAYS,
    Class,
    Demote,
    Look,
    Mode,
    Scheme,
    Service,
    Tone,
    in_dependency_order,
)
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.core.conditions.nodes import Node
    from zhike.core.plans import Template

_PACK_KEYS = ("pack", "version", "label", "description", "fields", "dimensions", "plans")
_DIMENSION_KEYS = ("key", "label", "icon", "mode", "override_days", "classes", "default")
_CLASS_KEYS = (
    "key",
    "label",
    "definition",
    "aliases",
    "tone",
    "icon",
    "level",
    "look",
    "rank",
    "hold_days",
    "demote",
    "warn_days",
    "service",
)
_FIELD_KEYS = ("type", "label", "choices")
_SERVICE_KEYS = ("cadence_days", "methods", "owner", "promise", "content", "sla_hours")
METHODS = ("call", "visit", "message", "email")
OWNERS = ("any", "senior")
MAX_CADENCE = 3_650
MAX_LEVEL = 5
MAX_RANK = 99
MAX_HOLD = 90
MAX_WARN = 90
MAX_OVERRIDE = 3_650
MAX_SLA = 720


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was read and checked. `schemes` are in the order in which people see them."""

    key: str
    version: int
    label: Text
    description: Text
    fields: tuple[Field, ...]
    schemes: tuple[Scheme, ...]
    plans: tuple[Template, ...] = ()

    def fieldset(self, custom: Iterable[Field] = ()) -> FieldSet:
        """Return all that this pack's conditions may name, with the company's custom fields."""
        return base_fields().plus(custom).plus(self.fields).plus(scheme.as_field() for scheme in self.schemes)


def base_fields() -> FieldSet:
    """Return the customer fields and metrics that every installation has."""
    return FieldSet([*CUSTOMER_FIELDS, *metric_fields()])


def parse_pack(data: object, custom: Iterable[Field] = ()) -> Pack:
    """Read a pack. Raises `PackError` or `ConditionError` with the path of the place."""
    pack = read_mapping(data, "")
    only(pack, _PACK_KEYS, "")
    key = read_key(pack.get("pack"), "pack")
    declared = _fields(pack.get("fields", {}))
    dimensions = read_items(pack.get("dimensions"), "dimensions")
    fields = base_fields().plus(custom).plus(declared).plus(_class_fields(dimensions))
    schemes = tuple(_scheme(item, fields, f"dimensions[{index}]") for index, item in enumerate(dimensions))
    in_dependency_order(schemes)
    return Pack(
        key=key,
        version=_version(pack.get("version")),
        label=read_text(pack["label"], "label") if "label" in pack else Text(key, key),
        description=read_text(pack["description"], "description") if "description" in pack else Text("", ""),
        fields=tuple(declared),
        schemes=schemes,
        plans=read_plans(pack.get("plans", ()), schemes),
    )


def read_plans(data: object, schemes: Iterable[Scheme]) -> tuple[Template, ...]:
    """Read the plan templates of a pack; they may name its classes."""
    classes = {scheme.dimension: [class_.key for class_ in scheme.classes] for scheme in schemes}
    found: dict[str, Template] = {}
    for index, item in enumerate(read_items(data, "plans")):
        template = read_template(item, f"plans[{index}]", classes=classes)
        if template.key in found:
            raise said_twice(template.key, f"plans[{index}].key")
        found[template.key] = template
    return tuple(found.values())


def parse_scheme(data: object, fields: FieldSet, path: str = "scheme") -> Scheme:
    """Read one dimension; `fields` must hold what its conditions name, other dimensions too."""
    return _scheme(data, fields, path)


def declared_fields(data: object) -> list[Field]:
    """Return the fields that a pack brings, before anything else of it is read."""
    return _fields(read_mapping(data, "").get("fields", {}))


def _version(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise PackError(
        f"version 应为正整数，这里是 {value!r}。", f"expected a positive whole number, found {value!r}.", path="version"
    )


def _fields(data: object) -> list[Field]:
    """Read the fields that the pack needs: ``{age: integer}``, or ``age`` with its label and choices."""
    return [_own_field(str(name), item, f"fields.{name}") for name, item in read_mapping(data, "fields").items()]


def _own_field(name: str, data: object, path: str) -> Field:
    if isinstance(data, str):
        return custom_field(name, _field_type(data, path))
    field = read_mapping(data, path)
    only(field, _FIELD_KEYS, path)
    type_ = _field_type(field.get("type"), f"{path}.type")
    label = read_text(field["label"], f"{path}.label") if "label" in field else None
    if type_ is FieldType.CHOICE:
        return custom_field(name, type_, label, _choices(field.get("choices"), f"{path}.choices"))
    if "choices" in field:
        zh = f"只有 choice 类型的字段有选项，这里是 {type_}。"
        raise PackError(zh, f"only a field of type choice has choices; this is {type_}.", path=f"{path}.choices")
    return custom_field(name, type_, label)


def _field_type(data: object, path: str) -> FieldType:
    if isinstance(data, str) and data in list(FieldType):
        return FieldType(data)
    raise PackError(
        f"没有 {data} 这种类型。可用：{'、'.join(FieldType)}。",
        f"there is no type {data}; use {', '.join(FieldType)}.",
        path=path,
    )


def _choices(data: object, path: str) -> dict[str, Text]:
    given = read_mapping(data, path)
    choices = {read_key(key, f"{path}.{key}"): read_text(label, f"{path}.{key}") for key, label in given.items()}
    if choices:
        return choices
    raise PackError("至少要有一个选项。", "expected at least one choice.", path=path)


def _class_fields(dimensions: Sequence[object]) -> list[Field]:
    """Return ``class.*`` of every dimension before any condition is read: they may refer forward."""
    found: dict[str, Field] = {}
    for index, item in enumerate(dimensions):
        path = f"dimensions[{index}]"
        dimension = read_mapping(item, path)
        key = read_key(dimension.get("key"), f"{path}.key")
        if f"class.{key}" in found:
            raise said_twice(key, f"{path}.key")
        labels: dict[str, Text] = {}
        for place, class_ in _classes(dimension, path):
            class_key = read_key(class_.get("key"), f"{place}.key")
            if class_key in labels:
                raise said_twice(class_key, f"{place}.key")
            labels[class_key] = read_text(class_.get("label"), f"{place}.label")
        found[f"class.{key}"] = class_field(key, read_text(dimension.get("label"), f"{path}.label"), labels)
    return list(found.values())


def _classes(dimension: Mapping[str, object], path: str) -> list[tuple[str, Mapping[str, object]]]:
    """Return (path, data) of the ordered classes and the default."""
    listed = read_items(dimension.get("classes", []), f"{path}.classes")
    found = [(f"{path}.classes[{n}]", read_mapping(item, f"{path}.classes[{n}]")) for n, item in enumerate(listed)]
    if "default" not in dimension:
        raise PackError(
            "缺少 default：没有条件符合时归入哪一类？",
            "default is missing: which class takes those that no condition fits?",
            path=path,
        )
    return [*found, (f"{path}.default", read_mapping(dimension["default"], f"{path}.default"))]


def _scheme(data: object, fields: FieldSet, path: str) -> Scheme:
    dimension = read_mapping(data, path)
    only(dimension, _DIMENSION_KEYS, path)
    mode = cast("Mode", read_one_of(dimension.get("mode", "auto"), get_args(Mode.__value__), f"{path}.mode"))
    places = _classes(dimension, path)
    ruled = tuple(_ruled_class(item, fields, place, mode) for place, item in places[:-1])
    place, default = places[-1]
    only(default, (*_CLASS_KEYS, "needs_evidence"), place)
    needs_evidence = default.get("needs_evidence", True)
    if not isinstance(needs_evidence, bool):
        raise PackError("应为 true 或 false。", "expected true or false.", path=f"{place}.needs_evidence")
    return Scheme(
        dimension=read_key(dimension.get("key"), f"{path}.key"),
        label=read_text(dimension.get("label"), f"{path}.label"),
        classes=(*ruled, _class(default, place, None)),
        icon=read_word(dimension.get("icon", ""), f"{path}.icon"),
        mode=mode,
        needs_evidence=needs_evidence,
        override_days=read_number(dimension.get("override_days"), f"{path}.override_days", MAX_OVERRIDE)
        or OVERRIDE_DAYS,
    )


def _ruled_class(data: Mapping[str, object], fields: FieldSet, path: str, mode: Mode) -> Class:
    only(data, (*_CLASS_KEYS, "when"), path)
    if "when" in data:
        return _class(data, path, parse(data["when"], fields, f"{path}.when"))
    if mode == "manual":
        return _class(data, path, None)
    raise PackError(
        "缺少条件（when）。只有 manual 维度的类别可以没有条件。",
        "the condition (when) is missing; only classes of a manual dimension have none.",
        path=path,
    )


def _class(data: Mapping[str, object], path: str, when: Node | None) -> Class:
    level = read_number(data.get("level"), f"{path}.level", MAX_LEVEL)
    return Class(
        key=read_key(data.get("key"), f"{path}.key"),
        label=read_text(data.get("label"), f"{path}.label"),
        definition=read_text(data["definition"], f"{path}.definition") if "definition" in data else Text("", ""),
        aliases=read_words(data.get("aliases", []), f"{path}.aliases"),
        tone=cast("Tone", read_one_of(data.get("tone", "ink"), get_args(Tone.__value__), f"{path}.tone")),
        icon=read_word(data.get("icon", ""), f"{path}.icon"),
        level=level,
        look=cast("Look", read_one_of(data.get("look", "filled"), get_args(Look.__value__), f"{path}.look")),
        service=_service(data.get("service", {}), f"{path}.service"),
        when=when,
        rank=read_number(data.get("rank"), f"{path}.rank", MAX_RANK) or level,
        hold_days=read_number(data.get("hold_days"), f"{path}.hold_days", MAX_HOLD) or 1,
        demote=cast("Demote", read_one_of(data.get("demote", "now"), get_args(Demote.__value__), f"{path}.demote")),
        warn_days=read_number(data.get("warn_days"), f"{path}.warn_days", MAX_WARN) or WARN_DAYS,
    )


def _service(data: object, path: str) -> Service:
    service = read_mapping(data, path)
    only(service, _SERVICE_KEYS, path)
    methods = read_words(service.get("methods", []), f"{path}.methods")
    for index, method in enumerate(methods):
        read_one_of(method, METHODS, f"{path}.methods[{index}]")
    return Service(
        cadence_days=read_number(service.get("cadence_days"), f"{path}.cadence_days", MAX_CADENCE),
        methods=methods,
        owner=read_one_of(service.get("owner", "any"), OWNERS, f"{path}.owner"),
        promise=read_text(service["promise"], f"{path}.promise") if "promise" in service else None,
        content=read_text(service["content"], f"{path}.content") if "content" in service else None,
        sla_hours=read_number(service.get("sla_hours"), f"{path}.sla_hours", MAX_SLA),
    )
