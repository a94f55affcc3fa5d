"""The statements behind the scorecard: one a figure, for all classes of the dimensions asked for.

Each takes the names in `Bounds`, and `scope`: a condition on `customer_id` that keeps what a person may see.
Trade and interactions are read from an index alone; what was taken back is read apart and subtracted.
"""

from __future__ import annotations

from zhike.core.metrics import METRICS
from zhike.core.scorecard import FLIP_DAYS

ORDER, REFUND = METRICS["revenue"].kinds[0], METRICS["revenue"].minus[0]
INTERACTIONS = METRICS["interactions"].kinds
BY_US = METRICS["contacts_made"].kinds


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


# The first day of which anything was told: since when somebody stands, or stood whom the first change moved.
RECORDED = """
SELECT d.dimension,
       least((SELECT min(p.since) FROM classification_placement p WHERE p.dimension = d.dimension),
             (SELECT (e.data->>'since')::date FROM timeline_event e
               WHERE e.kind = 'class.changed' AND e.data->>'dimension' = d.dimension ORDER BY e.day LIMIT 1))
  FROM unnest(%(dimensions)s::text[]) AS d (dimension)
"""

SIZES = """
SELECT p.dimension, p.class_key, count(*), count(*) FILTER (WHERE p.source = 'rule'),
       count(*) FILTER (WHERE p.source = 'model'), count(*) FILTER (WHERE p.source = 'person'),
       count(*) FILTER (WHERE p.undetermined)
  FROM classification_placement p
 WHERE p.dimension = ANY(%(dimensions)s) AND p.{scope}
 GROUP BY 1, 2
"""

_NOT_TAKEN_BACK = "e.id NOT IN (SELECT v.voids_id FROM timeline_event v WHERE v.voids_id IS NOT NULL)"

# Where customers stood at the end of a day, as it was told then (see `history`): where they stand still, or
# in the class that a later change ends; nowhere before their record began.
_STANDING = f"""
standing AS (
    SELECT t.customer_id, t.dimension, t.class_key FROM (
        SELECT p.customer_id, p.dimension, p.class_key FROM classification_placement p
         WHERE p.dimension = ANY(%(dimensions)s) AND p.{{scope}} AND p.since <= %(day)s
        UNION ALL
        SELECT e.customer_id, e.data->>'dimension', e.data->>'from' FROM timeline_event e
         WHERE e.kind = 'class.changed' AND e.data->>'dimension' = ANY(%(dimensions)s) AND e.{{scope}}
           AND e.day > %(day)s AND e.data->>'since' <= %(day)s::text AND {_NOT_TAKEN_BACK}
    ) t WHERE t.customer_id NOT IN (SELECT c.id FROM customers_customer c WHERE c.created_on > %(day)s)
)
"""  # noqa: S608  literals

SIZES_THEN = f"""
WITH {_STANDING}
SELECT s.dimension, s.class_key, count(*), count(*) FILTER (WHERE o.id IS NULL), 0,
       count(*) FILTER (WHERE o.id IS NOT NULL), NULL
  FROM standing s
  LEFT JOIN classification_override o
    ON o.customer_id = s.customer_id AND o.dimension = s.dimension
   AND o.created_at < %(until)s AND (o.ended_at IS NULL OR o.ended_at >= %(until)s)
 GROUP BY 1, 2
"""  # noqa: S608  literals

