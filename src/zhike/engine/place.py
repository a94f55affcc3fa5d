"""Places any number of customers: the class of each in every dimension, and when time alone moves it.

    placed = place(schemes, people, events, as_of=day, zone=zone)

`people` has an integer `customer`, typed columns named as conditions name them (`customer.region`,
`custom.age`; decimals in ten-thousandths) and, where a person fixed a class, `fixed.<dimension>`.
`events` has `customer`, `day`, `kind`, `amount` and the data that metrics read.
The answer has `people`'s columns, all facts, and for each dimension its class and next change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from zhike.core.conditions.resolve import resolve
from zhike.core.schemes import in_dependency_order
from zhike.engine import facts as engine_facts
from zhike.engine.conditions import expression, first_match, tests_of
from zhike.engine.projection import Projection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.core.schemes import Scheme
    from zhike.engine.facts import Needed
    from zhike.engine.polars import Frame


def class_column(dimension: str) -> str:
    return f"class.{dimension}"


def next_change_column(dimension: str) -> str:
    return f"next_change.{dimension}"


def fixed_column(dimension: str) -> str:
    return f"fixed.{dimension}"


def place(  # noqa: PLR0913  each is one thing that an answer depends on
    schemes: Sequence[Scheme],
    people: Frame,
    events: Frame,
    *,
    as_of: date,
    zone: ZoneInfo,
    next_changes: bool = True,
    also: Sequence[Needed] = (),
) -> Frame:
    """Return each customer's facts, class (`class.<dimension>`) and `next_change.<dimension>`.

    `also` are facts that no condition reads but the caller wants.
    """
    ordered = in_dependency_order(schemes)
    ago = engine_facts.Ago(events, as_of)
    facts = dict.fromkeys([*engine_facts.needed(tests_of(ordered)), *also])
    frame = engine_facts.build(people, ago, list(facts), as_of)
    for scheme in ordered:
        frame = _with_class(frame, scheme, as_of, zone)
    if not next_changes:
        return frame
    for changes in Projection(ordered, frame, ago, as_of, zone).next_changes(ordered):
        frame = frame.join(changes, on="customer", how="left")
    return frame


def _with_class(frame: Frame, scheme: Scheme, as_of: date, zone: ZoneInfo) -> Frame:
    placed = first_match(
        scheme, [expression(resolve(c.when, as_of, zone)) for c in scheme.classes if c.when is not None]
    )
    fixed = fixed_column(scheme.dimension)
    if fixed in frame.columns:
        placed = nw.coalesce(nw.col(fixed), placed)
    return frame.with_columns(placed.alias(class_column(scheme.dimension)))
