"""Sensitive own fields: of a person only with a consent in force, through whichever door; of a company freely."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.factories import make_customer, make_people
from tests.imports.bringing import carried_out, said, tried, undo
from tests.scenes import one_scene
from zhike.audit.models import Entry
from zhike.base.errors import NotFound
from zhike.base.inputs import Invalid
from zhike.core.text import Text
from zhike.customers.actions.customers import create_customer, update_customer
from zhike.customers.actions.fields import add_field, change_field
from zhike.customers.actions.many import set_field_many, take_back_many
from zhike.customers.actions.sensitive import empty_sensitive
from zhike.customers.bulk import save_customers
from zhike.customers.fields import KINDS_BY_KEY
from zhike.customers.models import Customer
from zhike.customers.sensitive import Guard, held_unagreed
from zhike.privacy.actions.consents import publish_text, record_consent
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

REFUSED = "证件号码 is sensitive personal data: write down the separate consent on the customer's page “Personal data” "
REFUSED += "first, then fill it in"


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker):
    with one_scene(django_db_blocker):
        people = make_people()
        field = add_field(field_kind=KINDS_BY_KEY["text"], by=None, label=Text("证件号码", ""), is_sensitive=True)
        plain = add_field(field_kind=KINDS_BY_KEY["text"], by=None, label=Text("爱好", ""))
        person = make_customer("王小明", owner=people.alice, kind="person", key="P1")
        agreed = make_customer("李小红", owner=people.alice, kind="person", key="P2")
        firm = make_customer("梧桐里", owner=people.alice, kind="company", key="F1")
        consent(agreed)
        yield SimpleNamespace(people=people, field=field, plain=plain, person=person, agreed=agreed, firm=firm)


def consent(customer, state="given"):
    record_consent(customer=customer, purpose="sensitive", state=state, channel="form", by=None)


def write(customer, **given):
    found = Customer.objects.get(pk=customer.pk)
    return update_customer(customer=found, version=found.version, by=None, **given)


def own(*customers):
    return [Customer.objects.get(pk=customer.pk).custom for customer in customers]


def holding(scene, customer):
    """Let a customer have a number from a time in which it was allowed."""
    Customer.objects.filter(pk=customer.pk).update(custom={scene.field.key: "310"})
    return customer


def test_a_person_without_consent_is_refused_and_nothing_is_written(scene):
    with pytest.raises(Invalid) as refused:
        write(scene.person, city="上海", custom={scene.field.key: "310", scene.plain.key: "茶"})

    assert (refused.value.path, refused.value.en) == (scene.field.name, REFUSED)
    found = Customer.objects.get(pk=scene.person.pk)
    assert (found.custom, found.city, found.version) == ({}, "", 1)


def test_with_consent_and_for_a_company_it_is_written(scene):
    for customer in (scene.agreed, scene.firm):
        write(customer, custom={scene.field.key: "310"})

    assert own(scene.agreed, scene.firm) == [{scene.field.key: "310"}] * 2


@pytest.mark.parametrize("state", ["withdrawn", "refused", "stale"])
def test_a_consent_that_is_not_in_force_is_none(scene, state):
    if state == "stale":
        publish_text(purpose="sensitive", zh="新的文字", en="New words", by=scene.people.ada)
    else:
        consent(scene.agreed, state)

    with pytest.raises(Invalid):
        write(scene.agreed, custom={scene.field.key: "310"})


def test_what_is_there_stays_can_be_emptied_and_holds_nothing_else_up(scene):
    held = holding(scene, scene.person)

    write(held, city="上海", custom={scene.field.key: "310", scene.plain.key: "茶"})
    assert own(held) == [{scene.field.key: "310", scene.plain.key: "茶"}]

    write(held, custom={scene.field.key: ""})
    assert own(held) == [{scene.plain.key: "茶"}]


def test_who_becomes_a_person_needs_the_consent_for_what_is_there(scene):
    firm = holding(scene, scene.firm)
    with pytest.raises(Invalid) as refused:
        write(firm, kind="person")
    assert refused.value.path == scene.field.name

    consent(firm)
    assert write(firm, kind="person").kind == "person"


def test_nobody_new_has_agreed(scene):
    with pytest.raises(Invalid) as refused:
        create_customer(by=scene.people.alice, kind="person", name="新人", custom={scene.field.key: "310"})
    assert refused.value.path == scene.field.name
    assert refused.value.en.startswith("证件号码 is sensitive personal data: make the record first")

    made = create_customer(by=scene.people.alice, kind="company", name="新厂", custom={scene.field.key: "310"})
    assert made.custom == {scene.field.key: "310"}


def test_in_bulk_each_is_told_and_all_are_asked_about_together(scene, django_assert_max_num_queries):
    ids = [scene.person.pk, scene.agreed.pk, scene.firm.pk]
    found = set_field_many(ids=ids, field=scene.field.name, value="310", by=scene.people.bob)

    assert [found[pk].state for pk in ids] == ["refused", "changed", "changed"]
    assert found[scene.person.pk].said.en == REFUSED
    assert own(scene.person, scene.agreed) == [{}, {scene.field.key: "310"}]
    guard = Guard([scene.field], ids)
    with django_assert_max_num_queries(2):
        filled = [guard.refused(pk, kind="person", own={scene.field.key: "1"}) for pk in ids]
    assert filled == [[scene.field], [], [scene.field]]


def test_undoing_in_bulk_brings_nothing_back_that_is_not_agreed_to(scene):
    held, bob = holding(scene, scene.agreed), scene.people.bob
    found = set_field_many(ids=[held.pk], field=scene.field.name, value="", by=bob)
    consent(held, "withdrawn")
    one = found[held.pk]
    item = SimpleNamespace(target=held.pk, before=dict(one.before), after=dict(one.after))

    assert take_back_many(items=[item], field=scene.field.name, by=bob)[held.pk].state == "refused"
    assert own(held) == [{}]


def test_rows_by_key_are_refused_one_by_one(scene):
    rows = [{"key": key, "kind": kind, "custom": {scene.field.key: "310"}} for key, kind in KEYS]
    saved = save_customers(rows, by=None)

    assert [(place, error.path) for place, error in saved.refused] == [(0, scene.field.name), (3, scene.field.name)]
    assert own(scene.person, scene.agreed, scene.firm) == [{}, *[{scene.field.key: "310"}] * 2]
    assert not Customer.objects.filter(key="P3").exists()


KEYS = (("P1", "person"), ("P2", "person"), ("F1", "company"), ("P3", "person"))


def test_a_file_leaves_the_value_out_and_says_so(scene, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    text = "客户编号,客户名称,客户性质,城市,证件号码\nP1,王小明,个人,上海,310\nP2,李小红,个人,上海,311\n"
    text += "F1,梧桐里,企业,上海,312\nP3,新人,个人,上海,313\n"
    dry = said(tried(tmp_path, text))
    imported = carried_out(tmp_path, text)

    left = f"left out: {REFUSED}"
    assert said(imported) == dry
    assert said(imported) == {
        2: ("updated", f"the number fits; {left}"),
        3: ("updated", "the number fits"),
        4: ("updated", "the number fits"),
        5: ("created", left),
    }
    new = Customer.objects.get(key="P3")
    assert own(scene.person, scene.agreed, scene.firm, new) == [{}, {"zheng_jian_hao_ma": "311"}, {**LAST}, {}]
    assert {*Customer.objects.values_list("city", flat=True)} == {"上海"}
    assert imported.dropped == 0

    write(scene.agreed, custom={scene.field.key: "999"})
    consent(scene.agreed, "withdrawn")
    assert undo(imported).rows.get(line=3).verdict == "conflict"


LAST = {"zheng_jian_hao_ma": "312"}


def test_taking_a_file_back_brings_nothing_back_that_is_not_agreed_to(scene, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    held = holding(scene, scene.agreed)
    imported = carried_out(tmp_path, "客户编号,客户名称,证件号码\nP2,李小红,999\n")
    assert own(held) == [{scene.field.key: "999"}]
    consent(held, "withdrawn")

    row = undo(imported).rows.get(line=2)
    assert (row.verdict, row.said["en"], own(held)) == ("conflict", REFUSED, [{scene.field.key: "999"}])


def test_a_file_makes_no_person_of_a_company_that_has_such_values(scene, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    firm = holding(scene, scene.firm)
    imported = carried_out(tmp_path, "客户编号,客户名称,客户性质,城市\nF1,梧桐里,个人,上海\n")

    assert said(imported)[2] == ("updated", f"the number fits; left out: {REFUSED}")
    firm.refresh_from_db()
    assert (firm.kind, firm.city, firm.custom) == ("company", "上海", {scene.field.key: "310"})


def test_what_was_withdrawn_is_emptied_as_one_change(scene):
    alice = scene.people.alice
    held = holding(scene, scene.agreed)
    assert (held_unagreed(Customer.objects.get(pk=held.pk)), empty_sensitive(customer=held, by=alice)) == ([], 0)

    consent(held, "withdrawn")
    assert held_unagreed(Customer.objects.get(pk=held.pk)) == [scene.field]
    with pytest.raises(NotFound):
        empty_sensitive(customer=held, by=scene.people.charlie)
    assert empty_sensitive(customer=held, by=alice) == 1

    assert own(held) == [{}]
    event = Event.objects.filter(customer=held, kind="customer.updated").latest("pk")
    assert event.data["changes"] == [{"field": scene.field.name, "from": "310", "to": None}]


@pytest.mark.parametrize(
    ("given", "path"),
    [({"kind": "company"}, "is_sensitive"), ({"is_required": True}, "is_required"), ({"default": "甲"}, "default")],
)
def test_what_nobody_could_fill_in_is_no_sensitive_field(scene, given, path):
    with pytest.raises(Invalid) as refused:
        change_field(field=scene.plain, by=None, is_sensitive=True, **given)
    assert refused.value.path == path


def test_marking_a_field_is_in_the_audit_log(scene):
    change_field(field=scene.plain, by=scene.people.bob, is_sensitive=True)
    change_field(field=scene.plain, by=scene.people.bob, is_sensitive=True)

    (entry,) = Entry.objects.filter(action="field.changed")
    assert (entry.actor, entry.data) == (scene.people.bob, {"key": scene.plain.key, "fields": ["is_sensitive"]})
