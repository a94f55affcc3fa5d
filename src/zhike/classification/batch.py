"""Any set of customers, placed set-wise: read into frames, placed by the engine, and only what changed written.

Work goes chunk by chunk; each chunk locks its customers in the order of their ids and is one
transaction, so an interrupted run has placed some customers completely and others not at all,
and running it again goes on from there. Two chunks are worked on at a time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from typing import TYPE_CHECKING, cast

import narwhals as nw
from django.db import connection, transaction

from zhike.accounts.queries import company_zone
from zhike.base.clock import now
from zhike.base.garbage import uncollected
from zhike.classification import columns, few
from zhike.classification.by_hand import place_by_hand, refusing
from zhike.classification.frames import decisions_frame, events_frame, people_frame, read_fixed, waiting
from zhike.classification.models import Placement
from zhike.classification.rules import rulebook
from zhike.classification.store import (
    Decision,
    Occasion,
    Placed,
    Why,
    changes_of,
    read_standings,
    source_of,
    write_changes,
    write_facts,
)
from zhike.core.conditions.nodes import leaves
from zhike.core.dates import add_days, day_start, local_day
from zhike.core.facts import Facts, FieldType, Ref
from zhike.core.schemes import in_effect, is_undetermined
from zhike.customers.models import Customer
from zhike.engine.exits import AHEAD_DAY, EXIT, first_ahead, first_exits
from zhike.engine.facts import Ago, Needed, build
from zhike.engine.histories import core_value
from zhike.engine.place import class_column, computed_column, next_change_column, next_class_column, place
from zhike.timeline.locks import lock_customers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from zhike.classification.rules import Rulebook
    from zhike.classification.store import Change, Standings
    from zhike.core.conditions.nodes import Test
    from zhike.core.history import Fixed
    from zhike.core.schemes import Scheme
    from zhike.engine.polars import Frame

    type Progress = Callable[[int, int], None]

CHUNK = 10_000
# One waits for the database while the other computes.
LANES = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many were placed, and how many classes were entered for the first time, changed or stayed."""

    customers: int = 0
    entered: int = 0
    changed: int = 0
    unchanged: int = 0

    def plus(self, other: Outcome) -> Outcome:
        return Outcome(
            self.customers + other.customers,
            self.entered + other.entered,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
        )


def place_everyone(*, as_of: date | None = None, progress: Progress | None = None) -> Outcome:
    """Place all customers."""
    ids = list(Customer.present.order_by("pk").values_list("pk", flat=True))
    return place_customers(ids, as_of=as_of, progress=progress)


def place_customers(
    ids: Iterable[int],
    *,
    as_of: date | None = None,
    why: Why = Why.BULK,
    recomputed: str = "",
    progress: Progress | None = None,
) -> Outcome:
    """Place these customers, as of today or, to write a past day's history, as of the end of that day."""
    rules = rulebook()
    wanted = sorted(ids)
    outcome = Outcome()
    if not rules.schemes:
        return outcome
    occasion = occasion_of(as_of, why, recomputed)

    def work(chunk: Sequence[int]) -> Outcome:
        # After a handful, looking once for all that was put off takes longer than looking meanwhile.
        with transaction.atomic(), uncollected() if len(chunk) > few.MOST else nullcontext():
            lock_customers(chunk)
            return _place_chunk(rules, chunk, occasion)

    for done in _side_by_side(work, list(batched(wanted, CHUNK))):
        outcome = outcome.plus(done)
        if progress is not None:
            progress(outcome.customers, len(wanted))
    return outcome


def _side_by_side(work: Callable[[Sequence[int]], Outcome], chunks: Sequence[Sequence[int]]) -> Iterator[Outcome]:
    """Work on several chunks at a time, so that we and the database both have something to do.

    Inside of a transaction they go one after the other: other connections would not see what it wrote.
    """
    if len(chunks) == 1 or connection.in_atomic_block:
        yield from map(work, chunks)
        return

    def lane(chunk: Sequence[int]) -> Outcome:
        try:
            return work(chunk)
        finally:
            connection.close()  # which belongs to this thread alone

    with ThreadPoolExecutor(LANES, thread_name_prefix="place") as lanes:
        try:
            yield from lanes.map(lane, chunks)
        finally:
            lanes.shutdown(cancel_futures=True)


def leave_dimension(dimension: str) -> None:
    """Take everyone out of a dimension that is no longer in force."""
    Placement.objects.filter(dimension=dimension).delete()


