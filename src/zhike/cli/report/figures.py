"""What the report shows, as numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from math import sqrt
from typing import TYPE_CHECKING

import narwhals as nw

from zhike.core.facts import FieldType, Ref
from zhike.engine.facts import Needed

if TYPE_CHECKING:
    from datetime import date

    from zhike.core.schemes import Class, Scheme
    from zhike.engine.polars import Frame
    from zhike.engine.run import Outcome

RECENCY = Ref("metric.days_since_order")
FREQUENCY = Ref("metric.orders", 365)
REVENUE = Ref("metric.revenue", 365)

# The report draws these even where the pack does not read them.
FACTS = (
    Needed(RECENCY, FieldType.INTEGER),
    Needed(FREQUENCY, FieldType.INTEGER),
    Needed(REVENUE, FieldType.INTEGER),
)

RECENCY_EDGES = (30, 60, 90, 180, 365)
FREQUENCY_EDGES = (1, 2, 4, 8)
AHEAD = (7, 30, 90)
# More dots than these are drawn as counts in a grid.
MAX_DOTS = 1_500
GRID_X, GRID_Y = 44, 22


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class of a dimension, with what its customers brought in."""

    dimension: str
    class_: Class
    customers: int
    revenue: int
    orders: int
    recency: int | None
    moves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Crossing:
    """How the classes of two dimensions meet: counts by row and column key."""

    rows: Scheme
    columns: Scheme
    counts: dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Dot:
    """Some customers at one place of the picture, by class."""

    recency: float
    frequency: float
    customers: int
    class_key: str


def class_rows(outcome: Outcome, scheme: Scheme) -> list[ClassRow]:
    """Return a row for each class, in the scheme's order."""
    column, next_change = f"class.{scheme.dimension}", f"next_change.{scheme.dimension}"
    as_of = outcome.order.as_of
    grouped = outcome.frame.select(
        column,
        revenue=nw.col(str(REVENUE)),
        orders=nw.col(str(FREQUENCY)),
        recency=nw.col(str(RECENCY)),
        **{f"within{days}": (nw.col(next_change) <= _later(as_of, days)).fill_null(value=False) for days in AHEAD},
    )
    sums = grouped.group_by(column).agg(
        nw.len().alias("n"),
        nw.col("revenue").sum(),
        nw.col("orders").sum(),
        nw.col("recency").median(),
        *[nw.col(f"within{days}").cast(nw.Int64).sum() for days in AHEAD],
    )
    found = {row[column]: row for row in sums.iter_rows(named=True)}
    return [_class_row(scheme, class_, found.get(class_.key)) for class_ in scheme.classes]


def _later(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _class_row(scheme: Scheme, class_: Class, row: dict[str, int] | None) -> ClassRow:
    if row is None:
        return ClassRow(scheme.dimension, class_, 0, 0, 0, None, (0,) * len(AHEAD))
    recency: float | None = row["recency"]
    moves = tuple(row[f"within{days}"] for days in AHEAD)
    median = None if recency is None else round(recency)
    return ClassRow(scheme.dimension, class_, row["n"], row["revenue"], row["orders"], median, moves)


def crossings(outcome: Outcome) -> list[Crossing]:
    """Return every pair of dimensions that both tell customers apart."""
    telling = [scheme for scheme in outcome.pack.schemes if len(outcome.sizes(scheme)) > 1]
    return [_crossing(outcome.frame, rows, columns) for rows, columns in combinations(telling, 2)]


def _crossing(frame: Frame, rows: Scheme, columns: Scheme) -> Crossing:
    a, b = f"class.{rows.dimension}", f"class.{columns.dimension}"
    counts = frame.group_by(a, b).agg(nw.len().alias("n"))
    return Crossing(rows, columns, {(row[a], row[b]): row["n"] for row in counts.iter_rows(named=True)})


def rfm_table(outcome: Outcome) -> list[list[int]]:
    """Return customers by days since the last order (rows) and orders within a year (columns)."""
    table = [[0] * (len(FREQUENCY_EDGES) + 1) for _ in range(len(RECENCY_EDGES) + 1)]
    counts = _buyers(outcome).group_by(str(RECENCY), str(FREQUENCY)).agg(nw.len().alias("n"))
    for recency, frequency, n in counts.select(str(RECENCY), str(FREQUENCY), "n").iter_rows():
        table[_slot(recency, RECENCY_EDGES)][_slot(frequency, FREQUENCY_EDGES)] += n
    return table


def _slot(value: int, edges: tuple[int, ...]) -> int:
    return sum(value > edge for edge in edges)


def _buyers(outcome: Outcome) -> Frame:
    return outcome.frame.filter(~nw.col(str(RECENCY)).is_null())


def dots(outcome: Outcome, scheme: Scheme, *, recency_max: int, spend_max: int) -> list[Dot]:
    """Return the customers by recency and spending on a scale of 0 to 1; a crowd as counts in a grid."""
    column = f"class.{scheme.dimension}"
    buyers = _buyers(outcome).select(str(RECENCY), str(REVENUE), column)
    rows = buyers.group_by(str(RECENCY), str(REVENUE), column).agg(nw.len().alias("n"))
    exact = len(buyers) <= MAX_DOTS
    found: Counter[tuple[float, float, str]] = Counter()
    for recency, spend, key, n in rows.select(str(RECENCY), str(REVENUE), column, "n").iter_rows():
        x, y = scaled(recency, recency_max), scaled(spend, spend_max)
        found[(x, y, key) if exact else (_cell(x, GRID_X), _cell(y, GRID_Y), key)] += n
    return [Dot(x, y, n, key) for (x, y, key), n in sorted(found.items(), key=lambda item: -item[1])]


def _cell(share: float, cells: int) -> float:
    """Return the middle of the grid's cell."""
    return (min(cells - 1, int(share * cells)) + 0.5) / cells


def scaled(value: int, most: int) -> float:
    """Return where a value stands between 0 and `most` on a scale of square roots: crowds are near 0."""
    return min(1.0, sqrt(max(0, value) / max(1, most)))


def quantile(outcome: Outcome, ref: Ref, share: float) -> int:
    """Return a high but not extreme value, where a scale may end."""
    values = _buyers(outcome)[str(ref)]
    if not len(values):
        return 1
    return max(1, round(float(values.quantile(share, interpolation="nearest"))))
