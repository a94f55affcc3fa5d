"""Many customers at once as whole columns: which placements are out of step, and facts as they are stored.

It says of a chunk what `store` says of one customer, without an object for each: most of those who are
placed again stand where they stood. Tests hold the two together.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import narwhals as nw
from django.db import connection

from zhike.classification.store import CONTACTED, CREATED, put_facts
from zhike.core.dates import day_start
from zhike.core.facts import FieldType, Ref
from zhike.core.metrics import METRICS
from zhike.engine import polars
from zhike.engine.exits import AHEAD_DAY, EXIT
from zhike.engine.facts import days_after
from zhike.engine.histories import core_value
from zhike.engine.place import class_column, computed_column, next_change_column, next_class_column, waits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from zhike.classification.rules import Rulebook
    from zhike.classification.store import Occasion
    from zhike.core.schemes import Scheme
    from zhike.engine.polars import Frame

_VALUES, _TURN, _FLIP, _EVERY, _DUE = "values", "turn", "flip", "every", "due"

# How a customer stands in every dimension, in one text. Of a placement the same that `store.STANDING` compares.
_SIGNATURES = """
SELECT customer_id, string_agg(
         concat_ws('|', dimension, class_key, computed_key, source,
                   coalesce(extract(epoch FROM next_flip_at)::bigint::text, ''), next_key, undetermined::text),
         ';' ORDER BY dimension COLLATE "C")
  FROM classification_placement WHERE customer_id = ANY(%s) AND dimension = ANY(%s) GROUP BY customer_id