def occasion_of(as_of: date | None = None, why: Why = Why.BULK, recomputed: str = "") -> Occasion:
    """Return the occasion of placing customers now, or as of the end of a past day.

    What the clock should have done on a past day is dated that day and written down now; other
    history is written as if by the evening of its day.
    """
    zone, at = company_zone(), now()
    today = local_day(at, zone)
    if as_of is None or as_of >= today:
        return Occasion(today, at, zone, why, recomputed=recomputed)
    if why is Why.CLOCK:
        return Occasion(as_of, at, zone, why)
    return Occasion(as_of, day_start(add_days(as_of, 1), zone) - timedelta(seconds=1), zone, why, recomputed=recomputed)


def _place_chunk(rules: Rulebook, ids: Sequence[int], occasion: Occasion) -> Outcome:
    """Write the facts of everyone, and the placements of those who do not stand where they stood."""
    by_hand = refusing(ids)
    if by_hand:
        place_by_hand(by_hand, rules, occasion)
        ids = [pk for pk in ids if pk not in by_hand]
    placing = _place_few if len(ids) <= few.MOST else _place_many
    return Outcome(customers=len(by_hand)).plus(placing(rules, ids, occasion) if ids else Outcome())


def _place_few(rules: Rulebook, ids: Sequence[int], occasion: Occasion) -> Outcome:
    placed = few.place_few(rules, ids, occasion)
    standings = read_standings(ids)
    changes = [change for one in placed for change in changes_of(one, standings, rules, occasion)]
    write_facts(placed, {change.customer for change in changes}, rules, occasion)
    write_changes(changes, rules, occasion)
    return _outcome(len(placed), changes, rules)


def _place_many(rules: Rulebook, ids: Sequence[int], occasion: Occasion) -> Outcome:
    types = _types(rules)
    fixed = read_fixed(ids)
    standings = read_standings(ids) if waiting(rules) else {}
    frame = _frame(rules, types, decisions_frame(rules, ids, fixed, standings), occasion)
    others = columns.out_of_step(frame, rules, occasion)
    standings = read_standings(others["customer"].to_list())
    placed = _rows(rules, types, others, occasion, fixed)
    changes = list(_changes(placed, standings, rules, occasion))
    columns.write_facts(frame, others, rules, occasion)
    write_changes(changes, rules, occasion)
    return _outcome(len(frame), changes, rules)


def _outcome(customers: int, changes: Sequence[Change], rules: Rulebook) -> Outcome:
    entered = sum(not change.old for change in changes)
    changed = sum(change.is_move for change in changes)
    return Outcome(customers, entered, changed, customers * len(rules.schemes) - entered - changed)


def drift(ids: Iterable[int] | None = None) -> list[Change]:
    """Return what placing would write now, and write nothing: empty when all agrees with the rules.

    Customers whose time has come and whom the clock has not moved yet are among them.
    """
    rules = rulebook()
    wanted = sorted(Customer.present.values_list("pk", flat=True) if ids is None else ids)
    found: list[Change] = []
    if not rules.schemes:
        return found
    occasion = occasion_of()
    for chunk in batched(wanted, CHUNK):
        standings = read_standings(chunk)
        for placed in place_chunk(rules, chunk, occasion, standings):
            found += changes_of(placed, standings, rules, occasion)
    return found


def place_chunk(rules: Rulebook, ids: Sequence[int], occasion: Occasion, standings: Standings) -> list[Placed]:
    """Find out where these customers stand by the rules, and write nothing; those who refuse stand nowhere."""
    by_hand = refusing(ids)
    ids = [pk for pk in ids if pk not in by_hand]
    if len(ids) <= few.MOST:
        return few.place_few(rules, ids, occasion) if ids else []
    types = _types(rules)
    fixed = read_fixed(ids)
    frame = _frame(rules, types, decisions_frame(rules, ids, fixed, standings), occasion)
    return list(_rows(rules, types, frame, occasion, fixed))


def _types(rules: Rulebook) -> dict[Ref, FieldType]:
    """Return all that is read or kept of a customer."""
    return {Ref(test.ref.field, test.ref.days): test.type for test in _tests(rules)} | dict(rules.metrics)


