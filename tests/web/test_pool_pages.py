"""Pools in the browser: looked through, claimed from, set up, and their rules tried."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.factories import SHANGHAI, make_customer, make_event
from tests.pools.pooling import HIGH, make_pool, put_in, reason
from zhike.base.clock import today
from zhike.customers.models import Customer
from zhike.jobs.actions.jobs import undo_job
from zhike.jobs.actions.running import run_job
from zhike.jobs.models import Job
from zhike.pools.actions.hand_back import into_pool
from zhike.pools.models import Pool, Reason, Rule, Stay


@pytest.fixture
def pool(people, rules):
    return make_pool(people.ada, users=[people.alice, people.charlie], quota=2, rank_by="value")


@pytest.fixture
def fish(pool):
    """Two in the pool, one of them of high value."""
    rich = make_customer("上海梧桐里", region="华东", city="上海", phone="13812345678")
    make_event(rich, "order.placed", amount=30_000_000)
    plain = make_customer("苏州锦观", region="华东", city="苏州", email="a@example.com")
    put_in(pool, plain)
    put_in(pool, rich)
    return rich, plain


def test_a_member_looks_and_sees_no_more_than_the_pool_shows(alice, pool, fish):
    assert "今天还能领 2 位" in alice.get("/pools/").text
    page = alice.get(f"/pools/{pool.pk}/").text
    # When and how they came is left to wide windows, like whatever else stands beside the name.
    assert (page.count('<td class="wide"><time'), page.count('<td class="wide zk-2">放入')) == (2, 2)
    assert "<td >" not in page
    assert all(word in page for word in ("上海梧桐里", "苏州锦观", "高价值", "138 **** 5678", "领一位最好的"))
    assert "13812345678" not in page
    assert "a@example.com" not in page

    card = alice.get(f"/pools/{pool.pk}/customers/{fish[0].pk}/").text
    assert "138 **** 5678" in card
    assert "13812345678" not in card
    assert alice.get(f"/customers/{fish[0].pk}/").status_code == 404
    assert "上海梧桐里" not in alice.get("/customers/").text
    assert "上海梧桐里" not in alice.get("/search/?q=13812345678").text

    one = alice.get(f"/pools/{pool.pk}/?of=value.high").text
    assert "上海梧桐里" in one
    assert "苏州锦观" not in one
    assert "没有找到这样的客户" in alice.get(f"/pools/{pool.pk}/?q=北京").text
    assert alice.get(f"/pools/{pool.pk}/?of=value.no").status_code == 422


def test_the_list_asks_no_more_for_more_rows(alice, pool, fish, django_assert_max_num_queries):
    put_in(pool, *[make_customer(f"客{n}") for n in range(8)])
    with django_assert_max_num_queries(45):
        alice.get(f"/pools/{pool.pk}/")


def test_claiming_one_many_and_the_best(alice, people, pool, fish, signed_in):
    rich, plain = fish
    response = alice.post(f"/pools/{pool.pk}/best/")
    assert response.url == f"/customers/{rich.pk}/"
    assert alice.get(response.url).status_code == 200
    more = make_customer("第三位")
    put_in(pool, more)
    response = alice.post(f"/pools/{pool.pk}/claim/", {"customer": [plain.pk, more.pk]}, follow=True)
    assert "领取了 1 位客户" in response.text
    assert "1 位没有领到：你今天在「东海」已经领满 2 位，明天再领" in response.text

    late = signed_in(people.charlie).post(f"/pools/{pool.pk}/claim/", {"only": rich.pk})
    assert late.status_code == 409
    assert "已经被别人领走了" in late.text
    assert alice.post(f"/pools/{pool.pk}/claim/").status_code == 422
    assert alice.post(f"/pools/{pool.pk}/claim/", {"only": "x"}).status_code == 422
    assert set(Customer.objects.filter(owner=people.alice)) == {rich, plain}


def test_handing_back_in_bulk_and_taking_it_back(alice, people, pool, hotel, signed_in):
    address = f"/customers/pool/?customer={hotel.pk}"
    page = alice.get(address)
    assert page.context["chosen"].size == 1
    given = {"count": 1, "key": str(page.context["count"].initial["key"]), "pool": pool.pk}
    assert alice.post(address, given).status_code == 422
    assert Customer.objects.get(pk=hotel.pk).owner == people.alice

    alice.post(address, {**given, "reason": reason().pk, "note": "换了采购"})

    stay = Stay.objects.get()
    assert (stay.way, stay.giver, stay.reason, stay.note) == ("handed_back", people.alice, reason(), "换了采购")
    assert Customer.objects.get(pk=hotel.pk).owner is None
    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(owner=people.ada)
    job.refresh_from_db()
    run_job(undo_job(job=job, by=people.ada).pk)
    assert Customer.objects.get(pk=hotel.pk).owner == people.alice
    assert Stay.objects.get().end == "assigned"


def test_whoever_had_the_customer_reads_until_when_they_wait(alice, people, pool, hotel):
    Pool.objects.filter(pk=pool.pk).update(protection_days=5)
    into_pool(pool=pool, ids=[hotel.pk], reason=reason(), by=people.alice)

    assert "你之前有过这位客户" in alice.get(f"/pools/{pool.pk}/customers/{hotel.pk}/").text
    assert "保护期" in alice.get(f"/pools/{pool.pk}/").text


def test_the_pool_takes_in_only_whom_its_condition_means(people, rules, hotel):

    pool = make_pool(people.ada, condition=HIGH, users=[people.alice])
    plain = make_customer("小", owner=people.alice)

    found = into_pool(pool=pool, ids=[hotel.pk, plain.pk], reason=reason(), by=people.alice)

    assert {pk: one.state for pk, one in found.items()} == {hotel.pk: "changed", plain.pk: "refused"}


def form(people, **more):
    return {
        "name": "北区",
        "users": [people.alice.pk],
        "protection_days": 7,
        "shown": ["city", "phone"],
        "condition": json.dumps(HIGH),
        "class0": "value.high",
        "most0": 30,
        **more,
    }


def test_an_administrator_sets_up_a_pool_and_its_reasons(people, rules, signed_in):
    ada = signed_in(people.ada)
    assert "还没有公海" in ada.get("/pools/").text
    refused = ada.post("/pools/new/", form(people, most0="", condition='{"field": "no"}'))
    assert refused.status_code == 422
    assert "类别和数目要一起写。" in refused.text
    assert not Pool.objects.exists()

    assert ada.post("/pools/new/", form(people)).status_code == 302

    pool = Pool.objects.get()
    assert (pool.name, pool.condition, pool.protection_days, pool.shown) == ("北区", HIGH, 7, ["city", "phone"])
    assert list(pool.limits.values_list("dimension", "class_key", "most")) == [("value", "high", 30)]
    assert "现在有 1 人可以领取：Alice" in ada.get(f"/pools/{pool.pk}/settings/").text
    assert ada.post(f"/pools/{pool.pk}/settings/", form(people, version=9)).status_code == 409
    assert ada.post("/pools/new/", form(people)).status_code == 409

    ada.post("/pools/reasons/", {"reasons": "价格\n\n联系不上"})
    assert list(Reason.objects.filter(is_retired=False).values_list("label", flat=True)) == ["价格", "联系不上"]


def test_a_rule_is_tried_before_it_runs(people, pool, signed_in):
    ada = signed_in(people.ada)
    day = today(SHANGHAI)
    make_customer("很久没联系", owner=people.alice, created_on=day - timedelta(days=40))
    rule = {"name": "全部", "pool": pool.pk, "clock": "days_since_created", "days": 30, "warn_days": 0, "condition": ""}
    assert ada.post("/pools/rules/new/", {**rule, "warn_days": 30}).status_code == 422

    response = ada.post("/pools/rules/new/", rule, follow=True)

    saved = Rule.objects.get()
    assert saved.is_paused
    assert all(word in response.text for word in ("很久没联系", "40 天", "1</span> 位已经满 30 天"))
    ada.post(f"/pools/rules/{saved.pk}/run/")
    listed = ada.get("/pools/rules/").text
    assert "所有客户 → 建档天数满 30 天，回「东海」" in listed
    ada.post(f"/pools/rules/{saved.pk}/remove/")
    assert not Rule.objects.exists()


def test_the_record_tells_its_owners(alice, hotel):
    page = alice.get(f"/customers/{hotel.pk}/owners/").text

    assert all(word in page for word in ("历任负责人", "Alice", "建档"))
