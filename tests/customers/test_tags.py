"""The dictionary of tags: one writing of each, and a name that changes changes at everybody's."""

from __future__ import annotations

import pytest

from tests.factories import make_customer, make_people
from tests.scenes import once
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.customers.actions.customers import create_customer, update_customer
from zhike.customers.actions.tags import merge_tag, retire_tag, update_tag
from zhike.customers.bulk import save_customers
from zhike.customers.models import Customer, Tag
from zhike.customers.tags import tag_counts
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return once("people", make_people)


def tagged():
    return {one.name: (one.tags, one.tags_folded, one.version) for one in Customer.objects.all()}


def test_whoever_types_a_new_tag_puts_it_into_the_dictionary(people):
    create_customer(name="甲", by=people.alice, tags=["连锁", "ＶＩＰ"])
    second = create_customer(name="乙", by=people.bob, tags=["vip"])
    update_customer(customer=second, version=1, by=people.bob, tags=["Vip", "餐饮"])
    assert [(tag.name, tag.made_by, tag.owner) for tag in Tag.objects.order_by("pk")] == [
        ("连锁", people.alice, people.alice),
        ("ＶＩＰ", people.alice, people.alice),
        ("餐饮", people.bob, people.bob),
    ]
    assert tagged() == {"甲": (["连锁", "ＶＩＰ"], ["vip", "连锁"], 1), "乙": (["ＶＩＰ", "餐饮"], ["vip", "餐饮"], 2)}


def test_files_write_tags_as_the_dictionary_does(people):
    make_customer("甲", tags=["VIP"])
    save_customers(
        [{"key": "K", "name": "乙", "tags": ["vip", " 展会 ", "x" * 101]}, {"key": "L", "name": "丙"}], by=None
    )
    save_customers([{"key": "L", "name": "丙", "tags": ["vip", "Vip", "展会"]}], by=None)
    assert tagged()["丙"] == (["VIP", "展会"], ["vip", "展会"], 2)
    assert set(Tag.objects.values_list("name", flat=True)) == {"VIP", "展会"}


def test_another_name_changes_everybody_who_carries_it_and_tells_of_it(people):
    customer = make_customer("甲", owner=people.alice, tags=["连锁", "VIP"])
    make_customer("乙", owner=people.charlie, tags=["连锁"])
    make_customer("丙", tags=["餐饮"])
    update_tag(tag=Tag.objects.get(name="连锁"), version=1, by=people.ada, name="连锁企业", tone="azurite")
    assert tagged() == {
        "甲": (["连锁企业", "VIP"], ["vip", "连锁企业"], 2),
        "乙": (["连锁企业"], ["连锁企业"], 2),
        "丙": (["餐饮"], ["餐饮"], 1),
    }
    event = Event.objects.filter(customer=customer).latest("pk")
    assert (event.kind, event.actor) == ("customer.updated", people.ada)
    assert event.data == {
        "version": 2,
        "changes": [{"field": "tags", "from": ["连锁", "VIP"], "to": ["连锁企业", "VIP"]}],
    }


def test_a_change_of_case_is_a_change_of_name_too(people):
    make_customer("甲", tags=["vip"])
    update_tag(tag=Tag.objects.get(), version=1, by=people.ada, name="VIP")
    assert tagged() == {"甲": (["VIP"], ["vip"], 2)}


def test_two_tags_become_one_and_nobody_carries_it_twice(people):
    make_customer("甲", tags=["连锁", "连锁店", "VIP"])
    make_customer("乙", tags=["连锁店"])
    old, new = Tag.objects.get(name="连锁店"), Tag.objects.get(name="连锁")
    assert merge_tag(tag=old, into=new, version=1, by=people.ada) == 2
    assert tagged() == {"甲": (["连锁", "VIP"], ["vip", "连锁"], 2), "乙": (["连锁"], ["连锁"], 2)}
    assert not Tag.objects.filter(pk=old.pk).exists()
    with pytest.raises(Conflict):
        merge_tag(tag=old, into=new, version=1, by=people.ada)
    with pytest.raises(Invalid):
        merge_tag(tag=new, into=new, version=1, by=people.ada)


def test_a_retired_tag_is_given_to_nobody_new_and_kept_by_those_who_have_it(people):
    customer = make_customer("甲", owner=people.alice, tags=["连锁"])
    tag = retire_tag(tag=Tag.objects.get(), retired=True, by=people.bob)
    with pytest.raises(Invalid) as caught:
        create_customer(name="乙", by=people.alice, tags=["连锁"])
    assert (caught.value.path, caught.value.zh) == ("tags", "标签「连锁」已经停用")
    update_customer(customer=customer, version=1, by=people.alice, tags=["VIP", "连锁"])
    assert tagged() == {"甲": (["VIP", "连锁"], ["vip", "连锁"], 2)}
    retire_tag(tag=tag, retired=False, by=people.bob)
    create_customer(name="乙", by=people.alice, tags=["连锁"])
    assert Customer.objects.count() == 2


def test_who_may_do_it_is_a_right(people):
    make_customer("甲", tags=["连锁", "VIP"])
    tag, other = Tag.objects.get(name="连锁"), Tag.objects.get(name="VIP")
    update_tag(tag=tag, version=1, by=people.bob, definition="三家以上门店")
    for forbidden in (
        lambda: update_tag(tag=tag, version=2, by=people.bob, name="x"),
        lambda: merge_tag(tag=tag, into=other, version=2, by=people.bob),
        lambda: update_tag(tag=tag, version=2, by=people.alice, definition="x"),
        lambda: retire_tag(tag=tag, retired=True, by=people.alice),
    ):
        with pytest.raises(Forbidden):
            forbidden()
    tag.refresh_from_db()
    assert (tag.name, tag.definition, tag.retired_at, tag.version) == ("连锁", "三家以上门店", None, 2)
    assert tagged()["甲"][2] == 1


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": " "}, "name"),
        ({"name": "vip"}, "name"),
        ({"tone": "pink"}, "tone"),
        ({"definition": "长" * 501}, "definition"),
    ],
)
def test_what_cannot_be_is_refused_and_an_old_version_too(people, given, path):
    make_customer("甲", tags=["连锁", "VIP"])
    tag = Tag.objects.get(name="连锁")
    with pytest.raises(Invalid) as caught:
        update_tag(tag=tag, version=1, by=people.ada, **given)
    assert caught.value.path == path
    with pytest.raises(Conflict):
        update_tag(tag=tag, version=2, by=people.ada, name="连锁企业")
    assert tagged() == {"甲": (["连锁", "VIP"], ["vip", "连锁"], 1)}


def test_numbers_are_of_customers_that_one_sees(people):
    make_customer("甲", owner=people.alice, tags=["连锁", "VIP"])
    make_customer("乙", owner=people.charlie, tags=["连锁"])
    assert tag_counts(people.alice) == {"连锁": 1, "vip": 1}
    assert tag_counts(people.ada) == {"连锁": 2, "vip": 1}
