"""Writes: customers of one person given to others, set-wise, each with its event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from zhike.timeline.actions import bulk_setting, copy_events, place_set_wise
from zhike.timeline.locks import lock_customers
from zhike.timeline.rows import NewEvent, checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.accounts.models import User

_GIVE = """
UPDATE customers_customer c SET owner_id = s.owner, version = c.version + 1, updated_at = %(at)s
  FROM unnest(%(ids)s::bigint[], %(owners)s::bigint[]) AS s (id, owner)
 WHERE c.id = s.id AND c.owner_id = %(giver)s
RETURNING c.id, c.version, c.owner_id
"""


@transaction.atomic
def give_customers(*, giver: User, to: Mapping[int, User], by: User | None) -> dict[int, User]:
    """Give customers that are still `giver`'s to the person named for each; return those that moved.

    The caller has authorised it. A customer whom somebody else gave away meanwhile stays where it is.
    """
    setting = bulk_setting()
    people = {person.pk: person for person in to.values()}
    lock_customers(to)
    with connection.cursor() as cursor:
        cursor.execute(
            _GIVE,
            {
                "at": setting.now,
                "ids": list(to),
                "owners": [person.pk for person in to.values()],
                "giver": giver.pk,
            },
        )
        moved = sorted(cursor.fetchall())
    events = [
        NewEvent(
            customer_id=pk,
            kind="owner.changed",
            occurred_at=setting.now,
            actor_id=by.pk if by else None,
            data={"from": giver.email, "to": people[owner].email, "version": version},
        )
        for pk, version, owner in moved
    ]
    if events:
        copy_events([checked(event, setting) for event in events])
        place_set_wise([pk for pk, _, _ in moved], recomputed="edited")
    return {pk: people[owner] for pk, _, owner in moved}
