"""Many customers changed at once: each with its event, placed again together, and taken back but for what was changed since."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import People, make_customer, make_people, make_user
from tests.failing import counted, everything, failing, rolled_back
from tests.scenes import once, rules_in_force
from zhike.accounts.models import User
from zhike.base.errors import Forbidden
from zhike.base.inputs import Invalid
from zhike.classification.actions.overrides import lift_override, override_class
from zhike.classification.actions.overrides_many import Decided, override_many, take_back_overrides
from zhike.classification.batch import drift
from zhike.classification.models import Override, Placement
from zhike.core.facts import FieldType
from zhike.customers.actions.bin import delete_many, restore_many
from zhike.customers.actions.customers import update_customer
from zhike.customers.actions.fields import define_field
from zhike.customers.actions.many import (
    CHANGED_SINCE,
    assign_many,
    check_value,
    set_field_many,
    tag_many,
    take_back_many,
)
from zhike.customers.models import Customer
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def three(people):
    rules_in_force()
    return [make_customer(owner=people.alice, city="上海", tags=["老客户"]) for _ in range(3)]


def ids(customers):
    return [customer.pk for customer in customers]


def states(found):
    return [found[pk].state for pk in sorted(found)]


def items(found):
    """Return what a job would keep of those that changed."""
    return [
        SimpleNamespace(target=pk, before=dict(one.before), after=dict(one.after))
        for pk, one in sorted(found.items())
        if one.state == "changed"
    ]


def column(name):
    return list(Customer.objects.order_by("pk").values_list(name, flat=True))


def test_customers_are_given_to_a_person_each_with_its_event(people, three):
    other = make_user("Dora", team=people.alice.team)
    mine = make_customer(owner=other)
    found = assign_many(ids=[*ids(three), mine.pk], owner=other, by=people.bob)
    assert states(found) == ["changed", "changed", "changed", "same"]
    assert column("owner") == [other.pk] * 4
    assert column("version") == [2, 2, 2, 1]
    events = Event.objects.filter(kind="owner.changed").order_by("customer")
    assert [(e.customer_id, e.actor_id, e.data) for e in events] == [
        (customer.pk, people.bob.pk, {"from": people.alice.email, "to": other.email, "version": 2})
        for customer in three
    ]
    assert drift() == []


def test_whoever_may_not_assign_assigns_nobody(people, three):
    with pytest.raises(Forbidden):
        assign_many(ids=ids(three), owner=people.alice, by=people.alice)
    with pytest.raises(Forbidden):
        assign_many(ids=ids(three), owner=people.charlie, by=people.bob)
    assert column("owner") == [people.alice.pk] * 3
    assert not Event.objects.filter(kind="owner.changed").exists()


def test_in_a_mixed_list_those_of_others_stay_as_they_are(people, three):
    """What is not theirs is left out, and said so by not being in the answer."""
    foreign = make_customer(owner=people.charlie, tags=["别人的"])
    found = tag_many(ids=[*ids(three), foreign.pk, 10**9], tag="重点", is_taken=False, by=people.alice)
    assert sorted(found) == ids(three)
    assert column("tags") == [["老客户", "重点"]] * 3 + [["别人的"]]
    assert column("version") == [2, 2, 2, 1]
    for change in (
        lambda: set_field_many(ids=[foreign.pk], field="city", value="北京", by=people.alice),
        lambda: override_many(ids=[foreign.pk], decided=Decided("value", "low", "x", "usual"), by=people.alice),
        lambda: delete_many(ids=[foreign.pk], by=people.bob),
        lambda: restore_many(ids=[foreign.pk], by=people.bob),
    ):
        before = everything()
        assert change() == {}
        assert everything() == before


def test_a_tag_is_added_once_however_it_is_written_and_taken_away(people, three):
    tag_many(ids=[three[0].pk], tag="VIP", is_taken=False, by=people.alice)
    found = tag_many(ids=ids(three), tag="ｖｉｐ", is_taken=False, by=people.alice)
    assert states(found) == ["same", "changed", "changed"]
    found = tag_many(ids=ids(three), tag="vip", is_taken=True, by=people.alice)
    assert states(found) == ["changed"] * 3
    assert column("tags") == [["老客户"]] * 3
    assert column("tags_folded") == [["老客户"]] * 3


def test_a_value_is_put_into_a_field_and_into_one_of_our_own(people, three):
    define_field(key="grade", type_=FieldType.INTEGER, by=None)
    set_field_many(ids=ids(three), field="city", value="北京", by=people.alice)
    assert (column("city"), column("city_folded")) == (["北京"] * 3, ["北京"] * 3)
    set_field_many(ids=ids(three), field="custom.grade", value="7", by=people.alice)
    assert column("custom") == [{"grade": 7}] * 3
    set_field_many(ids=ids(three)[:2], field="custom.grade", value="", by=people.alice)
    assert column("custom") == [{}, {}, {"grade": 7}]
    changes = [e.data["changes"] for e in Event.objects.filter(kind="customer.updated", customer=three[2])]
    assert changes == [
        [{"field": "city", "from": "上海", "to": "北京"}],
        [{"field": "custom.grade", "from": None, "to": 7}],
    ]
    assert drift() == []


@pytest.mark.parametrize(
    ("field", "value"), [("kind", "ship"), ("birthday", "x"), ("tags", ["长" * 101]), ("custom.none", 1), ("name", "x")]
)
def test_what_is_no_value_for_a_field_is_refused_beforehand(people, field, value):
    with pytest.raises(Invalid):
        check_value(people.alice, field, value)


def test_taken_back_is_what_nobody_has_changed_since(people, three):
    found = set_field_many(ids=ids(three), field="next_contact_on", value=date(2027, 1, 2), by=people.alice)
    update_customer(customer=three[1], version=2, by=people.alice, next_contact_on=date(2027, 5, 5))
    back = take_back_many(items=items(found), field="next_contact_on", by=people.alice)
    assert states(back) == ["changed", "refused", "changed"]
    assert back[three[1].pk].said == CHANGED_SINCE
    assert column("next_contact_on") == [None, date(2027, 5, 5), None]


def test_the_owner_before_gets_them_back_unless_he_has_left(people, three):
    other = make_user("Dora", team=people.alice.team)
    gone = make_user("Eva", team=people.alice.team)
    Customer.objects.filter(pk=three[2].pk).update(owner=gone)
    found = assign_many(ids=ids(three), owner=other, by=people.bob)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    back = take_back_many(items=items(found), field="owner", by=people.bob)
    assert states(back) == ["changed", "changed", "refused"]
    assert column("owner") == [people.alice.pk, people.alice.pk, other.pk]


TAGS = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tags=TAGS, tag=st.sampled_from("abc"), is_taken=st.booleans(), later=TAGS)
def test_of_tags_only_what_was_done_is_undone(people, tags, tag, is_taken, later):
    """Whatever else was done to the tags meanwhile stays."""
    with rolled_back():
        customer = make_customer(owner=people.alice, tags=tags)
        found = tag_many(ids=[customer.pk], tag=tag, is_taken=is_taken, by=people.alice)
        others = [t for t in later if t != tag]
        now = [*others, *([] if is_taken else [tag])]
        if found[customer.pk].state == "changed":
            update_customer(customer=customer, version=2, by=people.alice, tags=now)
            take_back_many(items=items(found), field="tags", by=people.alice)
            assert sorted(column("tags")[-1]) == sorted([*others, *([tag] if is_taken else [])])
        else:
            assert column("tags")[-1] == tags


def test_classes_are_set_by_hand_and_given_back_to_what_held_before(people, three):
    first = override_class(customer=three[0], dimension="value", class_key="high", reason="框架协议", by=people.bob)
    found = override_many(ids=ids(three), decided=Decided("value", "low", "清理", None), by=people.alice)
    assert states(found) == ["changed"] * 3
    again = override_many(ids=ids(three), decided=Decided("value", "low", "清理", None), by=people.alice)
    assert states(again) == ["same"] * 3
    assert classes() == ["low"] * 3
    assert Event.objects.filter(kind="class.overridden", data__to="low").count() == 3
    lift_override(customer=three[2], dimension="value", by=people.alice)
    back = take_back_overrides(items=items(found), by=people.alice)
    assert states(back) == ["changed", "changed", "refused"]
    assert classes() == ["high", "regular", "regular"]
    assert list(Override.objects.filter(ended_at=None)) == [first]
    assert drift() == []


def classes():
    rows = Placement.objects.filter(dimension="value").order_by("customer")
    return list(rows.values_list("class_key", flat=True))


USES = {
    "assign": lambda p, c: assign_many(ids=ids(c), owner=p.bob, by=p.ada),
    "tag": lambda p, c: tag_many(ids=ids(c), tag="重点", is_taken=False, by=p.alice),
    "field": lambda p, c: set_field_many(ids=ids(c), field="size", value="large", by=p.alice),
    "class": lambda p, c: override_many(ids=ids(c), decided=Decided("value", "low", "清理", None), by=p.alice),
    "delete": lambda p, c: delete_many(ids=ids(c), by=p.ada),
}


@pytest.mark.parametrize("name", USES)
def test_whichever_statement_fails_nothing_is_half_done_and_again_it_succeeds(people, three, name):
    act, before = USES[name], everything()

    def again():
        """Return the same people as another request has them: nothing is known of their rights yet."""
        return People(**{who: User.objects.get(pk=getattr(people, who).pk) for who in vars(people)})

    asking = again()
    with rolled_back(), counted() as fails:
        expected = states(act(asking, three))
    assert len(fails.breaks()) > 1
    for where in fails.breaks():
        with rolled_back():
            asking = again()
            with failing(where), pytest.raises(OperationalError):
                act(asking, three)
            assert everything() == before, where
            assert states(act(again(), three)) == expected
