"""The figures of the home pages against a recount that goes through everything one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import pytest

from tests.factories import SHANGHAI, make_customer, make_event
from tests.scenes import once

NOW = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)  # a Thursday, ten o'clock in Shanghai
TODAY = date(2026, 11, 19)


@pytest.fixture
def scene(people, rules, settings):
    """A hundred days of two people's customers: money, intent, tasks and promises, some of it taken back."""
    settings.ZHIKE_NOW = NOW
    once("a hundred days to be counted", lambda: _build(people))
    return people


def _build(people) -> None:
    from zhike.assignment.models import Promise
    from zhike.followups.models import Task
    from zhike.timeline.actions import void

    owners = [people.alice, people.bob]
    customers = [
        make_customer(f"客户{number}", owner=owners[number % 2], created_on=TODAY - timedelta(days=11 * number))
        for number in range(6)
    ]
    for ago in range(0, 100, 7):
        customer = customers[ago % 6]
        day = TODAY - timedelta(days=ago)
        event = make_event(customer, "order.placed", day, amount=100_00 * (ago + 1))
        make_event(customer, "payment.received", day, amount=50_00 * (ago + 1))
        if ago % 4 == 1:
            void(event, by=None)
        if ago % 4 == 2:
            make_event(customer, "order.refunded", day, amount=10_00)
        moved = {"dimension": "intent", "from": "watching", "to": "hot" if ago % 3 else "warm", "source": "rule"}
        make_event(customer, "class.changed", day, data=moved)
    rows = []
    for ago in range(-2, 60, 3):
        for number, owner in enumerate(owners):
            due = TODAY - timedelta(days=ago)
            late = (ago + number) % 4
            done = None if late == 3 or ago < 0 else datetime(due.year, due.month, due.day, 12, tzinfo=SHANGHAI)
            rows.append(
                Task(
                    owner=owner,
                    customer=customers[number],
                    kind="call",
                    title=f"任务{ago}",
                    due_on=due,
                    state=("dropped" if late == 2 and ago % 2 else "done") if done else "open",
                    done_at=min(done + timedelta(days=late - 1), NOW) if done else None,
                    created_at=NOW,
                )
            )
    Task.objects.bulk_create(rows)
    Promise.objects.bulk_create(
        Promise(
            customer=customers[number % 6],
            dimension="intent",
            class_key="hot",
            hours=8,
            started_at=NOW - timedelta(days=4 * number, hours=number),
            due_at=NOW - timedelta(days=4 * number, hours=number - 8),
            kept_at=NOW - timedelta(days=4 * number) if number % 3 else None,
            ended_at=None if number % 3 else NOW,
        )
        for number in range(1, 15)
    )


def whose(user: Any, of: str = ""):
    from zhike.web.home.whose import read_whose

    return read_whose(user, of)


def days() -> list[date]:
    return [TODAY - timedelta(days=ago) for ago in range(300)]


def by_month(amounts: dict[date, int]) -> tuple[list[int], int]:
    """Return eight months and last month until the like day, from what each day had."""
    months = [(2026, month) for month in range(4, 12)]
    return (
        [sum(size for day, size in amounts.items() if (day.year, day.month) == month) for month in months],
        sum(size for day, size in amounts.items() if date(2026, 10, 1) <= day <= date(2026, 10, 19)),
    )


def by_week(value) -> list:
    return [
        value(TODAY - timedelta(days=3 + 7 * back), TODAY - timedelta(days=7 * back - 3)) for back in range(7, -1, -1)
    ]


def events(user: Any, *kinds: str) -> list:
    from zhike.timeline.models import Event

    rows = Event.objects.filter(kind__in=kinds, customer__owner=user).select_related("customer")
    taken_back = set(Event.objects.filter(kind="event.voided").values_list("voids", flat=True))
    return [event for event in rows if event.pk not in taken_back]


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_money_is_that_of_each_event_that_was_not_taken_back(scene, who):
    from zhike.web.home import queries

    user = getattr(scene, who)
    for found, signs in [
        (queries.revenue, {"order.placed": 1, "order.refunded": -1}),
        (queries.payments, {"payment.received": 1}),
    ]:
        amounts: dict[date, int] = {}
        for event in events(user, *signs):
            amounts[event.day] = amounts.get(event.day, 0) + signs[event.kind] * event.base_amount
        run = found(whose(user), queries.Days(TODAY))
        assert (list(run.parts), run.before) == by_month(amounts)
        assert run.now == run.parts[-1]
        assert run.now


