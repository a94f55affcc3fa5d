"""What the people of a large company have to do: tasks, plans, days that were agreed, and what they were told.

It is written by statements, not by actions: what matters is how much there is, whose it is and when it is due. Three of
five customers have tasks, five each; of the open ones an eighth is overdue, most of them by days and some by months, a
twenty-fifth is due today, and a twentieth was given to somebody else than the owner. One customer in ten has a plan.
"""

from __future__ import annotations

from typing import Any

_PLACES = """
CREATE TEMP TABLE bench_place AS
SELECT row_number() OVER (ORDER BY id) - 1 AS place, id, owner_id FROM customers_customer WHERE owner_id IS NOT NULL;
CREATE UNIQUE INDEX ON bench_place (place);
ANALYZE bench_place;
SELECT setseed(0.25)
"""

_PLANS = """
INSERT INTO followups_plan (customer_id, template_id, purpose, steps, state, cause, started_at, end_reason, adapted,
                            days, version)
SELECT c.id, t.id, t.purpose, t.steps, 'active', '{"by": "hand"}', now() - random() * interval '40 days', '', '[]', '{}', 1
  FROM bench_place c
  JOIN (SELECT row_number() OVER (ORDER BY position, id) - 1 AS place, count(*) OVER () AS size, id, purpose, steps
          FROM followups_plantemplate WHERE is_active) t ON t.place = c.place / 10 %% t.size
 WHERE c.place %% 10 = 0
    ON CONFLICT DO NOTHING
"""

_TASKS = """
INSERT INTO followups_task (customer_id, step, kind, title, text, due_on, due_at, priority, owner_id, creator_id, delegated,
                            recurrence, checklist, state, outcome, outcome_text, done_at, done_by_id, told, version, created_at)
SELECT CASE WHEN c < 0.97 THEN id END, '',
       (ARRAY['call', 'call', 'message', 'visit', 'meeting', 'email', 'todo'])[1 + n %% 7],
       (ARRAY['确认样品反馈', '回访使用情况', '发报价单', '约时间拜访', '催一下合同', '问续签的打算'])[1 + n %% 6], '', day,
       CASE WHEN b < 0.3 THEN time '09:00' + floor(b * 100) * interval '20 minutes' END,
       CASE WHEN c < 0.15 THEN 1 WHEN c < 0.85 THEN 2 ELSE 3 END,
       does, CASE WHEN does <> owner_id THEN owner_id END, does <> owner_id, '', '[]', %(state)s, '', '',
       CASE WHEN %(state)s = 'done' THEN least(now(), day + CASE WHEN a < 0.75 THEN interval '10 hours'
                                                                 ELSE (1 + floor(b * 6)) * interval '1 day' END) END,
       CASE WHEN %(state)s = 'done' THEN does END, 0, 1, now() - interval '30 days'
  FROM (SELECT r.*, p.id, p.owner_id,
               CASE WHEN n %% 20 = 7 THEN (%(people)s::bigint[])[1 + n %% cardinality(%(people)s::bigint[])]
                    ELSE p.owner_id END AS does,
               CASE WHEN %(state)s = 'done' THEN %(today)s::date - floor(b * 90)::int
                    WHEN a < 0.125 THEN %(today)s::date - 1 - least(150, floor(-ln(1 - b) * 12))::int
                    WHEN a < 0.165 THEN %(today)s::date
                    ELSE %(today)s::date + 1 + floor(b * b * 120)::int END AS day
          FROM (SELECT n, random() AS a, random() AS b, random() AS c FROM generate_series(1, %(tasks)s) n) r
          JOIN bench_place p ON p.place = r.n %% %(with_tasks)s) d
"""

_STEPS = """
UPDATE followups_task t SET plan_id = p.id, step = p.steps->0->>'key'
  FROM followups_plan p
 WHERE t.id = (SELECT min(id) FROM followups_task o WHERE o.customer_id = p.customer_id AND o.state = 'open')
   AND p.id = (SELECT min(id) FROM followups_plan o WHERE o.customer_id = p.customer_id)
   AND NOT EXISTS (SELECT FROM followups_task o WHERE o.plan_id = p.id)
"""

