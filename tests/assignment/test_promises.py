"""Promises of a first answer: begun, kept, broken, and told up the ladder once each, whatever the clock does."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.assignment.ruling import WEDNESDAY, make_rule
from tests.classification.samples import PACK
from tests.factories import make_customer, make_event, make_people, make_team, make_user
from tests.imports.bringing import carried_out, undo
from zhike.accounts.actions.teams import change_team
from zhike.accounts.models import Role
from zhike.assignment.actions.promises import set_terms, tell_broken
from zhike.assignment.models import Promise
from zhike.assignment.promises import promises
from zhike.assignment.working_days import after_hours
from zhike.base.errors import Conflict, Forbidden
from zhike.classification.actions.packs import install_pack
from zhike.classification.models import Notification
from zhike.customers.actions.customers import update_customer
from zhike.customers.actions.many import assign_many
from zhike.timeline.actions import record_many, void
from zhike.timeline.rows import NewEvent

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
TERMS = {
    "working_hours": True,
    "opens": time(9),
    "closes": time(18),
    "leader_after": 4,
    "above_after": 8,
    "version": 1,
}


def local(month, day, hour, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param(local(6, 3, 10), 4, local(6, 3, 14), id="on the same day"),
        pytest.param(local(6, 3, 7), 4, local(6, 3, 13), id="from before it opens"),
        pytest.param(local(6, 3, 16), 4, local(6, 4, 11), id="into the next day"),
        pytest.param(local(6, 5, 17), 4, local(6, 8, 12), id="over a weekend"),
        pytest.param(local(6, 3, 9), 9, local(6, 3, 18), id="up to the closing"),
        pytest.param(local(2, 13, 17), 4, local(2, 14, 12), id="on a Saturday that is worked"),
        pytest.param(local(2, 14, 17), 4, local(2, 24, 12), id="over the spring festival"),
    ],
)
def test_hours_are_counted_while_people_work(start, hours, due):
    assert after_hours(start, hours, opens=time(9), closes=time(18), zone=SHANGHAI) == due


@pytest.fixture
def people(settings):
    settings.ZHIKE_NOW = WEDNESDAY  # ten o'clock in Shanghai
    found = make_people()
    pack = deepcopy(PACK)
    pack["dimensions"][0]["classes"][0]["service"]["sla_hours"] = 4
    install_pack(pack=pack, by=None)
    return found


def high(owner=None, **given):
    customer = make_customer(owner=owner, **given)
    make_event(customer, "order.placed", amount=2000)
    return customer


def told():
    rows = Notification.objects.filter(kind="promise").order_by("pk")
    return list(rows.values_list("user__name", flat=True))


def test_a_class_that_is_entered_owes_a_contact_which_keeps_it(people, settings):
    customer = high(people.alice)
    promise = Promise.objects.get()
    assert (promise.class_key, promise.hours, promise.due_at) == ("high", 4, local(6, 3, 14))

    make_event(customer, "call.received")
    assert promises(people.alice, "open").count() == 1
    settings.ZHIKE_NOW += timedelta(hours=1)
    call = make_event(customer, "call.made")
    promise.refresh_from_db()
    assert (promise.kept_at, promise.kept_by, promise.next_at) == (settings.ZHIKE_NOW, call.pk, None)
    assert [promises(people.alice, state).count() for state in ("open", "broken", "late", "kept")] == [0, 0, 0, 1]

    settings.ZHIKE_NOW = local(6, 3, 15)
    assert (tell_broken(), told()) == (0, [])
    void(call, by=people.alice)
    assert (tell_broken(), told()) == (1, ["Alice"])
    assert promises(people.charlie, "broken").count() == 0


def test_a_broken_promise_goes_up_the_ladder_each_step_once(people, settings):
    above = make_team("上级")
    boss = make_user("Boss", role=Role.MANAGER)
    change_team(team=above, by=None, name="上级", parent=None, leader=boss)
    change_team(team=people.alice.team, by=None, name="东", parent=above, leader=None)
    customer = high(people.alice)

    for moment, names in [
        (local(6, 3, 13, 59), []),
        (local(6, 3, 14), ["Alice"]),
        (local(6, 3, 14, 1), ["Alice"]),
        (local(6, 3, 10), ["Alice"]),  # the clock is put back
        (local(6, 3, 18), ["Alice", "Bob"]),
        (local(6, 4, 12), ["Alice", "Bob"]),
        (local(6, 4, 13), ["Alice", "Bob", "Boss"]),
        (local(8, 1, 12), ["Alice", "Bob", "Boss"]),
    ]:
        settings.ZHIKE_NOW = moment
        tell_broken()
        assert told() == names, moment
    make_event(customer, "visit.made")
    assert promises(people.ada, "late").count() == 1


def test_a_clock_that_leaps_tells_everybody_once_and_one_that_ran_ahead_is_corrected(people, settings):
    high(people.alice)
    settings.ZHIKE_NOW = local(6, 10, 12)
    assert (tell_broken(), tell_broken()) == (3, 0)
    assert told() == ["Alice", "Bob", "Ada"]  # nobody leads Bob's team from above

    settings.ZHIKE_NOW = local(9, 1, 10)
    ahead = high(people.alice)
    settings.ZHIKE_NOW = local(6, 10, 14)
    tell_broken()
    promise = Promise.objects.get(customer=ahead)
    assert (promise.started_at, promise.due_at) == (settings.ZHIKE_NOW, local(6, 10, 18))


def test_what_is_left_ends_and_whom_it_is_given_to_owes_it(people, settings):
    customer = high(people.alice)
    settings.ZHIKE_NOW += timedelta(days=31)
    order = make_event(customer, "order.placed", amount=10)
    assert Promise.objects.get().ended_at == settings.ZHIKE_NOW
    void(order, by=None)

    second = high(people.alice)
    make_event(second, "call.made")
    assert Promise.objects.filter(customer=second, kept_at=None).count() == 0
    settings.ZHIKE_NOW += timedelta(hours=1)
    second.refresh_from_db()
    update_customer(customer=second, version=second.version, by=people.ada, owner=people.charlie)
    assert Promise.objects.filter(customer=second, kept_at=None).count() == 1
    settings.ZHIKE_NOW += timedelta(hours=1)
    assign_many(ids=[second.pk], owner=people.carol, by=people.ada)
    assert Promise.objects.filter(customer=second).count() == 2  # it has waited since it was given to Charlie


def test_a_file_that_gives_a_customer_to_somebody_owes_a_contact_until_it_is_taken_back(people, settings, tmp_path):
    given, waiting = high(people.alice, key="C1"), high(people.alice, key="C2")
    make_event(given, "call.made")
    since = Promise.objects.get(customer=waiting, kept_at=None).started_at
    settings.ZHIKE_NOW += timedelta(hours=1)
    rows = "".join(f"{one.key},{one.name},{people.charlie.email}\n" for one in (given, waiting))

    imported = carried_out(tmp_path, f"客户编号,客户名称,负责人\n{rows}")

    still = Promise.objects.filter(kept_at=None, ended_at=None).order_by("customer")
    assert list(still.values_list("customer", "started_at")) == [(given.pk, settings.ZHIKE_NOW), (waiting.pk, since)]
    settings.ZHIKE_NOW += timedelta(hours=1)
    undo(imported)
    given.refresh_from_db()
    assert given.owner == people.alice
    assert list(still.values_list("customer", "started_at")) == [(waiting.pk, since)]


def test_what_nobody_owns_is_told_to_administrators(people, settings):
    high()
    settings.ZHIKE_NOW = local(6, 3, 14)
    assert (tell_broken(), told()) == (1, ["Ada"])


def test_a_customer_given_by_a_rule_is_owed_from_then_on_and_bulk_writes_keep_it(people, settings):
    make_rule(people=[people.alice])
    customer = high()
    assert (customer.owner, Promise.objects.count()) == (people.alice, 1)
    settings.ZHIKE_NOW += timedelta(hours=1)
    event = NewEvent(customer_id=customer.pk, kind="email.sent", occurred_at=settings.ZHIKE_NOW)
    record_many([event], by=None)
    assert Promise.objects.get().kept_at == settings.ZHIKE_NOW


def test_what_a_class_promised_ends_once_its_rules_promise_nothing(people, settings):
    high(people.alice)
    install_pack(pack=PACK, by=None)
    settings.ZHIKE_NOW = local(6, 3, 15)
    assert (tell_broken(), told()) == (0, [])
    assert Promise.objects.get().ended_at == settings.ZHIKE_NOW


def test_how_promises_are_counted_is_said_by_an_administrator(people):
    with pytest.raises(Forbidden):
        set_terms(by=people.bob, **TERMS)
    set_terms(by=people.ada, **{**TERMS, "working_hours": False})
    with pytest.raises(Conflict):
        set_terms(by=people.ada, **TERMS)
    high(people.alice)
    assert Promise.objects.get().due_at == datetime(2026, 6, 3, 6, tzinfo=UTC)
