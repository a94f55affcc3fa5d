"""The share of what is known: of one record and of all alike, and never out of step."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_customer, make_people
from zhike.core.text import Text
from zhike.customers.actions import completeness as actions
from zhike.customers.actions.customers import update_customer
from zhike.customers.actions.fields import add_field, change_field, retire_field
from zhike.customers.bulk import save_customers
from zhike.customers.completeness import counted_fields, missing_counts, missing_of, out_of_step, share_of, value_of
from zhike.customers.fields import KINDS_BY_KEY
from zhike.customers.models import Customer

pytestmark = pytest.mark.django_db


def required(zh: str, en: str, **given: object):
    label = Text(zh, en)
    return add_field(field_kind=KINDS_BY_KEY["text"], by=None, label=label, is_required=True, **given)  # type: ignore[arg-type]


def test_a_company_is_asked_other_things_than_a_person():
    alice = make_people().alice
    company = make_customer(owner=alice, kind="company", phone="13800138000", city="上海", industry="酒店")
    person = make_customer(owner=alice, kind="person", email="a@example.com", birthday=date(1990, 1, 1))

    assert company.completeness == 63  # 5 of 8
    assert person.completeness == 57  # 4 of 7
    assert missing_of("company", value_of(company), []) == ["email", "source", "size"]
    assert missing_of("person", value_of(person), []) == ["phone", "city", "source"]


def test_a_required_field_counts_from_the_moment_that_it_is_required():
    company, person = make_customer(kind="company"), make_customer(kind="person")
    before = (company.completeness, person.completeness)
    field = required("开票抬头", "invoice", kind="company")

    company.refresh_from_db()
    person.refresh_from_db()
    assert before == (13, 14)  # 1 of 8, 1 of 7
    assert (company.completeness, person.completeness) == (11, 14)  # 1 of 9

    update_customer(customer=company, version=1, by=None, custom={"invoice": "甲"})
    company.refresh_from_db()
    assert company.completeness == 22  # 2 of 9

    retire_field(field=field, is_retired=True, by=None)
    company.refresh_from_db()
    assert company.completeness == 13


def test_a_file_counts_like_a_form():
    required("开票抬头", "invoice")
    row = {"key": "A", "name": "甲", "kind": "company", "city": "上海", "custom": {"invoice": "x"}}
    save_customers([row], by=None)
    save_customers([{"key": "A", "size": "small"}], by=None)

    found = Customer.objects.get(key="A")
    assert found.completeness == 44  # 4 of 9
    assert not out_of_step(counted_fields()).exists()


def test_what_is_missing_is_counted_among_those_who_are_asked():
    make_customer(kind="company", size="small")
    make_customer(kind="company")
    make_customer(kind="person")

    total, counts = missing_counts(Customer.objects.all(), [])

    assert total == 3
    assert (counts["size"], counts["birthday"], counts["phone"], counts["kind"]) == (1, 1, 3, 0)


def test_many_are_left_to_the_worker(monkeypatch, django_capture_on_commit_callbacks):
    from procrastinate.contrib.django.models import ProcrastinateJob

    monkeypatch.setattr(actions, "AT_ONCE", 0)
    customer = make_customer(kind="company")

    with django_capture_on_commit_callbacks(execute=True):
        required("开票抬头", "invoice")

    customer.refresh_from_db()
    assert customer.completeness == 13
    assert list(ProcrastinateJob.objects.values_list("task_name", flat=True)) == [
        "zhike.customers.tasks.count_completeness"
    ]
    assert actions.recount() == 1
    customer.refresh_from_db()
    assert customer.completeness == 11


values = st.sampled_from(["", "甲"])
changes = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["", "company", "person"]),
        "phone": st.sampled_from(["", "13800138000"]),
        "email": st.sampled_from(["", "a@example.com"]),
        "city": values,
        "source": values,
        "industry": values,
        "size": st.sampled_from(["", "small"]),
        "birthday": st.sampled_from([None, date(1990, 1, 1)]),
        "custom": st.dictionaries(st.sampled_from(["invoice", "floor"]), values, max_size=2),
    },
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(changes, st.sampled_from(["require", "unrequire"])), max_size=5))
def test_the_stored_share_never_drifts(steps):
    invoice = required("开票抬头", "invoice", kind="company")
    floor = add_field(field_kind=KINDS_BY_KEY["text"], by=None, label=Text("楼层", "floor"))
    customer = make_customer()
    for step in steps:
        if isinstance(step, dict):
            customer.refresh_from_db()
            update_customer(customer=customer, version=customer.version, by=None, **step)
        else:
            change_field(field=floor, by=None, is_required=step == "require")

    found = Customer.objects.get(pk=customer.pk)
    assert found.completeness == share_of(found, counted_fields())
    assert not out_of_step(counted_fields()).exists()
    Customer.objects.all().update(custom={})
    invoice.delete()
    floor.delete()
