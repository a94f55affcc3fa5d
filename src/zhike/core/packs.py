"""Packs: versioned data that holds dimensions, classes, conditions and service policies.

`parse_pack` checks everything at once: keys, labels in both languages, conditions against the
fields that exist, and that no dimensions refer to each other in a circle.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast, get_args

from zhike.core.conditions.parse import parse
from zhike.core.errors import PackError, suggestion
from zhike.core.facts import CUSTOMER_FIELDS, Field, FieldSet, FieldType, class_field, custom_field
from zhike.core.metrics import metric_fields
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
    from collections.abc import Iterable

    from zhike.core.conditions.nodes import Node

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PACK_KEYS = ("pack", "version", "label", "description", "fields", "dimensions")
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
MAX_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was read and checked. `schemes` are in the order in which people see them."""

    key: str
    version: int
    label: Text
    description: Text
    fields: tuple[Field, ...]
    schemes: tuple[Scheme, ...]

    def fieldset(self, custom: Iterable[Field] = ()) -> FieldSet:
        """Return all that this pack's conditions may name, with the company's custom fields."""
        return base_fields().plus(custom).plus(self.fields).plus(scheme.as_field() for scheme in self.schemes)


def base_fields() -> FieldSet:
    """Return the customer fields and metrics that every installation has."""
    return FieldSet([*CUSTOMER_FIELDS, *metric_fields()])


def parse_pack(data: object, custom: Iterable[Field] = ()) -> Pack:
    """Read a pack. Raises `PackError` or `ConditionError` with the path of the place."""
    pack = _mapping(data, "")
    _known(pack, _PACK_KEYS, "")
    key = _key(pack.get("pack"), "pack")
    declared = _fields(pack.get("fields", {}))
    dimensions = _list(pack.get("dimensions"), "dimensions")
    fields = base_fields().plus(custom).plus(declared).plus(_class_fields(dimensions))
    schemes = tuple(_scheme(item, fields, f"dimensions[{index}]") for index, item in enumerate(dimensions))
    in_dependency_order(schemes)
    return Pack(
        key=key,
        version=_version(pack.get("version")),
        label=_text(pack["label"], "label") if "label" in pack else Text(key, key),
        description=_text(pack["description"], "description") if "description" in pack else Text("", ""),
        fields=tuple(declared),
        schemes=schemes,
    )


def parse_scheme(data: object, fields: FieldSet, path: str = "scheme") -> Scheme:
    """Read one dimension; `fields` must hold what its conditions name, other dimensions too."""
    return _scheme(data, fields, path)


def declared_fields(data: object) -> list[Field]:
    """Return the fields that a pack brings, before anything else of it is read."""
    return _fields(_mapping(data, "").get("fields", {}))


