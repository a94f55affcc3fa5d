"""The yardstick of `zhike bench classify`: what someone who knows Polars would write for RFM on one log.

    python yardstick.py make EVENTS CUSTOMERS LOG     writes a log of orders
    python yardstick.py rfm LOG OUT                   reads it and writes the RFM scores

Run as a process of its own; it imports nothing of Zhike.
"""

from __future__ import annotations

import sys
from datetime import date

import polars as pl

DAYS = 640
FIRST = pl.datetime(2025, 1, 1)
AS_OF = date(2026, 9, 30)


def make(events: int, customers: int, path: str) -> None:
    """Write a log with the fields of a real one; some customers buy far more often than others."""
    row = pl.col("row")
    share = (row.hash(2) % 1_000_003).cast(pl.Float64) / 1_000_003
    log = pl.LazyFrame({"row": pl.int_range(events, eager=True)}).select(
        customer_id="C" + (share.pow(1.5) * customers).cast(pl.Int64).cast(pl.String).str.zfill(7),
        occurred_at=(FIRST + pl.duration(seconds=(row.hash(3) % (DAYS * 86_400)).cast(pl.Int64))).dt.strftime(
            "%Y-%m-%d %H:%M:%S"
        ),
        kind=pl.when(row.hash(4) % 50 == 0).then(pl.lit("order.refunded")).otherwise(pl.lit("order.placed")),
        amount=(row.hash(5) % 90_000 + 500).cast(pl.Int64) / 100,
    )
    log.collect().write_csv(path, float_precision=2)


def rfm(path: str, out: str) -> None:
    """Score recency, frequency and money from 1 to 5."""
    orders = pl.col("kind") == "order.placed"
    sign = pl.when(orders).then(1).otherwise(-1)
    log = pl.scan_csv(path, schema_overrides={"customer_id": pl.String, "amount": pl.Float64})
    day = pl.col("occurred_at").str.to_datetime("%Y-%m-%d %H:%M:%S").dt.date()
    scores = (
        log.with_columns(day=day)
        .filter(pl.col("day") <= AS_OF)
        .group_by("customer_id")
        .agg(
            recency=(AS_OF - pl.col("day").filter(orders).max()).dt.total_days(),
            frequency=orders.sum(),
            money=(pl.col("amount") * sign).sum(),
        )
        .filter(pl.col("frequency") > 0)
        .collect(engine="streaming")
        .with_columns(r=_score(-pl.col("recency")), f=_score(pl.col("frequency")), m=_score(pl.col("money")))
    )
    scores.write_csv(out)


def _score(column: pl.Expr) -> pl.Expr:
    """Return the fifth that a value is in, 5 being the best."""
    return 1 + (column.rank("ordinal") - 1) * 5 // pl.len()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", events, customers, path]:
            make(int(events), int(customers), path)
        case ["rfm", path, out]:
            rfm(path, out)
