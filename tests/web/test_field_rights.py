"""A field that is hidden or masked is found by no door, and tells nothing by what it does to an answer."""

from __future__ import annotations

import json

import pytest

from tests.factories import make_customer, make_user
from zhike.accounts.grants import VERBS
from zhike.accounts.models import FieldRight, Role, RoleRight
from zhike.accounts.policy import redacted
from zhike.base.errors import Forbidden
from zhike.customers.actions.contacts import add_contact
from zhike.customers.actions.customers import create_customer, update_customer
from zhike.customers.models import Contact, Customer, CustomField
from zhike.customers.queries import find_customer
from zhike.customers.readable import readable, unreadable

CUSTOMER = "customers.Customer"
PHONE, ID_NUMBER = "13800138000", "110101199003071234"


@pytest.fixture
def clerk(people):
    """Sees all and changes all, but no identity numbers, cities or owners; telephones masked, sources to read."""
    role = Role.objects.create(key="clerk", label_zh="文员", label_en="Clerk")
    for verb, label in VERBS:
        if label in {CUSTOMER, "customers.Contact", "timeline.Event", "accounts.User"}:
            RoleRight.objects.create(role=role, verb=verb, object=label, scope="all")
    for label, name, access in [
        (CUSTOMER, "custom.id_number", "hidden"),
        (CUSTOMER, "city", "hidden"),
        (CUSTOMER, "phone", "masked"),
        (CUSTOMER, "source", "read"),
        ("customers.Contact", "phone", "masked"),
    ]:
        FieldRight.objects.create(role=role, object=label, field=name, access=access)
    return make_user(role="clerk")


@pytest.fixture
def person(people, rules) -> Customer:
    CustomField.objects.create(key="id_number", type="text", label_zh="证件号", label_en="Identity number")
    customer = make_customer(
        "沈一帆",
        owner=people.alice,
        kind="person",
        city="苏州",
        region="华东",
        source="官网",
        phone=PHONE,
        email="shen@x.cn",
        custom={"id_number": ID_NUMBER},
    )
    add_contact(customer=customer, by=None, name="沈太太", phone="13900139000")
    return customer


def test_no_page_shows_what_is_hidden_and_of_what_is_masked_only_the_mask(clerk, people, person, signed_in):
    client = signed_in(clerk)
    pages = {
        path: client.get(path).text
        for path in (
            "/customers/",
            "/customers/filter/",
            f"/customers/{person.pk}/",
            f"/customers/{person.pk}/edit/",
            f"/customers/{person.pk}/why/status/",
            f"/customers/{person.pk}/access/",
            "/search/?q=一帆",
            "/search/?q=沈太太",
            "/search/?q=shen@x",
            "/commands/",
            "/commands/?q=一帆",
            "/",
        )
    }

    for path, page in pages.items():
        for secret in (PHONE, "138 0013 8000", "3800138", ID_NUMBER, "苏州", "13900139000"):
            assert secret not in page, (path, secret)
    assert "138****8000" in pages[f"/customers/{person.pk}/"]
    assert "139****9000" in pages[f"/customers/{person.pk}/"]
    for path, page in pages.items():
        assert "?q=" not in path or f'href="/customers/{person.pk}/"' in page, path
    assert "tel:" not in pages[f"/customers/{person.pk}/"]
    theirs = signed_in(people.ada).get(f"/customers/{person.pk}/").text
    assert all(secret in theirs for secret in (f"tel:+86{PHONE}", "苏州", "tel:+8613900139000"))


@pytest.mark.parametrize("text", [PHONE, "8000", "0013", "1390"])
def test_search_is_no_oracle_for_a_masked_telephone(clerk, people, person, signed_in, text):
    link = f'href="/customers/{person.pk}/"'
    ada = signed_in(people.ada)
    assert len(ada.get("/customers/", {"q": text}).context["rows"]) == 1
    assert link in ada.get("/search/", {"q": text}).text
    assert len(ada.get("/pick/customers/", {"q": text}).json()["values"]) == 1
    client = signed_in(clerk)
    assert client.get("/customers/", {"q": text}).context["rows"] == []
    assert link not in client.get("/search/", {"q": text}).text
    assert client.get("/pick/customers/", {"q": text}).json()["values"] == []


def test_a_key_that_is_hidden_names_nobody(clerk, people, person):
    FieldRight.objects.create(role=Role.objects.get(key="clerk"), object=CUSTOMER, field="key", access="hidden")
    Customer.objects.filter(pk=person.pk).update(key="K-100")

    assert find_customer(people.ada, "K-100") == [person]
    assert find_customer(clerk, "K-100") == []
    assert find_customer(clerk, "沈一帆") == [person]


def test_search_by_name_still_finds(clerk, person, signed_in):
    rows = signed_in(clerk).get("/customers/", {"q": "一帆"}).context["rows"]

    assert [row.customer.pk for row in rows] == [person.pk]


