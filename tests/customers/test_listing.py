"""The columns that a list offers, and the words of their cells."""

from __future__ import annotations

import pytest

from tests.factories import make_customer, make_people
from zhike.core.text import Text
from zhike.customers.actions.fields import add_field
from zhike.customers.display import Display
from zhike.customers.fields import KINDS_BY_KEY, active_fields
from zhike.customers.listing import list_cells, list_columns

pytestmark = pytest.mark.django_db


def test_own_fields_are_columns_with_label_words_and_whether_they_sort(django_assert_num_queries):
    people = make_people()
    money, person = (
        add_field(field_kind=KINDS_BY_KEY[kind], by=None, label=Text(zh, en))
        for kind, zh, en in (("money", "年采购额", "Spend"), ("person", "顾问", "Consultant"))
    )
    rows = [
        make_customer("甲", custom={money.key: 123_450, person.key: people.alice.email}, phone="13800138000"),
        make_customer("乙", owner=people.bob, kind="person"),
    ]
    columns = {column.key: column for column in list_columns("en")}
    assert (columns[money.name].label, columns[money.name].css, columns[money.name].order) == ("Spend", "wide r", None)
    assert columns["completeness"].order is not None

    display = Display(people.ada, active_fields(), language="zh", currency="CNY")
    shown = [columns[key] for key in (money.name, person.name, "phone", "kind", "completeness")]
    with django_assert_num_queries(1):
        cells = list_cells(rows, shown, display)

    assert cells == [["¥1,234.50", "Alice", "138 **** 8000", "—", "17%"], ["—", "—", "—", "个人", "29%"]]
