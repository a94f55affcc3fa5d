"""Search as it is typed: grouped, marked, and for each person only what they may see."""

from __future__ import annotations

import pytest

from tests.factories import make_customer, make_event
from zhike.customers.actions.contacts import add_contact

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def story(hotel, people):
    add_contact(customer=hotel, by=None, name="沈一帆", phone="139 1111 2222", title="采购")
    make_event(hotel, "note.added", by=people.alice, data={"text": "对方老板想续签，第三季度给报价"})
    return hotel


def test_it_answers_with_a_page_and_with_its_list(alice, story):
    page = alice.get("/search/?q=wtl").text
    assert "<h1" in page
    part = alice.get("/search/?q=wtl", headers=PART).text
    assert "<h1" not in part
    for text in (page, part):
        assert "上海<mark>梧桐里</mark>酒店管理" in text
        assert "/customers/?q=wtl" in text


def test_the_groups_say_through_what_somebody_was_found(alice, story):
    by_contact = alice.get("/search/?q=沈一帆", headers=PART).text
    assert 'aria-label="联系人"' in by_contact
    assert "<mark>沈一帆</mark>" in by_contact
    assert "上海梧桐里酒店管理" in by_contact
    assert f'href="/customers/{story.pk}/"' in by_contact
    by_note = alice.get("/search/?q=续签", headers=PART).text
    assert 'aria-label="备注"' in by_note
    assert "想<mark>续签</mark>" in by_note
    by_phone = alice.get("/search/?q=8000", headers=PART).text
    assert "138 **** <mark>8000</mark>" in by_phone


def test_nobody_else_learns_of_any_of_it(story, people, signed_in):
    charlie = signed_in(people.charlie)
    for query in ("梧桐", "wtl", "8000", "沈一帆", "续签", "2222"):
        text = charlie.get("/search/", {"q": query}, headers=PART).text
        assert "data-option" in text
        assert "梧桐里" not in text
        assert f"/customers/{story.pk}/" not in text


def test_what_is_not_found_can_be_made(alice):
    text = alice.get("/search/?q=平江路茶馆", headers=PART).text
    assert "没有找到「平江路茶馆」" in text
    link = "/customers/new/?name=%E5%B9%B3%E6%B1%9F%E8%B7%AF%E8%8C%B6%E9%A6%86"
    assert link in text
    assert 'value="平江路茶馆"' in alice.get(link).text


def test_an_empty_query_asks_nothing(alice, story):
    assert "data-option" not in alice.get("/search/", headers=PART).text
    assert "输入名称" in alice.get("/search/?q=%20%00").text


@pytest.mark.parametrize(
    "query",
    [
        "<script>alert(1)</script>",
        "a" * 1_000_000,
        "' OR 1=1 --",
        "%_\\",
        "\ud800",
        "(a+)+$",
        "梧" * 5_000,
        "1" * 5_000,
        "[^;](?:x",
        "\\",
        "w\\里",
        "*里",
        "(wt里",
        "+++",
        "a\u0000b",
        "\u202e里",
    ],
)
def test_whatever_is_typed_is_an_answer(alice, story, query):
    for path in ("/search/", "/commands/", "/customers/"):
        response = alice.get(path, {"q": query.encode("utf-8", "surrogatepass")[:60_000]}, headers=PART)
        assert response.status_code == 200
        assert "<script>alert" not in response.text


def test_it_asks_the_database_as_often_however_much_there_is(alice, people, story, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    alice.get("/search/?q=梧桐")
    with CaptureQueriesContext(connection) as few:
        alice.get("/search/?q=梧桐", headers=PART)
    for number in range(12):
        customer = make_customer(f"梧桐{number}", owner=people.alice)
        add_contact(customer=customer, by=None, name="梧桐树")
        make_event(customer, "note.added", data={"text": "梧桐"})
    with django_assert_num_queries(len(few) + 1):  # the events of the notes are loaded
        alice.get("/search/?q=梧桐", headers=PART)


# ── Commands ──


def test_commands_are_found_in_both_languages_in_pinyin_and_by_initials(alice):
    for query in ("新建客户", "xinjian", "xjkh", "new cust", "NEW", "建客"):
        assert 'href="/customers/new/"' in alice.get("/commands/", {"q": query}, headers=PART).text, query
    assert 'href="/reviews/"' not in alice.get("/commands/?q=xjkh", headers=PART).text


def test_only_what_a_person_may_do_is_offered(alice, people, signed_in):
    assert 'href="/classes/new/"' not in alice.get("/commands/", headers=PART).text
    assert 'href="/classes/new/"' in signed_in(people.bob).get("/commands/", headers=PART).text


def test_on_a_customers_page_what_is_done_to_them_comes_first(alice, story, people, signed_in):
    text = alice.get(f"/commands/?on={story.pk}", headers=PART).text
    places = [text.index(f'href="/customers/{story.pk}/{place}"') for place in ("#log", "edit/", "contacts/new/")]
    assert places == sorted(places)
    assert places[-1] < text.index('href="/customers/new/"')
    strange = signed_in(people.charlie).get(f"/commands/?on={story.pk}", headers=PART)
    assert strange.status_code == 200
    assert "梧桐里" not in strange.text
    assert f"/customers/{story.pk}/" not in strange.text
    for on in ("x", "٣", "9" * 30, "-1"):
        assert alice.get("/commands/", {"on": on}).status_code == 200


def test_whom_one_opened_last_comes_first_and_is_nobody_elses(alice, story, people, signed_in):
    other = make_customer("苏州平江路茶馆", owner=people.alice)
    for customer in (story, other, story):
        alice.get(f"/customers/{customer.pk}/")
    text = alice.get("/commands/", headers=PART).text
    assert 'aria-label="最近打开"' in text
    assert text.index("上海梧桐里酒店管理") < text.index("苏州平江路茶馆")

    charlie = signed_in(people.charlie)
    charlie.cookies = alice.cookies.__class__({**charlie.cookies, "zhike_recent": alice.cookies["zhike_recent"].value})
    charlie.force_login(people.charlie)
    assert "最近打开" not in charlie.get("/commands/", headers=PART).text


@pytest.mark.parametrize("who", ["alice", "bob", "ada"])
def test_every_command_leads_somewhere(people, signed_in, story, who):
    from zhike.web.search.commands import COMMANDS

    labels = [command.label for command in COMMANDS]
    assert len({label.zh for label in labels}) == len({label.en for label in labels}) == len(labels)
    client = signed_in(getattr(people, who))
    page = client.get(f"/commands/?on={story.pk}", headers=PART).text
    import re

    for path in re.findall(r'href="([^"#?]+)', page):
        assert client.get(path).status_code == 200, path


# ── Keys ──


def test_single_keys_can_be_turned_off(alice, people):
    assert "data-single-keys" not in alice.get("/").text
    alice.post("/settings/", {"language": "zh-hans", "theme": "auto", "single_keys": "False"})
    people.alice.refresh_from_db()
    assert people.alice.single_keys is False
    assert 'data-single-keys="off"' in alice.get("/").text
    # A form without the choice leaves it as it is.
    alice.post("/settings/", {"language": "zh-hans", "theme": "dark"})
    people.alice.refresh_from_db()
    assert (people.alice.single_keys, people.alice.theme) == (False, "dark")
