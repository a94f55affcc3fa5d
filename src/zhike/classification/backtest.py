"""What customers did after a past day, by the class that a draft and the rules in force would have given.

Both sets of rules place the customers as of each day from the events up to it; fields are those of
today, since nobody knows better. Then the days after are looked at: who bought, for how much, who
was not heard of again. By whole numbers, so that shares can be told with what they rest on.
"""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any, TypedDict

import narwhals as nw

from zhike.classification.frames import events_frame, people_frame
from zhike.core.conditions.nodes import leaves
from zhike.core.dates import add_days
from zhike.core.metrics import METRICS
from zhike.engine.place import class_column, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.core.facts import FieldType, Ref
    from zhike.core.schemes import Scheme
    from zhike.engine.polars import Frame

CHUNK = 10_000
ORDERS = METRICS["orders"].kinds
REFUNDS = METRICS["revenue"].minus
SIGNS_OF_LIFE = (*METRICS["interactions"].kinds, *ORDERS, *METRICS["page_views"].kinds)


class Outcome(TypedDict):
    """What the customers of one class did in the days after. `revenue` in minor units; `lost`: nothing was heard."""

    customers: int
    bought: int
    revenue: int
    again: int
    lost: int


def nothing() -> Outcome:
    return Outcome(customers=0, bought=0, revenue=0, again=0, lost=0)


type Side = dict[str, Outcome]


def back_test(
    ids: Iterable[int],
    sides: Mapping[str, tuple[Sequence[Scheme], str]],
    days: Sequence[date],
    *,
    outcome_days: int,
    zone: ZoneInfo,
    progress: Callable[[int, int], None],
) -> dict[str, dict[str, Side]]:
    """Return day → side → class → outcome. `sides` are the schemes to try, and the dimension that is looked at."""
    found: dict[str, dict[str, Side]] = {day.isoformat(): {side: {} for side in sides} for day in days}
    wanted = list(ids)
    done = 0
    for chunk in batched(wanted, CHUNK):
        events = events_frame(chunk)
        for day in days:
            known = _begun(people_frame(chunk, _fields(sides)), events, day)
            after = _outcomes(events, day, outcome_days)
            for side, (schemes, dimension) in sides.items():
                placed = place(schemes, known, events, as_of=day, zone=zone, next_changes=False)
                _add(found[day.isoformat()][side], placed, class_column(dimension), after)
        done += len(chunk)
        progress(done, len(wanted))
    return found


def _fields(sides: Mapping[str, tuple[Sequence[Scheme], str]]) -> dict[Ref, FieldType]:
    tests = [
        test
        for schemes, _ in sides.values()
        for scheme in schemes
        for class_ in scheme.classes
        if class_.when is not None
        for test in leaves(class_.when)
    ]
    return {test.ref: test.type for test in tests if test.ref.source in {"customer", "custom"}}


def _begun(people: Frame, events: Frame, day: date) -> Frame:
    """Keep those whose record had begun by that day."""
    seen = events.filter(nw.col("day") <= day).select("customer").unique("customer")
    created = people.filter((nw.col("customer.created_on") <= day).fill_null(value=False)).select("customer")
    return people.join(nw.concat([seen, created]).unique("customer"), on="customer", how="semi")


def _outcomes(events: Frame, day: date, outcome_days: int) -> Frame:
    """Return (customer, orders, revenue, signs) of the days after a day."""
    later = events.filter((nw.col("day") > day) & (nw.col("day") <= add_days(day, outcome_days)))
    is_order, is_refund = nw.col("kind").is_in(ORDERS), nw.col("kind").is_in(REFUNDS)
    marked = later.with_columns(
        nw.when(is_order).then(nw.lit(1)).otherwise(nw.lit(0)).alias("orders"),
        nw.when(is_order)
        .then(nw.col("amount"))
        .otherwise(nw.when(is_refund).then(-nw.col("amount")).otherwise(nw.lit(0)))
        .alias("revenue"),
        nw.when(nw.col("kind").is_in(SIGNS_OF_LIFE)).then(nw.lit(1)).otherwise(nw.lit(0)).alias("signs"),
    )
    return marked.group_by("customer").agg(nw.col("orders").sum(), nw.col("revenue").sum(), nw.col("signs").sum())


def _add(side: Side, placed: Frame, column: str, after: Frame) -> None:
    joined = placed.select("customer", nw.col(column).alias("class")).join(after, on="customer", how="left")
    joined = joined.with_columns(nw.col("orders", "revenue", "signs").fill_null(0))
    counted = joined.group_by("class").agg(
        nw.len().alias("customers"),
        (nw.col("orders") > 0).sum().alias("bought"),
        nw.col("revenue").sum(),
        (nw.col("orders") > 1).sum().alias("again"),
        (nw.col("signs") == 0).sum().alias("lost"),
    )
    row: Any
    for row in counted.iter_rows(named=True):
        held = side.setdefault(row["class"], nothing())
        held["customers"] += row["customers"]
        held["bought"] += row["bought"]
        held["revenue"] += row["revenue"]
        held["again"] += row["again"]
        held["lost"] += row["lost"]
