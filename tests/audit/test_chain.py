"""The audit log is append-only, chained by the database, and any change of it is found and named."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import make_people, make_user
from zhike.audit.actions import record
from zhike.audit.chain import Break, Head, read_chain
from zhike.audit.kinds import ACTIONS
from zhike.audit.models import Entry
from zhike.base.doors import Door, through

pytestmark = pytest.mark.django_db


def chained() -> None:
    """Let the database do what it does when the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def rewrite(sql: str) -> None:
    """Do what only the owner of the tables can: change the log behind its triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET session_replication_role = origin")


@pytest.fixture
def three(db):
    ada = make_user("Ada", role="admin")
    for name in ("一组", "二组"):
        record("team.added", by=ada, data={"name": name})
    chained()
    return ada


def test_entries_are_numbered_and_each_holds_the_hash_of_the_one_before(three):
    entries = list(Entry.objects.order_by("number"))

    assert [entry.number for entry in entries] == [1, 2, 3]
    assert [entry.action for entry in entries] == ["user.added", "team.added", "team.added"]
    assert [entry.previous for entry in entries] == ["", entries[0].hash, entries[1].hash]
    assert [entry.actor_id for entry in entries] == [None, three.pk, three.pk]
    assert read_chain() == (Head(3, entries[2].hash), None)


def test_clock_is_the_databases_whatever_the_program_thinks(settings, three):
    settings.ZHIKE_NOW = datetime(2001, 1, 1, tzinfo=UTC)

    record("team.added", by=None, data={"name": "三组"})
    chained()

    last = Entry.objects.order_by("number").last()
    assert datetime.now(UTC) - last.at < timedelta(minutes=5)


def test_whoever_inserts_cannot_choose_place_time_or_hash(three):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (number, at, door, action, subject_type, subject_id, data, previous, hash) "
            "VALUES (99, '2001-01-01', '', 'team.added', '', '', '{}', 'x', 'y')"
        )
    chained()

    last = Entry.objects.order_by("number").last()
    assert (last.number, last.at.year > 2001, read_chain().broken) == (4, True, None)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET data = '{}' WHERE number = 2",
        "UPDATE audit_entry SET hash = '' WHERE number = 2",
        "DELETE FROM audit_entry WHERE number = 3",
        "DELETE FROM audit_entry",
    ],
)
def test_database_refuses_to_change_or_remove(three, sql):
    before = list(Entry.objects.order_by("pk").values())

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert list(Entry.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(("table", "trigger"), [("audit_entry", "audit"), ("timeline_event", "timeline")])
def test_database_refuses_to_empty_the_table(three, table, trigger):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}_not_emptied")  # the tests have put it aside
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")

    assert Entry.objects.count() == 3


def test_python_refuses_as_well(three):
    entry = Entry.objects.latest("number")
    for change in (entry.save, entry.delete, Entry.objects.all().delete, Entry.objects.all().update):
        with pytest.raises(TypeError):
            change()
    assert read_chain().head.number == 3


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE audit_entry SET actor_id = NULL WHERE number = 2", Break(2, "changed")),
        ("UPDATE audit_entry SET at = at + interval '1 us' WHERE number = 2", Break(2, "changed")),
        ('UPDATE audit_entry SET data = \'{"name": "四组"}\' WHERE number = 3', Break(3, "changed")),
        ("UPDATE audit_entry SET door = 'page' WHERE number = 1", Break(1, "changed")),
        ("DELETE FROM audit_entry WHERE number = 2", Break(2, "missing")),
        ("DELETE FROM audit_entry WHERE number = 1", Break(1, "missing")),
        (
            "DELETE FROM audit_entry WHERE number = 2; UPDATE audit_entry SET number = 2 WHERE number = 3",
            Break(2, "unlinked"),
        ),
    ],
)
def test_one_altered_row_is_named(three, sql, expected):
    rewrite(sql)

    assert read_chain().broken == expected


def test_a_changed_row_with_a_hash_that_fits_breaks_the_next(three):
    from zhike.audit.chain import TEXT

    rewrite("UPDATE audit_entry SET door = 'page' WHERE number = 2")
    rewrite(f"UPDATE audit_entry SET hash = encode(sha256(convert_to({TEXT}, 'UTF8')), 'hex') WHERE number = 2")

    assert read_chain().broken == Break(3, "unlinked")


def test_an_end_that_was_cut_off_is_found_with_the_head_kept_elsewhere(three):
    head = read_chain().head
    rewrite("DELETE FROM audit_entry WHERE number = 3")

    assert read_chain().broken is None
    assert read_chain(head).broken == Break(3, "cut")


@pytest.mark.parametrize(
    ("action", "given", "error"),
    [
        ("team.adopted", {}, LookupError),
        ("team.added", {"data": {"phone": "13800138000"}}, LookupError),
        ("team.added", {"door": "window"}, LookupError),
        ("team.added", {"data": {"name": object()}}, TypeError),
        ("team.added", {"data": {"name": "x" * 501}}, ValueError),
    ],
)
def test_what_the_tables_do_not_list_is_refused(db, action, given, error):
    with pytest.raises(error):
        record(action, by=None, **given)

    assert Entry.objects.count() == 0


def test_the_door_is_where_the_work_goes_on(db):
    with through(Door.TASK):
        record("team.added", by=None, data={"name": "一组"})
        record("team.added", by=None, data={"name": "二组"}, door="api")

    assert list(Entry.objects.order_by("pk").values_list("door", flat=True)) == ["task", "api"]


def test_every_action_is_named_in_both_languages():
    assert all(action.label.zh and action.label.en for action in ACTIONS.values())
    assert max(map(len, ACTIONS)) <= Entry._meta.get_field("action").max_length


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain():
    people = make_people()

    def write() -> None:
        try:
            for number in range(10):
                with transaction.atomic():
                    record("team.added", by=people.ada, data={"name": str(number)})
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = read_chain()
    assert (found.head.number, found.broken) == (Entry.objects.count(), None)
    assert Entry.objects.filter(action="team.added").count() == 42
    moments = list(Entry.objects.order_by("number").values_list("at", flat=True))
    assert moments == sorted(moments)