def test_new_customers_and_orders_are_counted_once_each(scene):
    from zhike.customers.models import Customer
    from zhike.web.home import queries

    run = queries.new_customers(whose(scene.alice), queries.Days(TODAY))
    began = [one.created_on for one in Customer.objects.filter(owner=scene.alice)]
    assert (list(run.parts), run.before) == by_month({day: began.count(day) for day in began})
    placed = [event.day for event in events(scene.bob, "order.placed")]
    run = queries.orders(whose(scene.bob), queries.Days(TODAY))
    assert (list(run.parts), run.before) == by_month({day: placed.count(day) for day in placed})


def test_newly_hot_is_each_customer_once_in_a_week_and_in_a_month(scene):
    from zhike.classification.rules import rulebook
    from zhike.web.home import queries

    run = queries.newly_hot(whose(scene.alice), queries.Days(TODAY), rulebook())
    hot = [
        (event.customer_id, event.day) for event in events(scene.alice, "class.changed") if event.data["to"] == "hot"
    ]

    def between(first: date, last: date) -> int:
        return len({customer for customer, day in hot if first <= day <= last})

    assert list(run.parts) == by_week(between)
    assert (run.now, run.before) == (
        between(date(2026, 11, 1), TODAY),
        between(date(2026, 10, 1), date(2026, 10, 19)),
    )


def test_on_time_is_what_was_done_by_its_day(scene):
    from zhike.followups.models import Task
    from zhike.web.home import queries

    run = queries.on_time(whose(scene.alice), queries.Days(TODAY))
    tasks = [task for task in Task.objects.filter(owner=scene.alice) if task.state != "dropped"]

    def is_kept(task: Task) -> bool:
        return task.done_at is not None and task.done_at.astimezone(SHANGHAI).date() <= task.due_on

    def between(first: date, last: date) -> int | None:
        due = [task for task in tasks if first <= task.due_on <= min(last, TODAY)]
        due = [task for task in due if task.due_on < TODAY or is_kept(task)]
        return round(100 * sum(map(is_kept, due)) / len(due)) if due else None

    assert list(run.parts) == by_week(between)
    assert (run.now, run.before) == (
        between(date(2026, 11, 1), TODAY),
        between(date(2026, 10, 1), date(2026, 10, 19)),
    )
    assert run.now not in {None, 0, 100}


def test_the_first_answer_is_the_one_in_the_middle(scene):
    from zhike.assignment.models import Promise
    from zhike.web.home import queries

    run = queries.first_answer(whose(scene.bob, "all"), queries.Days(TODAY))
    kept = [
        (one.kept_at.astimezone(SHANGHAI).date(), (one.kept_at - one.started_at).total_seconds() / 3600)
        for one in Promise.objects.filter(kept_at__isnull=False)
    ]

    def between(first: date, last: date) -> float | None:
        within = [taken for day, taken in kept if first <= day <= last]
        return round(median(within), 1) if within else None

    assert list(run.parts) == by_week(between)
    assert (run.now, run.before) == (
        between(date(2026, 11, 1), TODAY),
        between(date(2026, 10, 1), date(2026, 10, 19)),
    )
    assert queries.promises_kept(whose(scene.bob, "all"), date(2026, 11, 1), TODAY) == (
        len(
            [
                one
                for one in Promise.objects.all()
                if not one.ended_at and one.due_at >= NOW - timedelta(days=18, hours=10)
            ]
        ),
        len(
            [
                one
                for one in Promise.objects.all()
                if one.kept_at and one.kept_at <= one.due_at and one.due_at >= NOW - timedelta(days=18, hours=10)
            ]
        ),
    )


def test_the_team_is_counted_person_by_person(scene):
    from zhike.classification.rules import rulebook
    from zhike.customers.models import Customer
    from zhike.followups.models import Task
    from zhike.web.home.team import team_of

    team = team_of(scene.bob, rulebook(), TODAY)
    members = {one.user.pk: one for one in team.members}
    assert set(members) == {scene.alice.pk, scene.bob.pk}
    for user in (scene.alice, scene.bob):
        mine = [task for task in Task.objects.filter(owner=user) if task.state == "open"]
        found = members[user.pk]
        assert found.tasks == len([task for task in mine if task.shown_on < TODAY])
        assert found.today == len([task for task in mine if task.shown_on == TODAY])
        late = [
            one
            for one in Customer.objects.filter(owner=user).select_related("facts")
            if (one.next_contact_on or one.facts.contact_due_on or TODAY) < TODAY
        ]
        assert found.contacts == len(late)
        assert found.work.customers == Customer.objects.filter(owner=user).count()
    assert team.overdue == sum(one.overdue for one in team.members)
    from zhike.assignment.models import Promise

    owed = [
        one
        for one in Promise.objects.filter(ended_at=None)
        if TODAY - timedelta(days=30) <= one.due_at.astimezone(SHANGHAI).date() < TODAY
    ]
    kept = [one for one in owed if one.kept_at and one.kept_at <= one.due_at]
    assert team.answers == (len(owed), len(kept)) != (0, 0)
