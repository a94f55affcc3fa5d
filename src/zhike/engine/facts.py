"""Events and customers in, one row of facts a customer out: exactly those that the schemes read.

`people` has an integer `customer` and typed columns named as conditions name them; `events` has
`customer`, `day`, `kind`, `amount` in minor units and the data that metrics read. The values are
those of `zhike.core.metrics.fold`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw

from zhike.core.facts import FieldType, Ref
from zhike.core.metrics import METRICS, Fold
from zhike.core.text import fold as fold_text
from zhike.engine import polars
from zhike.engine.conditions import SCALE, folded
from zhike.engine.pipeline import WORKERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.core.conditions.nodes import Test
    from zhike.core.metrics import Metric
    from zhike.engine.polars import Frame

CREATED = Ref("metric.days_since_created")
_CREATED_ON = "customer.created_on"
# The same as CREATED, but below 0 for a record that is yet to begin.
AGE = "metric.days_since_created.age"
_EPOCH = date(1970, 1, 1)
# Days ago fit in 20 bits: 2 800 years.
_SHIFT = 1 << 20


class Needed(NamedTuple):
    """A fact that some condition reads, and its type."""

    ref: Ref
    type: FieldType


def needed(tests: Iterable[Test]) -> list[Needed]:
    """Return the facts that tests read, each once, without the classes of other dimensions."""
    found = {Needed(Ref(t.ref.field, t.ref.days), _stored(t)) for t in tests if t.ref.source != "class"}
    return sorted(found, key=lambda item: str(item.ref))


def _stored(test: Test) -> FieldType:
    """Return the type of the fact itself: a month and day are read from a date."""
    return FieldType.DATE if test.ref.part else test.type


def event_data(facts: Iterable[Needed]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return which event data the metrics among them read: numbers with their digits, and texts."""
    metrics = [METRICS[item.ref.name] for item in facts if item.ref.source == "metric"]
    numbers = {m.value: 4 if m.fold is Fold.AVERAGE else 0 for m in metrics if m.value not in {"", "amount"}}
    texts = sorted({m.where[0] for m in metrics if m.where})
    return numbers, tuple(texts)


def days_before(day: date, column: str) -> nw.Expr:
    """Return how many days each date of a column is before a day."""
    return (day - _EPOCH).days - nw.col(column).cast(nw.Int32)


def days_after(day: date, ahead: nw.Expr) -> nw.Expr:
    """Return the date that is so many days after a day."""
    return ((day - _EPOCH).days + ahead).cast(nw.Int32).cast(nw.Date)


class Ago:
    """The events up to a day, by customer and then newest first, with how many days ago they were.

    They are sorted once: what a customer's metrics add up, or lose as a window moves on, lies together then.
    """

    def __init__(self, events: Frame, as_of: date) -> None:
        self.as_of = as_of
        dated: Frame = events.with_columns(days_before(as_of, "day").alias("ago"))
        dated = dated.drop("day")
        self.later: Frame = dated.filter(nw.col("ago") < 0)
        self.frame = _sorted(dated)
        self.kinds = frozenset(self.frame["kind"].unique().cast(nw.String).to_list())
        self.columns = frozenset(events.columns)

    def of(self, people: Frame) -> Frame:
        """Return all events of some customers, the later ones too, with their `day`."""
        parts = [frame.join(people.select("customer"), on="customer", how="semi") for frame in (self.frame, self.later)]
        events: Frame = nw.concat([part.select(self.frame.columns) for part in parts])
        return events.with_columns(days_after(self.as_of, -nw.col("ago")).alias("day")).drop("ago")

    def reads(self, metric: Metric) -> bool:
        """Say whether any event that is here takes part in the metric."""
        if not metric.kinds:
            return True
        if metric.where and metric.where[0] not in self.columns:
            return False
        return not self.kinds.isdisjoint((*metric.kinds, *metric.minus))

    def takes_part(self, metric: Metric) -> nw.Expr | None:
        """Return which events the metric reads; `None` for all of them."""
        kinds = self.kinds.intersection((*metric.kinds, *metric.minus)) if metric.kinds else self.kinds
        mask = None if kinds == self.kinds else nw.col("kind").is_in(sorted(kinds))
        if metric.where is None:
            return mask
        key, value = metric.where
        matches = (nw.col(key) == value).fill_null(value=False)
        return matches if mask is None else mask & matches

    def is_minus(self, metric: Metric) -> nw.Expr | None:
        """Return which events subtract; `None` when none of them is here."""
        kinds = sorted(self.kinds.intersection(metric.minus))
        return nw.col("kind").is_in(kinds) if kinds else None

    def within(self, metric: Metric, days: int | None) -> nw.LazyFrame[Any]:
        """Return the events that the metric reads, all or those of a window."""
        lazy, takes_part = self.frame.lazy(), self.takes_part(metric)
        lazy = lazy if takes_part is None else lazy.filter(takes_part)
        return lazy if days is None else lazy.filter(nw.col("ago") < days)

    def days(self, metric: Metric, days: int | None) -> Frame:
        """Return (customer, ago) of each day with such an event."""
        events = polars.collect(self.within(metric, days).select("customer", "ago"))
        return events.filter(is_last("customer", "ago"))

    def value(self, metric: Metric) -> nw.Expr:
        """Return what an event that takes part gives, with its sign."""
        if not metric.value:
            plain = nw.lit(1, nw.Int64)
        elif metric.value not in self.columns:
            plain = nw.lit(0, nw.Int64)
        else:
            plain = nw.col(metric.value).fill_null(0)
        minus = self.is_minus(metric)
        return plain if minus is None else nw.when(minus).then(-plain).otherwise(plain)

    def weight(self, metric: Metric) -> nw.Expr:
        """Return what a mean divides by."""
        minus = self.is_minus(metric)
        one, none = nw.lit(1, nw.Int64), nw.lit(0, nw.Int64)
        return one if minus is None or not metric.value else nw.when(minus).then(none).otherwise(one)


