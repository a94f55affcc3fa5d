"""Writes: who waits for the rules, since its class has changed or since nobody could take it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from zhike.assignment.models import Rule, Waiting
from zhike.base.clock import now

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.classification.follow_up import Entered
    from zhike.classification.rules import Rulebook

# Nobody could take it: asked again after so long, and at once when capacities, absences or rules have changed.
AGAIN = timedelta(minutes=30)

# By its name: the task calls these actions.
SOON = "zhike.assignment.tasks.assign_waiting_customers_soon"

_PUT = """
INSERT INTO assignment_waiting AS w (customer_id, occasion, dimensions, since, after)
SELECT customer, %s, coalesce(array_agg(DISTINCT dimension) FILTER (WHERE dimension <> ''), '{}'), %s, %s
  FROM unnest(%s::bigint[], %s::text[]) AS t (customer, dimension)
 GROUP BY customer
ON CONFLICT (customer_id) DO UPDATE SET after = least(w.after, excluded.after),
    dimensions = ARRAY(SELECT DISTINCT d FROM unnest(w.dimensions || excluded.dimensions) AS d)
"""


def wait_for_rules(entered: Sequence[Entered], rules: Rulebook, *, is_told: bool) -> None:
    """Have the rules asked about customers whose class has changed, once this transaction is over."""
    del rules, is_told
    moved = [one for one in entered if one.old]
    if moved and _asks_on_class_change():
        put(Rule.Occasion.CLASSED, [(one.customer, one.dimension) for one in moved])
        ask_soon()


def _asks_on_class_change() -> bool:
    """Say whether any rule is asked when a class changes; by hand, since it runs for every such change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM assignment_rule WHERE NOT is_paused AND 'classed' = ANY(occasions))")
        (found,) = cursor.fetchone() or (False,)
        return bool(found)


def wait_for_people(occasion: str, ids: Iterable[int]) -> None:
    """Have the rules asked again later about new customers whom nobody could take."""
    wanted = [(pk, "") for pk in ids]
    if wanted:
        put(occasion, wanted, later=True)


def put(occasion: str, wanted: Sequence[tuple[int, str]], *, later: bool = False) -> None:
    """Write down who waits: customer and the dimension in which it moved, empty for none."""
    at = now()
    values: list[Any] = [
        occasion,
        at,
        at + AGAIN if later else at,
        [pk for pk, _ in wanted],
        [name for _, name in wanted],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_PUT, values)


def ask_again() -> None:
    """Let everybody who waits be asked about now: somebody may be there, or may take more, who did not before."""
    if Waiting.objects.filter(after__gt=now()).update(after=now()):
        ask_soon()


def ask_soon() -> None:
    """Have the worker ask the rules soon. One that is asked for already does for both."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(SOON).defer()
