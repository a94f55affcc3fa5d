"""「为什么」: a class taken apart into its conditions, with the customer's own values beside the bounds.

Where a person set the class, or the rules' other class waits for one, what is taken apart is what the
rules alone say, and the class that holds stands above it with who decided and why. The values are
today's as long as they lead to what is stored; while a due change has not been made yet, they are
those that were seen when the class was given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zhike.classification.queries import Reasons, reasons_then
from zhike.core.changes import Teller
from zhike.core.conditions.nodes import All, Any, Not, Test
from zhike.core.dates import local_day
from zhike.core.schemes import is_undetermined
from zhike.privacy.profiling import bar_of
from zhike.web.chips import class_chip, pending_chip

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from zhike.base.chips import Chip
    from zhike.classification.models import Override, Placement
    from zhike.classification.queries import Story
    from zhike.classification.then import Then
    from zhike.core.conditions.describe import Writer
    from zhike.core.conditions.evaluate import Explained
    from zhike.core.facts import Value
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language

# Where a bar ends: a quarter beyond the value or the bound, whichever is greater.
ROOM = 1.25


@dataclass(frozen=True, slots=True)
class Line:
    """One condition. `kind` is test, all, any or not; only a test has words and a bar."""

    kind: str
    met: bool
    name: str = ""
    bound: str = ""
    value: str = ""
    bar: tuple[int, int] | None = None  # value and bound in per cent of the scale
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A class that does not fit, with its condition taken apart."""

    label: str
    line: Line
    is_nearest: bool = False

    @property
    def tests(self) -> int:
        return sum(1 for _ in _tests(self.line))

    @property
    def met(self) -> int:
        return sum(line.met for line in _tests(self.line))


@dataclass(frozen=True, slots=True)
class Held:
    """What a person decided: the class stands until a day, or for ever."""

    pk: int
    by: str
    reason: str
    since: date
    until: date | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Why:
    """Everything the panel shows about one class of one customer.

    `ruled` is the chip of what the rules alone say, where another class holds. `hold_days`: that class
    fits already and has to come out for so many days in a row before it is entered.
    """

    dimension: str
    chip: Chip
    label: str
    definition: str
    undetermined: bool
    by: str  # rule, model or person
    version: int
    since: date
    days: int
    as_of: date
    held: Held | None
    ruled: Chip | None
    waits: bool
    hold_days: int
    own: Line | None  # the condition of the class that the rules give; the default has none
    passed: Sequence[Part]  # the classes that were tried before and do not fit
    changes: Sequence[str]
    told: Chip | None = None  # of a past day: what was told then, where that is another class
    is_by_first: bool = False  # of a past day: there were no rules yet, and the first ones tell it


def why(told: Story, dimension: str, writer: Writer, *, override: Override | None = None) -> Why:
    """Explain a class. Raises `KeyError` when the customer has none in this dimension."""
    placement = told.placements[dimension]
    if bar_of(told.customer):
        return _by_hand(told, placement, writer.language, override)
    found = _reasons(told, placement)
    scheme, language = found.reasons.scheme, writer.language
    own = next((tried for tried in found.reasons.tried if tried.class_ is found.reasons.class_), None)
    teller = Teller(scheme, told.rules.fields, language, writer.currency)
    is_other = found.is_early or placement.class_key != placement.computed_key
    return Why(
        dimension=scheme.label.get(language),
        chip=class_chip(scheme, placement.class_key, language, source=placement.source),
        label=_label(scheme, placement.class_key, language),
        definition=_definition(scheme, placement.class_key, language),
        undetermined=not is_other and is_undetermined(scheme, placement.class_key, found.reasons.facts),
        by=placement.source,
        version=placement.version.number,
        since=placement.since,
        days=(told.as_of - placement.since).days,
        as_of=found.reasons.facts.as_of,
        held=_held(override, told) if override and placement.source == "person" else None,
        ruled=pending_chip(scheme, found.reasons.class_.key, language) if is_other else None,
        waits=placement.waits,
        hold_days=found.reasons.class_.hold_days if found.is_early else 0,
        own=_line(own.explained, writer) if own else None,
        passed=_with_nearest(
            [
                Part(tried.class_.label.get(language), _line(tried.explained, writer))
                for tried in found.reasons.tried
                if tried is not own
            ]
        ),
        changes=[teller.sentence(change, told.as_of) for change in told.changes(dimension)]
        if dimension not in told.rules.paused
        else [],
    )