def _sorted(dated: Frame) -> Frame:
    """Sort by customer and days as one number, and read both from it again: each column costs as much as the number."""
    order = nw.col("customer").cast(nw.Int64) * _SHIFT + nw.col("ago")
    further = [name for name in dated.columns if name not in {"customer", "ago"}]
    past = dated.lazy().filter(nw.col("ago") >= 0).select(order.alias("order"), *further).sort("order").collect()
    return past.select(
        (nw.col("order") // _SHIFT).cast(dated.schema["customer"]).alias("customer"),
        (nw.col("order") % _SHIFT).cast(nw.Int32).alias("ago"),
        *further,
    )


def is_first(*columns: str) -> nw.Expr:
    """Say of each row whether it is the first of a run of equal rows."""
    return nw.any_horizontal(*[nw.col(c) != nw.col(c).shift(1) for c in columns], ignore_nulls=False).fill_null(
        value=True
    )


def is_last(*columns: str) -> nw.Expr:
    """Say of each row whether it is the last of a run of equal rows."""
    return nw.any_horizontal(*[nw.col(c) != nw.col(c).shift(-1) for c in columns], ignore_nulls=False).fill_null(
        value=True
    )


def build(people: Frame, events: Frame | Ago, facts: Sequence[Needed], as_of: date) -> Frame:
    """Return `people` with a column for each fact that is not one of its own yet."""
    ago = events if isinstance(events, Ago) else Ago(events, as_of)
    frame = _with_fields(people, [item for item in facts if item.ref.source != "metric"])
    metrics = [item.ref for item in facts if item.ref.source == "metric"]
    here = [ref for ref in metrics if ago.reads(METRICS[ref.name])]
    for part in _folded(ago, here):
        frame = frame.join(part, on="customer", how="left")
    if CREATED in metrics:
        frame = _with_age(frame, ago)
    tallies = [name for name in frame.columns if name.endswith((".total", ".weight"))]
    return frame.with_columns(*[_value(ref, ref in here) for ref in metrics]).drop(tallies)


def _with_fields(people: Frame, fields: Sequence[Needed]) -> Frame:
    """Add fields that no column holds, and the folded form of text and sets."""
    frame = people
    for ref, type_ in fields:
        name = str(ref)
        if name not in frame.columns:
            frame = frame.with_columns(polars.missing(type_).alias(name))
        if type_ in {FieldType.TEXT, FieldType.SET} and folded(name) not in frame.columns:
            frame = _with_folded(frame, name, type_)
    return frame


def _with_folded(frame: Frame, name: str, type_: FieldType) -> Frame:
    if type_ is FieldType.SET:
        values = [sorted({fold_text(item) for item in items or ()}) for items in frame[name].to_list()]
        return nw.concat([frame, polars.typed_columns({folded(name): (type_, values)})], how="horizontal")
    distinct = frame[name].drop_nulls().unique().to_list()
    pairs = polars.typed_columns(
        {
            name: (FieldType.TEXT, distinct),
            folded(name): (FieldType.TEXT, [fold_text(text) for text in distinct]),
        }
    )
    return frame.join(pairs, on=name, how="left")


def _total(ref: Ref) -> str:
    return f"{ref}.total"


def _weight(ref: Ref) -> str:
    return f"{ref}.weight"


def _folded(ago: Ago, refs: Sequence[Ref]) -> list[Frame]:
    """Return the tallies of the metrics: all that are sums in one pass, distinct days apart."""
    in_one_pass = [ref for ref in refs if METRICS[ref.name].fold is not Fold.DISTINCT_DAYS]
    apart = sorted({ref.name for ref in refs if METRICS[ref.name].fold is Fold.DISTINCT_DAYS})
    work = [partial(_days, ago, [ref for ref in refs if ref.name == name]) for name in apart]
    if in_one_pass:
        work.append(partial(_summed, ago, in_one_pass))
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(lambda tally: tally(), work))


