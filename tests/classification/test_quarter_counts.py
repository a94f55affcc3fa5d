"""A quarter counted: with progress, once at a time, begun again after a crash, stopped, failed, and closed as it was seen."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection

from tests.classification.deciding import NOW, TODAY, pack
from tests.classification.scoring import LONG_AGO, happens, make_standing
from tests.classification.test_concurrency import at_once
from tests.factories import SHANGHAI, make_people
from tests.scenes import once, rules_in_force
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.classification import quarters
from zhike.classification.actions.quarter_counts import ask_quarter_count, cancel_quarter_count, count_quarter
from zhike.classification.actions.quarters import close_quarter_review
from zhike.classification.models import QuarterCount, QuarterReview
from zhike.classification.quarters import Findings, findings, quarter_count, told, wants_count
from zhike.classification.tasks import count_quarters
from zhike.core.errors import ZhikeError
from zhike.core.quarters import Quarter

pytestmark = pytest.mark.django_db

Q2, Q3 = Quarter.parse("2026-Q2"), Quarter.parse("2026-Q3")
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def rules(settings):
    settings.ZHIKE_NOW = NOW
    rules_in_force(pack())


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def during(monkeypatch):
    """Do something while the scorecards are counted: call `during(what)`, which gets their number from 1 on."""
    counted, honest, works = [], quarters.scorecard_by, []

    def watched(user, rules, dimension, period):
        counted.append((dimension, str(Quarter.of(period.first))))
        for work in works:
            work(len(counted))
        return honest(user, rules, dimension, period)

    monkeypatch.setattr(quarters, "scorecard_by", watched)
    watched.counted, watched.works = counted, works
    return watched


def state(quarter=Q3):
    found = QuarterCount.objects.get(quarter=str(quarter))
    return found.state, found.done, found.total, found.version


def stored(quarter=Q3):
    return Findings.from_json(QuarterCount.objects.get(quarter=str(quarter)).findings)


def ask(by, quarter=Q3):
    return ask_quarter_count(quarter=quarter, by=by)


def close(by, version=1, seen=1):
    return close_quarter_review(quarter=Q3, version=version, findings=seen, by=by)


def test_scorecard_by_scorecard_it_tells_how_far_it_is(people, during):
    make_standing(("high", LONG_AGO))
    ask(people.alice)
    assert state() == ("waiting", 0, 0, 0)
    told_states = []
    during.works.append(lambda _: told_states.append(state()))
    assert count_quarters.func() == 1
    assert told_states == [("running", done, 4, 0) for done in range(4)]
    assert during.counted == [("value", "2026-Q3"), ("care", "2026-Q3"), ("value", "2026-Q2"), ("care", "2026-Q2")]
    assert state() == ("done", 4, 4, 1)
    assert (stored(), quarter_count(people.charlie, Q3).as_of) == (findings(Q3, TODAY), TODAY)
    assert count_quarters.func() == 0


def test_a_quarter_before_that_was_closed_is_not_counted_again(people, during):
    ask(people.ada, Q2)
    count_quarter(Q2)
    close_quarter_review(quarter=Q2, version=1, findings=1, by=people.ada)
    kept = Findings.from_json(QuarterReview.objects.get().snapshot)
    during.counted.clear()
    ask(people.ada)
    count_quarter(Q3)
    assert during.counted == [("value", "2026-Q3"), ("care", "2026-Q3")]
    assert list(stored().before.values()) == list(kept.cards)


def test_who_asks_for_what_is_counted_already_changes_nothing(people):
    first = ask(people.alice)
    assert ask(people.bob).pk == first.pk
    QuarterCount.objects.update(state="running", done=1, total=4)
    assert ask(people.bob).is_open
    assert state() == ("running", 1, 4, 0)


def test_it_is_counted_once_a_day_without_being_asked(people, settings):
    def wanted():
        return wants_count(quarter_count(people.alice, Q3), settings.ZHIKE_NOW.astimezone(SHANGHAI).date(), SHANGHAI)

    assert wanted()
    ask(people.alice)
    assert not wanted()
    count_quarter(Q3)
    assert not wanted()
    settings.ZHIKE_NOW = TOMORROW
    assert wanted()
    ask(people.alice)
    cancel_quarter_count(quarter=Q3, by=people.ada)
    assert not wanted()
    settings.ZHIKE_NOW = TOMORROW + timedelta(days=1)
    assert wanted()


def test_what_was_counted_yesterday_stays_until_today_is_counted(people, settings):
    make_standing(("high", LONG_AGO))
    ask(people.alice)
    count_quarter(Q3)
    yesterday = stored()
    happens(make_standing(("high", LONG_AGO)), "order.placed", date(2026, 8, 5), 100)
    settings.ZHIKE_NOW = TOMORROW
    ask(people.alice)
    assert told(None, quarter_count(people.alice, Q3)) == yesterday
    count_quarter(Q3)
    found = quarter_count(people.alice, Q3)
    assert (found.as_of, found.version) == (date(2026, 11, 21), 2)
    assert [card.size for card in told(None, found).cards] == [2, 0]


def test_the_same_figures_again_are_no_other_version(people, settings):
    ask(people.ada)
    count_quarter(Q3)
    settings.ZHIKE_NOW = NOW + timedelta(hours=1)
    ask(people.ada)
    count_quarter(Q3)
    assert (state(), stored().counted_at) == (("done", 4, 4, 1), NOW + timedelta(hours=1))


def test_what_was_stopped_ends_before_the_next_scorecard_and_leaves_the_figures(people, during):
    make_standing(("high", LONG_AGO))
    ask(people.ada)
    count_quarter(Q3)
    before = stored()
    during.counted.clear()
    make_standing(("high", LONG_AGO))
    ask(people.ada)
    during.works.append(lambda number: number == 2 and cancel_quarter_count(quarter=Q3, by=people.bob))
    count_quarter(Q3)
    assert (during.counted, state()) == ([("value", "2026-Q3"), ("care", "2026-Q3")], ("cancelled", 1, 4, 1))
    assert stored() == before
    with pytest.raises(Conflict) as refused:
        cancel_quarter_count(quarter=Q3, by=people.bob)
    assert refused.value.zh == "这次统计已经结束，没有什么可停的"


def test_stopped_at_the_last_scorecard_it_stores_nothing(people, during):
    ask(people.ada)
    during.works.append(lambda number: number == 4 and cancel_quarter_count(quarter=Q3, by=people.ada))
    count_quarter(Q3)
    assert (state(), QuarterCount.objects.get().findings) == (("cancelled", 3, 4, 0), {})


def test_stopped_and_asked_for_again_it_begins_anew(people, during):
    def again(number):
        if number == 2:
            cancel_quarter_count(quarter=Q3, by=people.ada)
            ask(people.ada)

    ask(people.ada)
    during.works.append(again)
    count_quarter(Q3)
    assert [dimension for dimension, _ in during.counted] == ["value", "care"] + ["value", "care"] * 2
    assert (state(), QuarterCount.objects.get().attempts) == (("done", 4, 4, 1), 1)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ZhikeError("规则读不懂", "the rules cannot be read"), "规则读不懂"),
        (DatabaseError("disk full"), "程序或数据库出了错。请管理员看看日志"),
        (RuntimeError("a mistake"), "程序或数据库出了错。请管理员看看日志"),
    ],
)
def test_what_failed_is_told_and_can_be_tried_again(people, during, error, sentence, caplog):
    def fail(number):
        if number == 2:
            raise error

    ask(people.alice)
    during.works.append(fail)
    assert count_quarters.func() == 1
    found = QuarterCount.objects.get()
    assert (found.state, found.problem["zh"], found.findings) == ("failed", sentence, {})
    assert ("the count of 2026-Q3 failed" in caplog.text) is not isinstance(error, ZhikeError)
    during.works.clear()
    assert (ask(people.alice).state, QuarterCount.objects.get().problem) == ("waiting", {})
    count_quarter(Q3)
    assert state() == ("done", 4, 4, 1)


def test_a_killed_count_is_begun_again_and_given_up_when_it_is_killed_each_time(people, during):
    def die(number):
        raise SystemExit

    ask(people.ada)
    during.works.append(die)
    for attempt in (1, 2, 3):
        with pytest.raises(SystemExit):
            count_quarters.func()
        assert (state(), QuarterCount.objects.get().attempts) == (("running", 0, 4, 0), attempt)
    assert count_quarters.func() == 1
    assert state()[0] == "failed"
    assert QuarterCount.objects.get().problem["zh"].startswith("统计了 3 次，每次都被打断")
    ask(people.ada)
    during.works.clear()
    count_quarter(Q3)
    assert state() == ("done", 4, 4, 1)


def test_everybody_asks_for_what_is_not_there_and_leaders_for_more(people):
    with pytest.raises(Forbidden):
        cancel_quarter_count(quarter=Q3, by=people.alice)
    ask(people.alice)
    with pytest.raises(Forbidden):
        cancel_quarter_count(quarter=Q3, by=people.alice)
    assert state() == ("waiting", 0, 0, 0)
    count_quarter(Q3)
    with pytest.raises(Forbidden):
        ask(people.alice)
    assert state() == ("done", 4, 4, 1)
    assert ask(people.bob).state == "waiting"


def test_what_has_not_begun_or_is_closed_is_not_counted(people):
    with pytest.raises(Invalid):
        ask(people.ada, Quarter.parse("2027-Q1"))
    ask(people.ada)
    count_quarter(Q3)
    close(people.ada)
    with pytest.raises(Conflict) as refused:
        ask(people.ada)
    assert refused.value.zh == "2026-Q3 已经定稿，数字不再变"
    assert list(QuarterCount.objects.values_list("quarter", "state")) == [("2026-Q3", "done")]


def refusal(by, **given):
    with pytest.raises(Conflict) as refused:
        close(by, **given)
    assert not QuarterReview.objects.filter(closed_at__isnull=False).exists()
    return refused.value.zh


def test_only_what_was_seen_today_is_closed(people, settings):
    assert refusal(people.ada) == "2026-Q3 还没有统计完，统计完看过数字再定稿"
    ask(people.ada)
    assert refusal(people.ada, seen=0) == "2026-Q3 还没有统计完，统计完看过数字再定稿"
    count_quarter(Q3)
    seen = stored()
    happens(make_standing(("high", LONG_AGO)), "order.placed", date(2026, 8, 5), 100)
    ask(people.bob)
    count_quarter(Q3)
    assert refusal(people.ada) == "在你打开之后重新统计过，数字变了。看过新的再定稿"
    settings.ZHIKE_NOW = TOMORROW
    assert refusal(people.ada, seen=2) == "这些数是 2026-11-20 统计的，等今天的统计完再定稿"
    settings.ZHIKE_NOW = NOW
    found = stored()
    make_standing(("high", LONG_AGO))
    closed = close(people.ada, seen=2)
    assert Findings.from_json(closed.snapshot) == found != seen


def test_a_count_that_nobody_waits_for_any_more_is_stopped(people):
    ask(people.ada)
    count_quarter(Q3)
    ask(people.bob)
    close(people.ada)
    assert state()[0] == "cancelled"
    assert count_quarters.func() == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_count_once_and_both_find_it_done(people, during):
    ask(people.ada)
    states = []

    def look():
        count_quarter(Q3, wait=True)
        states.append(state())

    at_once(look, look, look)
    assert len(during.counted) == 4
    assert states == [("done", 4, 4, 1)] * 3


@pytest.mark.django_db(transaction=True)
def test_the_worker_leaves_alone_what_another_counts(people, during):
    ask(people.ada)
    seen = []
    during.works.append(lambda number: number == 2 and at_once(lambda: seen.append((count_quarters.func(), state()))))
    count_quarter(Q3)
    assert seen == [(1, ("running", 1, 4, 0))]
    assert (len(during.counted), state()) == (4, ("done", 4, 4, 1))


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_ask_for_one_count(people):
    at_once(*[lambda: ask(people.ada)] * 4)
    assert state() == ("waiting", 0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_who_close_at_once_close_once(people):
    ask(people.ada)
    count_quarter(Q3)
    came = []

    def attempt(by):
        try:
            came.append(close(by).by.name)
        except Conflict as error:
            came.append(error.zh)

    at_once(lambda: attempt(people.ada), lambda: attempt(people.bob))
    (closed,) = QuarterReview.objects.all()
    assert sorted(came) == sorted([closed.by.name, "2026-Q3 的评估已经定稿，不能再改"])
    assert closed.version == 2


@pytest.mark.django_db(transaction=True)
def test_a_counter_whose_connection_is_gone_holds_nobody_up(people):
    ask(people.ada)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('zhike.quarters'), 20263)")
    at_once(count_quarters.func)
    assert state() == ("waiting", 0, 0, 0)
    connection.close()
    at_once(count_quarters.func)
    assert state()[0] == "done"