_DAYS = """
UPDATE customers_customer c SET next_contact_on = d.day, planned_contact_on = d.planned
  FROM (SELECT p.id, coalesce(t.day, %(today)s::date - 20 + floor(random() * 60)::int) AS day, t.day AS planned
          FROM bench_place p
          LEFT JOIN (SELECT customer_id, min(shown_on) AS day FROM followups_task
                      WHERE state = 'open' AND kind <> 'todo' GROUP BY 1) t ON t.customer_id = p.id
         WHERE t.day IS NOT NULL OR p.place %% 10 = 9) d
 WHERE d.id = c.id
"""

_MOVES = """
WITH class (dimension, key, other) AS (
    SELECT dimension, class_key, coalesce(lead(class_key) OVER w, first_value(class_key) OVER w)
      FROM (SELECT DISTINCT dimension, class_key FROM classification_placement) c
    WINDOW w AS (PARTITION BY dimension ORDER BY class_key ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)
INSERT INTO timeline_event (customer_id, kind, occurred_at, day, recorded_at, channel, source, currency, subject_type,
                            subject_id, data, key)
SELECT p.customer_id, 'class.changed', m.at, (m.at AT TIME ZONE %(zone)s)::date, m.at, '', '', '', '', '',
       jsonb_build_object('dimension', p.dimension, 'from', k.other, 'to', p.class_key, 'source', p.source,
                          'since', (m.at AT TIME ZONE %(zone)s)::date - 60, 'version', v.number, 'reason', p.reason), ''
  FROM (SELECT id, now() - random() * interval '60 days' AS at FROM bench_place WHERE place %% 2 = 0) m
  JOIN classification_placement p ON p.customer_id = m.id AND p.dimension IN ('intent', 'value', 'activity')
  JOIN classification_schemeversion v ON v.id = p.version_id
  JOIN class k ON k.dimension = p.dimension AND k.key = p.class_key
"""

_PROMISES = """
INSERT INTO assignment_promise (customer_id, dimension, class_key, hours, started_at, due_at, kept_at, steps)
SELECT id, 'intent', 'hot', 4, at, at + interval '4 hours', CASE WHEN place %% 100 <> 3 THEN at + taken END, 0
  FROM (SELECT id, place, now() - interval '2 days' - random() * interval '60 days' AS at,
               random() * interval '6 hours' AS taken
          FROM bench_place WHERE place %% 20 = 3) p
    ON CONFLICT DO NOTHING
"""

_REVIEWS = """
INSERT INTO classification_review (customer_id, dimension, kind, from_key, to_key, said, created_at, state, answer)
SELECT id, 'value', 'demotion', 'high', 'regular', '', now() - random() * interval '20 days', 'open', ''
  FROM bench_place WHERE place %% 50 = 11
    ON CONFLICT DO NOTHING
"""

_NOTIFICATIONS = """
INSERT INTO classification_notification (user_id, kind, customer_id, dimension, from_key, to_key, text, created_at, read_at,
                                         is_routed)
SELECT owner_id, 'changed', id, 'value', 'high', 'regular', '', at,
       CASE WHEN place %% 100 <> 5 THEN at + interval '1 hour' END, true
  FROM (SELECT id, owner_id, place, now() - interval '1 day' - random() * interval '20 days' AS at
          FROM bench_place WHERE place %% 10 = 5) p
"""


def fill(tasks: int) -> None:
    """Give everybody who owns customers their share of so many open tasks, and all that comes with them."""
    from django.db import connection  # noqa: PLC0415

    from zhike.accounts.queries import company_zone  # noqa: PLC0415
    from zhike.base.clock import today  # noqa: PLC0415

    zone = company_zone()
    with connection.cursor() as cursor:
        cursor.execute(_PLACES)
        cursor.execute("SELECT array_agg(DISTINCT owner_id), count(*) FROM bench_place")
        people, customers = cursor.fetchone()
        given: dict[str, Any] = {
            "today": today(zone),
            "zone": str(zone),
            "people": people,
            "with_tasks": max(1, customers * 3 // 5),
        }
        cursor.execute(_PLANS, given)
        cursor.execute(_TASKS, {**given, "tasks": tasks, "state": "open"})
        cursor.execute(_TASKS, {**given, "tasks": tasks * 2 // 3, "state": "done"})
        for statement in (_STEPS, _DAYS, _MOVES, _PROMISES, _REVIEWS, _NOTIFICATIONS):
            cursor.execute(statement, given)
        cursor.execute("DROP TABLE bench_place")
    tidy()


def tidy() -> None:
    """Do what the server does by itself within minutes of so much that is new."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
