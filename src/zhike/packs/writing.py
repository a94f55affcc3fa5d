"""Writes a pack as YAML that reads like the shipped ones: one line a test, texts of both languages side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, override

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE = 118
_LEVEL = 2


class _Inline(dict[str, Any]):
    """A mapping that is written on one line."""


class _InlineList(list[Any]):
    """A list that is written on one line."""


def write_yaml(data: Mapping[str, Any]) -> str:
    """Return the YAML of a pack's data, its keys in the order in which they are."""
    return yaml.dump(
        _shaped(data, 0),
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=10_000,  # a line is broken by structure only
    )


def _shaped(value: Any, depth: int) -> Any:  # noqa: ANN401  as YAML has it
    """Mark what stands on one line: small mappings of plain values, and lists of words."""
    match value:
        case dict() if _is_small(value) and _length(value) + depth * _LEVEL <= _LINE:
            return _Inline({name: _inline(item) for name, item in value.items()})
        case dict():
            return {name: _shaped(item, depth + 1) for name, item in value.items()}
        case list() if not any(isinstance(item, dict) for item in value):
            return _InlineList(value)
        case list():
            return [_shaped(item, depth + 1) for item in value]
        case _:
            return value


def _inline(value: Any) -> Any:  # noqa: ANN401  as YAML has it
    match value:
        case dict():
            return _Inline({name: _inline(item) for name, item in value.items()})
        case list():
            return _InlineList(value)
        case _:
            return value


def _is_small(value: dict[str, Any]) -> bool:
    """Say whether it is a test, a text, a field or a span: nothing that has members of its own."""
    if "op" in value or "type" in value:
        return True
    return bool(value) and all(not isinstance(item, dict | list) for item in value.values()) and "key" not in value


def _length(value: object) -> int:
    """Return how long it is on one line; 汉字 are as wide as two letters."""
    text = str(value)
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)  # noqa: PLR2004  where 汉字 begin


class _Dumper(yaml.SafeDumper):
    @override
    def ignore_aliases(self, data: Any) -> bool:
        return True  # the loader refuses them

    @override
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _inline_mapping(dumper: _Dumper, data: _Inline) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)


def _inline_sequence(dumper: _Dumper, data: _InlineList) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)


_Dumper.add_representer(_Inline, _inline_mapping)
_Dumper.add_representer(_InlineList, _inline_sequence)
