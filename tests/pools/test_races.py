"""Claims at the same moment: exactly one winner, never more than the quota."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.factories import make_customer, make_people, make_user
from tests.pools.pooling import make_pool, put_in
from zhike.base.errors import Conflict
from zhike.customers.actions.customers import update_customer
from zhike.customers.models import Customer
from zhike.pools.actions import claims
from zhike.pools.actions.claims import claim_best, claim_one
from zhike.pools.models import Stay
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

TAKEN = "已经被别人领走了"


def at_once(works):
    """Run all of these at the same moment, each on a connection of its own; return what each came to."""
    barrier = Barrier(len(works))

    def run(work):
        try:
            barrier.wait()
            return work()
        except Conflict as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result(timeout=120) for done in [pool.submit(run, work) for work in works]]


def test_fifty_who_want_the_same_customer():
    ada = make_people().ada
    members = [make_user() for _ in range(50)]
    pool = make_pool(ada, users=members)
    customer = make_customer()
    put_in(pool, customer)

    found = at_once([lambda who=who: claim_one(pool=pool, customer=customer.pk, by=who) for who in members])

    refused = [one for one in found if one is not None]
    assert [(one.status, one.zh) for one in refused] == [(409, TAKEN)] * 49
    winner = members[found.index(None)]
    assert Customer.objects.get().owner == winner
    assert list(Stay.objects.values_list("taker", "end")) == [(winner.pk, "claimed")]
    assert Event.objects.filter(kind="owner.changed").count() == 1


def test_one_who_claims_ten_with_a_quota_of_three():
    people = make_people()
    pool = make_pool(people.ada, users=[people.alice], quota=3)
    customers = [make_customer() for _ in range(10)]
    put_in(pool, *customers)

    found = at_once([lambda pk=one.pk: claim_one(pool=pool, customer=pk, by=people.alice) for one in customers])

    assert sorted(str(one and one.zh) for one in found) == sorted(
        ["None"] * 3 + ["你今天在「东海」已经领满 3 位，明天再领"] * 7
    )
    assert Customer.objects.filter(owner=people.alice).count() == 3


def test_many_who_want_the_best_each_get_another():
    ada = make_people().ada
    members = [make_user() for _ in range(8)]
    pool = make_pool(ada, users=members)
    customers = [make_customer() for _ in range(8)]
    put_in(pool, *customers)

    found = at_once([lambda who=who: claim_best(pool=pool, by=who) for who in members])

    assert sorted(found) == [one.pk for one in customers]


def test_a_claim_and_an_assignment_do_not_wait_in_a_circle():
    people = make_people()
    pool = make_pool(people.ada, users=[people.alice])
    customers = [make_customer() for _ in range(6)]
    put_in(pool, *customers)

    def assign(customer):
        return lambda: update_customer(customer=customer, version=1, by=people.ada, owner=people.bob) and None

    at_once(
        [lambda pk=one.pk: claim_one(pool=pool, customer=pk, by=people.alice) for one in customers]
        + [assign(one) for one in customers]
    )

    owners = dict(Customer.objects.values_list("pk", "owner"))
    assert set(owners.values()) <= {people.alice.pk, people.bob.pk}
    stays = Stay.objects.filter(left_at=None)
    assert not stays.exists()


def test_without_locks_the_race_is_lost(monkeypatch):
    """The control: what the tests above would find if claims did not lock."""
    people = make_people()
    pool = make_pool(people.ada, users=[people.alice, people.charlie], quota=1)
    customers = [make_customer() for _ in range(2)]
    put_in(pool, *customers)
    both_have_looked = Barrier(2)
    give = claims._give

    def late(pool, given, by):
        both_have_looked.wait(timeout=30)
        return give(pool, given, by)

    monkeypatch.setattr(claims, "lock_claimer", lambda _user: None)
    monkeypatch.setattr(
        claims,
        "lock_unowned",
        lambda ids: set(Customer.objects.filter(pk__in=ids, owner=None).values_list("pk", flat=True)),
    )
    monkeypatch.setattr(claims, "_give", late)

    found = at_once([lambda pk=one.pk: claim_one(pool=pool, customer=pk, by=people.alice) for one in customers])

    assert found == [None, None]
    assert Customer.objects.filter(owner=people.alice).count() == 2  # with a quota of one
