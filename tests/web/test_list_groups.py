"""The list in sections and as a board: one for each class, each paged by itself; a move asks for the reason."""

from __future__ import annotations

import re

import pytest
from django.test.utils import CaptureQueriesContext

from tests.factories import make_customer, make_event

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def sections(response) -> dict[str, list[str]]:
    return {one.key: [row.customer.name for row in one.rows] for one in response.context["sections"]}


@pytest.fixture
def many(people, rules, hotel, monkeypatch):
    monkeypatch.setattr("zhike.web.customers.sections.ROWS", 3)
    monkeypatch.setattr("zhike.web.customers.sections.CARDS", 2)
    for number in range(5):
        make_customer(f"客户{number}", owner=people.alice)


@pytest.mark.parametrize("layout", ["table", "board"])
def test_sections_follow_the_order_of_the_classes(alice, many, layout):
    response = alice.get(f"/customers/?group=value&layout={layout}")
    size = 3 if layout == "table" else 2
    first = ["客户0", "客户1", "客户2"][:size]
    assert sections(response) == {"high": ["上海梧桐里酒店管理"], "low": [], "regular": first}
    assert [str(one.count) for one in response.context["sections"]] == ["1", "0", "5"]
    assert "共 6 位" in response.text


def test_a_section_is_paged_by_itself_there_and_back(alice, many):
    regular = alice.get("/customers/?group=value").context["sections"][2]
    page = alice.get("/customers/" + regular.next, headers=PART)
    assert page.text.strip().startswith('<tbody data-section="regular">')
    one = page.context["one"]
    assert [row.customer.name for row in one.rows] == ["客户3", "客户4"]
    back = alice.get("/customers/" + one.previous, headers=PART).context["one"]
    assert [row.customer.name for row in back.rows] == ["客户0", "客户1", "客户2"]


def test_without_a_script_the_other_sections_stay_where_they_are(alice, many):
    regular = alice.get("/customers/?group=value").context["sections"][2]
    found = sections(alice.get("/customers/" + regular.next))
    assert found == {"high": ["上海梧桐里酒店管理"], "low": [], "regular": ["客户3", "客户4"]}


def test_filter_and_view_hold_in_every_section(alice, people, many):
    from zhike.classification.actions.views import create_view

    where = {"field": "customer.city", "op": "eq", "value": "上海"}
    view = create_view(name="沪", where=where, by=people.alice, group="value", layout="board")
    response = alice.get(f"/customers/?view={view.pk}")
    assert sections(response) == {"high": ["上海梧桐里酒店管理"], "low": [], "regular": []}
    assert "data-board" in response.text
    assert not response.context["state"].changed
    assert alice.get(f"/customers/?view={view.pk}&group=-").context["state"].changed


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("group=valeu", "是否指 value"),
        ("group=owner__password", "没有 owner__password"),
        ("group=value&layout=baord", "是否指 board"),
    ],
)
def test_what_cannot_be_grouped_by_is_refused_in_words(alice, hotel, query, words):
    response = alice.get(f"/customers/?{query}")
    assert response.status_code == 400
    assert words in response.text


def test_a_section_that_is_none_is_refused(alice, many):
    response = alice.get("/customers/?group=value&section=hihg&at=x", headers=PART)
    assert response.status_code == 400
    assert "是否指 high" in response.text


def test_a_card_that_is_moved_asks_for_the_reason(alice, hotel):
    page = alice.get(f"/customers/override/?group=value&layout=board&customer={hotel.pk}&to=value.low", headers=PART)
    assert page.text.strip().startswith("<section")
    assert '<input type="radio" name="class_key" value="value.low" checked>' in page.text
    assert "status." not in page.text
    drawn = re.search(r'name="key" value="([^"]+)"', page.text)
    assert drawn
    given = {"class_key": "value.low", "reason": "", "until": "usual", "count": "1", "key": drawn[1]}
    address = f"/customers/override/?group=value&layout=board&customer={hotel.pk}&to=value.low"
    assert alice.post(address, given).status_code == 422
    assert sections(alice.get("/customers/?group=value"))["high"] == ["上海梧桐里酒店管理"]
    done = alice.post(address, {**given, "reason": "合同没有续签"})
    assert done["Location"] == "/customers/?group=value&layout=board"
    assert sections(alice.get("/customers/?group=value"))["low"] == ["上海梧桐里酒店管理"]


def test_a_grouped_list_asks_the_database_as_often_for_many_rows(alice, people, hotel, django_assert_num_queries):
    from django.db import connection

    path = "/customers/?group=value"
    alice.get(path)
    with CaptureQueriesContext(connection) as few:
        alice.get(path)
    for number in range(12):
        make_event(make_customer(f"客户{number}", owner=people.alice), "call.made")
    with django_assert_num_queries(len(few)):
        alice.get(path)
