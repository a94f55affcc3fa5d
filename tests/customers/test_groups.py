"""The tree of companies: no circle, whoever is asked and whatever is tried."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_customer, make_people
from tests.scenes import once
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid
from zhike.customers.actions.groups import set_parent
from zhike.customers.models import Customer
from zhike.timeline.models import Event


@pytest.fixture
def people(db):
    return once("people", make_people)


def hang(customer, parent, by=None):
    version = Customer.objects.get(pk=customer.pk).version
    return set_parent(customer=customer, parent=parent, version=version, by=by)


def parents():
    return dict(Customer.objects.values_list("name", "parent__name"))


def test_a_company_belongs_to_another_and_the_timeline_knows(people):
    top, child = make_customer("集团", owner=people.alice), make_customer("分公司", owner=people.alice)
    changed = set_parent(customer=child, parent=top, version=1, by=people.alice)
    assert (parents()["分公司"], changed.version) == ("集团", 2)
    event = Event.objects.filter(customer=child).latest("pk")
    assert event.data == {"version": 2, "changes": [{"field": "parent", "from": None, "to": top.pk}]}
    set_parent(customer=child, parent=top, version=1, by=people.alice)  # the same again contradicts nobody
    with pytest.raises(Conflict):
        set_parent(customer=child, parent=None, version=1, by=people.alice)
    set_parent(customer=child, parent=None, version=2, by=people.alice)
    assert parents() == {"集团": None, "分公司": None}


def test_nobody_belongs_to_a_company_that_they_do_not_see(people):
    ours, theirs = make_customer("甲", owner=people.alice), make_customer("乙", owner=people.charlie)
    for customer, parent in ((ours, theirs), (theirs, ours)):
        with pytest.raises(NotFound):
            set_parent(customer=customer, parent=parent, version=1, by=people.alice)
    assert set(parents().values()) == {None}


def test_circles_and_persons_are_refused_in_words(people):
    one, two, three = (make_customer(name, owner=people.alice) for name in ("甲", "乙", "丙"))
    person = make_customer("陈思远", owner=people.alice, kind="person")
    hang(two, one)
    hang(three, two)
    for customer, parent, words in (
        (one, three, "丙本来就在甲下面，不能反过来做上级"),
        (one, one, "公司不能是自己的上级"),
        (one, person, "只有企业有上下级"),
        (person, one, "只有企业有上下级"),
    ):
        with pytest.raises(Invalid) as caught:
            hang(customer, parent)
        assert caught.value.zh == words
    assert parents() == {"甲": None, "乙": "甲", "丙": "乙", "陈思远": None}


def test_there_are_at_most_twenty_levels(people):
    chain = [make_customer(f"第 {n} 级", owner=people.alice) for n in range(22)]
    for above, below in itertools.pairwise(chain[:21]):
        hang(below, above)
    with pytest.raises(Invalid, match="at most 20 levels"):
        hang(chain[21], chain[20])


@pytest.mark.django_db(transaction=True)
@settings(deadline=None, max_examples=5)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_whatever_is_tried_every_company_has_a_top(tried):
    Customer.objects.update(parent=None)
    made = list(Customer.objects.order_by("pk")) or [make_customer(f"公司 {n}") for n in range(4)]
    for child, parent in tried:
        try:
            hang(made[child], made[parent])
        except Invalid:
            continue
    above = dict(Customer.objects.values_list("pk", "parent"))
    for parent in above.values():
        steps, at = 0, parent
        while at is not None:
            steps, at = steps + 1, above[at]
            assert steps < len(above)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_hang_themselves_below_each_other_at_once_one_is_refused(people):
    one, two = make_customer("甲", owner=people.alice), make_customer("乙", owner=people.alice)

    def work(pair):
        try:
            set_parent(customer=pair[0], parent=pair[1], version=1, by=people.alice)
        except Invalid as error:
            return error.zh
        else:
            return "ok"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(work, [(one, two), (two, one)]))
    assert answers[0] == "ok"
    assert "不能反过来做上级" in answers[1]
    assert sorted(map(str, parents().values())) in (["None", "甲"], ["None", "乙"])
