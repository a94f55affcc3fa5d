"""Gives every customer of a customer file and an event file one number, on which frames join fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import narwhals as nw

from zhike.core.facts import FieldType
from zhike.engine import polars
from zhike.engine.facts import Ago, is_first

if TYPE_CHECKING:
    from datetime import date

    from zhike.engine.polars import Frame


class Roster(NamedTuple):
    """`people` has `customer` and `id`; the events the same `customer`."""

    people: Frame
    ago: Ago


def enrol(events: Frame | None, customers: Frame | None, as_of: date) -> Roster:
    """Give a number to everybody in `customers`, and whoever has an event up to `as_of`.

    People stand in the order of their file, then the others by id.
    """
    events = _no_events() if events is None else events
    ago = Ago(polars.numbered(events), as_of)
    present = ago.frame.filter(is_first("customer")).select("customer")
    seen = polars.with_ids(present, events).sort("id")
    if customers is None:
        return Roster(seen, ago)
    later = ago.later.select("customer").unique("customer").join(present, on="customer", how="anti")
    ids = nw.concat([seen, polars.with_ids(later, events)])
    known = customers.join(ids, on="id", how="left").with_row_index("row")
    start = 1 + int(ids["customer"].max() or 0)
    number = nw.coalesce(nw.col("customer"), (start + nw.col("row")).cast(nw.UInt32))
    known = known.sort("row").with_columns(number.alias("customer"))
    others = seen.join(known.select("customer"), on="customer", how="anti")
    return Roster(nw.concat([known.drop("row"), others], how="diagonal"), ago)


def _no_events() -> Frame:
    return polars.typed_columns(
        {
            "customer": (FieldType.TEXT, []),
            "day": (FieldType.DATE, []),
            "kind": (FieldType.TEXT, []),
            "amount": (FieldType.INTEGER, []),
        }
    ).with_columns(polars.keys(nw.col("customer")))
