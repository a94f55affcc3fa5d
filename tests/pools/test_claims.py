"""Claiming: who may, how many, and why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import make_customer, make_event, make_people, make_team, make_user
from tests.pools.pooling import make_pool, put_in, reason, refused
from zhike.accounts.models import Role
from zhike.accounts.policy import offered, visible
from zhike.audit.models import Entry
from zhike.base import clock
from zhike.base.errors import Forbidden, NotFound
from zhike.classification.actions.packs import install_pack
from zhike.customers.actions.customers import update_customer
from zhike.customers.models import Contact, Customer
from zhike.pools.actions.claims import claim, claim_best, claim_one
from zhike.pools.actions.hand_back import into_pool
from zhike.pools.actions.settings import set_pool
from zhike.pools.models import Stay
from zhike.pools.queries import access_in, claimed_today, customers_in, pool_list
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

TAKEN, NOBODY = "已经被别人领走了", "现在没有你可以领取的客户"
QUOTA = "你今天在「东海」已经领满 2 位，明天再领"
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
def people():
    return make_people()


@pytest.fixture
def customer(people):
    return make_customer("海里的鱼", phone="13812345678", region="华东")


def owner_of(customer):
    return Customer.objects.get(pk=customer.pk).owner


def said(outcomes):
    return {pk: one.said.zh if one.said else one.state for pk, one in outcomes.items()}


def test_a_member_claims_a_customer(people, customer):
    pool = make_pool(people.ada, users=[people.alice])
    put_in(pool, customer)

    claim_one(pool=pool, customer=customer.pk, by=people.alice)

    assert owner_of(customer) == people.alice
    stay = Stay.objects.get()
    assert (stay.end, stay.taker, stay.giver) == ("claimed", people.alice, None)
    event = Event.objects.get(kind="owner.changed")
    assert (event.actor, event.data) == (
        people.alice,
        {"to": people.alice.email, "version": 2, "way": "claimed", "pool": "东海"},
    )
    entry = Entry.objects.get(action="pool.claimed")
    assert (entry.actor_id, entry.subject_id, entry.data) == (
        people.alice.pk,
        str(customer.pk),
        {"pool": pool.pk, "count": 1},
    )


def test_whoever_is_no_member_does_not_know_of_the_pool(people, customer):
    pool = make_pool(people.ada, users=[people.alice])
    put_in(pool, customer)

    for stranger in (people.charlie, people.bob, people.ada):
        with pytest.raises(NotFound):
            claim_one(pool=pool, customer=customer.pk, by=stranger)

    assert owner_of(customer) is None
    assert pool_list(people.charlie) == []


def test_a_team_stands_for_its_members_its_leader_and_the_teams_below(people, customer):
    above, below = make_team(), make_team()
    below.parent, above.leader = above, people.carol
    below.save()
    above.save()
    pool = make_pool(people.ada, teams=[above])
    put_in(pool, customer)
    sees = {
        who.name: [one.name for one in pool_list(who)]
        for who in (make_user("Dora", team=below), make_user("Eva", team=above), people.carol, people.alice)
    }

    assert sees == {"Dora": ["东海"], "Eva": ["东海"], "Carol": ["东海"], "Alice": []}


def test_a_role_that_may_not_claim_only_looks(people, customer):
    mia = make_user("Mia", role=Role.MARKETING)
    pool = make_pool(people.ada, users=[mia])
    put_in(pool, customer)

    with pytest.raises(Forbidden):
        claim_one(pool=pool, customer=customer.pk, by=mia)

    assert owner_of(customer) is None


def test_before_the_claim_a_member_sees_no_more_than_the_pool_shows(people, customer):
    pool = make_pool(people.ada, users=[people.alice])
    put_in(pool, customer)
    Contact.objects.create(customer=customer, name="张三", phone="13900000000")

    assert list(customers_in(people.alice, pool)) == [customer]
    assert list(visible(people.alice, Customer)) == []
    assert list(visible(people.alice, Contact)) == []
    assert list(visible(people.alice, Event)) == []
    assert list(offered(people.alice, Contact)) == []
    seen = access_in(people.alice, pool).redacted(customer)
    assert (seen.pk, seen.name, seen.region, seen.phone, seen.key) == (
        customer.pk,
        "海里的鱼",
        "华东",
        "138****5678",
        None,
    )


def test_what_the_pool_does_not_show_is_empty(people):
    customer = make_customer("甲", phone="13812345678", city="上海", source="展会", custom={})
    pool = make_pool(people.ada, users=[people.alice], shown=["city"])
    put_in(pool, customer)

    access = access_in(people.alice, pool)

    assert [name for name in access if access.knows(name)] == [
        "id",
        "name",
        "city",
        "deleted_at",
        "erased_at",
        "version",
        "created_at",
        "updated_at",
    ]
    seen = access.redacted(customer)
    assert (seen.city, seen.phone, seen.source) == ("上海", "", "")


def test_the_second_is_told_that_somebody_was_first(people, customer):
    pool = make_pool(people.ada, users=[people.alice, people.charlie])
    put_in(pool, customer)
    claim_one(pool=pool, customer=customer.pk, by=people.alice)

    with refused(TAKEN):
        claim_one(pool=pool, customer=customer.pk, by=people.charlie)

    assert owner_of(customer) == people.alice


def test_a_quota_holds_for_the_day_of_the_company(people):
    pool = make_pool(people.ada, users=[people.alice], quota=2)
    fish = [make_customer(f"鱼{n}") for n in range(4)]
    put_in(pool, *fish)

    with clock.at(NOON):
        found = claim(pool=pool, ids=[one.pk for one in fish[:3]], by=people.alice)
    with clock.at(NOON + timedelta(hours=12, seconds=-1)), refused(QUOTA):
        claim_one(pool=pool, customer=fish[3].pk, by=people.alice)
    assert [said(found)[one.pk] for one in fish[:3]] == [
        "changed",
        "changed",
        QUOTA,
    ]

    with clock.at(NOON + timedelta(hours=12)):
        assert claimed_today(people.alice, pool) == 0
        claim_one(pool=pool, customer=fish[3].pk, by=people.alice)


def test_whoever_handed_a_customer_back_waits(people, customer):
    pool = make_pool(people.ada, users=[people.alice, people.charlie], protection_days=10)
    update_customer(customer=customer, version=1, by=None, owner=people.alice)
    with clock.at(NOON):
        into_pool(pool=pool, ids=[customer.pk], reason=reason(), by=people.alice)
    with clock.at(NOON + timedelta(days=10, seconds=-1)), refused("你之前有过这位客户，2026-03-12 以后才能再领"):
        claim_one(pool=pool, customer=customer.pk, by=people.alice)
    with clock.at(NOON + timedelta(days=10, seconds=-1)), refused(NOBODY):
        claim_best(pool=pool, by=people.alice)

    with clock.at(NOON + timedelta(days=10)):
        claim_one(pool=pool, customer=customer.pk, by=people.alice)

    assert owner_of(customer) == people.alice


def high(name, **given):
    made = make_customer(name, **given)
    make_event(made, "order.placed", amount=30_000_000)
    return made


def test_the_room_for_a_class_is_kept(people):
    install_pack(pack="general", by=None)
    pool = make_pool(people.ada, users=[people.alice], limits={("value", "high"): 2}, rank_by="value")
    high("已有", owner=people.alice)
    rich = [high(f"大{n}") for n in range(2)]
    plain = make_customer("小")
    put_in(pool, *rich, plain)

    found = claim(pool=pool, ids=[one.pk for one in [*rich, plain]], by=people.alice)

    assert [said(found)[one.pk] for one in [*rich, plain]] == [
        "changed",
        "你名下的「高价值」客户已有 1 位，最多 2 位",
        "changed",
    ]
    with refused(NOBODY):
        claim_best(pool=pool, by=people.alice)


def test_the_best_comes_first_and_of_equals_who_waits_longest(people):
    install_pack(pack="general", by=None)
    pool = make_pool(people.ada, users=[people.alice], rank_by="value")
    first, second, rich = make_customer("先来"), make_customer("后到"), high("大")
    for days, one in enumerate((first, second, rich)):
        with clock.at(NOON + timedelta(days=days)):
            put_in(pool, one)

    assert [claim_best(pool=pool, by=people.alice) for _ in range(3)] == [rich.pk, first.pk, second.pk]


def test_a_closed_pool_gives_nobody_away(people, customer):
    pool = make_pool(people.ada, users=[people.alice])
    put_in(pool, customer)
    given = {"name": "东海", "condition": None, "quota": None, "protection_days": 0, "rank_by": "", "shown": []}
    set_pool(pool=pool, version=1, by=people.ada, **given, is_closed=True, users=[people.alice], teams=[], limits={})
    pool.refresh_from_db()

    with refused("公海「东海」已经停用"):
        claim_one(pool=pool, customer=customer.pk, by=people.alice)

    assert owner_of(customer) is None


def test_whoever_is_given_an_owner_by_another_door_leaves_the_pool(people, customer):
    pool = make_pool(people.ada, users=[people.charlie])
    put_in(pool, customer)

    update_customer(customer=customer, version=1, by=people.ada, owner=people.alice)

    stay = Stay.objects.get()
    assert (stay.end, stay.taker) == ("assigned", people.alice)
    assert claimed_today(people.alice, pool) == 0
    with refused(TAKEN):
        claim_one(pool=pool, customer=customer.pk, by=people.charlie)
