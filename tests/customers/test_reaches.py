"""Several telephone numbers, e-mail addresses and ids; one number however it is written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import phonenumbers
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_customer, make_people, make_user
from tests.scenes import once
from zhike.accounts.models import Role, User
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid
from zhike.customers.actions.contacts import add_contact, update_contact
from zhike.customers.actions.customers import create_customer, update_customer
from zhike.customers.actions.merging import Overlap
from zhike.customers.actions.reaches import set_reaches
from zhike.customers.bulk import add_contacts, save_customers
from zhike.customers.completeness import out_of_step
from zhike.customers.models import Customer, Reach
from zhike.customers.phones import parse_phone
from zhike.customers.queries import search
from zhike.customers.reaches import NewReach, arranged, clean_reaches, shared_with
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

WRITINGS = (
    "13800138000",
    "138 0013 8000",
    "+8613800138000",
    "008613800138000",
    "１３８００１３８０００",
    "138-0013-8000",
    "(+86) 138 0013 8000",
    "\u202a13800138000\u202c",
)


@pytest.fixture
def people():
    return once("people", make_people)


def values(customer, kind="phone"):
    rows = Reach.objects.filter(customer=customer, contact=None, kind=kind).order_by("position")
    return [(row.value, row.label, row.position) for row in rows]


def found_by(text):
    ada = User.objects.filter(role=Role.ADMIN).first() or make_user("Ada", role=Role.ADMIN)
    return list(search(Customer.objects.all(), text, ada).values_list("name", flat=True))


@pytest.mark.parametrize("written", WRITINGS)
def test_any_writing_of_a_number_is_one_number(people, written):
    first = make_customer("甲", owner=people.alice, phone="13800138000")
    second = make_customer("乙", owner=people.alice, phone=written)
    assert (second.phone, values(second)) == ("+8613800138000", [("+8613800138000", "", 0)])
    shared = shared_with(people.alice, second.pk, second.reaches.all())
    assert ([other.pk for other in shared.customers], shared.hidden) == ([first.pk], 0)


def test_the_same_number_twice_is_kept_once(people):
    customer = make_customer(owner=people.alice)
    given = [NewReach("phone", written, f"第 {n} 次") for n, written in enumerate(WRITINGS)]
    set_reaches(customer=customer, version=1, given=given, by=people.alice)
    assert values(customer) == [("+8613800138000", "第 0 次", 0)]


def test_the_first_of_a_kind_is_the_primary_one_and_all_are_searched(people):
    customer = make_customer("梧桐里", owner=people.alice, phone="021 6123 4567")
    given = [
        NewReach("phone", "138 0013 8000", "手机"),
        NewReach("email", "Lin@Example.COM"),
        NewReach("phone", "021 6123 4567", "前台"),
        NewReach("wechat", "wutong_li"),
    ]
    changed = set_reaches(customer=customer, version=1, given=given, by=people.alice)
    changed.refresh_from_db()
    assert (changed.phone, changed.email, changed.version) == ("+8613800138000", "lin@example.com", 2)
    assert values(customer) == [("+8613800138000", "手机", 0), ("+862161234567", "前台", 1)]
    for text in ("8000", "138 0013 8000", "4567", "6123", "lin@exa", "wutong_li"):
        assert found_by(text) == ["梧桐里"], text
    event = Event.objects.filter(customer=customer).latest("pk")
    assert (event.kind, event.actor, event.data["version"]) == ("customer.updated", people.alice, 2)
    assert event.data["changes"] == [
        {
            "field": "reaches",
            "from": ["+862161234567"],
            "to": ["lin@example.com", "手机 +8613800138000", "前台 +862161234567", "wutong_li"],
        },
        {"field": "phone", "from": "+862161234567", "to": "+8613800138000"},
        {"field": "email", "from": "", "to": "lin@example.com"},
    ]


def test_saying_the_same_again_changes_nothing_even_late(people):
    customer = make_customer(owner=people.alice, phone="13800138000")
    given = [NewReach("phone", "13800138000"), NewReach("phone", "13900139000", "家里")]
    set_reaches(customer=customer, version=1, given=given, by=people.alice)
    set_reaches(customer=customer, version=1, given=given, by=people.alice)
    customer.refresh_from_db()
    assert (customer.version, Event.objects.filter(kind="customer.updated").count()) == (2, 1)


def test_an_old_version_is_refused_and_a_stranger_finds_nothing(people):
    customer = make_customer(owner=people.alice, phone="13800138000")
    set_reaches(customer=customer, version=1, given=[NewReach("phone", "13900139000")], by=people.bob)
    with pytest.raises(Conflict):
        set_reaches(customer=customer, version=1, given=[NewReach("phone", "13700137000")], by=people.alice)
    with pytest.raises(NotFound):
        set_reaches(customer=customer, version=2, given=[], by=people.charlie)
    assert values(customer) == [("+8613900139000", "", 0)]


@pytest.mark.parametrize(
    "bad",
    [
        NewReach("phone", "12"),
        NewReach("email", "nonsense"),
        NewReach("fax", "1"),
        NewReach("wechat", "x" * 255),
        NewReach("phone", "13800138000", "x" * 21),
        NewReach("wechat", "a\x00b"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(people, bad):
    customer = make_customer(owner=people.alice, phone="13800138000")
    with pytest.raises(Invalid) as caught:
        set_reaches(customer=customer, version=1, given=[NewReach("email", "a@b.cn"), bad], by=people.alice)
    customer.refresh_from_db()
    assert (caught.value.path, customer.version, customer.email) == ("reaches", 1, "")
    assert values(customer) == [("+8613800138000", "", 0)]


def test_more_than_twenty_are_refused():
    with pytest.raises(Invalid):
        clean_reaches([NewReach("wechat", f"id{n}") for n in range(21)])


def test_the_form_of_the_customer_changes_the_primary_number(people):
    customer = make_customer("甲", owner=people.alice, phone="13800138000")
    customer = set_reaches(
        customer=customer,
        version=1,
        given=[NewReach("phone", "13800138000", "手机"), NewReach("phone", "13900139000", "家里")],
        by=None,
    )
    customer = update_customer(customer=customer, version=2, by=people.alice, phone="137 0013 7000")
    assert values(customer) == [("+8613700137000", "手机", 0), ("+8613900139000", "家里", 1)]
    customer = update_customer(customer=customer, version=3, by=people.alice, phone="13900139000")
    assert values(customer) == [("+8613900139000", "家里", 0), ("+8613700137000", "手机", 1)]
    assert (found_by("7000"), found_by("13800138000")) == (["甲"], [])


def test_an_emptied_number_makes_room_for_the_next(people):
    customer = make_customer("甲", owner=people.alice, phone="13800138000")
    given = [NewReach("phone", "13800138000"), NewReach("phone", "01062345678")]
    customer = set_reaches(customer=customer, version=1, given=given, by=None)
    customer = update_customer(customer=customer, version=2, by=people.alice, phone="")
    customer.refresh_from_db()
    assert (customer.phone, customer.phone_state) == ("+861062345678", "valid")
    customer = update_customer(customer=customer, version=3, by=people.alice, phone="")
    customer.refresh_from_db()
    assert (customer.phone, customer.phone_state, values(customer), found_by("5678")) == ("", "", [], [])


def test_a_change_that_is_refused_leaves_the_numbers(people):
    customer = make_customer(owner=people.alice, phone="13800138000")
    update_customer(customer=customer, version=1, by=None, phone="13700137000")
    with pytest.raises(Overlap):
        update_customer(customer=customer, version=1, by=people.alice, phone="13900139000")
    assert values(customer) == [("+8613700137000", "", 0)]


def test_an_old_form_does_not_bring_the_number_back_that_the_page_of_numbers_changed(people):
    customer = make_customer(owner=people.alice, phone="13800138000")
    set_reaches(customer=customer, version=1, given=[NewReach("phone", "13900139000")], by=people.bob)
    changed = update_customer(customer=customer, version=1, by=people.alice, phone="13800138000", city="上海")
    assert (changed.phone, changed.city) == ("+8613900139000", "上海")
    assert values(customer) == [("+8613900139000", "", 0)]
    with pytest.raises(Overlap):
        update_customer(customer=customer, version=1, by=people.alice, phone="13700137000")


def test_two_who_change_how_a_contact_is_reached_are_asked(people):
    customer = make_customer(owner=people.alice)
    contact = add_contact(customer=customer, by=None, name="何静怡", phone="13800138000")
    old = [NewReach("phone", "13800138000")]
    update_contact(contact=contact, version=1, by=people.bob, reaches=[*old, NewReach("wechat", "hejy")])
    update_contact(contact=contact, version=1, by=people.alice, reaches=old, title="采购")
    with pytest.raises(Overlap) as caught:
        update_contact(contact=contact, version=1, by=people.alice, reaches=[NewReach("phone", "13900139000")])
    assert [(one.field, one.theirs, one.mine) for one in caught.value.differences] == [
        ("reaches", ["+8613800138000", "hejy"], ["+8613900139000"])
    ]
    contact.refresh_from_db()
    assert (contact.title, contact.phone, contact.version) == ("采购", "+8613800138000", 3)
    assert [row.value for row in contact.reaches.order_by("kind")] == ["+8613800138000", "hejy"]


def test_what_is_known_counts_with_every_number(people):
    customer = create_customer(by=people.alice, name="甲", kind="company")
    before = customer.completeness
    changed = set_reaches(customer=customer, version=1, given=[NewReach("phone", "13900139000")], by=people.alice)
    changed.refresh_from_db()
    assert changed.completeness > before
    assert not out_of_step(()).exists()


def test_files_write_numbers_as_forms_do(people):
    save_customers([{"key": "C1", "name": "甲", "phone": WRITINGS[4]}, {"key": "C2", "name": "乙"}], by=None)
    first = Customer.objects.get(key="C1")
    add_contacts(
        [{"customer_id": first.pk, "name": "沈一帆", "title": "", "phone": WRITINGS[1], "email": "S@x.cn", "role": ""}],
        by=None,
    )
    assert values(first) == [("+8613800138000", "", 0)]
    assert found_by("s@x.cn") == ["甲"]
    save_customers([{"key": "C1", "phone": "13900139000"}], by=None)
    assert (values(first), found_by("9000"), found_by("s@x.cn")) == ([("+8613900139000", "", 0)], ["甲"], ["甲"])
    assert found_by("8000") == ["甲"]  # the contact's


def test_who_shares_a_number_is_named_only_to_those_who_see_them(people):
    ours = make_customer("甲", owner=people.alice, phone="13800138000")
    theirs = make_customer("乙", owner=people.charlie)
    add_contact(customer=theirs, by=None, name="沈一帆", phone=WRITINGS[2])
    told = shared_with(people.alice, ours.pk, ours.reaches.all())
    assert (list(told.customers), told.hidden) == ([], 1)
    told = shared_with(people.ada, ours.pk, ours.reaches.all())
    assert ([other.name for other in told.customers], told.hidden) == (["乙"], 0)


def test_a_customer_is_found_by_the_numbers_of_its_contacts(people):
    customer = make_customer("甲", owner=people.alice)
    given = [NewReach("phone", "13800138000"), NewReach("wecom", "shenyf"), NewReach("phone", "13900139000", "家里")]
    contact = add_contact(customer=customer, by=people.alice, name="沈一帆", reaches=given)
    assert (contact.phone, contact.phone_state) == ("+8613800138000", "valid")
    assert [found_by(text) for text in ("9000", "shenyf")] == [["甲"], ["甲"]]
    contact = update_contact(contact=contact, version=1, by=people.alice, reaches=given[1:])
    contact.refresh_from_db()
    assert (contact.phone, found_by("8000"), found_by("9000")) == ("+8613900139000", [], ["甲"])


ROWS = st.lists(
    st.builds(NewReach, st.sampled_from(["phone", "email"]), st.sampled_from("abcd"), st.sampled_from(["", "x"])),
    unique_by=lambda row: row[:2],
    max_size=6,
)


@given(ROWS, st.sampled_from("abcdz"))
def test_the_value_of_the_column_stands_first_and_nothing_else_is_lost(rows, value):
    after = arranged(rows, "phone", value)
    before = [row.value for row in rows if row.kind == "phone"]
    phones = [row.value for row in after if row.kind == "phone"]
    assert phones[0] == value
    assert [row for row in after if row.kind == "email"] == [row for row in rows if row.kind == "email"]
    assert len(set(phones)) == len(phones)
    kept = before if value in before else before[1:]
    assert phones[1:] == [one for one in kept if one != value]


@settings(deadline=None, max_examples=20)
@given(rows=ROWS)
def test_emptying_takes_the_first_away(rows):
    phones = [row.value for row in rows if row.kind == "phone"]
    assert [row.value for row in arranged(rows, "phone", "") if row.kind == "phone"] == phones[1:]


@pytest.mark.django_db(transaction=True)
def test_made_at_the_same_moment_by_form_and_file_both_know_of_each_other(people):
    def by_form():
        try:
            create_customer(name="甲", phone="138 0013 8000", by=people.alice)
        finally:
            connection.close()

    def by_file():
        try:
            save_customers(
                [{"key": "K", "name": "乙", "phone": "１３８００１３８０００", "owner": people.bob}], by=None
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(by_form), pool.submit(by_file)]:
            done.result()
    rows = Customer.objects.order_by("name_key")
    assert sorted(row.phone for row in rows) == ["+8613800138000"] * 2
    for row, other in ((rows[0], rows[1]), (rows[1], rows[0])):
        told = shared_with(people.ada, row.pk, row.reaches.all())
        assert [one.pk for one in told.customers] == [other.pk]


def test_mobile_numbers_read_the_short_way_are_those_of_the_library():
    for network in range(13_000, 20_000):
        text = f"{network}123456"
        number = phonenumbers.parse(text, "CN")
        expected = f"+86{text}", "valid" if phonenumbers.is_valid_number(number) else "unverified"
        assert parse_phone(text) == expected == parse_phone(f"+86{text}")
