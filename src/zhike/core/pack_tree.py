"""Packs as trees, to be compared and merged: what has a key is found by it, what goes without saying is left out.

    {"label": …, "fields": {name: {…}}, "dimensions": {key: {…, "classes": {key: {…}}, "default": {…}}},
     "plans": {key: {…}}}

The order of dimensions and classes is that of their dicts. The data must have been checked
(`parse_pack`); `data_of` writes it back in the form and order of a pack's file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from zhike.core.conditions.quantiles import KEY, NUMBER
from zhike.core.schemes import OVERRIDE_DAYS, WARN_DAYS

# Dicts of JSON values: their shape follows from where they stand.
type Tree = dict[str, Any]
type Path = tuple[str, ...]

OWN = "custom."

# Every key in the order in which it is written, with the value that goes without saying.
_FIELD: Mapping[str, Any] = {"type": None, "label": None, "choices": None}
_DIMENSION: Mapping[str, Any] = {
    "key": None,
    "label": None,
    "icon": "",
    "mode": "auto",
    "override_days": OVERRIDE_DAYS,
    "classes": [],
    "default": None,
}
_CLASS: Mapping[str, Any] = {
    "key": None,
    "label": None,
    "aliases": [],
    "definition": None,
    "tone": "ink",
    "icon": "",
    "level": None,
    "look": "filled",
    "rank": None,
    "hold_days": 1,
    "demote": "now",
    "warn_days": WARN_DAYS,
    "needs_evidence": True,
    "when": None,
    "service": {},
}
_SERVICE: Mapping[str, Any] = {
    "cadence_days": None,
    "methods": [],
    "owner": "any",
    "promise": None,
    "content": None,
    "sla_hours": None,
}
_PLAN: Mapping[str, Any] = dict.fromkeys(("key", "name", "purpose", "short_goal", "long_goal", "starts", "steps"))
_STARTS: Mapping[str, Any] = {"trigger": "hand", "dimension": "", "class": "", "product": ""}
_STEP: Mapping[str, Any] = {
    "key": None,
    "name": None,
    "method": None,
    "offset": 0,
    "after": "start",
    "working_days": True,
    "who": "owner",
    "talk_track": None,
    "material": None,
    "form": [],
}
# The same for texts, conditions and quantiles: a database keeps the keys of an object in an order of its own.
_USUAL = ("zh", "en", "all", "any", "not", "everyone", "field", "over", "op", "value", KEY, NUMBER)


def is_branch(path: Path) -> bool:
    """Say whether what stands there is looked into; else it is one value, changed as a whole."""
    match path:
        case () | ("fields",) | ("fields", _) | ("fields", _, "choices"):
            return True
        case ("dimensions",) | ("dimensions", _) | ("dimensions", _, "classes" | "default"):
            return True
        case ("dimensions", _, "classes", _):
            return True
        case ("plans",) | ("plans", _):
            return True
    return is_service(path)


def is_service(path: Path) -> bool:
    """Say whether there stands the service policy of a class, which says nothing when it is empty."""
    match path:
        case ("dimensions", _, "classes", _, "service") | ("dimensions", _, "default", "service"):
            return True
    return False


def is_list(path: Path) -> bool:
    """Say whether what stands there has an order that means something, and members that come and go."""
    match path:
        case ("fields",) | ("fields", _, "choices") | ("dimensions",) | ("dimensions", _, "classes") | ("plans",):
            return True
    return False


def is_default(path: Path) -> bool:
    """Say whether there stands a dimension's default, which may become another class altogether."""
    match path:
        case ("dimensions", _, "default"):
            return True
    return False


def tree_of(data: Mapping[str, Any]) -> Tree:
    """Return a pack's data as a tree."""
    tree: Tree = {name: json_of(data[name]) for name in ("label", "description") if name in data}
    tree["fields"] = {str(name): _field(raw) for name, raw in data.get("fields", {}).items()}
    tree["dimensions"] = {raw["key"]: _dimension(raw) for raw in data["dimensions"]}
    tree["plans"] = {raw["key"]: _plan(raw) for raw in data.get("plans", [])}
    return tree


