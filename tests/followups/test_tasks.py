"""Tasks: who may, what finishing one writes, what comes again, and that nothing is done twice."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from tests.classification.samples import classes
from tests.factories import make_customer, make_event, make_people
from tests.followups.planned import WEDNESDAY, day_of, in_force
from tests.scenes import once
from zhike.accounts.actions.people import deactivate
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid
from zhike.classification.models import Notification
from zhike.customers.actions.customers import update_customer
from zhike.duplicates.actions.merges import merge_customers
from zhike.followups.actions.finishing import drop_task, finish_task
from zhike.followups.actions.tasks import change_task, create_task, delegate_task, follow_task, move_task, snooze_task
from zhike.followups.models import Plan, Task
from zhike.followups.queries.tallies import busy_of, tasks_of
from zhike.followups.queries.tasks import (
    askable,
    due_of,
    followed_by,
    of_customer,
    open_of,
    overdue_of,
)
from zhike.followups.recurrence import next_day
from zhike.privacy.actions.erasure import erase_customer
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 3)


@pytest.fixture
def people(settings):
    settings.ZHIKE_NOW = WEDNESDAY
    in_force()
    return once("people of tasks", make_people)


def task(by, **given):
    return create_task(by=by, **{"title": "做", "due_on": TODAY, **given})


def test_finishing_a_task_writes_one_event_places_the_customer_and_makes_the_next_one(people):
    customer = make_customer(owner=people.alice)
    weekly = task(people.alice, customer=customer, kind="call", title="周一电话", recurrence="freq=weekly;byday=mo")
    assert day_of(customer) == ("2026-06-03", "plan")
    first = finish_task(task=weekly, version=weekly.version, outcome="reached", text="在看", by=people.alice, minutes=5)
    event = first.event
    assert (event.kind, event.actor, event.subject_type, event.subject_id) == (
        "call.made",
        people.alice,
        "task",
        str(weekly.pk),
    )
    assert event.data == {"text": "在看", "result": "reached", "title": "周一电话", "minutes": 5}
    assert (first.task.state, first.task.event) == ("done", event.pk)
    assert (first.following.due_on, first.following.previous) == (date(2026, 6, 8), weekly)
    assert day_of(customer) == ("2026-06-08", "plan")

    again = finish_task(task=weekly, version=weekly.version, outcome="reached", text="在看", by=people.alice)
    assert (again.event, again.following) == (event, first.following)
    with pytest.raises(Conflict):
        finish_task(task=weekly, version=weekly.version, outcome="refused", by=people.alice)
    assert Event.objects.filter(customer=customer, kind="call.made").count() == 1
    assert Task.objects.count() == 2


def test_whom_nobody_reached_was_not_contacted_and_what_is_for_nobody_writes_nothing(people):
    customer = make_customer(owner=people.alice)
    missed = task(people.alice, customer=customer, kind="call")
    done = finish_task(task=missed, version=1, outcome="no_answer", by=people.alice)
    assert (done.event.kind, done.event.data) == ("task.done", {"result": "no_answer", "title": "做"})
    own = finish_task(task=task(people.alice), version=1, outcome="other", by=people.alice)
    assert (own.task.state, own.event) == ("done", None)


def test_an_outcome_places_the_customer_in_the_same_transaction(people):
    customer = make_customer(owner=people.alice)
    make_event(customer, "inquiry.received")
    assert classes(customer)["intent"] == "warm"
    plan = Plan.objects.get()
    finish_task(task=plan.tasks.get(), version=1, outcome="agreed", by=people.alice)
    assert Event.objects.filter(customer=customer, kind="message.sent").count() == 1


def test_each_change_needs_the_version_that_was_seen_and_what_is_done_is_not_changed(people):
    one = task(people.alice, priority=Task.Priority.LOW, checklist=[{"text": "带样品"}, {"text": " "}])
    assert one.checklist == [{"text": "带样品", "done": False}]
    moved = move_task(task=one, version=1, due_on=date(2026, 6, 9), by=people.alice)
    for refused in (
        lambda: move_task(task=one, version=1, due_on=TODAY, by=people.alice),
        lambda: change_task(task=one, version=1, title="别的", by=people.alice),
        lambda: snooze_task(task=one, version=1, until=date(2026, 6, 10), by=people.alice),
        lambda: drop_task(task=one, version=1, by=people.alice),
    ):
        with pytest.raises(Conflict):
            refused()
    with pytest.raises(Invalid):
        snooze_task(task=one, version=moved.version, until=TODAY, by=people.alice)
    put_off = snooze_task(task=one, version=moved.version, until=date(2026, 6, 12), by=people.alice)
    assert (put_off.due_on, put_off.shown_on) == (date(2026, 6, 9), date(2026, 6, 12))
    dropped = drop_task(task=one, version=put_off.version, by=people.alice, text="不用了")
    assert (dropped.state, dropped.outcome_text) == ("dropped", "不用了")
    with pytest.raises(Conflict):
        finish_task(task=one, version=dropped.version, outcome="reached", by=people.alice)


def test_a_task_is_seen_by_its_people_and_by_who_sees_its_customer_and_changed_by_fewer(people):
    customer = make_customer(owner=people.charlie)
    theirs = task(people.charlie, customer=customer)
    own = task(people.alice, followers=[people.bob])
    assert set(open_of(people.ada, people.charlie)) == {theirs}
    assert not open_of(people.alice, people.charlie).exists()
    with pytest.raises(NotFound):
        move_task(task=theirs, version=1, due_on=TODAY, by=people.alice)
    with pytest.raises(NotFound):
        task(people.alice, customer=customer)
    with pytest.raises(Forbidden):
        delegate_task(task=theirs, version=1, to=people.alice, by=people.charlie)  # who does not see the customer
    with pytest.raises(Forbidden):
        task(people.alice, owner=people.carol)
    assert list(followed_by(people.bob)) == [own]
    given = delegate_task(task=theirs, version=1, to=people.ada, by=people.charlie)
    assert list(followed_by(people.charlie)) == [given]
    assert [one.text for one in Notification.objects.filter(kind="task")] == ["Charlie：做"]
    assert list(of_customer(people.charlie, customer)) == [given]
    follow_task(task=given, by=people.charlie, follows=False)
    assert given.followers.count() == 0
    assert people.alice not in askable(people.charlie, customer)


def test_who_no_longer_sees_the_customer_of_a_task_is_told_so_and_may_give_it_back_or_drop_it(people):
    customer = make_customer(owner=people.alice)
    given = [delegate_task(task=task(people.alice, customer=customer), version=1, to=people.bob, by=people.alice)]
    given.append(delegate_task(task=task(people.alice, customer=customer), version=1, to=people.bob, by=people.alice))
    customer.refresh_from_db()
    update_customer(customer=customer, version=customer.version, by=people.ada, owner=people.charlie)
    assert set(open_of(people.bob, people.bob)) == set(given)
    with pytest.raises(Forbidden) as refused:
        finish_task(task=given[0], version=2, outcome="reached", by=people.bob)
    assert refused.value.message("en").startswith("you no longer see this customer")
    back = delegate_task(task=given[0], version=2, to=people.charlie, by=people.bob)
    assert (back.owner, back.delegated) == (people.charlie, False)
    assert drop_task(task=given[1], version=2, by=people.bob).state == "dropped"


def test_a_form_that_is_sent_twice_makes_one_task(people):
    key = uuid4()
    assert task(people.alice, form_key=key) == task(people.alice, form_key=key)
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    ("rule", "due", "today", "found"),
    [
        pytest.param("FREQ=WEEKLY;BYDAY=MO", (2026, 6, 1), (2026, 6, 3), (2026, 6, 8), id="weekly"),
        pytest.param("FREQ=WEEKLY;BYDAY=MO", (2026, 6, 1), (2026, 6, 8), (2026, 6, 8), id="late, due today again"),
        pytest.param("FREQ=WEEKLY;BYDAY=MO", (2026, 6, 8), (2026, 6, 5), (2026, 6, 15), id="early"),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=-1", (2026, 1, 31), (2026, 1, 31), (2026, 2, 28), id="end of months"),
        pytest.param("FREQ=DAILY;UNTIL=20260604", (2026, 6, 4), (2026, 6, 4), None, id="over"),
    ],
)
def test_the_next_one_comes_on_the_next_day_of_the_rule_that_is_not_past(rule, due, today, found):
    assert next_day(rule, date(*due), date(*today)) == (date(*found) if found else None)


@pytest.mark.parametrize(
    "rule", ["FREQ=HOURLY", "FREQ=DAILY;COUNT=3", "FREQ=DAILY;INTERVAL=0", "每天", "FREQ=DAILY;UNTIL=2"]
)
def test_a_repetition_that_is_none_is_refused(people, rule):
    with pytest.raises(Invalid) as refused:
        task(people.alice, recurrence=rule)
    assert refused.value.path == "recurrence"
    assert Task.objects.count() == 0


def test_lists_and_counts_agree(people):
    days = [TODAY + timedelta(days=ahead) for ahead in (-2, 0, 0, 3)]
    made = [task(people.alice, due_on=day) for day in days]
    assert list(overdue_of(people.alice, people.alice, TODAY)) == made[:1]
    assert list(due_of(people.alice, people.alice, TODAY)) == made[1:3]
    assert list(open_of(people.alice, people.alice)) == made
    assert tasks_of([people.alice.pk, people.bob.pk], TODAY) == {people.alice.pk: (1, 2)}
    assert busy_of([people.alice.pk, people.bob.pk], TODAY) == {people.alice.pk: 3}


def test_who_leaves_a_merge_and_an_erasure_leave_no_task_behind(people):
    mine, other = make_customer("甲", owner=people.alice), make_customer("乙", owner=people.alice)
    for customer in (mine, other):
        for _ in range(2):
            make_event(customer, "inquiry.received")
    alone = task(people.alice)
    merge_customers(ids=[mine.pk, other.pk], survivor=mine.pk, by=people.ada)
    assert [plan.end_reason for plan in Plan.objects.filter(customer=mine, state="ended")] == ["merged"]
    assert Plan.objects.filter(customer=mine, state="active").count() == 1
    assert not Task.objects.filter(customer=other).exists()

    deactivate(user=people.alice, by=people.ada)
    alone.refresh_from_db()
    assert alone.owner == people.bob
    assert not Task.objects.filter(owner=people.alice, state="open").exists()
    mine.refresh_from_db()
    update_customer(customer=mine, version=mine.version, by=people.ada, owner=people.bob, kind="person")
    assert set(Task.objects.filter(customer=mine, state="open").values_list("owner", flat=True)) == {people.bob.pk}

    erase_customer(customer=mine, by=people.ada)
    assert list(Task.objects.all()) == [alone]
    assert Plan.objects.count() == 0
