from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import make_customer, make_event
from zhike.base.paging import Count, Cursor, CursorError, Order, capped_count, capped_counts, key_page
from zhike.customers.models import Customer

pytestmark = pytest.mark.django_db


def test_a_cursor_keeps_every_microsecond():
    moment = datetime(2026, 11, 19, 1, 2, 3, 456789, tzinfo=UTC)
    assert Cursor.decode(Cursor(moment, 7, 50).encode()) == Cursor(moment.isoformat(), 7, 50)


@pytest.mark.parametrize("text", ["x", "!!!!", "bnVsbA", "W10", "WyJhIiwiYiIsMCxmYWxzZV0", "汉字", "a" * 3000])
def test_a_cursor_that_nobody_wrote_is_refused(text):
    with pytest.raises(CursorError):
        Cursor.decode(text)


@pytest.mark.parametrize("value", ["nonsense", None, [1], {"a": 1}])
def test_a_cursor_of_another_column_is_refused(value):
    with pytest.raises(CursorError):
        key_page(Customer.objects.all(), Order("created_at"), cursor=Cursor(value, 1, 0).encode())


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("name_key", ["\0", 1, 0, False]),
        ("name_key", ["\ud800", 1, 0, True]),
        ("name_key", ["a", float("inf"), 0, False]),
        ("name_key", ["a", 1, float("inf"), False]),
        ("facts__revenue_year", [float("inf"), 1, 0, False]),
        ("facts__revenue_year", [float("nan"), 1, 0, True]),
    ],
)
def test_a_cursor_of_what_no_database_holds_is_refused(field, data):
    text = urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")
    with pytest.raises(CursorError):
        list(key_page(Customer.objects.all(), Order(field), cursor=text).rows)


def test_equal_values_are_told_apart_by_their_key():
    made = [make_customer("同名") for _ in range(5)]
    first = key_page(Customer.objects.all(), Order("name_key"), size=2)
    second = key_page(Customer.objects.all(), Order("name_key"), cursor=first.next, size=2)
    assert [row.pk for row in (*first.rows, *second.rows)] == [customer.pk for customer in made[:4]]
    assert (first.first, first.last, first.previous, second.first, second.last) == (1, 2, "", 3, 4)


def test_instants_page_without_repeating():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    customer = make_customer()
    for number in range(5):
        make_event(customer, "call.made", occurred_at=start + timedelta(microseconds=number))
    from zhike.timeline.models import Event

    calls = Event.objects.filter(kind="call.made")
    seen, cursor = [], ""
    while True:
        page = key_page(calls, Order("occurred_at", descending=True), cursor=cursor, size=2)
        seen += [event.occurred_at.microsecond for event in page.rows]
        if not page.next:
            break
        cursor = page.next
    assert seen == [4, 3, 2, 1, 0]


def test_counting_stops_at_the_limit():
    for _ in range(4):
        make_customer()
    assert capped_count(Customer.objects.all(), limit=3) == Count(3, capped=True)
    assert capped_count(Customer.objects.all(), limit=4) == Count(4, capped=False)
    assert str(Count(10_000, capped=True)) == "10,000+"


def test_several_counts_are_one_query(django_assert_num_queries):
    for number in range(4):
        make_customer(f"客户{number}")
    everyone = Customer.objects.all()
    with django_assert_num_queries(1):
        found = capped_counts([everyone, everyone.filter(name="客户1"), everyone.filter(pk__in=[])], limit=3)
    assert found == [Count(3, capped=True), Count(1, capped=False), Count(0, capped=False)]
    assert capped_counts([]) == []


def test_columns_are_added_to_the_rows_of_the_page_alone(django_assert_num_queries):
    for number in range(5):
        make_customer(f"客户{number}")
    given = []

    def columns(rows):
        given.append(rows)
        return rows.select_related("owner")

    with django_assert_num_queries(1):
        page = key_page(Customer.objects.all(), Order("name_key"), size=2, columns=columns)
    assert [customer.name for customer in page.rows] == ["客户0", "客户1"]
    assert [rows.count() for rows in given] == [3]  # the page, and one more that tells of the next
