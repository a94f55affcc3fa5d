"""Suppliers, partners and referrers, told from both ends."""

from __future__ import annotations

import pytest

from tests.factories import make_customer, make_people
from tests.scenes import once
from zhike.base.errors import NotFound
from zhike.base.inputs import Invalid
from zhike.customers.actions.relations import relate, unrelate
from zhike.customers.models import Relation
from zhike.customers.relations import relations_of
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def two(people):
    return make_customer("甲", owner=people.alice), make_customer("乙", owner=people.alice)


def told(customer):
    events = Event.objects.filter(customer=customer, kind="customer.updated").order_by("pk")
    return [(one.data["changes"][0]["from"], one.data["changes"][0]["to"]) for one in events]


def test_both_ends_know_of_it(people, two):
    one, other = two
    relation = relate(customer=one, other=other, kind="supplier", note=" 滤芯 ", by=people.alice)
    assert [relations_of(people.alice, end.pk) for end in two] == [[relation], [relation]]
    assert told(one) == [(None, {"kind": "supplier", "of": other.pk, "note": "滤芯"})]
    assert told(other) == [(None, {"kind": "supplier", "by": one.pk, "note": "滤芯"})]
    for end in two:
        end.refresh_from_db()
        assert end.version == 1  # their forms do not show it


def test_the_same_again_is_one_relation_with_the_new_note(people, two):
    one, other = two
    for note in ("滤芯", "滤芯", "膜"):
        relate(customer=one, other=other, kind="supplier", note=note, by=people.alice)
    assert [(row.note, len(told(one))) for row in Relation.objects.all()] == [("膜", 2)]


def test_partners_are_one_relation_whoever_says_it(people, two):
    one, other = two
    relate(customer=one, other=other, kind="partner", by=people.alice)
    relate(customer=other, other=one, kind="partner", by=people.alice)
    assert Relation.objects.count() == 1


def test_only_whoever_sees_both_ends_sees_it(people):
    one, other = make_customer("甲", owner=people.alice), make_customer("乙", owner=people.charlie)
    relation = relate(customer=one, other=other, kind="referrer", by=people.ada)
    assert relations_of(people.alice, one.pk) == relations_of(people.charlie, other.pk) == []
    assert relations_of(people.ada, one.pk) == [relation]
    for customer, end in ((one, other), (other, one)):
        with pytest.raises(NotFound):
            relate(customer=customer, other=end, kind="partner", by=people.alice)
    with pytest.raises(NotFound):
        unrelate(relation=relation, by=people.alice)
    assert Relation.objects.count() == 1


@pytest.mark.parametrize("kind", ["rival", ""])
def test_what_they_are_to_one_another_must_be_known(people, two, kind):
    with pytest.raises(Invalid):
        relate(customer=two[0], other=two[1], kind=kind, by=people.alice)
    with pytest.raises(Invalid):
        relate(customer=two[0], other=two[0], kind="partner", by=people.alice)
    assert not Relation.objects.exists()


def test_it_is_taken_back_for_both(people, two):
    relation = relate(customer=two[0], other=two[1], kind="partner", by=people.alice)
    for _ in range(2):
        unrelate(relation=relation, by=people.alice)
    assert not Relation.objects.exists()
    assert [len(told(end)) for end in two] == [2, 2]