def _rows(
    rules: Rulebook,
    types: Mapping[Ref, FieldType],
    frame: Frame,
    occasion: Occasion,
    fixed: Mapping[tuple[int, str], Fixed],
) -> Iterator[Placed]:
    """Yield where everyone stands. Who is like somebody before, as new customers are by the hundred, shares it."""
    names = [(str(ref), ref, type_) for ref, type_ in types.items() if ref.source != "class"]
    names += [(class_column(s.dimension), Ref(f"class.{s.dimension}"), FieldType.CHOICE) for s in rules.schemes]
    # What people fixed is among them: of whom nobody fixed anything is never like somebody of whom it was.
    columns = [name for name in frame.columns if name != "customer"]
    has_lists = any(isinstance(kind, nw.List) for kind in frame.schema.values())
    by_person = {customer for customer, _ in fixed}
    known: dict[tuple[object, ...], Placed] = {}
    for customer, *values in frame.select("customer", *columns).iter_rows():
        like = tuple(tuple(v) if isinstance(v, list) else v for v in values) if has_lists else tuple(values)
        one = known.get(like)
        if one is None or customer in by_person:
            row = {"customer": customer, **dict(zip(columns, values, strict=True))}
            one = known[like] = _placed(rules, names, row, occasion, fixed)
        yield one._replace(customer=customer)


def _changes(placed: Iterable[Placed], standings: Standings, rules: Rulebook, occasion: Occasion) -> Iterator[Change]:
    """Yield the placements that have to be written. Of those who stand nowhere yet, the likes of each other share them."""
    standing = {customer for customer, _ in standings}
    known: dict[int, tuple[Placed, list[Change]]] = {}
    for one in placed:
        if one.customer in standing:
            yield from changes_of(one, standings, rules, occasion)
            continue
        like = id(one.decisions)
        if like not in known:
            known[like] = one, changes_of(one, standings, rules, occasion)
        for change in known[like][1]:
            yield change._replace(customer=one.customer)


def _tests(rules: Rulebook) -> Iterator[Test]:
    for scheme in rules.schemes:
        for class_ in scheme.classes:
            if class_.when is not None:
                yield from leaves(class_.when)


def _frame(rules: Rulebook, types: Mapping[Ref, FieldType], decided: Frame, occasion: Occasion) -> Frame:
    """Return a row a customer: facts, classes, their next changes, and when a stored value changes."""
    ids = decided["customer"].to_list()
    events = events_frame(ids)
    fields = {ref: type_ for ref, type_ in types.items() if ref.source in {"customer", "custom"}}
    people = people_frame(ids, fields).join(decided, on="customer", how="left")
    ago = Ago(events, occasion.as_of)
    frame = place(rules.schemes, people, ago, as_of=occasion.as_of, zone=occasion.zone)
    rest = [Needed(ref, type_) for ref, type_ in rules.metrics.items() if str(ref) not in frame.columns]
    frame = build(frame, ago, rest, occasion.as_of)
    frame = frame.join(first_exits(ago, rules.metrics), on="customer", how="left")
    return frame.join(first_ahead(events, occasion.as_of), on="customer", how="left")


def _placed(
    rules: Rulebook,
    names: Sequence[tuple[str, Ref, FieldType]],
    row: Mapping[str, object],
    occasion: Occasion,
    fixed: Mapping[tuple[int, str], Fixed],
) -> Placed:
    customer = cast("int", row["customer"])
    values = {ref: core_value(row[name], type_) for name, ref, type_ in names}
    facts = Facts(values, as_of=occasion.as_of, zone=occasion.zone)
    decisions = [_decision(scheme, row, facts, fixed.get((customer, scheme.dimension))) for scheme in rules.schemes]
    exit_, ahead = cast("int | None", row[EXIT]), cast("date | None", row[AHEAD_DAY])
    days = [day for day in (ahead, None if exit_ is None else add_days(occasion.as_of, exit_)) if day]
    return Placed(customer, values, decisions, min(days, default=None))


def _decision(scheme: Scheme, row: Mapping[str, object], facts: Facts, fixed: Fixed | None) -> Decision:
    dimension = scheme.dimension
    class_key = cast("str", row[class_column(dimension)])
    next_day = cast("date | None", row[next_change_column(dimension)])
    next_key = ""
    if next_day is not None:
        ruled = cast("str", row[next_class_column(dimension)])
        holds = fixed is not None and fixed.holds(next_day)
        next_key = class_key if holds else in_effect(scheme, ruled, standing="" if fixed else class_key)
    return Decision(
        dimension=dimension,
        class_key=class_key,
        computed_key=cast("str", row[computed_column(dimension)]),
        source=source_of(fixed, facts.as_of),
        next_day=next_day,
        next_key=next_key,
        undetermined=is_undetermined(scheme, class_key, facts),
    )
