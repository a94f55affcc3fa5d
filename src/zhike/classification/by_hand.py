"""Customers whom no rule may place, because they refuse or the law bars it: no rule is asked about them.

They keep the figures that every page shows, which decide nothing, and stand in those classes alone that a person
has set, for as long as that holds. Live, set-wise and by the clock they come here instead of to the rules.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q

from zhike.accounts.queries import company_zone
from zhike.base.among import among
from zhike.classification.facts import load_histories, next_value_change
from zhike.classification.rules import ALWAYS
from zhike.classification.store import (
    FACTS_COLUMNS,
    PUT_FACTS,
    Decision,
    Placed,
    changes_of,
    facts_row,
    read_standings,
    write_changes,
)
from zhike.core.dates import day_start
from zhike.core.metrics import METRICS
from zhike.customers.models import Customer
from zhike.privacy.profiling import PERSON, grown_up_on, unprofiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from zhike.classification.rules import Rulebook
    from zhike.classification.store import Occasion
    from zhike.core.history import History

_WRITE_FACTS = f"""
INSERT INTO classification_customerfacts ({FACTS_COLUMNS})
VALUES (%s, %s::jsonb, %s, %s, %s, %s, %s) {PUT_FACTS}
"""  # noqa: S608  literals

# What a person has set no longer, and what only rules have given.
_END = """
UPDATE classification_override SET ended_at = %s, "end" = 'expired'
 WHERE customer_id = ANY(%s) AND ended_at IS NULL AND expires_on <= %s
"""
_LEAVE = """
DELETE FROM classification_placement p
 WHERE customer_id = ANY(%s)
   AND NOT EXISTS (SELECT FROM classification_override o
                    WHERE o.customer_id = p.customer_id AND o.dimension = p.dimension AND o.ended_at IS NULL)
"""
_WAKE = "UPDATE classification_customerfacts SET next_flip_at = LEAST(next_flip_at, %s) WHERE customer_id = %s"
_CLOSE = """
UPDATE classification_review SET state = 'obsolete', decided_at = %s
 WHERE customer_id = ANY(%s) AND state = 'open' AND kind <> 'feedback'
"""


def refusing(ids: Iterable[int]) -> set[int]:
    """Return those of these customers whom no rule may place: of businesses it is enough to ask whether they refuse."""
    asked = Customer.objects.filter(Q(no_profiling=True) | Q(kind=PERSON), pk__in=among(ids))
    wanted = list(asked.values_list("pk", flat=True))
    return set(Customer.objects.filter(unprofiled(), pk__in=wanted).values_list("pk", flat=True)) if wanted else set()


def place_by_hand(ids: Iterable[int], rules: Rulebook, occasion: Occasion) -> None:
    """Write where these customers stand, whom no rule may place; whoever was erased stands nowhere."""
    customers = Customer.objects.select_related("owner").filter(unprofiled(), pk__in=list(ids), erased_at=None)
    histories = load_histories(customers, rules, company_zone())
    if not histories:
        return
    quiet = without_rules(rules)
    standings = read_standings(histories)
    placed = [_placed(pk, history, quiet, occasion.as_of) for pk, history in histories.items()]
    changes = [change for one in placed for change in changes_of(one, standings, quiet, occasion)]
    leave_rules(list(histories), occasion)
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE_FACTS, [facts_row(one, quiet, occasion) for one in placed])
    write_changes(changes, quiet, occasion)
    _wake_when_grown_up(list(histories), occasion)


def _wake_when_grown_up(ids: Sequence[int], occasion: Occasion) -> None:
    """Let the clock come back to children on the day on which rules may place them."""
    children = Customer.objects.filter(pk__in=ids, kind=PERSON, no_profiling=False, birthday__isnull=False)
    turns = [(pk, grown_up_on(birthday)) for pk, birthday in children.values_list("pk", "birthday") if birthday]
    rows = [(day_start(day, occasion.zone), pk) for pk, day in turns if day > occasion.as_of]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_WAKE, rows)


def leave_rules(ids: Sequence[int], occasion: Occasion) -> None:
    """Take customers out of every class that no person has set, and out of what waits for somebody to agree."""
    with connection.cursor() as cursor:
        cursor.execute(_END, [occasion.at, list(ids), occasion.as_of])
        cursor.execute(_LEAVE, [list(ids)])
        cursor.execute(_CLOSE, [occasion.at, list(ids)])
        cursor.execute("DELETE FROM classification_staged WHERE customer_id = ANY(%s)", [list(ids)])


def without_rules(rules: Rulebook) -> Rulebook:
    """Return the rulebook by which nothing is read but what is kept of everybody."""
    return replace(
        rules,
        metrics={ref: METRICS[ref.name].type for ref in ALWAYS},
        reads=dict.fromkeys(rules.reads, ()),
        stored=tuple((str(ref), ref, METRICS[ref.name].is_days_since) for ref in ALWAYS),
    )


def _placed(customer: int, history: History, quiet: Rulebook, as_of: date) -> Placed:
    values = {ref: history.value(ref, type_, as_of) for ref, type_ in quiet.metrics.items()}
    known = {scheme.dimension: {class_.key for class_ in scheme.classes} for scheme in quiet.schemes}
    decisions = [
        Decision(
            dimension=dimension,
            class_key=fixed.key,
            computed_key=fixed.key,
            source="person",
            next_day=fixed.until,
            next_key="",
            undetermined=False,
        )
        for dimension, fixed in history.fixed.items()
        if fixed.holds(as_of) and fixed.key in known.get(dimension, ())
    ]
    return Placed(customer, values, decisions, next_value_change(history, quiet.metrics, as_of))
