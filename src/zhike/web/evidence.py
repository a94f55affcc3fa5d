"""One line of evidence for a class change: the values that decided, as they were then."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from zhike.classification.queries import reasons
from zhike.core.conditions.nodes import All, Any, Not, Test, leaves
from zhike.core.facts import Facts, value_from_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from zhike.classification.rules import Rulebook
    from zhike.core.conditions.describe import Writer
    from zhike.core.conditions.evaluate import Explained
    from zhike.core.schemes import Scheme

MOST = 2


def evidence(data: Mapping[str, object], rules: Rulebook, writer: Writer, zone: ZoneInfo) -> str:
    """Return what decided a `class.changed` event; nothing when its rules are no longer in force."""
    dimension = str(data.get("dimension"))
    version = rules.versions.get(dimension)
    if version is None or version.number != data.get("version") or dimension in rules.broken:
        return ""
    scheme = rules.scheme(dimension)
    facts = _facts(data.get("reason"), scheme, zone)
    if facts is None:
        return ""
    found = reasons(scheme, facts)
    left = next((tried for tried in found.tried if tried.class_.key == data.get("from")), None)
    if found.class_.when is not None:
        deciding = _deciding(found.tried[-1].explained, met=True)
    elif left is not None:
        deciding = _deciding(left.explained, met=False)
    else:
        return ""
    words = [f"{writer.name(test)} {writer.value(test, seen.seen)}" for seen, test in deciding if seen.seen is not None]
    return " · ".join(list(dict.fromkeys(words))[:MOST])


def _facts(reason: object, scheme: Scheme, zone: ZoneInfo) -> Facts | None:
    """Return the facts that the event kept; None unless it kept all that the rules read."""
    match reason:
        case {"as_of": str() as day, "values": dict() as stored}:
            types = {test.ref: test.type for c in scheme.classes if c.when is not None for test in leaves(c.when)}
            if not all(str(ref) in stored for ref in types):
                return None
            values = {ref: value_from_json(stored[str(ref)], type_) for ref, type_ in types.items()}
            return Facts(values, as_of=date.fromisoformat(day), zone=zone)
        case _:
            return None


def _deciding(explained: Explained, *, met: bool) -> Iterator[tuple[Explained, Test]]:
    """Yield the tests that by themselves make the answer what it is."""
    match explained.node:
        case Test() as test:
            yield explained, test
        case Not():
            yield from _deciding(explained.children[0], met=not met)
        case All() | Any():
            every = isinstance(explained.node, All) == met
            agreeing = [child for child in explained.children if child.met == met]
            for child in agreeing if every else agreeing[:1]:
                yield from _deciding(child, met=met)
