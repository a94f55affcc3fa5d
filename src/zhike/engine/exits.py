"""When a stored value goes out of date by itself: the first event that leaves its window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from zhike.core.metrics import METRICS
from zhike.engine import polars

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from zhike.core.facts import Ref
    from zhike.engine.facts import Ago
    from zhike.engine.polars import Frame

EXIT, AHEAD_DAY = "exit", "ahead_day"


def first_exits(ago: Ago, refs: Iterable[Ref]) -> Frame:
    """Return (customer, exit): in how many days the first of these windows loses an event."""
    windowed = [ref for ref in refs if ref.days is not None and ago.reads(METRICS[ref.name])]
    if not windowed:
        return ago.frame.head(0).select("customer", nw.lit(0).alias(EXIT))
    ahead = nw.min_horizontal(*[_ahead(ago, ref) for ref in windowed])
    lazy = ago.frame.lazy().select("customer", ahead.alias(EXIT))
    return polars.collect(lazy.group_by("customer").agg(nw.col(EXIT).min()))


def _ahead(ago: Ago, ref: Ref) -> nw.Expr:
    days = ref.days
    assert days is not None
    mask = ago.takes_part(METRICS[ref.name])
    recent = nw.col("ago") < days
    return nw.when(recent if mask is None else recent & mask).then(days - nw.col("ago"))


def first_ahead(events: Frame, as_of: date) -> Frame:
    """Return (customer, ahead_day): the first event dated after `as_of`, which does not count yet."""
    later = events.filter(nw.col("day") > as_of)
    return later.group_by("customer").agg(nw.col("day").min().alias(AHEAD_DAY))
