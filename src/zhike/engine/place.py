"""Places any number of customers: the class of each in every dimension, and when time alone moves it.

    placed = place(schemes, people, events, as_of=day, zone=zone)

`people` has an integer `customer`, typed columns named as conditions name them (`customer.region`,
`custom.age`; decimals in ten-thousandths) and, where people decided, `fixed.<dimension>` with the
first day on which that holds no longer (`until.<dimension>`) and the class that has held so far
(`standing.<dimension>`). `events` has `customer`, `day`, `kind`, `amount` and the data that metrics
read. The answer has `people`'s columns, all facts, and for each dimension the class in effect, what
the rules alone give (`computed`), and the next change of either with what the rules give then.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import narwhals as nw

from zhike.core.conditions.resolve import resolve
from zhike.core.facts import FieldType, Ref
from zhike.core.schemes import in_dependency_order
from zhike.engine import facts as engine_facts
from zhike.engine import polars
from zhike.engine.conditions import expression, first_match, tests_of
from zhike.engine.damping import unsettled
from zhike.engine.facts import Ago
from zhike.engine.histories import histories
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


def computed_column(dimension: str) -> str:
    return f"computed.{dimension}"


def next_change_column(dimension: str) -> str:
    return f"next_change.{dimension}"


def next_class_column(dimension: str) -> str:
    return f"next_class.{dimension}"


def place(  # noqa: PLR0913  each is one thing that an answer depends on
    schemes: Sequence[Scheme],
    people: Frame,
    events: Frame | Ago,
    *,
    as_of: date,
    zone: ZoneInfo,
    next_changes: bool = True,
    also: Sequence[Needed] = (),
) -> Frame:
    """Return each customer's facts, and for each dimension `class`, `computed`, `next_change`, `next_class`.

    `also` are facts that no condition reads but the caller wants. `next_change` is the day on which
    time alone changes what the rules give, or ends what a person fixed; `next_class` is what the
    rules give then.
    """
    ordered = in_dependency_order(schemes)
    ago = events if isinstance(events, Ago) else Ago(events, as_of)
    facts = list(dict.fromkeys([*engine_facts.needed(tests_of(ordered)), *also]))
    frame = engine_facts.build(_without_undecided(people), ago, facts, as_of)
    alone = frame.head(0).select("customer")
    for scheme in ordered:
        frame = _with_class(frame, scheme, as_of, zone)
        if scheme.is_damped:
            alone = nw.concat([alone, unsettled(frame, ago, scheme, zone)])
    alone = nw.concat([alone, _decided(frame, ordered)]).unique("customer")
    if next_changes:
        for changes in Projection(ordered, frame, ago, as_of, zone).next_changes(ordered):
            frame = frame.join(changes, on="customer", how="left")
    if len(alone):
        frame = _one_by_one(frame, alone, ago, schemes=ordered, facts=facts, zone=zone)
    return frame


def _without_undecided(people: Frame) -> Frame:
    """Leave out the columns of decisions that nobody has taken: they cost as much as those that count."""
    names = [name for name in people.columns if name.startswith(_DECIDED)]
    if not names:
        return people
    empty = people.select(nw.col(*names).is_null().all())
    return people.drop([name for name in names if empty[name].item()])


def _with_class(frame: Frame, scheme: Scheme, as_of: date, zone: ZoneInfo) -> Frame:
    """Add what the rules give, and what is in effect: a person's word, or the class that has to wait."""
    dimension = scheme.dimension
    answers = [expression(resolve(c.when, as_of, zone)) for c in scheme.classes if c.when is not None]
    frame = frame.with_columns(first_match(scheme, answers).alias(computed_column(dimension)))
    effective: nw.Expr = nw.col(computed_column(dimension))
    if f"standing.{dimension}" in frame.columns:
        standing = nw.col(f"standing.{dimension}")
        effective = nw.when(waits(scheme, standing, effective)).then(standing).otherwise(effective)
    if f"fixed.{dimension}" in frame.columns:
        effective = nw.coalesce(nw.col(f"fixed.{dimension}"), effective)
    return frame.with_columns(effective.alias(class_column(dimension)))


def waits(scheme: Scheme, standing: nw.Expr, computed: nw.Expr) -> nw.Expr:
    """Say for whom the class that stands is kept, as `core.schemes.in_effect` has it."""
    if scheme.mode != "auto":
        return standing.is_in([class_.key for class_ in scheme.classes]).fill_null(value=False)
    waiting = []
    for class_ in scheme.classes:
        lower = [c.key for c in scheme.classes if scheme.is_demotion(class_.key, c.key)]
        if class_.demote == "review" and lower:
            waiting.append((standing == class_.key).fill_null(value=False) & computed.is_in(lower))
    return reduce(or_, waiting) if waiting else nw.lit(value=False)


def _decided(frame: Frame, schemes: Sequence[Scheme]) -> Frame:
    """Return (customer) of those whose decided class other dimensions read: its future is no plain sequence."""
    read = {ref.name for scheme in schemes for ref in scheme.refs() if ref.source == "class"}
    found = []
    for scheme in schemes:
        fixed, standing = f"fixed.{scheme.dimension}", f"standing.{scheme.dimension}"
        if scheme.dimension not in read:
            continue
        if fixed in frame.columns:
            found.append(~nw.col(fixed).is_null())
        if standing in frame.columns and any(class_.demote == "review" for class_ in scheme.classes):
            found.append(~nw.col(standing).is_null())
    return frame.filter(reduce(or_, found)).select("customer") if found else frame.head(0).select("customer")


def _one_by_one(
    frame: Frame, alone: Frame, ago: Ago, *, schemes: Sequence[Scheme], facts: Sequence[Needed], zone: ZoneInfo
) -> Frame:
    """Let the core place these customers, and put its answers in the place of the frames'."""
    chosen = frame.join(alone, on="customer", how="semi")
    names = [name(s.dimension) for s in schemes for name in _ANSWERS if name(s.dimension) in frame.columns]
    found: dict[str, list[object]] = {name: [] for name in ("customer", *names)}
    for customer, history in histories(chosen, ago, facts, [s.dimension for s in schemes], zone):
        found["customer"].append(customer)
        now, computed = history.placed(schemes, ago.as_of)
        projection = history.projection(schemes, ago.as_of)
        for scheme in schemes:
            dimension = scheme.dimension
            turn = projection.next_turn(dimension)
            steps = [key for day, key in projection.computed(dimension) if turn is not None and day <= turn]
            answers = (now[Ref(class_column(dimension))], computed[dimension], turn, steps[-1] if steps else None)
            for name, answer in zip(_ANSWERS, answers, strict=True):
                if name(dimension) in found:
                    found[name(dimension)].append(answer)
    types = {name: FieldType.DATE if name.startswith("next_change.") else FieldType.TEXT for name in names}
    table = polars.typed_columns(
        {"customer": (FieldType.INTEGER, found["customer"]), **{n: (types[n], found[n]) for n in names}}
    ).with_columns(nw.col("customer").cast(frame.schema["customer"]))
    replaced = chosen.drop(names).join(table, on="customer", how="left").select(frame.columns)
    return nw.concat([frame.join(alone, on="customer", how="anti"), replaced])


_DECIDED = ("fixed.", "until.", "standing.")
_ANSWERS = (class_column, computed_column, next_change_column, next_class_column)