def why_then(found: Then, dimension: str, writer: Writer) -> Why:
    """Explain the class of a past day, by what is known today and the rules of that day."""
    reasons, told = found.reasons(dimension), found.told.get(dimension)
    scheme, language = reasons.scheme, writer.language
    key, ruled = found.class_of(dimension), found.computed(dimension)
    own = next((tried for tried in reasons.tried if tried.class_ is reasons.class_), None)
    by = "person" if dimension in found.history.fixed else "rule"
    since = told.since if told and not found.differs(dimension) else found.day
    return Why(
        dimension=scheme.label.get(language),
        chip=class_chip(scheme, key, language, source=by),
        label=_label(scheme, key, language),
        definition=_definition(scheme, key, language),
        undetermined=key == ruled and is_undetermined(scheme, key, found.facts),
        by=by,
        version=found.rules.versions[dimension].number,
        since=since,
        days=(found.day - since).days,
        as_of=found.day,
        held=None,
        ruled=pending_chip(scheme, reasons.class_.key, language) if reasons.class_.key != key else None,
        waits=False,
        hold_days=reasons.class_.hold_days if ruled != reasons.class_.key else 0,
        own=_line(own.explained, writer) if own else None,
        passed=_with_nearest(
            [Part(t.class_.label.get(language), _line(t.explained, writer)) for t in reasons.tried if t is not own]
        ),
        changes=(),
        told=class_chip(scheme, told.class_key, language) if told and found.differs(dimension) else None,
        is_by_first=dimension in found.early,
    )


def _held(override: Override, told: Story) -> Held:
    until = override.expires_on
    return Held(
        pk=override.pk,
        by=override.by.name if override.by else "",
        reason=override.reason,
        since=local_day(override.created_at, told.history.zone),
        until=until,
        days_left=(until - told.as_of).days if until else None,
    )


def _by_hand(told: Story, placement: Placement, language: Language, override: Override | None) -> Why:
    """Return what a person has set of somebody about whom no rule is asked."""
    scheme = told.rules.scheme(placement.dimension)
    return Why(
        dimension=scheme.label.get(language),
        chip=class_chip(scheme, placement.class_key, language, source=placement.source),
        label=_label(scheme, placement.class_key, language),
        definition=_definition(scheme, placement.class_key, language),
        undetermined=False,
        by=placement.source,
        version=placement.version.number,
        since=placement.since,
        days=(told.as_of - placement.since).days,
        as_of=told.as_of,
        held=_held(override, told) if override else None,
        ruled=None,
        waits=False,
        hold_days=0,
        own=None,
        passed=(),
        changes=(),
    )


def _label(scheme: Scheme, key: str, language: Language) -> str:
    return next((c.label.get(language) for c in scheme.classes if c.key == key), key)


def _definition(scheme: Scheme, key: str, language: Language) -> str:
    return next((c.definition.get(language) for c in scheme.classes if c.key == key), "")


@dataclass(frozen=True, slots=True)
class _Found:
    """Reasons for what the rules say. `is_early`: the class fits, but has not for as long as it must."""

    reasons: Reasons
    is_early: bool = False


def _reasons(told: Story, placement: Placement) -> _Found:
    """Return the reasons by today's values if they lead to what is stored, else those of then."""
    today = told.reasons(placement.dimension)
    if today.class_.key == placement.computed_key:
        return _Found(today)
    if told.ruled(placement.dimension) == placement.computed_key:
        return _Found(today, is_early=True)
    then = reasons_then(placement.version, placement.reason, told.history.zone)
    return _Found(then if then and then.class_.key == placement.computed_key else today)


def _line(explained: Explained, writer: Writer) -> Line:
    lines = [_line(child, writer) for child in explained.children]
    match explained.node:
        case Test() as test:
            return Line(
                "test",
                explained.met,
                name=writer.name(test),
                bound=writer.bound(test),
                value=writer.value(test, explained.seen),
                bar=None if test.ref.field in writer.unreadable else _bar(test, explained.seen),
            )
        case All():
            return Line("all", explained.met, lines=lines)
        case Any():
            return Line("any", explained.met, lines=lines)
        case Not():
            return Line("not", explained.met, lines=lines)


def _tests(line: Line) -> Iterator[Line]:
    if line.kind == "test":
        yield line
    for child in line.lines:
        yield from _tests(child)


def _with_nearest(parts: list[Part]) -> list[Part]:
    """Mark the class of which the largest share of conditions holds: it is shown opened."""
    if not parts:
        return parts
    nearest = max(parts, key=lambda part: part.met / part.tests if part.tests else 0)
    return [replace(part, is_nearest=part is nearest) for part in parts]


def _bar(test: Test, seen: Value) -> tuple[int, int] | None:
    """Return value and bound on one scale, where both are numbers and the bound is not 0."""
    bound = test.value
    if not isinstance(bound, int) or isinstance(bound, bool) or bound <= 0 or test.op in {"eq", "ne"}:
        return None
    value = max(seen, 0) if isinstance(seen, int) else 0
    scale = max(value, bound) * ROOM
    return round(100 * value / scale), round(100 * bound / scale)
