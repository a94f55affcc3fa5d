"""Jobs carried through: with progress, once each, stopped, begun again after a crash, failed, taken back."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, transaction

from tests.classification.test_concurrency import at_once
from tests.factories import make_team, make_user
from tests.jobs.working import KINDS, Rename
from zhike.accounts.models import Role, Team
from zhike.base.clock import now
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.classification.models import Notification
from zhike.jobs.actions import running
from zhike.jobs.actions.jobs import ask_job, cancel_job, undo_job
from zhike.jobs.actions.running import MOST_ATTEMPTS, run_job
from zhike.jobs.actions.tidying import remove_old
from zhike.jobs.models import Item, Job
from zhike.jobs.tasks import ask_for_what_is_left, ask_to_run, run, start

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds(settings):
    settings.ZHIKE_JOBS = KINDS
    Rename.steps.clear()


@pytest.fixture
def ada():
    return make_user("Ada", role=Role.ADMIN)


def teams(*names):
    return [make_team(name) for name in names]


def ask(by, **given):
    return ask_job(kind="rename", by=by, parameters={}, targets=Team.objects.all(), **given)


def names():
    return list(Team.objects.order_by("pk").values_list("name", flat=True))


def figures(job):
    job.refresh_from_db()
    return job.state, job.done, job.total, job.changed, job.same, job.refused


def test_a_job_deals_with_each_row_once_and_says_what_came_of_it(ada):
    made = teams("a", "b!", "stays", "d", "e")
    job = ask(ada, expected=5)
    assert figures(job) == ("queued", 0, 5, 0, 0, 0)
    run_job(job.pk)
    assert figures(job) == ("done", 5, 5, 3, 1, 1)
    assert names() == ["a!", "b!", "stays", "d!", "e!"]
    assert job.said == {"zh": "3 个", "en": "3 teams"}
    assert [(item.target, item.state) for item in job.items.order_by("target")] == [
        (made[0].pk, "changed"),
        (made[1].pk, "same"),
        (made[2].pk, "refused"),
        (made[3].pk, "changed"),
        (made[4].pk, "changed"),
    ]
    assert job.items.get(state="refused").said == {"zh": "这个不改", "en": "not this one"}


def test_rows_that_come_later_are_not_among_those_that_were_counted(ada):
    teams("a")
    job = ask(ada)
    make_team("later")
    run_job(job.pk)
    assert names() == ["a!", "later"]


def test_another_number_than_was_shown_is_refused_and_leaves_nothing(ada):
    teams("a", "b")
    with pytest.raises(Conflict, match="2 such now"):
        ask(ada, expected=3)
    assert not Job.objects.exists()
    assert not Item.objects.exists()


def test_a_form_sent_twice_asks_once_and_is_nobody_elses(ada):
    teams("a")
    key = uuid4()
    first, again = ask(ada, form_key=key), ask(ada, form_key=key)
    assert (first.pk, first.is_repeat, again.is_repeat) == (again.pk, False, True)
    assert Item.objects.count() == 1
    with pytest.raises(NotFound):
        ask(make_user(role=Role.ADMIN), form_key=key)


def test_the_rights_are_those_of_the_moment_in_which_it_is_done(ada):
    teams("a", "b", "c")
    job = ask(ada)
    type(ada).objects.filter(pk=ada.pk).update(role=Role.SALES)
    run_job(job.pk)
    assert figures(job)[0] == "failed"
    assert job.said["en"] == "You do not have the right to do this."
    assert names() == ["a", "b", "c"]

    with pytest.raises(Forbidden):
        ask(type(ada).objects.get(pk=ada.pk))
    type(ada).objects.filter(pk=ada.pk).update(role=Role.ADMIN, is_active=False)
    job = Job.objects.create(kind="rename", owner=ada, created_at=now())
    run_job(job.pk)
    assert figures(job)[0] == "failed"


def test_run_twice_it_ends_as_run_once(ada):
    teams("a", "b", "c")
    job = ask(ada)
    for _ in range(2):
        run.func(job.pk)
    assert figures(job) == ("done", 3, 3, 3, 0, 0)
    assert names() == ["a!", "b!", "c!"]


@pytest.mark.django_db(transaction=True)
def test_run_by_two_at_once_it_ends_as_run_once(ada):
    """Of two workers one is sent away."""
    teams(*"abcdefghij")
    job = ask(ada)
    at_once(lambda: run_job(job.pk), lambda: run_job(job.pk))
    assert figures(job) == ("done", 10, 10, 10, 0, 0)
    assert names() == [f"{name}!" for name in "abcdefghij"]


@pytest.mark.django_db(transaction=True)
def test_even_without_the_lock_two_at_once_do_nothing_twice(ada, monkeypatch):
    from contextlib import nullcontext

    monkeypatch.setattr(running, "_alone", lambda _: nullcontext(True))
    teams(*"abcdefghij")
    job = ask(ada)
    at_once(lambda: run_job(job.pk), lambda: run_job(job.pk))
    run_job(job.pk)
    assert figures(job) == ("done", 10, 10, 10, 0, 0)
    assert names() == [f"{name}!" for name in "abcdefghij"]


def test_stopped_it_leaves_what_is_done_and_takes_back_the_step_in_which_it_was(ada, monkeypatch):
    teams("a", "b", "c", "d", "e")
    job = ask(ada)
    honest = Rename.change

    def stopped(self, job, targets):
        found = honest(self, job, targets)
        if len(Rename.steps) == 2:
            cancel_job(job=Job.objects.get(pk=job.pk), by=ada)
        return found

    monkeypatch.setattr(Rename, "change", stopped)
    run_job(job.pk)
    # In a test the stop is part of the step that it takes back; alone it is not.
    Job.objects.filter(pk=job.pk).update(state="cancelled")
    run_job(job.pk)
    assert figures(job) == ("cancelled", 2, 5, 2, 0, 0)
    assert names() == ["a!", "b!", "c", "d", "e"]
    with pytest.raises(Conflict):
        cancel_job(job=job, by=ada)


def test_nobody_but_the_owner_stops_or_takes_back_a_job(ada):
    teams("a")
    other, job = make_user(role=Role.ADMIN), ask(ada)
    with pytest.raises(NotFound):
        cancel_job(job=job, by=other)
    run_job(job.pk)
    with pytest.raises(NotFound):
        undo_job(job=job, by=other)
    assert names() == ["a!"]


def test_broken_off_at_any_statement_it_goes_on_and_ends_the_same(ada):
    """Whatever was finished stays finished; nothing is done twice."""
    from tests.failing import counted, failing, rolled_back

    teams("a", "b!", "stays", "d", "e")
    job = ask(ada)
    with rolled_back(), counted() as fails:
        run_job(job.pk)
    assert len(fails.breaks()) > 5
    for where in fails.breaks():
        with rolled_back():
            with failing(where), pytest.raises(OperationalError):
                run_job(job.pk)
            transaction.set_rollback(False)  # outside of a test each step is a transaction of its own
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock_all()")  # as a broken connection would
            run_job(job.pk)
            assert figures(job) == ("done", 5, 5, 3, 1, 1), where
            assert names() == ["a!", "b!", "stays", "d!", "e!"], where


def test_what_kills_its_worker_again_and_again_is_given_up(ada):
    """Nothing is under way for ever."""
    teams("a")
    job = ask(ada)
    Job.objects.filter(pk=job.pk).update(state="running", attempts=MOST_ATTEMPTS)
    run_job(job.pk)
    assert figures(job)[0] == "failed"
    assert "broken off 3 times" in job.said["en"]
    assert names() == ["a"]


def test_what_nobody_foresaw_is_written_into_the_log_and_said(ada, monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(Rename, "change", broken)
    teams("a")
    job = ask(ada)
    run_job(job.pk)
    assert figures(job)[0] == "failed"
    assert "administrator" in job.said["en"]
    assert "ZeroDivisionError" in caplog.text


def test_taken_back_are_those_that_nobody_has_changed_since(ada):
    teams("a", "b!", "c")
    job = ask(ada)
    run_job(job.pk)
    Team.objects.filter(name="c!").update(name="other")
    undone = start(undo_job(job=job, by=ada))
    assert figures(undone) == ("done", 2, 2, 1, 0, 1)
    assert names() == ["a", "b!", "other"]
    assert undone.said["en"] == "Undone for 1; 1 were changed since and stay"
    assert sorted(job.items.values_list("state", flat=True)) == ["changed", "same", "undone"]


def test_what_is_taken_back_is_not_taken_back_again_nor_after_its_time(ada, settings):
    teams("a")
    job = ask(ada)
    run_job(job.pk)
    start(undo_job(job=job, by=ada))
    with pytest.raises(Conflict):
        undo_job(job=job, by=ada)

    later = ask(ada)
    run_job(later.pk)
    settings.ZHIKE_NOW = now() + timedelta(days=31)
    with pytest.raises(Conflict):
        undo_job(job=later, by=ada)
    assert names() == ["a!"]
    assert remove_old() == 3
    assert not Item.objects.exists()


def test_whoever_waited_is_told_of_the_end_and_nobody_else(ada, settings):
    teams("a")
    quick, slow = ask(ada), ask(ada)
    run_job(quick.pk)
    assert not Notification.objects.exists()
    settings.ZHIKE_NOW = now() + timedelta(seconds=11)
    run_job(slow.pk)
    assert list(Notification.objects.values_list("user", "kind", "job")) == [(ada.pk, "job", slow.pk)]


def waiting():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, queueing_lock, lock FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"
        )
        return cursor.fetchall()


def test_small_jobs_are_done_at_once_and_larger_ones_wait_for_the_worker(ada, monkeypatch):
    teams("a", "b")
    assert start(ask(ada)).state == "done"
    monkeypatch.setattr(Rename, "at_once", 1)
    job = start(ask(ada))
    assert job.state == "queued"
    assert waiting() == [("zhike.jobs.tasks.run", f"jobs.{job.pk}", f"jobs.of.{ada.pk}")]


def test_asked_for_and_taken_back_in_one_transaction_it_never_runs(ada):
    from tests.failing import rolled_back

    teams("a")
    with rolled_back():
        ask_to_run(ask(ada))
    assert waiting() == []
    assert not Job.objects.exists()


def test_each_minute_what_a_crash_left_undone_is_asked_for_once(ada):
    """Two schedulers ask for it once."""
    teams("a")
    job = ask(ada)
    Job.objects.filter(pk=job.pk).update(state="running")
    ended = ask(ada)
    Job.objects.filter(pk=ended.pk).update(state="done")
    for _ in range(2):
        assert ask_for_what_is_left.func(0) == 1
    assert [queueing for _, queueing, _ in waiting()] == [f"jobs.{job.pk}"]
