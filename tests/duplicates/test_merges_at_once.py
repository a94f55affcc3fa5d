"""Merges at the same moment: one record remains, nothing is lost, and who came too late is told so."""

from __future__ import annotations

import pytest

from tests.classification.samples import PACK
from tests.classification.test_concurrency import at_once
from tests.factories import make_customer, make_event, make_people
from zhike.base.errors import Conflict, NotFound
from zhike.classification.actions.packs import install_pack
from zhike.classification.audit import audit
from zhike.customers.actions.contacts import add_contact
from zhike.customers.actions.customers import update_customer
from zhike.customers.models import Contact, Customer
from zhike.duplicates.actions.merges import merge_customers
from zhike.duplicates.actions.undoing import undo_merge
from zhike.duplicates.models import Merge
from zhike.timeline.actions import record
from zhike.timeline.locks import MergedAway
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def trying(work, refused):
    """Run it, and keep what it was refused with."""

    def run():
        try:
            work()
        except (Conflict, NotFound) as error:
            refused.append(error)

    return run


def test_each_into_the_other_twice_and_while_people_write_leaves_one():
    people = make_people()
    install_pack(pack=PACK, by=None)
    one, two = (make_customer(name, owner=people.alice) for name in ("甲", "乙"))
    for customer in (one, two):
        make_event(customer, "order.placed", amount=600)
    refused: list[Conflict | NotFound] = []

    def into(survivor):
        return lambda: merge_customers(ids=[one.pk, two.pk], survivor=survivor.pk, by=people.alice)

    def edit(customer, **given):
        return lambda: update_customer(customer=customer, version=1, by=people.alice, **given)

    def call(customer):
        return lambda: record(customer, "call.made", by=people.alice)

    def meet(customer):
        return lambda: add_contact(customer=customer, by=people.alice, name="张三")

    works = [
        into(one),
        into(two),
        into(one),
        edit(one, city="杭州"),
        edit(two, industry="茶叶"),
        call(one),
        call(two),
        meet(one),
        meet(two),
    ]
    at_once(*[trying(work, refused) for work in works])

    assert Merge.objects.count() == 1
    (left,) = Customer.present.all()
    lost = {type(error) for error in refused}
    assert lost <= {MergedAway, NotFound}
    written = Event.objects.filter(customer=left)
    calls, contacts = written.filter(kind="call.made").count(), Contact.objects.filter(customer=left).count()
    edits = Event.objects.filter(kind="customer.updated").exclude(source="merge").values_list("data", flat=True)
    changed = {row["field"] for data in edits for row in data["changes"]}
    assert calls + contacts + len(changed) + len(refused) == len(works) - 1
    assert written.filter(kind="order.placed").count() == 2
    assert {name for name in ("city", "industry") if getattr(left, name)} == changed
    assert audit().differences == []


def test_two_who_take_it_back_part_it_once():
    people = make_people()
    install_pack(pack=PACK, by=None)
    one, two = (make_customer(name, owner=people.alice) for name in ("甲", "乙"))
    merge = merge_customers(ids=[one.pk, two.pk], survivor=one.pk, by=people.alice)
    refused: list[Conflict | NotFound] = []

    at_once(*[trying(lambda: undo_merge(merge=merge, by=people.alice), refused)] * 3)

    assert len(refused) == 2
    assert Customer.present.count() == 2
    assert Event.objects.filter(kind="customer.parted").count() == 2
    assert audit().differences == []