OUTCOMES = f"""
WITH {_STANDING},
traded AS (
    SELECT customer_id, sum(earlier) AS earlier, sum(orders) AS orders, sum(revenue) AS revenue FROM (
        SELECT e.customer_id, count(*) FILTER (WHERE e.day < %(first)s) AS earlier,
               count(*) FILTER (WHERE e.day >= %(first)s) AS orders,
               coalesce(sum(e.base_amount) FILTER (WHERE e.day >= %(first)s), 0) AS revenue
          FROM timeline_event e WHERE e.kind = '{ORDER}' AND e.day <= %(last)s GROUP BY 1
        UNION ALL
        SELECT e.customer_id, 0, 0, -coalesce(e.base_amount, 0) FROM timeline_event e
         WHERE e.kind = '{REFUND}' AND e.day BETWEEN %(first)s AND %(last)s
        UNION ALL
        SELECT e.customer_id, -(e.kind = '{ORDER}' AND e.day < %(first)s)::int,
               -(e.kind = '{ORDER}' AND e.day >= %(first)s)::int,
               CASE WHEN e.day < %(first)s THEN 0 WHEN e.kind = '{ORDER}' THEN -1 ELSE 1 END * coalesce(e.base_amount, 0)
          FROM timeline_event v JOIN timeline_event e ON e.id = v.voids_id
         WHERE v.kind = 'event.voided' AND e.kind IN ('{ORDER}', '{REFUND}') AND e.day <= %(last)s
    ) t GROUP BY 1
),
touched AS (
    SELECT customer_id, sum(interactions) AS interactions, sum(contacts) AS contacts FROM (
        SELECT e.customer_id, count(*) AS interactions, count(*) FILTER (WHERE e.kind IN ({_listed(BY_US)})) AS contacts
          FROM timeline_event e
         WHERE e.kind IN ({_listed(INTERACTIONS)}) AND e.day BETWEEN %(first)s AND %(last)s GROUP BY 1
        UNION ALL
        SELECT e.customer_id, -1, -(e.kind IN ({_listed(BY_US)}))::int
          FROM timeline_event v JOIN timeline_event e ON e.id = v.voids_id
         WHERE v.kind = 'event.voided' AND e.kind IN ({_listed(INTERACTIONS)}) AND e.day BETWEEN %(first)s AND %(last)s
    ) t GROUP BY 1
)
SELECT s.dimension, s.class_key, count(*) AS customers,
       count(*) FILTER (WHERE t.orders > 0) AS buyers,
       count(*) FILTER (WHERE t.orders > 1) AS repeaters,
       count(*) FILTER (WHERE t.orders > 0 OR u.interactions > 0) AS kept,
       count(*) FILTER (WHERE u.contacts > 0) AS contacted,
       count(*) FILTER (WHERE coalesce(t.earlier, 0) = 0) AS unbought,
       count(*) FILTER (WHERE coalesce(t.earlier, 0) = 0 AND t.orders > 0) AS first_buyers,
       coalesce(sum(t.orders), 0)::bigint AS orders,
       coalesce(sum(t.revenue), 0)::bigint AS revenue,
       coalesce(var_samp(coalesce(t.revenue, 0)), 0)::float AS spread
  FROM standing s
  LEFT JOIN traded t ON t.customer_id = s.customer_id
  LEFT JOIN touched u ON u.customer_id = s.customer_id
 GROUP BY GROUPING SETS ((s.dimension, s.class_key), (s.dimension))
"""  # noqa: S608  literals

# Who left each class in the period: how often, after how long in the median, and how many were not in it at the
# end. Then who entered each class so that the days in which they might flip end in the period. A move
# by a person, or by new rules, is no flip: nobody wavered.
MOVES = f"""
WITH moves AS MATERIALIZED (
    SELECT e.customer_id, e.data->>'dimension' AS dimension, e.data->>'from' AS from_key, e.data->>'to' AS to_key,
           e.day, (e.data->>'since')::date AS since, e.id,
           e.data->>'source' <> 'person' AND e.data->>'recomputed' IS DISTINCT FROM 'rules' AS by_rule
      FROM timeline_event e
     WHERE e.kind = 'class.changed' AND e.day BETWEEN %(first)s - {FLIP_DAYS} AND %(last)s
       AND e.data->>'dimension' = ANY(%(dimensions)s) AND e.{{scope}}
       AND {_NOT_TAKEN_BACK}
),
entries AS MATERIALIZED (
    SELECT m.customer_id, m.dimension, m.to_key, m.day, m.by_rule, l.day AS left_on, l.by_rule AS left_by_rule
      FROM moves m LEFT JOIN moves l
        ON l.customer_id = m.customer_id AND l.dimension = m.dimension AND l.from_key = m.to_key
       AND l.since = m.day AND l.id > m.id
),
leavers AS (
    SELECT m.dimension, m.from_key, m.customer_id, count(*) AS times FROM moves m
     WHERE m.day >= %(first)s GROUP BY 1, 2, 3
),
gone AS (
    SELECT l.dimension, l.from_key, sum(l.times) AS times, count(*) FILTER (WHERE e.customer_id IS NULL) AS customers
      FROM leavers l
      LEFT JOIN (SELECT DISTINCT dimension, to_key, customer_id FROM entries WHERE left_on IS NULL AND day >= %(first)s) e
        ON e.customer_id = l.customer_id AND e.dimension = l.dimension AND e.to_key = l.from_key
     GROUP BY 1, 2
)
SELECT 'left', g.dimension, g.from_key, g.times::bigint, g.customers, s.days
  FROM gone g JOIN (
    SELECT m.dimension, m.from_key, percentile_cont(0.5) WITHIN GROUP (ORDER BY m.day - m.since) AS days
      FROM moves m WHERE m.day >= %(first)s GROUP BY 1, 2) s USING (dimension, from_key)
UNION ALL
SELECT 'entered', e.dimension, e.to_key, count(DISTINCT e.customer_id),
       count(DISTINCT e.customer_id) FILTER (WHERE e.left_by_rule AND e.left_on - e.day <= {FLIP_DAYS}),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY e.left_on - e.day)
           FILTER (WHERE e.left_by_rule AND e.left_on - e.day <= {FLIP_DAYS})
  FROM entries e
 WHERE e.by_rule AND e.day <= %(last)s - {FLIP_DAYS}
 GROUP BY 1, 2, 3
"""  # noqa: S608  literals