def _version(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise PackError(
        f"version 应为正整数，这里是 {value!r}。", f"expected a positive whole number, found {value!r}.", path="version"
    )


def _fields(data: object) -> list[Field]:
    """Read the fields that the pack needs: ``{age: integer}``, or ``age`` with its label and choices."""
    return [_own_field(str(name), item, f"fields.{name}") for name, item in _mapping(data, "fields").items()]


def _own_field(name: str, data: object, path: str) -> Field:
    if isinstance(data, str):
        return custom_field(name, _field_type(data, path))
    field = _mapping(data, path)
    _known(field, _FIELD_KEYS, path)
    type_ = _field_type(field.get("type"), f"{path}.type")
    label = _text(field["label"], f"{path}.label") if "label" in field else None
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
    given = _mapping(data, path)
    choices = {_key(key, f"{path}.{key}"): _text(label, f"{path}.{key}") for key, label in given.items()}
    if choices:
        return choices
    raise PackError("至少要有一个选项。", "expected at least one choice.", path=path)


def _class_fields(dimensions: Sequence[object]) -> list[Field]:
    """Return ``class.*`` of every dimension before any condition is read: they may refer forward."""
    found: dict[str, Field] = {}
    for index, item in enumerate(dimensions):
        path = f"dimensions[{index}]"
        dimension = _mapping(item, path)
        key = _key(dimension.get("key"), f"{path}.key")
        if f"class.{key}" in found:
            raise _twice(key, f"{path}.key")
        labels: dict[str, Text] = {}
        for place, class_ in _classes(dimension, path):
            class_key = _key(class_.get("key"), f"{place}.key")
            if class_key in labels:
                raise _twice(class_key, f"{place}.key")
            labels[class_key] = _text(class_.get("label"), f"{place}.label")
        found[f"class.{key}"] = class_field(key, _text(dimension.get("label"), f"{path}.label"), labels)
    return list(found.values())


def _classes(dimension: Mapping[str, object], path: str) -> list[tuple[str, Mapping[str, object]]]:
    """Return (path, data) of the ordered classes and the default."""
    listed = _list(dimension.get("classes", []), f"{path}.classes")
    found = [(f"{path}.classes[{n}]", _mapping(item, f"{path}.classes[{n}]")) for n, item in enumerate(listed)]
    if "default" not in dimension:
        raise PackError(
            "缺少 default：没有条件符合时归入哪一类？",
            "default is missing: which class takes those that no condition fits?",
            path=path,
        )
    return [*found, (f"{path}.default", _mapping(dimension["default"], f"{path}.default"))]


def _scheme(data: object, fields: FieldSet, path: str) -> Scheme:
    dimension = _mapping(data, path)
    _known(dimension, _DIMENSION_KEYS, path)
    mode = cast("Mode", _one_of(dimension.get("mode", "auto"), get_args(Mode.__value__), f"{path}.mode"))
    places = _classes(dimension, path)
    ruled = tuple(_ruled_class(item, fields, place, mode) for place, item in places[:-1])
    place, default = places[-1]
    _known(default, (*_CLASS_KEYS, "needs_evidence"), place)
    needs_evidence = default.get("needs_evidence", True)
    if not isinstance(needs_evidence, bool):
        raise PackError("应为 true 或 false。", "expected true or false.", path=f"{place}.needs_evidence")
    return Scheme(
        dimension=_key(dimension.get("key"), f"{path}.key"),
        label=_text(dimension.get("label"), f"{path}.label"),
        classes=(*ruled, _class(default, place, None)),
        icon=_word(dimension.get("icon", ""), f"{path}.icon"),
        mode=mode,
        needs_evidence=needs_evidence,
        override_days=_number(dimension.get("override_days"), f"{path}.override_days", MAX_OVERRIDE) or OVERRIDE_DAYS,
    )


def _ruled_class(data: Mapping[str, object], fields: FieldSet, path: str, mode: Mode) -> Class:
    _known(data, (*_CLASS_KEYS, "when"), path)
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
    level = _number(data.get("level"), f"{path}.level", MAX_LEVEL)
    return Class(
        key=_key(data.get("key"), f"{path}.key"),
        label=_text(data.get("label"), f"{path}.label"),
        definition=_text(data["definition"], f"{path}.definition") if "definition" in data else Text("", ""),
        aliases=_words(data.get("aliases", []), f"{path}.aliases"),
        tone=cast("Tone", _one_of(data.get("tone", "ink"), get_args(Tone.__value__), f"{path}.tone")),
        icon=_word(data.get("icon", ""), f"{path}.icon"),
        level=level,
        look=cast("Look", _one_of(data.get("look", "filled"), get_args(Look.__value__), f"{path}.look")),
        service=_service(data.get("service", {}), f"{path}.service"),
        when=when,
        rank=_number(data.get("rank"), f"{path}.rank", MAX_RANK) or level,
        hold_days=_number(data.get("hold_days"), f"{path}.hold_days", MAX_HOLD) or 1,
        demote=cast("Demote", _one_of(data.get("demote", "now"), get_args(Demote.__value__), f"{path}.demote")),
        warn_days=_number(data.get("warn_days"), f"{path}.warn_days", MAX_WARN) or WARN_DAYS,
    )


def _service(data: object, path: str) -> Service:
    service = _mapping(data, path)
    _known(service, _SERVICE_KEYS, path)
    methods = _words(service.get("methods", []), f"{path}.methods")
    for index, method in enumerate(methods):
        _one_of(method, METHODS, f"{path}.methods[{index}]")
    return Service(
        cadence_days=_number(service.get("cadence_days"), f"{path}.cadence_days", MAX_CADENCE),
        methods=methods,
        owner=_one_of(service.get("owner", "any"), OWNERS, f"{path}.owner"),
        promise=_text(service["promise"], f"{path}.promise") if "promise" in service else None,
        content=_text(service["content"], f"{path}.content") if "content" in service else None,
        sla_hours=_number(service.get("sla_hours"), f"{path}.sla_hours", MAX_SLA),
    )


def _twice(key: str, path: str) -> PackError:
    zh = f"{key} 出现了两次。每个键在同一处只能用一次。"
    return PackError(zh, f"{key} stands here twice; a key may be used once in a place.", path=path)


def _mapping(data: object, path: str) -> Mapping[str, object]:
    if isinstance(data, Mapping):
        return data
    zh = "应为一个对象（键和值）。"
    raise PackError(zh, f"expected an object with keys, found {type(data).__name__}.", path=path)


def _list(data: object, path: str) -> Sequence[object]:
    if isinstance(data, Sequence) and not isinstance(data, str):
        if len(data) > MAX_ITEMS:
            raise PackError(f"最多 {MAX_ITEMS} 项。", f"at most {MAX_ITEMS} items.", path=path)
        return data
    raise PackError("应为列表。", "expected a list.", path=path)


def _words(data: object, path: str) -> tuple[str, ...]:
    return tuple(_word(item, f"{path}[{index}]") for index, item in enumerate(_list(data, path)))


def _word(data: object, path: str) -> str:
    if isinstance(data, str):
        return data
    raise PackError("应为文字。", "expected text.", path=path)


def _number(data: object, path: str, most: int) -> int | None:
    if data is None:
        return None
    if isinstance(data, int) and not isinstance(data, bool) and 0 < data <= most:
        return data
    raise PackError(f"应为 1 到 {most} 的整数。", f"expected a whole number from 1 to {most}.", path=path)


def _one_of(data: object, known: Sequence[str], path: str) -> str:
    if isinstance(data, str) and data in known:
        return data
    zh, en = suggestion(str(data), known)
    raise PackError(
        f"没有 {data} 这个选项，可用：{'、'.join(known)}。{zh}",
        f"there is no choice {data}; use {', '.join(known)}.{en}",
        path=path,
    )


def _key(data: object, path: str) -> str:
    if isinstance(data, str) and _KEY.fullmatch(data):
        return data
    raise PackError(
        f"键应由小写字母开头，只含小写字母、数字和下划线，这里是 {data!r}。",
        f"a key starts with a small letter and holds small letters, digits and _; found {data!r}.",
        path=path,
    )


def _text(data: object, path: str) -> Text:
    if isinstance(data, Mapping) and set(data) == {"zh", "en"}:
        zh, en = data["zh"], data["en"]
        if isinstance(zh, str) and zh.strip() and isinstance(en, str) and en.strip():
            return Text(zh, en)
    raise PackError(
        "应写成 {zh: 中文, en: English}，两种语言都要有。",
        "expected {zh: …, en: …} with text in both languages.",
        path=path,
    )


def _known(data: Mapping[str, object], known: Sequence[str], path: str) -> None:
    for key in data:
        if key not in known:
            zh, en = suggestion(str(key), known)
            raise PackError(
                f"不认识的键 {key}，这里可以有：{'、'.join(known)}。{zh}",
                f"unknown key {key}; these may stand here: {', '.join(known)}.{en}",
                path=path,
            )
