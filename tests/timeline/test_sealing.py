"""The timeline is sealed into the audit log stretch by stretch, and only what says why may rewrite it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from tests.audit.test_chain import rewrite
from tests.factories import make_customer, make_event
from zhike.audit.models import Entry
from zhike.timeline import sealing
from zhike.timeline.models import Event
from zhike.timeline.sealing import check_seals, rewriting, seal_timeline

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def numbered_from_one(db):
    """Ids go on where the test before stopped; here the first stretch begins with 1."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE timeline_event_id_seq RESTART WITH 1")


@pytest.fixture
def sealed(monkeypatch):
    monkeypatch.setattr(sealing, "STRETCH", 3)
    first, second = make_customer(), make_customer()
    for customer in (first, second, first):
        make_event(customer, "call.made", date(2026, 3, 1), data={"text": "聊了价格"})
    assert seal_timeline() == 5
    return first, second


def seals() -> list[tuple[int, int, int]]:
    rows = Entry.objects.filter(action="timeline.sealed").order_by("pk").values_list("data", flat=True)
    return [(data["first"], data["last"], data["count"]) for data in rows]


def test_each_event_is_sealed_once_in_stretches_that_follow_one_another(sealed):
    assert seals() == [(1, 3, 3), (4, 5, 2)]
    assert seal_timeline() == 0
    make_event(sealed[0], "call.made")
    assert seal_timeline() == 1
    assert seals() == [(1, 3, 3), (4, 5, 2), (6, 6, 1)]
    assert check_seals() == (3, 6, 6, None)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE timeline_event SET amount = 1 WHERE id = 4",
        "UPDATE timeline_event SET data = '{}' WHERE id = 4",
        "UPDATE timeline_event SET customer_id = (SELECT min(id) FROM customers_customer) WHERE id = 4",
        "UPDATE timeline_event SET occurred_at = occurred_at + interval '1 hour' WHERE id = 4",
        "DELETE FROM timeline_event WHERE id = 4",
    ],
)
def test_a_change_behind_the_triggers_is_named(sealed, sql):
    rewrite(sql)

    broken = check_seals().broken
    assert broken is not None
    assert broken[:2] == (4, 5)


def test_database_refuses_a_change_outside_of_rewriting(sealed):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE timeline_event SET data = '{}'")

    assert check_seals().broken is None


def test_rewriting_explains_the_stretches_it_touches_and_no_other(sealed):
    with transaction.atomic(), rewriting([sealed[1].pk], why="erased"), connection.cursor() as cursor:
        cursor.execute("UPDATE timeline_event SET data = '{}' WHERE customer_id = %s", [sealed[1].pk])

    again = Entry.objects.filter(action="timeline.resealed").order_by("pk").values_list("data", flat=True)
    assert [(data["first"], data["last"], data["intact"], data["why"]) for data in again] == [
        (1, 3, True, "erased"),
        (4, 5, True, "erased"),
    ]
    assert check_seals().broken is None
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM timeline_event")


def test_rewriting_does_not_whitewash_what_was_changed_before(sealed):
    rewrite("UPDATE timeline_event SET amount = 1 WHERE id = 4")
    with transaction.atomic(), rewriting([sealed[1].pk], why="erased"):
        pass

    assert Event.objects.get(pk=4).amount == 1
    broken = check_seals().broken
    assert broken is not None
    assert broken[:2] == (4, 5)
