"""Groups and relations on the page of a customer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from tests.factories import SHANGHAI, make_customer, make_event
from zhike.accounts.policy import can
from zhike.classification.groups import group_of
from zhike.customers.actions.relations import relate
from zhike.customers.models import Customer, Relation


@pytest.fixture
def group(people, rules):
    """A top of Alice's with two subsidiaries, one of them Charlie's with one of Alice's below it."""
    from zhike.base.clock import today

    top = make_customer("梧桐集团", owner=people.alice, kind="company")
    ours = make_customer("梧桐华东", owner=people.alice, kind="company")
    theirs = make_customer("梧桐华北", owner=people.charlie, kind="company")
    deep = make_customer("梧桐北京", owner=people.alice, kind="company")
    for child, parent in ((ours, top), (theirs, top), (deep, theirs)):
        Customer.objects.filter(pk=child.pk).update(parent=parent)
    for customer, amount in ((top, 100_000), (ours, 24_000_000), (theirs, 7_000_000), (deep, 300_000)):
        make_event(customer, "order.placed", today(SHANGHAI) - timedelta(days=10), amount=amount)
    return {"top": top, "ours": ours, "theirs": theirs, "deep": deep}


def test_it_adds_up_what_the_reader_sees(people, group):
    for asked in group.values():
        found = group_of(people.alice, asked.pk)
        assert (found.size, found.hidden, found.revenue) == (4, 1, 24_400_000)
        assert [(one.name, one.depth) for one in found.members] == [("梧桐集团", 0), ("梧桐北京", 2), ("梧桐华东", 1)]
        assert found.classes["value"] == {"high": 1, "regular": 2}
        assert sum(found.classes["status"].values()) == 3
    everything = group_of(people.ada, group["deep"].pk)
    assert (everything.size, everything.hidden, everything.revenue) == (4, 0, 31_400_000)
    assert [one.name for one in everything.members] == ["梧桐集团", "梧桐华北", "梧桐北京", "梧桐华东"]


def test_one_query_tells_it_and_nothing_is_told_of_who_stands_alone(people, group, hotel):
    from django.db import connection

    assert can(people.alice, "view", hotel)  # whom she reaches is known from here on
    with CaptureQueriesContext(connection) as queries:
        assert group_of(people.alice, group["top"].pk).size == 4
        assert group_of(people.alice, hotel.pk) is None
    assert len(queries) == 2


def test_the_page_links_whom_one_sees_and_names_nobody_else(alice, group):
    page = alice.get(f"/customers/{group['ours'].pk}/").text
    assert f'href="/customers/{group["top"].pk}/">梧桐集团</a>' in page
    assert "¥244,000" in page
    assert "另有 1 家不归你看，没有算进来" in page
    assert "梧桐华北" not in page
    assert "各类有多少家" in page


def test_a_parent_is_found_and_chosen(alice, group, hotel):
    path = f"/customers/{hotel.pk}/parent/"
    page = alice.get(f"{path}?q=wtjt").text
    assert f'value="{group["top"].pk}" checked' in page
    assert "梧桐华北" not in alice.get(f"{path}?q=梧桐").text
    part = alice.get(f"{path}?q=梧桐", headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text
    assert part.strip().startswith('<div class="zk-matches"')
    alice.post(path, {"other": group["top"].pk, "version": 1})
    hotel.refresh_from_db()
    assert (hotel.parent_id, hotel.version) == (group["top"].pk, 2)
    refused = alice.post(f"/customers/{group['top'].pk}/parent/", {"other": hotel.pk, "version": 1})
    assert (refused.status_code, "不能反过来做上级" in refused.text) == (422, True)
    alice.post(path, {"alone": "1", "version": 2})
    hotel.refresh_from_db()
    assert hotel.parent_id is None


@pytest.mark.parametrize("other", ["", "x", "0", "99999999999999999999"])
def test_somebody_must_be_chosen(alice, hotel, other):
    response = alice.post(f"/customers/{hotel.pk}/parent/", {"other": other, "version": 1})
    assert response.status_code == (404 if other == "0" else 422)
    hotel.refresh_from_db()
    assert (hotel.parent_id, hotel.version) == (None, 1)


def test_a_hidden_customer_is_chosen_by_nobody(alice, group, hotel):
    for path, more in (("parent/", {"version": 1}), ("relations/new/", {"direction": "partner"})):
        response = alice.post(f"/customers/{hotel.pk}/{path}", {"other": group["theirs"].pk, **more})
        assert response.status_code == 404
    assert not Relation.objects.exists()


@pytest.mark.parametrize(
    ("direction", "here", "there"),
    [
        ("supplier_of", "采购方", "供应商"),
        ("supplied_by", "供应商", "采购方"),
        ("partner", "合作伙伴", "合作伙伴"),
        ("referrer_of", "由这位介绍来", "介绍人"),
        ("referred_by", "介绍人", "由这位介绍来"),
    ],
)
def test_a_relation_is_told_from_both_ends(alice, people, hotel, direction, here, there):
    other = make_customer("苏州锦观物业", owner=people.alice)
    form = {"other": other.pk, "direction": direction, "note": "老同学"}
    assert alice.post(f"/customers/{hotel.pk}/relations/new/", form)["Location"] == f"/customers/{hotel.pk}/"
    for at, seen, words in ((hotel, other, here), (other, hotel, there)):
        related = alice.get(f"/customers/{at.pk}/").context["relations"]
        assert [(one.other.pk, one.words, one.note) for one in related] == [(seen.pk, words, "老同学")]


def test_a_relation_is_removed_from_either_end_and_by_nobody_else(alice, people, hotel, signed_in):
    other = make_customer("苏州锦观物业", owner=people.alice)
    relation = relate(customer=hotel, other=other, kind="supplier", by=None)
    stranger = make_customer("别家", owner=people.alice)
    assert alice.post(f"/customers/{stranger.pk}/relations/{relation.pk}/remove/").status_code == 404
    assert signed_in(people.charlie).post(f"/customers/{hotel.pk}/relations/{relation.pk}/remove/").status_code == 404
    assert Relation.objects.count() == 1
    alice.post(f"/customers/{other.pk}/relations/{relation.pk}/remove/")
    assert not Relation.objects.exists()


def test_the_history_names_only_those_whom_the_reader_sees(alice, people, hotel, signed_in):
    theirs = make_customer("陌生物业", owner=people.charlie)
    ours = make_customer("自家物业", owner=people.alice)
    relate(customer=hotel, other=theirs, kind="supplier", note="布草", by=None)
    relate(customer=hotel, other=ours, kind="supplier", by=None)
    page = alice.get(f"/customers/{hotel.pk}/history/").text
    assert ("陌生物业" in page, "不归你查看的客户 · 布草" in page, "采购方 · 自家物业" in page) == (False, True, True)
    assert "陌生物业" in signed_in(people.ada).get(f"/customers/{hotel.pk}/history/").text
