"""From frames back to the core: the histories of a few customers whom the frames cannot place.

Those are rare: a class that has not held long enough yet, or one that a person fixed and that
other dimensions read.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

import narwhals as nw

from zhike.core.events import Event
from zhike.core.facts import FieldType
from zhike.core.history import CREATED_ON, Fixed, History
from zhike.core.metrics import METRICS, Fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.core.facts import Value
    from zhike.engine.facts import Ago, Needed
    from zhike.engine.polars import Frame

# Of events' data, the numbers that are kept with digits after the point.
_DIGITS = {m.value: 4 for m in METRICS.values() if m.fold is Fold.AVERAGE}
_PLAIN = frozenset({"customer", "day", "kind", "amount", "ago"})


def core_value(raw: object, type_: FieldType) -> Value:
    """Return a value of the engine's frames as the core holds it."""
    match type_:
        case FieldType.DECIMAL:
            return None if raw is None else Decimal(cast("int", raw)).scaleb(-4)
        case FieldType.SET:
            return frozenset(cast("list[str] | None", raw) or ())
        case _:
            return cast("Value", raw)


def histories(
    frame: Frame, ago: Ago, facts: Iterable[Needed], dimensions: Iterable[str], zone: ZoneInfo
) -> Iterator[tuple[object, History]]:
    """Yield customer and history for every row of a frame of facts."""
    fields = [item for item in facts if item.ref.source != "metric"]
    dimensions = list(dimensions)
    happened: dict[object, list[Event]] = {}
    data = [name for name in ago.frame.columns if name not in _PLAIN]
    for row in ago.of(frame).with_columns(nw.col("kind").cast(nw.String)).iter_rows(named=True):
        happened.setdefault(row["customer"], []).append(_event(row, data))
    for row in frame.iter_rows(named=True):
        values = {item.ref: core_value(row[str(item.ref)], item.type) for item in fields}
        values.setdefault(CREATED_ON, row.get(str(CREATED_ON)))
        yield (
            row["customer"],
            History(
                values,
                happened.get(row["customer"], ()),
                zone,
                fixed={
                    d: Fixed(row[f"fixed.{d}"], cast("date | None", row.get(f"until.{d}")))
                    for d in dimensions
                    if row.get(f"fixed.{d}") is not None
                },
                standing={d: row[f"standing.{d}"] for d in dimensions if row.get(f"standing.{d}") is not None},
            ),
        )


def _event(row: Mapping[str, object], data: Iterable[str]) -> Event:
    found = {
        name: Decimal(cast("int", row[name])).scaleb(-_DIGITS[name]) if name in _DIGITS else row[name]
        for name in data
        if row[name] is not None
    }
    return Event(cast("str", row["kind"]), cast("date", row["day"]), cast("int", row["amount"] or 0), found)
