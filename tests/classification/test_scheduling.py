"""Background work is asked for with what it is about, or not at all; a moment of the schedule is one job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.periodic import PeriodicDeferrer

from tests.classification.deciding import NOW, TODAY, classes, pack
from tests.classification.test_concurrency import at_once
from tests.factories import make_customer, make_event
from zhike.classification.actions.packs import install_pack
from zhike.classification.batch import drift
from zhike.classification.due import place_due
from zhike.classification.models import Sweep
from zhike.classification.tasks import place_due_customers, run_back_tests
from zhike.customers.models import Customer
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

DUE = place_due_customers.name


def jobs(task=DUE):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [task])
        return cursor.fetchone()[0]


def defer_periodic(moment: datetime, deferrer: PeriodicDeferrer) -> None:
    """Do what one worker's scheduler does at a moment."""
    due = [(task, at) for task, at in deferrer.get_previous_tasks(at=moment.timestamp()) if task.task.name == DUE]
    async_to_sync(deferrer.defer_jobs)(due)


def test_work_that_was_asked_for_in_a_transaction_that_failed_is_never_done():
    before = jobs(run_back_tests.name)
    with transaction.atomic():
        make_customer()
        run_back_tests.defer()
        transaction.set_rollback(True)
    assert (Customer.objects.count(), jobs(run_back_tests.name)) == (0, before)


def test_work_finds_what_was_written_with_it():
    seen = []
    with transaction.atomic():
        customer = make_customer()
        run_back_tests.defer()
        at_once(lambda: seen.append((jobs(run_back_tests.name), Customer.objects.count())))
    at_once(lambda: seen.append((jobs(run_back_tests.name), list(Customer.objects.all()))))
    assert seen == [(0, 0), (1, [customer])]


def test_two_schedulers_ask_once_for_each_moment():
    first, second = (PeriodicDeferrer(app.periodic_registry) for _ in range(2))
    start = datetime(2026, 11, 20, 2, 0, 30, tzinfo=UTC)
    for minutes in range(3):
        for deferrer in (first, second, second):
            defer_periodic(start + timedelta(minutes=minutes), deferrer)
        assert jobs() == 1
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")


def test_work_that_waits_already_is_not_asked_for_again():
    deferrer = PeriodicDeferrer(app.periodic_registry)
    for minutes in range(5):
        defer_periodic(NOW + timedelta(minutes=minutes, seconds=1), deferrer)
    assert jobs() == 1


def test_after_a_week_without_a_scheduler_one_run_does_it_all(settings):
    settings.ZHIKE_NOW = NOW
    install_pack(pack=pack(), by=None)
    customer = make_customer()
    make_event(customer, "order.placed", TODAY, amount=1500)
    deferrer = PeriodicDeferrer(app.periodic_registry)
    defer_periodic(NOW, deferrer)
    back = datetime(2026, 12, 27, 2, 0, 40, tzinfo=UTC)
    restarted = PeriodicDeferrer(app.periodic_registry)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")

    defer_periodic(back, restarted)

    assert jobs() == 1
    settings.ZHIKE_NOW = back
    assert place_due_customers.func(int(back.timestamp())) == 1
    assert classes(customer) == {"value": "regular", "care": "usual"}
    assert drift() == []


def test_two_workers_at_once_move_everybody_once(settings):
    settings.ZHIKE_NOW = NOW
    install_pack(pack=pack(), by=None)
    for _ in range(12):
        make_event(make_customer(), "order.placed", TODAY, amount=1500)
    settings.ZHIKE_NOW = datetime(2027, 2, 1, 2, tzinfo=UTC)

    at_once(place_due, place_due, place_due)
    place_due()

    moves = Event.objects.filter(kind="class.changed", data__dimension="value").exclude(data__from="regular")
    falls = Event.objects.filter(kind="class.changed", data__dimension="value", data__to="low")
    assert (moves.count(), falls.count(), Sweep.objects.count()) == (12, 12, 1)
    assert drift() == []
