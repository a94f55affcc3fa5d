"""Reads: what a merge would come to, worked out without writing anything."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps

from zhike.accounts.policy import field_access
from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.classification.facts import load_histories
from zhike.classification.models import Override
from zhike.classification.queries import Standing
from zhike.classification.rules import rulebook
from zhike.core.facts import Ref
from zhike.core.history import Fixed, History
from zhike.core.schemes import is_undetermined
from zhike.customers.facts import field_values
from zhike.customers.models import Customer
from zhike.duplicates.moves import FATES, STAYING, How
from zhike.duplicates.proposals import FOLLOWING
from zhike.privacy.profiling import bar_of
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.core.text import Text
    from zhike.duplicates.proposals import Line

# What is another person's own business, or no thing that anybody counts.
_UNCOUNTED = frozenset({"customers.Favourite.customer", "classification.Notification.customer"})
_READ_BY = {"customers.Reach.customer": "reaches", "customers.Address.customer": "addresses"}


class Moving(NamedTuple):
    """How many of something will become the survivor's."""

    label: Text
    size: int


def moving(user: User, ids: Sequence[int]) -> list[Moving]:
    """Return what hangs on records that are about to be merged into another one, the timeline first."""
    access = field_access(user, Customer)
    events = Event.objects.filter(customer__in=ids).exclude(kind__in=[*STAYING, "event.voided"]).count()
    found = {FATES["timeline.Event.customer"].label: events}
    for place, fate in FATES.items():
        is_counted = fate.how in {How.MOVES, How.ONCE, How.OWN} and place not in _UNCOUNTED
        if not is_counted or place == "timeline.Event.customer" or not access.reads(_READ_BY.get(place, "name")):
            continue
        label, _, column = place.rpartition(".")
        rows = apps.get_model(label)._default_manager.filter(**{f"{column}__in": ids, **(fate.only or {})})
        if place == "customers.Reach.customer":
            rows = rows.filter(contact=None)
        elif place == "classification.Override.customer":
            rows = rows.filter(ended_at=None)
        found[fate.label] = found.get(fate.label, 0) + rows.count()
    return [Moving(label, size) for label, size in found.items() if size]


def classes_after(customers: Sequence[Customer], survivor: int, lines: Iterable[Line]) -> Mapping[str, Standing] | None:
    """Return dimension → the class that the survivor would have; None where no rule may place it."""
    if any(bar_of(customer) for customer in customers):
        return None
    rules = rulebook()
    if not rules.schemes:
        return {}
    zone = company_zone()
    histories = load_histories(customers, rules, zone)
    by_id = {customer.pk: customer for customer in customers}
    made = _made(by_id, survivor, lines)
    last = Override.objects.filter(customer__in=list(by_id), ended_at=None).order_by("created_at", "pk")
    fixed = {row.dimension: Fixed(row.class_key, row.expires_on) for row in last}
    events = [event for history in histories.values() for event in history.events]
    history = History(field_values(made, rules.own), events, zone, fixed=fixed, standing=histories[survivor].standing)
    as_of = today(zone)
    facts, computed = history.placed(rules.schemes, as_of)
    found = {}
    for scheme in rules.schemes:
        key = str(facts[Ref(f"class.{scheme.dimension}")])
        held = fixed.get(scheme.dimension)
        source = "person" if held is not None and held.holds(as_of) else "rule"
        undetermined = is_undetermined(scheme, key, facts)
        found[scheme.dimension] = Standing(key, computed[scheme.dimension], source, undetermined)
    return found


def _made(by_id: Mapping[int, Customer], survivor: int, lines: Iterable[Line]) -> Customer:
    """Return the survivor as it would be, which cannot be saved by mistake: it has no number."""
    made = copy(by_id[survivor])
    made._state = copy(made._state)
    made._state.fields_cache = dict(made._state.fields_cache)
    made.custom, made.custom_folded = {**made.custom}, {**made.custom_folded}
    for line in lines:
        chosen = by_id[line.winner]
        if line.field.startswith("custom."):
            key = line.field.removeprefix("custom.")
            for mine, theirs in ((made.custom, chosen.custom), (made.custom_folded, chosen.custom_folded)):
                if key in theirs:
                    mine[key] = theirs[key]
        else:
            for column in (line.field, *FOLLOWING.get(line.field, ())):
                setattr(made, column, getattr(chosen, column))
    tags = [tag for customer in by_id.values() for tag in customer.tags]
    made.tags, made.tags_folded = tags, sorted({tag for one in by_id.values() for tag in one.tags_folded})
    made.pk = None
    return made
