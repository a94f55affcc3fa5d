"""Columns of the list: which there are, who sees which, their order and widths, and what they are sorted by."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.factories import make_customer, make_event

USUAL = [
    "name",
    "class.status",
    "class.activity",
    "class.value",
    "class.intent",
    "class.need",
    "class.type",
    "metric.revenue@365",
    "contacted",
    "next",
    "owner",
]


def shown(response) -> list[str]:
    return [head.column.key for head, _width in response.context["sized"]]


def choose(client, *keys, query=""):
    return client.post(f"/customers/columns/{query}", {"column": list(keys)})


def test_the_usual_columns_are_as_many_as_a_window_of_1440_holds(alice, people, hotel):
    from zhike.accounts.models import User

    assert shown(alice.get("/customers/")) == USUAL
    User.objects.filter(pk=people.alice.pk).update(language="en")
    english = alice.get("/customers/")
    assert shown(english) == [key for key in USUAL if key not in {"class.need", "class.type"}]
    assert english.context["width"] <= 1440 - 200


def test_columns_are_chosen_and_stay_in_their_order(alice, people, hotel, signed_in):
    assert choose(alice, "next", "city", "class.value")["Location"] == "/customers/?"
    assert shown(alice.get("/customers/")) == ["name", "next", "city", "class.value"]
    assert shown(signed_in(people.bob).get("/customers/")) == USUAL
    alice.post("/customers/columns/", {"usual": "1"})
    assert shown(alice.get("/customers/")) == USUAL


def test_widths_are_kept(alice, hotel):
    columns = json.dumps([{"key": "name", "width": 300}, {"key": "city", "width": 90}])
    assert alice.post("/customers/columns/", {"columns": columns}).status_code == 204
    response = alice.get("/customers/")
    assert [(head.column.key, width) for head, width in response.context["sized"]] == [("name", 300), ("city", 90)]
    assert "--w:300px" in response.text


def test_whatever_there_is_can_be_a_column(alice, people, hotel):
    from zhike.core.facts import FieldType
    from zhike.customers.actions.customers import update_customer
    from zhike.customers.actions.fields import define_field

    define_field(key="seats", type_=FieldType.INTEGER, by=None)
    update_customer(customer=hotel, version=1, by=None, custom={"seats": 1200}, tags=["VIP"], size="large")
    make_event(hotel, "call.made")
    keys = list(alice.get("/customers/").context["state"].known)
    choose(alice, *keys)
    response = alice.get("/customers/")
    assert shown(response) == keys
    for seen in ("1,200", "VIP", "大型", "0 天", "¥240,000", "138 **** 8000"):
        assert seen in response.text


def test_a_view_brings_its_columns_and_a_person_changes_them_for_themselves(people, hotel, signed_in):
    from zhike.classification.actions.views import create_view

    columns = [{"key": "name", "width": None}, {"key": "city", "width": None}]
    view = create_view(name="短", where={"everyone": True}, by=people.bob, reach="team", columns=columns)
    alice, bob = signed_in(people.alice), signed_in(people.bob)
    path = f"/customers/?view={view.pk}"
    assert shown(alice.get(path)) == ["name", "city"]
    choose(alice, "next", query=f"?view={view.pk}")
    assert shown(alice.get(path)) == ["name", "next"]
    assert shown(bob.get(path)) == ["name", "city"]
    assert shown(alice.get("/customers/")) == USUAL
    assert "还原" in alice.get(path).text
    alice.post(f"/customers/views/{view.pk}/restore/")
    assert shown(alice.get(path)) == ["name", "city"]


def test_saving_a_view_gives_the_columns_to_everybody(people, hotel, signed_in):
    from zhike.classification.actions.views import create_view
    from zhike.classification.models import ListColumns

    view = create_view(name="短", where={"everyone": True}, by=people.bob, reach="team")
    bob = signed_in(people.bob)
    choose(bob, "next", query=f"?view={view.pk}")
    bob.post(f"/customers/views/{view.pk}/save/?view={view.pk}", {"version": 1})
    assert shown(signed_in(people.alice).get(f"/customers/?view={view.pk}")) == ["name", "next"]
    assert ListColumns.objects.count() == 0


def test_a_column_that_is_gone_is_left_out(alice, people, hotel):
    from zhike.classification.models import ListColumns

    stored = [{"key": "custom.gone", "width": 90}, {"key": "city", "width": "x"}, 7, {"key": None}]
    ListColumns.objects.create(user=people.alice, columns=stored)
    assert shown(alice.get("/customers/")) == ["name", "city"]


def test_only_what_an_index_orders_can_be_sorted_by(alice, hotel):
    choose(alice, *list(alice.get("/customers/").context["state"].known))
    heads = [head for head, _width in alice.get("/customers/").context["sized"] if head.link]
    assert {head.column.key for head in heads} == {"name", "contacted", "next", "metric.revenue@365", "created"}


def test_it_sorts_by_the_day_of_the_record(alice, people, rules):
    for name, day in [("甲", date(2026, 1, 2)), ("乙", date(2025, 1, 1)), ("丙", date(2026, 1, 1))]:
        make_customer(name, owner=people.alice, created_on=day)

    def names(sort):
        return [row.customer.name for row in alice.get(f"/customers/?sort={sort}").context["rows"]]

    assert names("created") == ["乙", "丙", "甲"]
    assert names("-created") == ["甲", "丙", "乙"]


@pytest.mark.parametrize("given", ["{", "[1]", '"x"', json.dumps([{"key": "name", "width": "wide"}]), "[" * 30_000])
def test_columns_that_cannot_be_read_change_nothing(alice, hotel, given):
    from zhike.classification.models import ListColumns

    response = alice.post("/customers/columns/", {"columns": given})
    assert response.status_code in {204, 422}
    assert shown(alice.get("/customers/"))[0] == "name"
    assert all(isinstance(row.columns, list) for row in ListColumns.objects.all())


def test_a_past_day_has_the_columns_that_it_can_tell(alice, hotel):
    choose(alice, "city", "class.value")
    assert shown(alice.get("/customers/?as_of=2026-05-01")) == USUAL
