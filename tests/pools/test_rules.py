"""Rules that take customers back: whom, when, with what warning, exactly once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.factories import SHANGHAI, make_customer, make_event, make_people
from tests.pools.pooling import HIGH, make_pool
from zhike.accounts.policy import visible
from zhike.assignment.models import Absence
from zhike.audit.models import Entry
from zhike.base import clock
from zhike.classification.actions.drafts import forget_what_nobody_reads
from zhike.classification.actions.packs import install_pack
from zhike.classification.actions.publications import fill_kept_metrics
from zhike.classification.models import KeptMetric, Notification
from zhike.core.errors import ConditionError
from zhike.customers.actions.customers import update_customer
from zhike.customers.fields import uses_of
from zhike.customers.models import Customer
from zhike.pools.actions import reclaims
from zhike.pools.actions.claims import claim_one
from zhike.pools.actions.reclaims import run_rules
from zhike.pools.actions.rules import pause_rule, remove_rule, reorder_rules, set_rule
from zhike.pools.models import Notice, Rule, Stay
from zhike.pools.owners import owners_of
from zhike.pools.reclaim import standing_notice, trial
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

BEGAN = date(2026, 1, 1)
SIGNED = {"field": "metric.contracts", "over": {"days": 180}, "op": "gt", "value": 0}


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI).astimezone(UTC)


def after(days: int):
    """Let it be noon so many days after the beginning."""
    return clock.at(noon(BEGAN + timedelta(days=days)))


@pytest.fixture
def people():
    return make_people()


@pytest.fixture
def pool(people):
    with after(0):
        install_pack(pack="general", by=None)
        return make_pool(people.ada, users=[people.alice, people.charlie])


def rule(people, pool, name, *, days, **more):
    usual = {"condition": None, "exception": None, "clock": "days_since_contact_made", "warn_days": 0}
    made = set_rule(rule=None, version=0, by=people.ada, name=name, pool=pool, days=days, **{**usual, **more})
    fill_kept_metrics()
    pause_rule(rule=made, is_paused=False, by=people.ada)
    return made


def owned(people, name, **given):
    return make_customer(name, owner=people.alice, created_on=BEGAN, **given)


def names_owned(people):
    return sorted(visible(people.alice, Customer).values_list("name", flat=True))


def ran():
    found = run_rules()
    return found.warned, found.reclaimed


def test_the_first_rule_that_means_a_customer_decides_alone(people, pool):
    with after(0):
        rich, _plain, signed = (owned(people, name) for name in ("大", "小", "签约"))
        make_event(rich, "order.placed", BEGAN, amount=30_000_000)
        make_event(signed, "contract.signed", BEGAN)
        high = rule(people, pool, "高价值", days=30, condition=HIGH, exception=SIGNED)
        rest = rule(people, pool, "其余", days=60, exception=SIGNED)

    with after(29):
        assert ran() == (0, 0)
    with after(30):
        assert ran() == (0, 1)
        assert names_owned(people) == ["小", "签约"]
        pause_rule(rule=high, is_paused=True, by=people.ada)
        pause_rule(rule=rest, is_paused=True, by=people.ada)
    with after(100):
        assert ran() == (0, 0)
        pause_rule(rule=rest, is_paused=False, by=people.ada)
        assert ran() == (0, 1)
    with after(180):
        assert ran() == (0, 1)  # 180 days after the contract

    assert list(Stay.objects.order_by("pk").values_list("customer__name", "way", "rule__name", "giver")) == [
        ("大", "reclaimed", "高价值", people.alice.pk),
        ("小", "reclaimed", "其余", people.alice.pk),
        ("签约", "reclaimed", "其余", people.alice.pk),
    ]
    event = Event.objects.filter(kind="owner.changed").earliest("pk")
    assert (event.actor, event.source, event.data) == (
        None,
        "rule",
        {"from": people.alice.email, "version": 3, "way": "reclaimed", "pool": "东海", "pool_rule": "高价值"},
    )
    entry = Entry.objects.filter(action="pool.reclaimed").earliest("pk")
    assert (entry.actor_id, entry.subject_id, entry.data) == (
        None,
        str(high.pk),
        {"pool": pool.pk, "rule": high.pk, "count": 1},
    )


def test_a_paused_rule_keeps_its_customers_from_the_next(people, pool):
    with after(0):
        rich = owned(people, "大")
        make_event(rich, "order.placed", BEGAN, amount=30_000_000)
        high = rule(people, pool, "高价值", days=90, condition=HIGH)
        rule(people, pool, "其余", days=10)
        pause_rule(rule=high, is_paused=True, by=people.ada)

    with after(89):
        assert ran() == (0, 0)
        reorder_rules(order=[Rule.objects.get(name="其余").pk, high.pk], by=people.ada)
        assert ran() == (0, 1)


def test_following_up_sets_the_clock_back_and_so_does_a_new_owner(people, pool):
    with after(0):
        called, given = owned(people, "打过电话"), make_customer("换过人", owner=people.charlie, created_on=BEGAN)
        rule(people, pool, "全部", days=30)
    with after(20):
        make_event(called, "call.made")
        update_customer(customer=given, version=1, by=None, owner=people.alice)

    with after(49):
        assert ran() == (0, 0)
    with after(50):
        assert ran() == (0, 2)
    assert set(Customer.objects.values_list("owner", flat=True)) == {None}


def test_the_owner_is_warned_once_and_may_still_follow_up(people, pool):
    with after(0):
        kept, lost = owned(people, "跟进了"), owned(people, "没跟进")
        rule(people, pool, "全部", days=30, warn_days=7)

    with after(22):
        assert ran() == (0, 0)
    with after(23):
        assert [ran(), ran()] == [(2, 0), (0, 0)]
        assert standing_notice(people.alice, kept).goes_on == BEGAN + timedelta(days=30)
    told = Notification.objects.filter(kind="reclaim").order_by("customer")
    assert list(told.values_list("user", "customer", "day", "text")) == [
        (people.alice.pk, kept.pk, BEGAN + timedelta(days=30), "东海"),
        (people.alice.pk, lost.pk, BEGAN + timedelta(days=30), "东海"),
    ]

    with after(25):
        make_event(kept, "call.made")
    with after(30):
        assert standing_notice(people.alice, kept) is None
        assert [ran(), ran()] == [(0, 1), (0, 0)]
    assert names_owned(people) == ["跟进了"]
    assert list(Notification.objects.filter(kind="reclaimed").values_list("user", "text")) == [
        (people.alice.pk, "1 东海")
    ]

    with after(48):
        assert ran() == (1, 0)  # of the new stretch, told anew
    with after(55):
        assert ran() == (0, 1)
        assert Notice.objects.count() == 3


def test_nothing_is_taken_from_whoever_is_away(people, pool):
    with after(0):
        owned(people, "甲")
        rule(people, pool, "全部", days=10)
        first, last = BEGAN + timedelta(days=8), BEGAN + timedelta(days=12)
        Absence.objects.create(user=people.alice, first_day=first, last_day=last, created_at=clock.now())

    with after(12):
        assert ran() == (0, 0)
    with after(13):
        assert ran() == (0, 1)


def test_a_worker_that_was_away_warns_first_and_waits(people, pool):
    with after(0):
        owned(people, "甲")
        rule(people, pool, "全部", days=30, warn_days=7)

    with after(200):
        assert ran() == (1, 0)
    with after(206):
        assert ran() == (0, 0)
    with after(207):
        assert ran() == (0, 1)


def test_a_rule_that_cannot_be_read_stops_those_behind_it(people, pool):
    with after(0):
        owned(people, "甲")
        broken = rule(people, pool, "坏了", days=300, condition=HIGH)
        rule(people, pool, "全部", days=10)
        Rule.objects.filter(pk=broken.pk).update(condition={"field": "custom.gone", "op": "eq", "value": "1"})

    with after(50):
        assert ran() == (0, 0)
        assert trial(people.ada, list(Rule.objects.all()), 1) is None
        remove_rule(rule=broken, by=people.ada)
        assert ran() == (0, 1)


def test_batches_come_to_an_end(people, pool, monkeypatch):
    monkeypatch.setattr(reclaims, "BATCH", 2)
    with after(0):
        for n in range(5):
            owned(people, f"客{n}")
        rule(people, pool, "全部", days=10, warn_days=2)

    with after(8):
        assert ran() == (5, 0)
    with after(10):
        assert ran() == (0, 5)
    assert Event.objects.filter(kind="owner.changed").count() == 5
    assert Entry.objects.filter(action="pool.reclaimed").count() == 3


def test_the_dry_run_says_who_and_changes_nothing(people, pool):
    with after(0):
        old = owned(people, "旧")
        made = rule(people, pool, "全部", days=30, warn_days=7)
        pause_rule(rule=made, is_paused=True, by=people.ada)
    with after(5):
        owned(people, "新")
        Customer.objects.filter(name="新").update(created_on=BEGAN + timedelta(days=5))

    with after(30):
        tried = trial(people.ada, [Rule.objects.get()], 0)
        assert (tried.going.value, tried.warned.value) == (1, 2)
        assert [(one.name, one.since) for one in tried.customers] == [
            ("旧", BEGAN),
            ("新", BEGAN + timedelta(days=5)),
        ]
    assert Customer.objects.get(pk=old.pk).owner == people.alice
    assert not Notice.objects.exists()


def test_whoever_lost_a_customer_to_a_rule_waits_too(people, pool):
    pool.protection_days = 5
    pool.save()
    with after(0):
        lost = owned(people, "甲")
        rule(people, pool, "全部", days=10)
    with after(10):
        assert ran() == (0, 1)
    with after(11), pytest.raises(Exception, match="2026-01-16"):
        claim_one(pool=pool, customer=lost.pk, by=people.alice)


def test_what_rules_read_is_kept_and_known(people, pool):
    with after(0), pytest.raises(ConditionError):
        rule(people, pool, "错", days=1, condition={"field": "custom.no", "op": "eq", "value": "1"})
    made = rule(people, pool, "对", days=5, exception=SIGNED)
    forget_what_nobody_reads()
    assert "metric.contracts@180" in KeptMetric.objects.values_list("ref", flat=True)

    remove_rule(rule=made, by=people.ada)

    assert "metric.contracts@180" not in KeptMetric.objects.values_list("ref", flat=True)
    assert uses_of("custom.no") == []


def test_the_history_of_owners_says_why(people, pool):
    with after(0):
        customer = owned(people, "甲")
        rule(people, pool, "全部", days=10)
    with after(10):
        run_rules()
    with after(11):
        claim_one(pool=pool, customer=customer.pk, by=people.charlie)
    with after(12):
        customer.refresh_from_db()
        update_customer(customer=customer, version=customer.version, by=people.ada, owner=people.bob)
        customer.refresh_from_db()

    found = owners_of(people.ada, customer)

    assert [(one.owner, one.why.zh, one.by, one.beside) for one in found] == [
        ("Bob", "手工", "Ada", ()),
        ("Charlie", "从公海领取", "Charlie", ("东海",)),
        ("", "按规则收回公海", "", ("东海", "全部")),
        ("Alice", "建档", "", ()),
    ]
    assert [one.since.astimezone(SHANGHAI).date() - BEGAN for one in found] == [
        timedelta(days=days) for days in (12, 11, 10, 0)
    ]
    assert [one.until for one in found] == [None, *(one.since for one in found[:-1])]
