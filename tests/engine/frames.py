"""Turns histories of the core into the frames of the engine."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from zhike.core.facts import FieldType
from zhike.core.metrics import METRICS, Fold
from zhike.engine import polars

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.core.facts import Ref, Value
    from zhike.core.history import History
    from zhike.engine.polars import Frame

NUMBERS = {m.value: 4 if m.fold is Fold.AVERAGE else 0 for m in METRICS.values() if m.value not in {"", "amount"}}
TEXTS = sorted({m.where[0] for m in METRICS.values() if m.where})


def cell(value: Value, type_: FieldType) -> object:
    """Return a value as the engine's frames hold it."""
    if isinstance(value, frozenset):
        return sorted(value)
    if type_ is FieldType.DECIMAL and value is not None:
        return int(Decimal(str(value)) * 10_000)
    return value


def people_frame(histories: Sequence[History], types: Mapping[Ref, FieldType]) -> Frame:
    columns: dict[str, tuple[FieldType, list[object]]] = {"customer": (FieldType.INTEGER, list(range(len(histories))))}
    for ref, type_ in types.items():
        missing: Value = frozenset() if type_ is FieldType.SET else None
        columns[str(ref)] = (type_, [cell(h.fields.get(ref, missing), type_) for h in histories])
    for dimension in sorted({dimension for h in histories for dimension in h.fixed}):
        fixed = [h.fixed.get(dimension) for h in histories]
        columns[f"fixed.{dimension}"] = (FieldType.TEXT, [f.key if f else None for f in fixed])
        columns[f"until.{dimension}"] = (FieldType.DATE, [f.until if f else None for f in fixed])
    for dimension in sorted({dimension for h in histories for dimension in h.standing}):
        columns[f"standing.{dimension}"] = (FieldType.TEXT, [h.standing.get(dimension) for h in histories])
    return polars.typed_columns(columns)


def events_frame(histories: Sequence[History]) -> Frame:
    rows = [(index, event) for index, h in enumerate(histories) for event in h.events]
    columns: dict[str, tuple[FieldType, list[object]]] = {
        "customer": (FieldType.INTEGER, [index for index, _ in rows]),
        "day": (FieldType.DATE, [event.day for _, event in rows]),
        "kind": (FieldType.TEXT, [event.kind for _, event in rows]),
        "amount": (FieldType.INTEGER, [event.amount for _, event in rows]),
    }
    for name, digits in NUMBERS.items():
        values = [event.data.get(name) for _, event in rows]
        columns[name] = (FieldType.INTEGER, [None if v is None else int(Decimal(str(v)) * 10**digits) for v in values])
    for name in TEXTS:
        columns[name] = (FieldType.TEXT, [event.data.get(name) for _, event in rows])
    return polars.typed_columns(columns)


NO_EVENTS = events_frame([])