"""


def out_of_step(frame: Frame, rules: Rulebook, occasion: Occasion) -> Frame:
    """Return the rows of the customers whose placements, as worked out, are not those that are stored.

    Those of whom a person fixed a class are always among them.
    """
    kinds = frame.schema
    columns = [_signature(scheme, kinds) for scheme in sorted(rules.schemes, key=lambda scheme: scheme.dimension)]
    worked_out = _with_flips(frame, rules, occasion).select(
        "customer", nw.concat_str(*columns, separator=";").alias("now")
    )
    ids = worked_out["customer"].to_list()
    with connection.cursor() as cursor:
        cursor.execute(_SIGNATURES, [ids, [scheme.dimension for scheme in rules.schemes]])
        rows = cursor.fetchall()
    stored = polars.typed_columns(
        {
            "customer": (FieldType.INTEGER, [row[0] for row in rows]),
            "then": (FieldType.TEXT, [row[1] for row in rows]),
        }
    )
    both = worked_out.join(stored, on="customer", how="left")
    others = both.filter((nw.col("now") != nw.col("then")).fill_null(value=True)).select("customer")
    fixed = [~nw.col(name).is_null() for name in frame.columns if name.startswith("fixed.")]
    if fixed:
        others = nw.concat([others, frame.filter(reduce(or_, fixed)).select("customer")]).unique("customer")
    return frame.join(others, on="customer", how="inner")


def _with_flips(frame: Frame, rules: Rulebook, occasion: Occasion) -> Frame:
    """Add, of each dimension, the instant of the next change in seconds since 1970 as text, empty for never."""
    for scheme in rules.schemes:
        frame = _with_seconds(frame, next_change_column(scheme.dimension), occasion, into=_flip(scheme))
    return frame


def _with_seconds(frame: Frame, column: str, occasion: Occasion, *, into: str) -> Frame:
    days = frame[column].drop_nulls().unique().to_list()
    seconds = [str(int(day_start(day, occasion.zone).timestamp())) for day in days]
    return polars.translated(frame, column, days, seconds, into=into)


def _flip(scheme: Scheme) -> str:
    return f"{_FLIP}.{scheme.dimension}"


def _signature(scheme: Scheme, kinds: Mapping[str, nw.dtypes.DType]) -> nw.Expr:
    """Return how a customer of whom nobody fixed a class stands in one dimension."""
    dimension = scheme.dimension
    class_key = nw.col(class_column(dimension))
    ruled = nw.col(next_class_column(dimension))
    following = nw.when(waits(scheme, class_key, ruled)).then(class_key).otherwise(ruled)
    is_undetermined = nw.when(_is_undetermined(scheme, kinds)).then(nw.lit("true")).otherwise(nw.lit("false"))
    return nw.concat_str(
        nw.lit(dimension),
        class_key,
        nw.col(computed_column(dimension)),
        nw.lit("rule"),
        nw.col(_flip(scheme)).fill_null(""),
        nw.when(nw.col(next_change_column(dimension)).is_null()).then(nw.lit("")).otherwise(following),
        is_undetermined,
        separator="|",
    )


def _is_undetermined(scheme: Scheme, kinds: Mapping[str, nw.dtypes.DType]) -> nw.Expr:
    """Say what `core.schemes.is_undetermined` says."""
    if not scheme.needs_evidence:
        return nw.lit(value=False)
    refs = [str(ref) for ref in scheme.refs() if ref.source != "class" and ref != CREATED]
    is_known = reduce(or_, [_is_evidence(name, kinds[name]) for name in refs], nw.lit(value=False))
    return (nw.col(class_column(scheme.dimension)) == scheme.default.key) & ~is_known


def _is_evidence(name: str, kind: nw.dtypes.DType) -> nw.Expr:
    """Say what `core.schemes.is_evidence` says of a column."""
    column = nw.col(name)
    if isinstance(kind, nw.Boolean):
        return column.fill_null(value=False)
    if isinstance(kind, nw.List):
        return (column.list.len() > 0).fill_null(value=False)
    ref = Ref.parse(name)
    if kind.is_numeric() and not (ref.source == "metric" and METRICS[ref.name].is_days_since):
        return (column != 0).fill_null(value=False)
    return ~column.is_null()


_WRITE_FACTS = put_facts(
    'SELECT customer_id, jsonb_strip_nulls("values") AS "values", to_timestamp(flip) AS next_flip_at, '
    "contact_every, contact_due_on, is_moved FROM new_facts"
)


def write_facts(frame: Frame, moved: Frame, rules: Rulebook, occasion: Occasion) -> None:
    """Write the facts of all customers of a frame as `store.facts_row` says them of one, where they are others now.

    `moved` (customer) are those whose placements are written too.
    """
    is_moved = moved.select("customer", nw.lit(value=True).alias("is_moved"))
    facts = _facts(frame, rules, occasion).join(is_moved, on="customer", how="left")
    with connection.cursor() as cursor:
        cursor.execute(
            'CREATE TEMP TABLE IF NOT EXISTS new_facts (customer_id bigint, "values" jsonb, flip bigint, '
            "contact_every integer, contact_due_on date, is_moved boolean) ON COMMIT DROP"
        )
        cursor.execute("TRUNCATE new_facts")
        with cursor.copy("COPY new_facts FROM STDIN (FORMAT csv)") as copy:
            copy.write(polars.csv_bytes(facts))
        cursor.execute(_WRITE_FACTS, {"as_of": occasion.as_of, "at": occasion.at})


def _facts(frame: Frame, rules: Rulebook, occasion: Occasion) -> Frame:
    """Return (customer, values, flip, every, due)."""
    as_of = occasion.as_of
    days = [nw.col(next_change_column(scheme.dimension)) for scheme in rules.schemes]
    turn = nw.min_horizontal(*days, nw.col(AHEAD_DAY), days_after(as_of, nw.col(EXIT))).alias(_TURN)
    every = nw.min_horizontal(*[_cadence(scheme) for scheme in rules.schemes]).alias(_EVERY)
    silent = nw.coalesce(nw.col(str(CONTACTED)), nw.col(str(CREATED)), nw.lit(0))
    frame = frame.with_columns(turn, every)
    frame = frame.with_columns(days_after(as_of, nw.col(_EVERY) - silent).alias(_DUE))
    frame = _with_seconds(frame, _TURN, occasion, into=_FLIP)
    stored = frame.select("customer", _FLIP, _EVERY, _DUE, *[_stored(*item, as_of) for item in rules.stored])
    exact = {name: ref for name, ref, _ in rules.stored if METRICS[ref.name].type is FieldType.DECIMAL}
    for name in exact:
        numbers = [_exact(number) for number in stored[name].to_list()]
        texts = polars.typed_columns({name: (FieldType.TEXT, numbers)})
        stored = stored.with_columns(texts[name])
    stored = polars.with_json(stored, [name for name, _, _ in rules.stored], into=_VALUES)
    return stored.select("customer", _VALUES, _FLIP, _EVERY, _DUE)


def _stored(name: str, _ref: Ref, is_days_since: bool, as_of: date) -> nw.Expr:  # noqa: FBT001
    return days_after(as_of, -nw.col(name)).alias(name) if is_days_since else nw.col(name)


def _exact(number: int | None) -> str | None:
    """Return a decimal, which is kept as text so that nobody rounds it."""
    return None if number is None else str(core_value(number, FieldType.DECIMAL))


def _cadence(scheme: Scheme) -> nw.Expr:
    """Return within how many days customers of each class want to be contacted, missing where it does not matter."""
    owed: nw.Expr = nw.lit(None, nw.Int64)
    for class_ in scheme.classes:
        if class_.service.cadence_days is not None:
            is_in = nw.col(class_column(scheme.dimension)) == class_.key
            owed = nw.when(is_in).then(nw.lit(class_.service.cadence_days)).otherwise(owed)
    return owed
