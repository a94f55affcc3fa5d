"""Reads: a group of companies, added up over those of its members that a person may see."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.db import connection

from zhike.accounts.policy import visible
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.accounts.models import User

MOST_MEMBERS = 50
# A circle cannot be written; whoever made one in the database shall still get an answer.
_DEEPEST = 50

_QUERY = """
WITH RECURSIVE up AS (
    SELECT id, parent_id, 0 AS height FROM customers_customer WHERE id = %s
     UNION ALL
    SELECT c.id, c.parent_id, up.height + 1 FROM customers_customer c JOIN up ON c.id = up.parent_id
     WHERE up.height < %s
), tree AS (
    (SELECT c.id, c.name, c.kind, c.city, 0 AS depth, ARRAY[c.name_key, c.id::text COLLATE "C"] AS path
       FROM up JOIN customers_customer c USING (id) ORDER BY up.height DESC LIMIT 1)
     UNION ALL
    SELECT c.id, c.name, c.kind, c.city, tree.depth + 1, tree.path || ARRAY[c.name_key, c.id::text COLLATE "C"]
      FROM customers_customer c JOIN tree ON c.parent_id = tree.id WHERE tree.depth < %s
), seen AS (
    SELECT tree.*, facts.revenue_year
      FROM tree
      JOIN LATERAL (SELECT v.id FROM ({visible}) v WHERE v.id = tree.id LIMIT 1) mine ON true
      LEFT JOIN classification_customerfacts facts ON facts.customer_id = tree.id
), classes AS (
    SELECT p.dimension, CASE WHEN p.undetermined THEN '' ELSE p.class_key END AS class_key, count(*) AS size
      FROM seen JOIN classification_placement p ON p.customer_id = seen.id GROUP BY 1, 2
), shown AS (
    SELECT id, name, depth, revenue_year FROM seen ORDER BY path LIMIT %s
)
SELECT (SELECT count(*) FROM tree),
       (SELECT count(*) FROM seen),
       (SELECT coalesce(sum(revenue_year), 0)::bigint FROM seen),
       (SELECT coalesce(json_agg(json_build_array(dimension, class_key, size)), '[]') FROM classes),
       (SELECT coalesce(json_agg(json_build_array(id, name, depth, revenue_year)), '[]') FROM shown)
"""


class Member(NamedTuple):
    """One company of a group; the top one has depth 0."""

    pk: int
    name: str
    depth: int
    revenue: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """A group: its members in the order of the tree, the revenue of 365 days, and dimension → class → how many.

    Where nothing is known of a member, its class is "". `hidden` members are in none of the figures.
    """

    size: int
    hidden: int
    revenue: int
    classes: Mapping[str, Mapping[str, int]]
    members: Sequence[Member]

    @property
    def more(self) -> int:
        """How many members are seen but not listed."""
        return self.size - self.hidden - len(self.members)


def group_of(user: User, customer: int) -> Group | None:
    """Return the group to which a company belongs, in one query; None for one that stands alone."""
    # The table is named apart, since its columns are asked for inside another statement.
    inner, params = visible(user, Customer).order_by().values("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_QUERY.format(visible=inner), [customer, _DEEPEST, _DEEPEST, *params, MOST_MEMBERS])
        row = cursor.fetchone()
    assert row is not None
    size, seen, revenue, counted, members = row
    if size < 2:  # noqa: PLR2004  itself alone
        return None
    classes: dict[str, dict[str, int]] = {}
    for dimension, key, number in _list(counted):
        classes.setdefault(dimension, {})[key] = number
    return Group(size, size - seen, revenue, classes, [Member(*one) for one in _list(members)])


def _list(value: object) -> list[list[Any]]:
    """Return what PostgreSQL built: Django's connections hand JSON over as text."""
    found: list[list[Any]] = json.loads(value) if isinstance(value, str) else cast("list[list[Any]]", value)
    return found
