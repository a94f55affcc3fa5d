"""Is what is stored what the rules give? Everything is worked out again, compared, and nothing is written.

What is stored is held against the engine's frames, which place by the thousand; of some customers the
frames are held against the core, which places one. Each chunk is read from one snapshot of the database,
so that events recorded meanwhile make no difference.
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection, transaction

from zhike.base.clock import now
from zhike.classification.batch import occasion_of, place_chunk
from zhike.classification.facts import load_histories, stored_values
from zhike.classification.live import decide
from zhike.classification.models import CustomerFacts, Scheme
from zhike.classification.rules import rulebook
from zhike.classification.store import contact_due, next_flip, read_standings
from zhike.classification.turned_back import DIFFERENCE
from zhike.core.facts import value_to_json
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from zhike.classification.rules import Rulebook
    from zhike.classification.store import Decision, Occasion, Placed, Standing, Standings

    type Progress = Callable[[int, int], None]

CHUNK = 5_000
# Of everyone, so many are placed by the core as well.
BY_CORE = 500
FACTS = "facts"


class Difference(NamedTuple):
    """One thing of one customer that is stored otherwise than it is worked out.

    `where` is the dimension, or ``facts``; `what` the column, metric or ``core`` where the two ways of
    working it out disagree. `why` is ``new``, ``due``, ``rules`` or ``ahead`` where that is known.
    """

    customer: int
    where: str
    what: str
    stored: object
    computed: object
    why: str = ""


@dataclass(slots=True)
class Audit:
    """What was looked at, and what was found."""

    customers: int = 0
    by_core: int = 0
    differences: list[Difference] = field(default_factory=list)


def audit(*, sample: int | None = None, progress: Progress | None = None) -> Audit:
    """Work everything out again for everyone, or for so many drawn by lot."""
    ids = list(Customer.present.order_by("pk").values_list("pk", flat=True))
    if sample is not None:
        ids = sorted(random.sample(ids, min(sample, len(ids))))
    by_core = set(ids if sample is not None else random.sample(ids, min(BY_CORE, len(ids))))
    found = Audit()
    rules = rulebook()
    for chunk in batched(ids, CHUNK) if rules.schemes else ():
        with _snapshot():
            found.differences += _audit_chunk(rules, chunk, by_core.intersection(chunk))
        found.customers += len(chunk)
        if progress is not None:
            progress(found.customers, len(ids))
    found.by_core = len(by_core) if rules.schemes else 0
    return found


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read from one moment of the database, and refuse to write; inside another transaction, from that."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _audit_chunk(rules: Rulebook, ids: Sequence[int], by_core: Iterable[int]) -> Iterator[Difference]:
    occasion = occasion_of()
    standings = read_standings(ids)
    stored = CustomerFacts.objects.in_bulk(ids)
    reasons = _Reasons()
    placed = {one.customer: one for one in place_chunk(rules, ids, occasion, standings)}
    for customer, one in placed.items():
        facts = stored.get(customer)
        differences = [*_facts(one, facts, rules, occasion)]
        for decision in one.decisions:
            standing = standings.get((customer, decision.dimension))
            differences += _placement(customer, decision, standing, occasion)
        why = reasons.of(facts) if differences else ""
        yield from (difference._replace(why=why) for difference in differences)
    yield from _by_core(rules, placed.keys() & set(by_core), placed, occasion)
    yield from _refused(rules, set(ids) - placed.keys(), standings)


def _refused(rules: Rulebook, ids: Iterable[int], standings: Standings) -> Iterator[Difference]:
    """Find classes that rules have given to customers who refuse."""
    for customer in sorted(ids):
        for scheme in rules.schemes:
            standing = standings.get((customer, scheme.dimension))
            if standing is not None and standing.source != "person":
                yield Difference(customer, scheme.dimension, "class_key", standing.class_key, None)


def _facts(one: Placed, facts: CustomerFacts | None, rules: Rulebook, occasion: Occasion) -> Iterator[Difference]:
    as_of = occasion.as_of
    if facts is None:
        yield Difference(one.customer, FACTS, "all", None, "placed")
        return
    computed = stored_values(rules, one.values, as_of)
    for name, *_ in rules.stored:
        if facts.values.get(name) != computed.get(name):
            yield Difference(one.customer, FACTS, name, facts.values.get(name), computed.get(name))
    columns = ("next_flip_at", "contact_every", "contact_due_on")
    for name, value in zip(columns, (next_flip(one, occasion), *contact_due(one, rules, as_of)), strict=True):
        if getattr(facts, name) != value:
            yield Difference(one.customer, FACTS, name, _plain(getattr(facts, name)), _plain(value))


def _placement(
    customer: int, decision: Decision, standing: Standing | None, occasion: Occasion
) -> Iterator[Difference]:
    flip = occasion.midnight(decision.next_day)
    computed = {
        "class_key": decision.class_key,
        "computed_key": decision.computed_key,
        "source": decision.source,
        "next_flip_at": int(flip.timestamp()) if flip else None,
        "next_key": decision.next_key,
        "undetermined": decision.undetermined,
    }
    stored: Mapping[str, object] = standing._asdict() if standing else {}
    for name, value in computed.items():
        if stored.get(name) != value:
            yield Difference(customer, decision.dimension, name, stored.get(name), value)


def _by_core(
    rules: Rulebook, ids: Iterable[int], placed: Mapping[int, Placed], occasion: Occasion
) -> Iterator[Difference]:
    """Hold the frames against the core: the same facts, classes and next changes."""
    customers = Customer.objects.select_related("owner").filter(pk__in=list(ids))
    for customer, history in load_histories(customers, rules, occasion.zone).items():
        frames, core = placed[customer], decide(customer, rules, history, occasion.as_of)
        for ours, theirs in zip(frames.decisions, core.decisions, strict=True):
            if ours != theirs:
                yield Difference(customer, ours.dimension, "core", _plain(tuple(ours)), _plain(tuple(theirs)))
        for ref in rules.metrics:
            if frames.values[ref] != core.values[ref]:
                pair = (value_to_json(frames.values[ref]), value_to_json(core.values[ref]))
                yield Difference(customer, FACTS, f"core {ref}", *pair)
        if frames.changes_on != core.changes_on:
            yield Difference(customer, FACTS, "core", _plain(frames.changes_on), _plain(core.changes_on))


def _plain(value: object) -> object:
    match value:
        case tuple():
            return [_plain(item) for item in value]
        case None | str() | int() | bool():
            return value
        case _:
            return str(value)


class _Reasons:
    """Why a customer may lag behind: the program knows of it, and catches up by itself."""

    def __init__(self) -> None:
        self._now = now()
        pending = Scheme.objects.filter(pending_since__isnull=False).order_by("pending_since")
        self._pending: datetime | None = pending.values_list("pending_since", flat=True).first()

    def of(self, facts: CustomerFacts | None) -> str:
        if facts is None:
            return "new"
        if facts.placed_at is not None and facts.placed_at > self._now + DIFFERENCE:
            return "ahead"
        if facts.next_flip_at is not None and facts.next_flip_at <= self._now:
            return "due"
        if self._pending is not None and (facts.placed_at is None or facts.placed_at >= self._pending):
            return "rules"
        return ""
