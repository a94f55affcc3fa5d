"""Many customers at once, known by their keys."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories import make_customer, make_people, make_user
from zhike.base.errors import Forbidden
from zhike.core.facts import FieldType
from zhike.customers.actions.customers import create_customer
from zhike.customers.actions.fields import define_field
from zhike.customers.bulk import save_customers
from zhike.customers.models import Customer
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


def test_new_keys_make_customers_like_the_form_does():
    define_field(key="seats", type_=FieldType.INTEGER, by=None)
    owner = make_user()
    given = {
        "key": "K1",
        "kind": "company",
        "name": "上海梧桐里",
        "region": "华东",
        "size": "small",
        "birthday": date(1990, 1, 2),
        "created_on": date(2020, 1, 2),
        "tags": ["b", "a"],
        "custom": {"seats": 3},
        "phone": "13812345678",
        "email": "A@b.cn",
        "owner": owner,
    }

    saved = save_customers([given], by=None)

    (pk,) = saved.created
    by_form = create_customer(by=None, **{**given, "key": "K2", "owner": owner})
    found = Customer.objects.filter(pk__in=[pk, by_form.pk]).order_by("pk").values()
    left_out = {"id", "key", "created_at", "updated_at"}
    first, second = ({k: v for k, v in row.items() if k not in left_out} for row in found)
    assert first == second
    assert Event.objects.filter(customer=pk, kind="customer.created").count() == 1


def test_same_rows_twice_change_nothing():
    rows = [{"key": "K1", "name": "甲"}, {"key": "K2"}]
    save_customers(rows, by=None)

    saved = save_customers(rows, by=None)

    assert (saved.created, saved.changed, saved.unchanged) == ([], [], 2)
    assert Event.objects.count() == 2
    assert Customer.objects.get(key="K2").name == "K2"


def test_known_key_changes_only_what_is_given():
    customer = make_customer("甲", key="K1", region="华东", city="上海")

    saved = save_customers([{"key": "K1", "region": "华南"}], by=None)

    assert saved.changed == [customer.pk]
    customer.refresh_from_db()
    assert (customer.name, customer.region, customer.region_folded, customer.city) == ("甲", "华南", "华南", "上海")
    assert customer.version == 2
    event = Event.objects.get(kind="customer.updated")
    assert event.data == {"version": 2, "changes": [{"field": "region", "from": "华东", "to": "华南"}]}


def test_bad_row_is_handed_back_and_the_others_go_on():
    saved = save_customers([{"key": "K1", "size": "huge"}, {"key": "K2"}], by=None)

    assert [(place, error.path) for place, error in saved.refused] == [(0, "size")]
    assert list(saved.ids) == ["K2"]


@pytest.mark.parametrize(
    ("given", "refused", "dropped"),
    [
        ({"phone": "12", "email": "x"}, 1, 0),
        ({"phone": "12"}, 1, 0),
        ({"phone": "12", "email": "a@b.cn"}, 0, 1),
        ({"phone": "13812345678", "email": "x"}, 0, 1),
        ({}, 0, 0),
    ],
)
def test_one_way_to_reach_a_customer_is_enough(given, refused, dropped):
    saved = save_customers([{"key": "K1", **given}], by=None)

    assert (len(saved.refused), saved.dropped) == (refused, dropped)


def test_sales_may_not_import():
    with pytest.raises(Forbidden):
        save_customers([{"key": "K1"}], by=make_people().alice)

    assert Customer.objects.count() == 0