def _field(raw: str | Mapping[str, Any]) -> Tree:
    return {"type": raw} if isinstance(raw, str) else _said(raw, _FIELD)


def _dimension(raw: Mapping[str, Any]) -> Tree:
    tree = _said({**raw, "classes": [], "default": None}, _DIMENSION)
    del tree["key"]
    tree["classes"] = {item["key"]: _class(item) for item in raw.get("classes", [])}
    for key in tree["classes"]:
        del tree["classes"][key]["key"]
    tree["default"] = _class(raw["default"])
    return tree


def _class(raw: Mapping[str, Any]) -> Tree:
    tree = _said(raw, _CLASS)
    if tree.get("rank") == tree.get("level"):
        tree.pop("rank", None)
    service = _said(raw.get("service", {}), _SERVICE)
    return {**tree, "service": service} if service else tree


def _plan(raw: Mapping[str, Any]) -> Tree:
    tree = _said({name: value for name, value in raw.items() if name != "key"}, _PLAN)
    starts = _said(tree.pop("starts", {}), _STARTS)
    tree |= {"starts": starts} if starts else {}
    return {**tree, "steps": [_said(step, _STEP) for step in raw["steps"]]}


def _said(raw: Mapping[str, Any], keys: Mapping[str, Any]) -> Tree:
    """Return the keys that say something, in their order."""
    return {
        name: json_of(raw[name])
        for name, usual in keys.items()
        if name in raw and raw[name] is not None and raw[name] != usual
    }


def json_of(value: object) -> Any:  # noqa: ANN401  as JSON has it
    """Return a copy as JSON stores it, with the keys in the usual order."""
    match value:
        case Mapping():
            names = [name for name in _USUAL if name in value]
            names += [name for name in value if name not in names]
            return {str(name): json_of(value[name]) for name in names}
        case date():
            return value.isoformat()
        case Sequence() if not isinstance(value, str):
            return [json_of(item) for item in value]
        case _:
            return value


def data_of(tree: Tree, *, key: str, version: int) -> dict[str, Any]:
    """Return a tree as the data of a pack, in the order in which a file has it."""
    data: dict[str, Any] = {"pack": key, "version": version}
    data |= {name: tree[name] for name in ("label", "description") if name in tree}
    if tree["fields"]:
        data["fields"] = {name: _field_data(field) for name, field in tree["fields"].items()}
    data["dimensions"] = [_dimension_data(name, dimension) for name, dimension in tree["dimensions"].items()]
    if tree.get("plans"):
        data["plans"] = [_in_order({"key": key, **plan}, _PLAN) for key, plan in tree["plans"].items()]
    return data


def _field_data(field: Tree) -> object:
    return field["type"] if list(field) == ["type"] else _in_order(field, _FIELD)


def _dimension_data(key: str, dimension: Tree) -> dict[str, Any]:
    classes = [_class_data({"key": name, **class_}) for name, class_ in dimension["classes"].items()]
    changed = {"key": key, **dimension, "classes": classes, "default": _class_data(dimension["default"])}
    return _in_order(changed, _DIMENSION)


def _class_data(class_: Tree) -> dict[str, Any]:
    data = _in_order(class_, _CLASS)
    if "service" in data:
        data["service"] = _in_order(data["service"], _SERVICE)
    return data


def _in_order(tree: Tree, keys: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tree[name] for name in keys if name in tree}


def fields_read(data: object) -> set[str]:
    """Return the names of the own fields that conditions anywhere in the data read."""
    match data:
        case Mapping():
            found = {name for item in data.values() for name in fields_read(item)}
            field = data.get("field")
            return found | {field.removeprefix(OWN)} if isinstance(field, str) and field.startswith(OWN) else found
        case list():
            return {name for item in data for name in fields_read(item)}
        case _:
            return set()


def same(one: object, other: object) -> bool:
    """Say whether two values mean the same. The number of a quantile follows from the customers, so it says nothing."""
    return _meant(one) == _meant(other)


def _meant(value: object) -> object:
    match value:
        case Mapping():
            return {name: _meant(item) for name, item in value.items() if not (name == NUMBER and KEY in value)}
        case list():
            return [_meant(item) for item in value]
        case _:
            return value