_MADE = """
made AS (
    SELECT o.dimension, o.customer_id, o.was_key, o.class_key, o.reason, o.by_id, c.owner_id,
           o.was_key <> o.class_key AS is_move
      FROM classification_override o JOIN customers_customer c ON c.id = o.customer_id
     WHERE o.dimension = ANY(%(dimensions)s) AND o.created_at >= %(since)s AND o.created_at < %(until)s AND o.{scope}
)
"""

# Counted by class left, way, reason, class chosen, person, and way of a person; NULL where not grouped by.
OVERRIDES = f"""
WITH {_MADE}
SELECT m.dimension, m.was_key, m.class_key, m.reason, m.by_id,
       count(DISTINCT m.customer_id), count(DISTINCT m.customer_id) FILTER (WHERE m.is_move),
       count(DISTINCT m.customer_id) FILTER (WHERE m.is_move AND m.owner_id = m.by_id)
  FROM made m
 GROUP BY GROUPING SETS (
       (m.dimension, m.was_key), (m.dimension, m.was_key, m.class_key), (m.dimension, m.was_key, m.reason),
       (m.dimension, m.class_key), (m.dimension, m.by_id), (m.dimension, m.by_id, m.was_key, m.class_key))
HAVING grouping(m.reason) = 1 OR count(DISTINCT m.customer_id) FILTER (WHERE m.is_move) > 1
"""  # noqa: S608  literals

# Who was moved out of what the rules said without having stood there in the period: neither still, nor until a
# change. A few customers, each asked by their own events: hence the fence (OFFSET 0) against other indexes.
OUTSIDE = f"""
WITH {_MADE}
SELECT m.dimension, m.was_key, count(DISTINCT m.customer_id)
  FROM made m
 WHERE m.is_move
   AND NOT EXISTS (
       SELECT FROM classification_placement p
        WHERE p.customer_id = m.customer_id AND p.dimension = m.dimension AND p.class_key = m.was_key
          AND p.since <= %(last)s)
   AND NOT EXISTS (
       SELECT FROM (SELECT e.id, e.kind, e.data FROM timeline_event e
                     WHERE e.customer_id = m.customer_id AND e.day >= %(first)s OFFSET 0) e
        WHERE e.kind = 'class.changed' AND e.data->>'dimension' = m.dimension AND e.data->>'from' = m.was_key
          AND e.data->>'since' <= %(last)s::text AND {_NOT_TAKEN_BACK})
 GROUP BY 1, 2
"""  # noqa: S608  literals

OWNED = """
SELECT p.dimension, c.owner_id, count(*)
  FROM classification_placement p JOIN customers_customer c ON c.id = p.customer_id
 WHERE p.dimension = ANY(%(dimensions)s) AND c.owner_id = ANY(%(people)s) AND p.{scope}
 GROUP BY 1, 2
"""