def _summed(ago: Ago, refs: Sequence[Ref]) -> Frame:
    """Tally in two steps: columns that are 0 or missing outside the metric, then plain sums."""
    columns: list[nw.Expr] = []
    tallies: list[nw.Expr] = []
    for ref in refs:
        metric = METRICS[ref.name]
        inside = _inside(ago, metric, ref.days)
        for name, value, how in _measures(ago, metric, ref):
            columns.append((value if inside is None else nw.when(inside).then(value)).alias(name))
            tallies.append(getattr(nw.col(name), how)())
    lazy = ago.frame.lazy().select("customer", *columns)
    return polars.collect(lazy.group_by("customer").agg(*tallies))


def _inside(ago: Ago, metric: Metric, days: int | None) -> nw.Expr | None:
    takes_part = ago.takes_part(metric)
    if days is None:
        return takes_part
    recent = nw.col("ago") < days
    return recent if takes_part is None else takes_part & recent


def _measures(ago: Ago, metric: Metric, ref: Ref) -> list[tuple[str, nw.Expr, str]]:
    """Return (column, what an event gives, how it is tallied) for a metric."""
    match metric.fold:
        case Fold.COUNT | Fold.SUM:
            return [(_total(ref), ago.value(metric), "sum")]
        case Fold.RATIO | Fold.AVERAGE:
            return [(_total(ref), ago.value(metric), "sum"), (_weight(ref), ago.weight(metric), "sum")]
        case Fold.MAXIMUM:
            return [(_total(ref), ago.value(metric), "max")]
        case Fold.FIRST_AT:
            return [(_total(ref), days_after(ago.as_of, -nw.col("ago")), "min")]
        case Fold.LAST_AT:
            return [(_total(ref), days_after(ago.as_of, -nw.col("ago")), "max")]
        case Fold.DAYS_SINCE_FIRST:
            return [(_total(ref), nw.col("ago"), "max")]
        case Fold.DAYS_SINCE_LAST:
            return [(_total(ref), nw.col("ago"), "min")]
        case Fold.DISTINCT_DAYS:
            raise AssertionError(ref)


def _days(ago: Ago, refs: Sequence[Ref]) -> Frame:
    """Count the distinct days of one metric in several windows."""
    windows = [ref.days for ref in refs if ref.days is not None]
    widest = max(windows) if len(windows) == len(refs) else None
    days = ago.days(METRICS[refs[0].name], widest)
    counts = [
        (nw.len() if ref.days in {None, widest} else (nw.col("ago") < ref.days).sum()).cast(nw.Int64).alias(_total(ref))
        for ref in refs
    ]
    return polars.collect(days.lazy().group_by("customer").agg(*counts))


def _with_age(frame: Frame, ago: Ago) -> Frame:
    """Add how long the record has existed: since `created_on`, else the first event; below 0 if yet to begin."""
    age = nw.col(_total(CREATED)) if _total(CREATED) in frame.columns else nw.lit(None, nw.Int64)
    if len(ago.later):
        later = ago.later.group_by("customer").agg(nw.col("ago").max().alias("later.total"))
        frame = frame.join(later, on="customer", how="left")
        age = nw.coalesce(age, nw.col("later.total"))
    if _CREATED_ON in frame.columns:
        age = nw.coalesce(days_before(ago.as_of, _CREATED_ON), age)
    return frame.with_columns(age.cast(nw.Int64).alias(AGE))


def _value(ref: Ref, is_here: bool) -> nw.Expr:  # noqa: FBT001
    """Return the metric's value from its tallies."""
    metric = METRICS[ref.name]
    total = nw.col(_total(ref)) if is_here else nw.lit(None, nw.Int64)
    if ref == CREATED:
        return nw.when(nw.col(AGE) >= 0).then(nw.col(AGE)).alias(str(ref))
    match metric.fold:
        case Fold.COUNT | Fold.SUM | Fold.DISTINCT_DAYS:
            value = total.fill_null(0).cast(nw.Int64)
            value = value if metric.floor is None else value.clip(lower_bound=metric.floor)
        case Fold.RATIO | Fold.AVERAGE:
            value = half_up(total, nw.col(_weight(ref))) if is_here else nw.lit(None, nw.Int64)
        case Fold.FIRST_AT | Fold.LAST_AT:
            value = total if is_here else nw.lit(None, nw.Date)
        case _:
            value = total.cast(nw.Int64)
    return value.alias(str(ref))


def half_up(total: nw.Expr, weight: nw.Expr) -> nw.Expr:
    """Divide and round to the nearest integer, halves toward +∞; missing without weight."""
    some = nw.when(weight > 0).then(weight)
    return (2 * total + some) // (2 * some)


assert SCALE == 10**4, "means are kept in ten-thousandths, as the core keeps them"