def test_a_hidden_field_cannot_be_filtered_by(clerk, person, signed_in):
    client = signed_in(clerk)

    for city in ("苏州", "上海"):
        assert client.get("/customers/", {"city": city}).status_code == 400
    assert "city" not in {choice.name for choice in client.get("/customers/filter/").context["menu"].fields}
    assert client.get("/customers/", {"region": "华东"}).status_code == 200


def test_conditions_do_not_count_by_a_hidden_field(clerk, people, person, signed_in):
    client = signed_in(clerk)
    tests = [
        {"field": "customer.city", "op": "eq", "value": "苏州"},
        {"field": "custom.id_number", "op": "starts_with", "value": "1101"},
    ]
    for test in tests:
        answer = client.post("/conditions/check/", {"where": test}, content_type="application/json")
        found = json.loads(answer.content)
        assert found["rows"] == {}
        assert found["whole"] is None
        assert found["errors"]
    values = json.loads(client.get("/conditions/values/?field=customer.city").content)
    assert values == {"values": []}

    mine = signed_in(people.ada).post("/conditions/check/", {"where": tests[0]}, content_type="application/json")
    assert json.loads(mine.content)["whole"] == 1


def test_the_builder_does_not_offer_hidden_fields(clerk, person):
    from zhike.classification.candidates import draft_fields

    fields = draft_fields()

    assert unreadable(clerk, fields) == {"customer.city", "custom.id_number"}
    assert "customer.city" not in readable(clerk, fields)


def test_the_form_has_no_field_that_may_not_be_read_and_takes_none_that_may_not_be_written(clerk, person, signed_in):
    client = signed_in(clerk)
    path = f"/customers/{person.pk}/edit/"
    form = client.get(path).context["form"]
    assert {"city", "phone"} & set(form.fields) == set()
    assert form.fields["source"].disabled

    sent = {"name": "沈一帆", "kind": "person", "version": person.version, "region": "华南", "owner": person.owner_id}
    forged = {"source": "改了", "city": "北京", "phone": "13700137000"}
    assert client.post(path, {**sent, **forged}).status_code == 302

    person.refresh_from_db()
    assert (person.region, person.source, person.city) == ("华南", "官网", "苏州")
    assert person.phone == f"+86{PHONE}"
    assert person.custom == {"id_number": ID_NUMBER}


@pytest.mark.parametrize(
    "given", [{"source": "改了"}, {"phone": "13700137000"}, {"city": ""}, {"custom": {"id_number": "1"}}]
)
def test_an_action_refuses_a_field_that_is_not_ones_own_to_write(clerk, person, given):
    before = Customer.objects.values().get()

    with pytest.raises(Forbidden):
        update_customer(customer=person, version=person.version, by=clerk, **given)
    with pytest.raises(Forbidden):
        create_customer(by=clerk, name="新人", **{name: value or "x" for name, value in given.items()})

    assert Customer.objects.values().get() == before


def test_the_reasons_of_a_class_keep_the_line_and_hide_the_value(clerk, people, rules, signed_in):
    from zhike.classification.actions.packs import install_pack

    customer = make_customer("甲公司", owner=people.alice, kind="company", size="large")
    role = Role.objects.get(key="clerk")
    FieldRight.objects.create(role=role, object=CUSTOMER, field="size", access="masked")
    FieldRight.objects.create(role=role, object=CUSTOMER, field="kind", access="hidden")
    install_pack(pack="general", by=None)

    mine = signed_in(people.ada).get(f"/customers/{customer.pk}/why/type/").text
    theirs = signed_in(clerk).get(f"/customers/{customer.pk}/why/type/").text

    assert "无权查看" not in mine
    assert "无权查看" in theirs
    assert theirs.count("zk-why-row") == mine.count("zk-why-row")


def test_a_row_for_a_page_is_never_saved(clerk, person):
    shown = redacted(clerk, person)

    assert (shown.phone, shown.city, shown.custom, shown.name) == ("138****8000", "", {}, "沈一帆")
    assert (person.phone, person.city) == (f"+86{PHONE}", "苏州")
    with pytest.raises(TypeError):
        shown.save()


def test_the_right_of_a_contact_is_its_own(clerk, person):
    shown = redacted(clerk, Contact.objects.get())

    assert shown.phone == "139****9000"


def test_pages_are_kept_by_nobody(people, hotel, alice):
    page = alice.get(f"/customers/{hotel.pk}/")

    assert "no-store" in page.headers["Cache-Control"]
    assert {"HX-Request-Type", "Cookie"} <= {name.strip() for name in page.headers["Vary"].split(",")}


def test_a_hidden_field_cannot_be_sorted_by(clerk, person, signed_in):
    FieldRight.objects.create(
        role=Role.objects.get(key="clerk"), object=CUSTOMER, field="next_contact_on", access="masked"
    )
    client = signed_in(clerk)

    assert client.get("/customers/", {"sort": "next"}).status_code == 400
    assert client.get("/customers/", {"sort": "-next"}).status_code == 400
    assert client.get("/customers/", {"sort": "-name"}).status_code == 200
