"""One line of evidence for a class: the values that decided, as they were then."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from zhike.classification.queries import reasons
from zhike.core.conditions.nodes import All, Any, Not, Test, leaves
from zhike.core.facts import Facts, value_from_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from zhike.classification.models import Placement
    from zhike.classification.queries import Reasons
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
    found = _reasons(rules.scheme(dimension), data.get("reason"), zone)
    return _words(found, str(data.get("from")), writer) if found else ""


def ruled_evidence(placement: Placement, rules: Rulebook, writer: Writer, zone: ZoneInfo, *, left: str) -> str:
    """Return what decided that the rules give what they give, and no longer the class that was `left`.

    Nothing when the rules in force would say otherwise of the values that were seen.
    """
    if placement.dimension in rules.broken or placement.dimension not in rules.versions:
        return ""
    found = _reasons(rules.scheme(placement.dimension), placement.reason, zone)
    if found is None or found.class_.key != placement.computed_key:
        return ""
    return _words(found, left, writer)


def _reasons(scheme: Scheme, reason: object, zone: ZoneInfo) -> Reasons | None:
    """Try the classes again on the values that were kept; None unless all was kept that the rules read."""
    match reason:
        case {"as_of": str() as day, "values": dict() as stored}:
            types = {test.ref: test.type for c in scheme.classes if c.when is not None for test in leaves(c.when)}
            if not all(str(ref) in stored for ref in types):
                return None
            values = {ref: value_from_json(stored[str(ref)], type_) for ref, type_ in types.items()}
            return reasons(scheme, Facts(values, as_of=date.fromisoformat(day), zone=zone))
        case _:
            return None


def _words(found: Reasons, left: str, writer: Writer) -> str:
    """Return the values that put the customer into the class, else those that took them out of the one left."""
    before = next((tried for tried in found.tried if tried.class_.key == left), None)
    if found.class_.when is not None:
        tests = deciding(found.tried[-1].explained, met=True)
    elif before is not None:
        tests = deciding(before.explained, met=False)
    else:
        return ""
    words = [f"{writer.name(test)} {writer.value(test, seen.seen)}" for seen, test in tests if seen.seen is not None]
    return " · ".join(list(dict.fromkeys(words))[:MOST])


def deciding(explained: Explained, *, met: bool) -> Iterator[tuple[Explained, Test]]:
    """Yield the tests that by themselves make the answer what it is."""
    match explained.node:
        case Test() as test:
            yield explained, test
        case Not():
            yield from deciding(explained.children[0], met=not met)
        case All() | Any():
            every = isinstance(explained.node, All) == met
            agreeing = [child for child in explained.children if child.met == met]
            for child in agreeing if every else agreeing[:1]:
                yield from deciding(child, met=met)
