"""Two records of one customer become one, and two again."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import OperationalError
from django.db.models import ForeignKey

from tests.classification.samples import PACK, classes
from tests.duplicates.merging import picture
from tests.factories import make_customer, make_event, make_people
from tests.failing import counted, failing, rolled_back
from tests.failing import everything as every_table
from zhike.accounts.actions.shares import share_record
from zhike.accounts.models import Share
from zhike.audit.models import Entry
from zhike.base.clock import now
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid
from zhike.classification.actions.overrides import override_class
from zhike.classification.actions.packs import install_pack
from zhike.classification.batch import drift
from zhike.classification.models import CustomerFacts, Override
from zhike.classification.then import then
from zhike.core.facts import FieldType
from zhike.customers.actions.addresses import add_address
from zhike.customers.actions.bin import delete_many, remove_for_good
from zhike.customers.actions.contacts import add_contact, update_contact
from zhike.customers.actions.customers import create_customer, update_customer
from zhike.customers.actions.favourites import star
from zhike.customers.actions.fields import define_field
from zhike.customers.actions.groups import set_parent
from zhike.customers.actions.reaches import set_reaches
from zhike.customers.actions.relations import relate
from zhike.customers.bulk import save_customers
from zhike.customers.finding import find
from zhike.customers.models import Address, Contact, Customer, CustomField, Favourite, Reach, Relation
from zhike.customers.reaches import NewReach
from zhike.duplicates.actions.merges import merge_customers
from zhike.duplicates.actions.tidying import forget_kept
from zhike.duplicates.actions.undoing import undo_merge
from zhike.duplicates.models import Merge
from zhike.duplicates.moves import BY_NUMBER, FATES
from zhike.duplicates.proposals import Why, propose
from zhike.privacy.actions.consents import record_consent
from zhike.privacy.actions.erasure import erase_customer
from zhike.privacy.models import Consent, Deletion
from zhike.privacy.queries import may_use
from zhike.timeline.actions import record, void
from zhike.timeline.locks import MergedAway
from zhike.timeline.models import Event
from zhike.timeline.sealing import check_seals, seal_timeline

pytestmark = pytest.mark.django_db

LABEL = "customers.Customer"
PAGE = (Path(__file__).parents[2] / "docs" / "merging.md").read_text(encoding="utf-8")


@pytest.fixture
def people():
    return make_people()


@pytest.fixture
def pair(people):
    install_pack(pack=PACK, by=None)
    first = make_customer(
        "杭州龙井茶业有限公司", owner=people.alice, key="A1", kind="company", city="杭州", tags=["老客户"]
    )
    other = make_customer(
        "龙井茶业", owner=people.alice, key="B2", kind="company", region="华东", phone="13800138000", tags=["展会"]
    )
    return first, other


def merged(pair, by, **given):
    first, *others = pair
    return merge_customers(ids=[c.pk for c in pair], survivor=first.pk, by=by, **given), *others


def reread(*customers):
    return [Customer.objects.get(pk=customer.pk) for customer in customers]


def test_every_model_that_refers_to_a_customer_says_what_a_merge_does():
    pointing = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model is Customer
    }

    assert pointing == set(FATES)
    of_contacts = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model is Contact
    }
    # Of contacts who become one: the first two follow who remains, a row of an import stays with who goes.
    assert of_contacts == {"customers.Reach.contact", "timeline.Event.contact", "imports.Row.contact"}
    for place, fate in {**FATES, **BY_NUMBER}.items():
        assert f"| {fate.label.zh} | `{place}` | {fate.words.zh} |" in PAGE


def test_the_survivor_takes_what_it_lacks_and_leads_from_the_other(pair, people):
    first, other = pair

    merged(pair, people.alice)
    first, other = reread(first, other)

    assert (first.name, first.city, first.region, first.phone) == (
        "龙井茶业",  # written later
        "杭州",
        "华东",
        "+8613800138000",
    )
    assert (first.key, other.key, first.tags) == ("A1", "B2", ["老客户", "展会"])
    assert (other.merged_into, other.deleted_by) == (first, people.alice)
    assert Reach.objects.get(customer=first).value == "+8613800138000"
    told = Event.objects.get(customer=first, kind="customer.merged")
    assert (told.actor, told.data["from"], told.data["key"]) == (people.alice, "龙井茶业", "B2")
    assert Entry.objects.get(action="customer.merged").data == {"from": [other.pk]}


def test_a_person_chooses_each_field(pair, people):
    first, other = pair

    merged(pair, people.alice, choices={"name": first.pk, "key": other.pk})
    first, other = reread(first, other)

    assert (first.name, first.name_folded, first.key, other.key) == (first.name, first.name.casefold(), "B2", "A1")
    assert first.name == "杭州龙井茶业有限公司"
    with pytest.raises(Invalid, match="no such field"):
        merged([first, make_customer("乙", owner=people.alice)], people.alice, choices={"id": first.pk})


def test_facts_and_classes_are_as_if_there_had_been_one_customer(pair, people):
    first, other = pair
    make_event(first, "order.placed", amount=600)
    order = make_event(other, "order.placed", amount=500)
    wrong = make_event(other, "order.placed", amount=9000)
    void(wrong, by=None)
    assert (classes(first)["value"], classes(other)["value"]) == ("regular", "regular")
    seal_timeline(patience=0)

    merge, _ = merged(pair, people.alice)

    assert classes(first) == {"value": "high", "care": "close"}
    assert classes(other) == {}
    assert CustomerFacts.objects.get(customer=first).values["metric.revenue@30"] == 1100
    move = Event.objects.get(customer=first, kind="class.changed", data__dimension="value")
    assert (move.data["recomputed"], move.data["to"]) == ("merged", "high")
    assert drift() == []
    assert Event.objects.get(pk=order.pk).customer == first
    assert Event.objects.filter(customer=other, kind="customer.created").exists()
    assert check_seals().broken is None

    undo_merge(merge=merge, by=people.alice)

    assert (classes(first)["value"], classes(other)["value"]) == ("regular", "regular")
    assert Event.objects.get(pk=order.pk).customer == other
    assert Event.objects.filter(customer=first, data__recomputed="parted", data__to="regular").count() == 1
    assert drift() == []
    assert check_seals().broken is None


def test_a_past_day_is_told_as_it_was_and_worked_out_with_all_events(pair, people):
    first, _other = pair
    day = date(2026, 1, 10)
    for customer in pair:
        update_customer(customer=customer, version=customer.version, by=None, created_on=date(2025, 12, 1))
        make_event(customer, "order.placed", day, amount=600)

    merged(pair, people.alice)
    seen = then(people.alice, Customer.objects.get(pk=first.pk), day)

    assert seen.class_of("value") == "high"
    assert seen.told == {}  # nothing was told of a day before they were placed


def everything(pair, people):
    """Hang one of everything on both records."""
    third = make_customer("第三家", owner=people.alice, kind="company")
    define_field(key="partner", type_=FieldType.TEXT, by=None)
    CustomField.objects.update(format=CustomField.Format.CUSTOMER)
    for customer, name in zip(pair, ("张三", "李四"), strict=True):
        contact = add_contact(customer=customer, by=people.alice, name=name, phone="13900139000")
        record(customer, "call.made", by=people.alice, contact=contact, data={"text": "聊过"})
        add_address(customer=customer, by=people.alice, street="文一路 1 号")
        star(customer=customer, by=people.alice, starred=True)
        relate(customer=customer, other=third, kind="supplier", by=people.alice)
        relate(customer=third, other=customer, kind="partner", by=people.alice)
        share_record(row=customer, user=people.charlie, by=people.alice, reason="帮忙")
        override_class(customer=customer, dimension="value", class_key="high", reason="老板的朋友", by=people.alice)
        record_consent(customer=customer, purpose="email", state="given", channel="phone", by=people.alice)
    first, other = reread(*pair)
    set_reaches(
        customer=other,
        version=other.version,
        by=people.alice,
        given=[NewReach("phone", "13800138000"), NewReach("phone", "13700137000"), NewReach("wechat", "longjing")],
    )
    child = make_customer("子公司", owner=people.alice, kind="company", custom={"partner": str(other.pk)})
    set_parent(customer=child, parent=other, version=child.version, by=people.alice)
    relate(customer=first, other=other, kind="supplier", by=people.alice)
    return third, child


def test_everything_that_hangs_on_them_is_the_survivors_and_goes_back(pair, people):
    third, child = everything(pair, people)
    first, _other = pair
    before = picture([*pair, child])

    merge, _ = merged(pair, people.alice)

    values = ["+8613800138000", "+8613700137000", "longjing"]
    assert list(Reach.objects.filter(customer=first, contact=None).values_list("value", flat=True)) == values
    assert Contact.objects.filter(customer=first).count() == 2
    assert Contact.objects.filter(customer=first, is_primary=True).count() == 1
    assert Address.objects.filter(customer=first).count() == 1
    assert Favourite.objects.filter(customer=first).count() == 1
    assert Relation.objects.filter(customer=first, other=third, kind="supplier").count() == 1
    assert Relation.objects.filter(customer=first, other=third, kind="partner").count() == 1
    assert Share.objects.filter(object=LABEL, row=first.pk).count() == 1
    assert Override.objects.get(customer=first, ended_at=None).created_at == max(
        Override.objects.values_list("created_at", flat=True)
    )
    assert Consent.objects.filter(customer=first).count() == 2
    child.refresh_from_db()
    assert (child.parent_id, child.custom) == (first.pk, {"partner": str(first.pk)})
    assert Event.objects.filter(customer=first, kind="call.made").count() == 2
    assert drift() == []

    undone = undo_merge(merge=merge, by=people.alice)

    assert undone.conflicts == []
    assert picture([*pair, child]) == before
    assert drift() == []


def test_whichever_statement_fails_nothing_is_half_merged(pair, people):
    for customer in pair:
        contact = add_contact(customer=customer, by=people.alice, name="张三", phone="13900139000")
        record(customer, "call.made", by=people.alice, contact=contact, data={"text": "聊过"})
        override_class(customer=customer, dimension="value", class_key="high", reason="朋友", by=people.alice)
    update_contact(contact=contact, version=contact.version, by=people.alice, title="采购")
    before = every_table()
    with rolled_back(), counted() as fails:
        merged(pair, people.alice)
    breaks = fails.breaks()
    assert len(breaks) > 30
    for where in breaks:
        with failing(where), pytest.raises(OperationalError):
            merged(pair, people.alice)
        assert every_table() == before, where
    merge, _ = merged(pair, people.alice)
    assert undo_merge(merge=merge, by=people.alice).conflicts == []


def test_contacts_who_are_one_person_become_one_and_two_again(pair, people):
    first, other = pair
    here = add_contact(customer=first, by=people.alice, name="张三", phone="139 0013 9000", title="采购")
    same = add_contact(
        customer=other,
        by=people.alice,
        name="张三",
        phone="+8613900139000",
        email="zs@acme.cn",
        birthday=date(1990, 5, 6),
    )
    namesake = add_contact(customer=other, by=people.alice, name="张三", phone="13700137000")
    call = record(other, "call.made", by=people.alice, contact=same, data={"text": "聊过"})
    before = picture(pair)

    merge, _ = merged(pair, people.alice)

    assert set(Contact.objects.filter(customer=first)) == {here, namesake}
    here.refresh_from_db()
    assert (here.title, here.email, here.birthday) == ("采购", "zs@acme.cn", date(1990, 5, 6))
    reached = Reach.objects.filter(contact=here).order_by("kind", "position").values_list("customer", "value")
    assert list(reached) == [(first.pk, "zs@acme.cn"), (first.pk, "+8613900139000")]
    assert Event.objects.get(pk=call.pk).contact == here
    assert [hit.pk for hit in find(people.alice, "zs@acme.cn")] == [first.pk]

    assert undo_merge(merge=merge, by=people.alice).conflicts == []
    assert picture(pair) == before


def test_what_was_added_since_stays_and_what_was_changed_since_is_told(pair, people):
    everything(pair, people)
    first, other = pair
    theirs = Contact.objects.get(customer=other)
    merge, _ = merged(pair, people.alice)
    first.refresh_from_db()
    theirs.refresh_from_db()
    note = record(first, "note.added", by=people.alice, data={"text": "合并以后的"})
    call = record(first, "call.made", by=people.alice, contact=theirs, data={"text": "和对方的人"})
    update_customer(customer=first, version=first.version, by=people.alice, region="华南", tags=[*first.tags, "新"])
    update_contact(contact=theirs, version=theirs.version, by=people.alice, phone="13500135000")
    override_class(customer=first, dimension="value", class_key="high", reason="还是我来定", by=people.alice)

    undone = undo_merge(merge=merge, by=people.alice)
    first, other = reread(first, other)

    assert (first.region, first.tags, other.region) == ("华南", ["老客户", "新"], "华东")
    assert Event.objects.get(pk=note.pk).customer == first
    assert Event.objects.get(pk=call.pk).customer == other
    assert {conflict["what"] for conflict in undone.conflicts} == {
        f"{first.pk}.region",
        "timeline.Event.customer",
        "classification.Override",
        "customers.Reach.customer",
    }
    assert set(Reach.objects.filter(contact=theirs).values_list("customer", "value")) == {(other.pk, "+8613500135000")}
    assert Override.objects.get(customer=first, ended_at=None).reason == "还是我来定"
    assert drift() == []


def test_it_is_found_by_what_the_other_was_called(pair, people):
    first, _ = pair
    merged(pair, people.alice, choices={"name": first.pk})

    for words in ("龙井茶业", "B2", "13800138000", "杭州龙井"):
        assert [hit.pk for hit in find(people.alice, words)] == [first.pk], words


def test_an_old_key_still_leads_to_it(pair, people):
    first, other = pair
    merge, _ = merged(pair, people.alice)

    saved = save_customers([{"key": "B2", "industry": "茶叶"}], by=people.ada)

    first, other = reread(first, other)
    assert (saved.changed, first.industry, first.key) == ([first.pk], "茶叶", "A1")
    with pytest.raises(Conflict, match="B2"):
        create_customer(name="新", key="B2", by=people.ada)
    undo_merge(merge=merge, by=people.alice)
    assert Customer.objects.get(key="B2") == other


def test_who_still_had_the_other_one_open_is_told(pair, people):
    _, other = pair
    merged(pair, people.alice)

    with pytest.raises(MergedAway):
        update_customer(customer=other, version=other.version, by=None, city="上海")
    with pytest.raises(NotFound):
        update_customer(customer=other, version=other.version, by=people.charlie, city="上海")
    with pytest.raises(MergedAway):
        merged(pair, people.alice)


def test_the_stricter_consent_holds(pair, people):
    first, other = pair
    record_consent(customer=first, purpose="email", state="refused", channel="phone", by=people.alice)
    record_consent(customer=other, purpose="email", state="given", channel="form", by=people.alice)
    Customer.objects.filter(pk=other.pk).update(no_profiling=True)

    merge, _ = merged(pair, people.alice)

    assert not may_use(first.pk, "email")
    assert Customer.objects.get(pk=first.pk).no_profiling
    assert classes(first) == {}

    undo_merge(merge=merge, by=people.alice)

    assert (may_use(first.pk, "email"), may_use(other.pk, "email")) == (False, True)
    assert [c.no_profiling for c in reread(first, other)] == [False, True]
    assert set(classes(first)) == {"value", "care"}
    assert drift() == []


def test_only_who_may_change_both_merges(pair, people):
    first, other = pair
    foreign = make_customer("别人的", owner=people.charlie)
    before = picture([first, other, foreign])

    for by, ids, error in (
        (people.charlie, [first.pk, other.pk], NotFound),
        (people.alice, [first.pk, foreign.pk], NotFound),
        (people.alice, [first.pk, -1], NotFound),
        (people.alice, [first.pk], Invalid),
    ):
        with pytest.raises(error):
            merge_customers(ids=ids, survivor=first.pk, by=by)
    with pytest.raises(Conflict, match="changed meanwhile"):
        merged(pair, people.alice, versions={first.pk: first.version + 1})

    assert picture([first, other, foreign]) == before
    assert not Merge.objects.exists()


def test_what_may_not_be_read_is_neither_shown_nor_overwritten(pair, people, monkeypatch):
    from zhike.accounts.field_access import FieldAccess

    first, other = pair
    Customer.objects.filter(pk=first.pk).update(phone="+8613600136000", industry="")
    Customer.objects.filter(pk=other.pk).update(industry="茶叶", size="small")
    hidden = {"phone", "industry"}
    monkeypatch.setattr(FieldAccess, "reads", lambda _self, name: name not in hidden)
    monkeypatch.setattr(FieldAccess, "writes", lambda _self, name: name not in hidden)
    lines = {line.field: line for line in propose(people.alice, reread(*pair), first.pk)}

    assert (lines["phone"].is_shown, lines["phone"].winner, lines["phone"].why) == (False, first.pk, Why.MAIN)
    with pytest.raises(Forbidden):
        merged(pair, people.alice, choices={"phone": other.pk})
    merged(pair, people.alice)
    first.refresh_from_db()
    assert (first.phone, first.industry, first.size) == ("+8613600136000", "茶叶", "small")


def test_several_at_once_and_then_into_another(pair, people):
    first, other = pair
    third = make_customer("龙井三", owner=people.alice, key="C3")
    last = make_customer("总店", owner=people.alice)
    merge = merge_customers(ids=[first.pk, other.pk, third.pk], survivor=first.pk, by=people.alice)
    later = merge_customers(ids=[first.pk, last.pk], survivor=last.pk, by=people.alice)

    assert [hit.pk for hit in find(people.alice, "C3")] == [last.pk]
    with pytest.raises(Conflict, match="undo that merge first"):
        undo_merge(merge=merge, by=people.alice)

    undo_merge(merge=later, by=people.alice)
    undo_merge(merge=merge, by=people.alice)

    assert [c.merged_into_id for c in reread(first, other, third, last)] == [None] * 4
    assert [c.key for c in reread(first, other, third)] == ["A1", "B2", "C3"]
    with pytest.raises(Conflict, match="undone already"):
        undo_merge(merge=merge, by=people.alice)


def test_the_same_form_merges_once(pair, people):
    key = uuid4()

    one, _ = merged(pair, people.alice, form_key=key)
    two, _ = merged(pair, people.alice, form_key=key)

    assert one == two


def test_after_thirty_days_it_stays_one(pair, people):
    first, other = pair
    add_address(customer=first, by=None, street="一号")
    add_address(customer=other, by=None, street="一号")
    merge, _ = merged(pair, people.alice)
    Merge.objects.update(at=now() - timedelta(days=30))

    with pytest.raises(Conflict, match="30 days"):
        undo_merge(merge=merge, by=people.alice)
    assert (forget_kept(), forget_kept(), remove_for_good()) == (1, 0, 0)

    merge.refresh_from_db()
    other.refresh_from_db()
    assert (merge.kept, other.name, other.key, other.phone, other.tags) == (None, "龙井茶业", "B2", "", [])
    assert not Address.objects.filter(customer=other).exists()
    assert [hit.pk for hit in find(people.alice, "B2")] == [first.pk]


def test_who_is_forgotten_is_forgotten_with_what_was_merged(pair, people):
    first, other = pair
    merge, _ = merged(pair, people.alice)
    first.refresh_from_db()

    erase_customer(customer=first, by=people.ada)

    merge.refresh_from_db()
    other.refresh_from_db()
    assert (other.name, other.phone, other.key, merge.kept) == ("已抹去", "", None, None)
    assert set(Deletion.objects.values_list("record", flat=True)) == {first.pk, other.pk}
    assert (
        not Event.objects.filter(customer__in=[first, other], data__has_key="from")
        .exclude(kind="class.changed")
        .exists()
    )
    with pytest.raises(Conflict, match="erased"):
        undo_merge(merge=merge, by=people.ada)
    with pytest.raises(Conflict, match="erased"):
        merge_customers(ids=[first.pk, make_customer("新").pk], survivor=first.pk, by=None)


def test_the_bin_takes_all_of_it_and_gives_no_merged_record_back(pair, people):
    first, other = pair
    merge, _ = merged(pair, people.alice)
    delete_many(ids=[first.pk], by=people.ada)

    with pytest.raises(Conflict, match="lies in the bin"):
        undo_merge(merge=merge, by=people.ada)
    Customer.objects.filter(pk=first.pk).update(deleted_at=now() - timedelta(days=31))
    assert remove_for_good() == 1

    assert not Customer.objects.filter(pk__in=[first.pk, other.pk]).exists()
    assert not Event.objects.filter(customer__in=[first.pk, other.pk]).exists()
