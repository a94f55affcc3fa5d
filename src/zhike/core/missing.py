"""Which of the fields that nobody has filled in would decide a customer's class.

Each missing field is tried with the values that the conditions ask for; where one of them leads to another
class, the field decides. Nothing is folded again: the other facts stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from zhike.core.conditions.nodes import InPeriod, Span, Test, leaves
from zhike.core.facts import Facts, FieldType, Ref
from zhike.core.schemes import place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from zhike.core.facts import FieldSet, Value
    from zhike.core.schemes import Scheme

MOST_TRIED = 40
_FAR = timedelta(days=4000)


@dataclass(frozen=True, slots=True)
class Deciding:
    """A missing field and the dimensions whose class its value would change, those that wait for it first."""

    ref: Ref
    dimensions: tuple[str, ...]


def deciding_fields(
    schemes: Sequence[Scheme], facts: Facts, fields: FieldSet, *, waiting: Collection[str] = ()
) -> list[Deciding]:
    """Return the missing fields that would decide something, those that would decide most first.

    `waiting` are the dimensions that are undecided for want of data: a field that decides one of them comes
    before all others; then come those in which the customer only has the default.
    """
    found: list[tuple[tuple[int, ...], Deciding]] = []
    for ref in _missing(schemes, facts):
        values = list(_tried(ref, schemes, fields, facts.as_of))
        moved = [scheme for scheme in schemes if ref in scheme.refs() and _moves(scheme, ref, values, facts)]
        if moved:
            ranked = sorted(moved, key=lambda scheme: _rank(scheme, facts, waiting))
            weight = (*sorted(_rank(scheme, facts, waiting) for scheme in moved)[:1], -len(moved))
            found.append((weight, Deciding(ref, tuple(scheme.dimension for scheme in ranked))))
    return [one for _weight, one in sorted(found, key=lambda pair: (pair[0], str(pair[1].ref)))]


def _missing(schemes: Iterable[Scheme], facts: Facts) -> list[Ref]:
    refs = {ref for scheme in schemes for ref in scheme.refs() if ref.source in {"customer", "custom"}}
    values = facts.values()
    return sorted((ref for ref in refs if ref in values and values[ref] in (None, frozenset())), key=str)


def _rank(scheme: Scheme, facts: Facts, waiting: Collection[str]) -> int:
    if scheme.dimension in waiting:
        return 0
    return 1 if place(scheme, facts) is scheme.default else 2


def _moves(scheme: Scheme, ref: Ref, values: Iterable[Value], facts: Facts) -> bool:
    now = place(scheme, facts).key
    return any(
        place(scheme, Facts({**facts.values(), ref: value}, as_of=facts.as_of, zone=facts.zone)).key != now
        for value in values
    )


def _tried(ref: Ref, schemes: Iterable[Scheme], fields: FieldSet, as_of: date) -> Iterator[Value]:
    """Yield values on either side of every test of the field, each once."""
    seen: set[Value] = set()
    field = fields.get(ref.field)
    tests = [
        test
        for scheme in schemes
        for class_ in scheme.classes
        if class_.when is not None
        for test in leaves(class_.when)
        if test.ref == ref
    ]
    candidates = [value for test in tests for value in _values(test, as_of)]
    if field is not None and field.choices:
        candidates += [frozenset({key}) if field.type is FieldType.SET else key for key in field.choices]
    for value in candidates:
        if value not in seen and len(seen) < MOST_TRIED:
            seen.add(value)
            yield value


def _values(test: Test, as_of: date) -> Iterator[Value]:
    value = test.value
    match test.type:
        case FieldType.BOOL:
            yield from (True, False)
        case FieldType.INTEGER | FieldType.DECIMAL:
            yield from _numbers(value, test.type)
        case FieldType.DATE:
            yield from _days(value, as_of)
        case FieldType.DATETIME:
            for day in _days(value, as_of):
                if isinstance(day, date):
                    yield datetime.fromisoformat(f"{day.isoformat()}T12:00:00+00:00")
        case FieldType.SET:
            items = value if isinstance(value, tuple) else (value,)
            words = [str(item) for item in items if item is not None]
            yield from (frozenset({word}) for word in words)
            yield frozenset(words or ["…"])
        case FieldType.TEXT | FieldType.CHOICE:
            items = value if isinstance(value, tuple) else (value,)
            yield from (item for item in items if isinstance(item, str))
            if test.type is FieldType.TEXT:
                yield "…"


def _numbers(value: object, type_: FieldType) -> Iterator[Value]:
    items = value if isinstance(value, tuple) else (value,)
    numbers = [item for item in items if isinstance(item, int | Decimal) and not isinstance(item, bool)] or [0]
    for number in numbers:
        for step in (-1, 0, 1):
            yield int(number) + step if type_ is FieldType.INTEGER else Decimal(number) + step


def _days(value: object, as_of: date) -> Iterator[Value]:
    items = value if isinstance(value, tuple) else (value,)
    for item in items:
        if isinstance(item, date) and not isinstance(item, datetime):
            yield from (item - timedelta(days=1), item, item + timedelta(days=1))
        elif isinstance(item, Span | InPeriod) or item is None:
            yield from (as_of, as_of - timedelta(days=1), as_of + timedelta(days=1), as_of - _FAR, as_of + _FAR)
