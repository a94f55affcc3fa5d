"""A month of a company, day by day: each promise is kept or escalated once, and classes, plans and figures agree."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from tests.factories import make_team, make_user
from tests.followups.planned import in_force
from zhike.accounts.models import Role, User
from zhike.assignment.ladder import chain
from zhike.base.clock import at
from zhike.classification.batch import place_everyone
from zhike.classification.due import place_due
from zhike.classification.models import Notification, Placement
from zhike.customers.actions.log import log_contact
from zhike.customers.models import Customer
from zhike.followups.actions.finishing import finish_task
from zhike.followups.actions.ladder import climb
from zhike.followups.models import Escalation, Plan, Task
from zhike.followups.queries.tallies import tasks_of
from zhike.followups.queries.tasks import open_of
from zhike.timeline.actions import record
from zhike.timeline.models import Event

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 6, 1)
DAYS = 30
CUSTOMERS = 2_000
A_DAY = 4
# With so many a person has agreed on a day.
AGREED = 40
AFTER = (3, 5, 7)


class Company(NamedTuple):
    diligent: list[User]
    lazy: list[User]
    leader: User


def hired() -> Company:
    """Hire eight who do what is due, and two who do nothing, under one who leads them, and one who leads all."""
    top, team = make_team(), make_team()
    team.parent = top
    team.save()
    make_user("Ada", role=Role.ADMIN)
    make_user("Boss", role=Role.MANAGER, team=top)
    leader = make_user("Leader", role=Role.MANAGER, team=team)
    people = [make_user(team=team) for _ in range(10)]
    return Company(people[2:], people[:2], leader)


def with_customers(company: Company) -> None:
    """Give each of the ten as many customers, written by one statement: making them is not what is tested."""
    likes = [
        Customer(name="客户", name_key=f"{n}", owner=owner) for n, owner in enumerate(company.lazy + company.diligent)
    ]
    Customer.objects.bulk_create(likes)
    columns = [
        field.column for field in Customer._meta.concrete_fields if field.column not in {"id", "next_contact_on"}
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO customers_customer (next_contact_on, {', '.join(columns)}) "
            f"SELECT CASE WHEN n <= %s THEN %s::date + (n * 5)::int END, {', '.join(columns)} "
            "FROM customers_customer, generate_series(1, %s) n ORDER BY n, name_key",
            [AGREED // 10, FIRST, CUSTOMERS // 10 - 1],
        )
    place_everyone(as_of=FIRST)


def moment(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI).astimezone(UTC)


def month(company: Company) -> Counter[tuple[int, date]]:
    """Live through the days; return how many lines of the ladder each person got on each."""
    chance = random.Random(7)
    customers = list(Customer.objects.filter(next_contact_on=None).order_by("pk")[:100])
    for day in (FIRST + timedelta(days=n) for n in range(DAYS)):
        with at(moment(day, 8)):
            place_due()
            # Whoever has asked once asks again, so that some become hot.
            for customer in chance.sample(customers, A_DAY):
                kind = "inquiry.received" if chance.random() < 0.9 else "quote.sent"
                record(customer, kind, by=None)
        with at(moment(day, 10)):
            due = Task.objects.filter(state=Task.State.OPEN, shown_on__lte=day, owner__in=company.diligent)
            agreed = Customer.objects.filter(next_contact_on__lte=day, owner__in=company.diligent)
            for customer in agreed.exclude(planned_contact_on__isnull=False).select_related("owner"):
                log_contact(customer=customer, kind="call", by=customer.owner, text="如约")
            for task in due.select_related("owner").order_by("pk"):
                finish_task(task=task, version=task.version, outcome="reached", by=task.owner)
        with at(moment(day, 18)):
            climb()
            if day.weekday() == 0:
                climb()  # nobody hears of anything twice
    rows = Notification.objects.filter(kind="escalation").values_list("user", "day")
    return Counter(rows)


@pytest.mark.django_db
def test_after_a_month_every_promise_was_kept_or_escalated_once_and_everything_agrees():
    in_force()
    company = hired()
    with at(moment(FIRST, 7)):
        with_customers(company)
    lines = month(company)
    last = FIRST + timedelta(days=DAYS - 1)

    # Told from the tasks alone: how late each was when it was closed, or is, and whom its owner has above.
    expected = Counter[tuple[int | None, int | None, int, int]]()
    ladders = {user.pk: chain(user) for user in User.objects.all()}
    kept = late = 0
    for task in Task.objects.order_by("pk"):
        closed = task.done_at.astimezone(SHANGHAI).date() - timedelta(days=1) if task.done_at else last
        steps = sum((closed - task.due_on).days >= days for days in AFTER)
        kept += not steps
        late += bool(steps)
        of = (task.pk, task.customer_id)
        expected.update((*of, step + 1, user) for step in range(steps) for user in ladders[task.owner_id][step])
    missed = list(Customer.objects.filter(next_contact_on__isnull=False, planned_contact_on=None))
    assert len(missed) == AGREED * 2 // 10
    for customer in missed:
        steps = sum((last - customer.next_contact_on).days >= days for days in AFTER)
        heard = [(step + 1, user) for step in range(steps) for user in ladders[customer.owner_id][step]]
        expected.update((None, customer.pk, *one) for one in heard)
    assert Counter(Escalation.objects.values_list("task", "customer", "step", "user")) == expected
    assert set(expected.values()) == {1}
    assert set(Escalation.objects.values_list("owner", flat=True)) == {user.pk for user in company.lazy}
    assert (kept > 100, late > 2, len(expected) > 20) == (True, True, True)
    assert set(lines.values()) == {1}

    # Classes and plans are in step.
    standing = {
        (pk, dimension): key
        for pk, dimension, key in Placement.objects.values_list("customer", "dimension", "class_key")
    }
    active = list(Plan.objects.filter(state="active"))
    assert active
    for plan in active:
        assert standing[plan.customer_id, plan.cause["dimension"]] == plan.cause["class_key"]
    interested = {pk for (pk, dimension), key in standing.items() if dimension == "intent" and key != "cold"}
    assert interested <= set(Plan.objects.filter(state__in=["active", "done"]).values_list("customer", flat=True))
    assert Event.objects.filter(kind="plan.started").count() <= Plan.objects.count()
    for plan in Plan.objects.exclude(state="active"):
        assert not plan.tasks.filter(state="open").exists()

    # The figures of the day, counted one by one.
    open_ = list(Task.objects.filter(state="open").values_list("owner", "shown_on", "customer", "kind"))
    people = {user.pk: user for user in User.objects.all()}
    counted = tasks_of(list(people), last)
    for owner in {owner for owner, *_ in open_}:
        days = [day for whose, day, *_ in open_ if whose == owner]
        assert counted.get(owner, (0, 0)) == (sum(day < last for day in days), sum(day == last for day in days))
        assert open_of(people[owner], people[owner]).count() == len(days)
    earliest: dict[int, date] = {}
    for _, day, customer, kind in open_:
        if kind != "todo":
            earliest[customer] = min(day, earliest.get(customer, day))
    planned = Customer.objects.filter(planned_contact_on__isnull=False).values_list("pk", "next_contact_on")
    assert dict(planned) == earliest
