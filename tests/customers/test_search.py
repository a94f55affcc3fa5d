"""Customers are found by any part of a name, as it is written, read or abbreviated, by telephone and through contacts."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pypinyin import Style, lazy_pinyin

from tests.factories import make_customer, make_people
from zhike.accounts.models import FieldRight, Role, RoleRight, User
from zhike.core.text import fold
from zhike.customers import finding
from zhike.customers.actions.contacts import add_contact, update_contact
from zhike.customers.actions.customers import update_customer
from zhike.customers.finding import find
from zhike.customers.mixed import mixed_place
from zhike.customers.models import Customer, SearchText
from zhike.customers.names import sort_key
from zhike.customers.needles import Term, digits, squeeze, terms
from zhike.customers.queries import customers, find_customer
from zhike.customers.readings import readings, toned
from zhike.customers.search import search
from zhike.customers.searched import Reached, search_columns

CASES = json.loads((Path(__file__).parent.parent / "cases" / "search.json").read_text(encoding="utf-8"))


@pytest.fixture
def ada(db):
    people = make_people()
    for row in CASES["customers"]:
        customer = make_customer(**{name: value for name, value in row.items() if name != "contacts"})
        for contact in row.get("contacts", []):
            add_contact(customer=customer, by=None, **contact)
    return people.ada


def found(user, query: str, **given) -> list[str]:
    names = dict(Customer.objects.values_list("pk", "name"))
    return [names[hit.pk] for hit in find(user, query, **given)]


def test_every_query_of_the_cases_finds_whom_it_should_and_the_best_first(ada):
    assert {query: found(ada, query) for query in CASES["queries"]} == CASES["queries"]


def test_the_list_keeps_the_same_customers(ada):
    listed = {query: [c.name for c in search(Customer.objects.all(), query, ada)] for query in CASES["queries"]}
    assert {query: sorted(names) for query, names in listed.items()} == {
        query: sorted(names) for query, names in CASES["queries"].items()
    }


def test_a_large_company_finds_the_same_by_its_indexes(ada, monkeypatch):
    # Nobody is looked through one by one.
    monkeypatch.setattr(finding, "POOL", 0)
    monkeypatch.setattr(finding, "OWN", 0)

    assert {query: found(ada, query) for query in CASES["queries"]} == CASES["queries"]


@pytest.mark.parametrize("query", ["", "   ", "\x00", "\u3000"])
def test_nothing_that_could_be_looked_for_keeps_the_list_and_finds_nobody(ada, query):
    assert search(Customer.objects.all(), query, ada).count() == len(CASES["customers"])
    assert find(ada, query) == []


@pytest.mark.django_db
def test_nobody_is_found_whom_the_person_may_not_see():
    people = make_people()
    customer = make_customer("梧桐里", owner=people.alice, phone="138 0013 8000")
    add_contact(customer=customer, by=None, name="沈一帆")

    for query in ("梧桐", "wtl", "0013", "沈一帆"):
        assert found(people.bob, query) == ["梧桐里"]
        assert found(people.charlie, query, recent=[customer.pk]) == []
        assert [c.name for c in search(customers(people.bob), query, people.bob)] == ["梧桐里"]
        assert not search(customers(people.charlie), query, people.charlie).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("access", ["masked", "hidden"])
def test_what_a_person_may_not_read_finds_nothing(access):
    people = make_people()
    role = Role.objects.create(key="own", label_zh="外呼", label_en="Callers")
    RoleRight.objects.create(role=role, object="customers.Customer", verb="view", scope="own")
    for label in ("customers.Customer", "customers.Contact"):
        FieldRight.objects.create(role=role, object=label, field="phone", access=access)
    User.objects.filter(pk=people.alice.pk).update(role=role)
    alice = User.objects.get(pk=people.alice.pk)
    customer = make_customer("梧桐里", owner=alice, phone="138 0013 8000", email="hi@wutongli.cn")
    add_contact(customer=customer, by=None, name="沈一帆", phone="139 1111 2222")

    for query in ("0013", "13800138000", "2222"):
        assert found(alice, query) == []
        assert not search(customers(alice), query, alice).exists()
        assert found(people.ada, query) == ["梧桐里"]
    for query in ("wutongli.cn", "沈一帆", "wtl"):
        assert found(alice, query) == ["梧桐里"]


@pytest.mark.django_db
def test_equals_are_ordered_by_who_was_opened_lately_and_by_whose_they_are():
    people = make_people()
    first, second, third = (make_customer(f"梧桐里{n}店", owner=people.bob) for n in (1, 2, 3))
    mine = make_customer("梧桐里4店", owner=people.ada)

    assert found(people.ada, "梧桐里") == [mine.name, first.name, second.name, third.name]
    recent = [third.pk, second.pk]
    assert found(people.ada, "梧桐里", recent=recent) == [third.name, second.name, mine.name, first.name]


@pytest.mark.django_db
def test_what_changes_is_found_at_once_and_what_was_is_not():
    people = make_people()
    customer = make_customer("梧桐里", phone="138 0013 8000")
    contact = add_contact(customer=customer, by=None, name="沈一帆")
    update_customer(customer=customer, version=1, by=None, name="文通路", phone="139 1111 2222")
    update_contact(contact=contact, version=1, by=None, name="周思远")

    for query in ("文通路", "1111", "周思远"):
        assert found(people.ada, query) == ["文通路"]
    for query in ("梧桐里", "0013", "沈一帆"):
        assert found(people.ada, query) == []


@pytest.mark.django_db
def test_a_search_asks_the_database_as_often_whatever_is_typed(ada, django_assert_max_num_queries, monkeypatch):
    with django_assert_max_num_queries(2):
        find(ada, "梧桐")
    monkeypatch.setattr(finding, "POOL", 1)
    for query in ("梧桐", "wtl", "0013", "梧桐 酒店 有限 公司 上海 wt li 138"):
        with django_assert_max_num_queries(10):
            find(ada, query, recent=[1, 2, 3])


# ── Whatever the name, whatever the number ──

HAN = st.text(st.sampled_from("上海梧桐里酒店管理有限公司重庆长安单曾解行吕绿一丁七"), min_size=1, max_size=12)
NAMES = st.one_of(
    HAN,
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
        lambda text: squeeze(fold(text))
    ),
)
PHONES = st.from_regex(r"\+86(1[3-9][0-9]{9}|[2-9][0-9]{9})", fullmatch=True)


def holds(columns: dict, term: Term) -> bool:
    """Say what the database would: the pieces are there, and some line has the word."""
    from zhike.customers.finding import Needles, tier_of
    from zhike.customers.search import PARTS

    sought = Needles((term,), frozenset(PARTS))
    pieces = {*term.grams} <= {*columns["grams"]} or bool(term.digits and {*term.phone_grams} <= {*columns["grams"]})
    texts = {name: value for name, value in columns.items() if name != "grams"}
    return pieces and tier_of(sought, texts) is not None


def test_a_mark_that_stood_after_a_space_is_found_with_its_letter():
    assert all(holds(search_columns(name="A¯"), term) for term in terms("ā"))


@given(NAMES, st.data())
@settings(max_examples=100)
def test_every_part_of_a_name_finds_it(name, data):
    line = squeeze(fold(name))
    start = data.draw(st.integers(0, len(line) - 1))
    part = line[start : data.draw(st.integers(start + 1, len(line)))]
    for columns in (search_columns(name=name), search_columns(name="甲", contacts=[Reached(name)])):
        for term in terms(part):
            assert holds(columns, term), part


@given(HAN, st.data())
@settings(max_examples=100)
def test_every_stretch_of_its_pinyin_and_its_initials_finds_it(name, data):
    syllables = lazy_pinyin(name, style=Style.NORMAL, errors=list)
    for line in ("".join(syllables), "".join(said[0] for said in syllables)):
        start = data.draw(st.integers(0, len(line) - 1))
        part = line[start : data.draw(st.integers(start + 1, len(line)))]
        if len(part) > 1:
            assert all(holds(search_columns(name=name), term) for term in terms(part)), part


@given(HAN, st.data())
@settings(max_examples=100)
def test_characters_and_their_readings_may_be_mixed(name, data):
    way = data.draw(st.sampled_from(("initials", "pinyin")))
    syllables = lazy_pinyin(name, style=Style.NORMAL, errors=list)
    read = [said[0] if way == "initials" else said for said in syllables]
    mixed = "".join(data.draw(st.sampled_from(pair)) for pair in zip(name, read, strict=True))
    assert all(holds(search_columns(name=name), term) for term in terms(mixed)), mixed


@given(
    st.text(st.sampled_from("梧桐里拓单aw"), min_size=1, max_size=8),
    st.text(st.sampled_from("梧桐里拓单awtluodn"), max_size=6),
)
@settings(max_examples=200)
def test_the_database_and_the_program_mean_the_same_by_a_mixed_word(name, word):
    term = Term(word)
    if term.is_mixed and not name.isascii():
        found = re.search(term.pattern, search_columns(name=name)["spelled"])
        assert (found is not None) == (mixed_place(name, term) is not None), term.pattern


def test_a_name_that_was_made_to_be_ambiguous_costs_no_time():
    started = time.process_time()
    assert mixed_place("拓" * 200, Term("t" * 30 + "里")) is None
    assert mixed_place("拓" * 200 + "里", Term("t" * 30 + "里")) == (170, 201)
    assert time.process_time() - started < 0.2


@given(PHONES, st.data())
def test_every_four_digits_of_a_number_find_it_however_they_are_written(phone, data):
    number = digits(phone)
    start = data.draw(st.integers(0, len(number) - 4))
    part = number[start : data.draw(st.integers(start + 4, len(number)))]
    if part.startswith(("0086", "860")):
        return  # read as the way to dial from elsewhere
    signs = [data.draw(st.sampled_from(["", "", " ", "-", "."])) for _ in part]
    written = "".join(digit + sign for digit, sign in zip(part, signs, strict=True))
    wide = written.translate({ord("0") + n: chr(ord("０") + n) for n in range(10)})
    for query in (part, written, wide):
        for columns in (
            search_columns(name="甲", phones=[phone]),
            search_columns(name="甲", contacts=[Reached("乙", (phone,))]),
        ):
            assert [holds(columns, term) for term in terms(query)] == [True], query


# ── Whoever asks ──

OWNERS = st.sampled_from(["alice", "charlie", "ada", None])
SOME = st.text(st.sampled_from("梧桐里单长wtl1234 "), min_size=1, max_size=5).filter(str.strip)
SEEN = {"alice": {"alice"}, "bob": {"alice"}, "charlie": {"charlie"}, "ada": {"alice", "charlie", "ada", None}}


class WhoeverAsks(TestCase):
    @given(st.lists(st.tuples(SOME, OWNERS, SOME), max_size=5), SOME, st.sampled_from([0, 3_000]))
    @settings(max_examples=60, deadline=None)
    def test_all_whom_they_see_and_who_match_are_found_and_nobody_else(self, rows, query, pool):
        people = make_people()
        made = [
            (make_customer(name, owner=getattr(people, owner or "", None)), owner, who) for name, owner, who in rows
        ]
        for customer, _owner, who in made:
            add_contact(customer=customer, by=None, name=who)
        documents = {
            customer.pk: search_columns(name=customer.name, contacts=[Reached(who.strip())])
            for customer, _owner, who in made
        }
        everybody = [customer.pk for customer, _owner, _who in made]
        for person, owners in SEEN.items():
            expected = {
                customer.pk
                for customer, owner, _who in made
                if owner in owners and all(holds(documents[customer.pk], term) for term in terms(query))
            }
            with patch.object(finding, "POOL", pool):
                hits = find(getattr(people, person), query, recent=everybody, limit=50)
            listed = search(customers(getattr(people, person)), query, getattr(people, person))
            assert {hit.pk for hit in hits} == expected
            assert {customer.pk for customer in listed} == expected


# ── The rest ──


@pytest.mark.parametrize("text", ["a" * 1_000_000, "梧" * 1_000_000, "a " * 500_000, "1" * 1_000_000, "wt里" * 300_000])
def test_a_megabyte_is_read_at_once(text):
    from zhike.timeline.words import pieces, words
    from zhike.web.customers.marks import marked, marked_phone, snippet

    started = time.process_time()
    for term in terms(text):
        assert len(term.grams) <= 100
        assert not term.is_mixed
    assert len(pieces(words(text))) <= 100
    marked("上海梧桐里", text)
    marked_phone("138 **** 8000", text)
    snippet("梧桐" * 5_000, words(text))
    assert time.process_time() - started < 0.1


def test_names_sort_by_pinyin():
    names = ["张三", "阿明", "Beta", "李四", "安心", "北京", "重庆"]

    assert sorted(names, key=sort_key) == ["阿明", "安心", "北京", "Beta", "重庆", "李四", "张三"]
    assert len(sort_key("长" * 200)) <= 255


def test_long_queries_are_cut_and_a_number_is_one_word():
    assert len(terms("a " * 500)) == 8
    assert terms("+86 (138) 1234-5678") == [Term("+86(138)1234-5678", "8613812345678")]
    assert terms("梧桐 138 1234 里") == [Term("梧桐"), Term("1381234", "1381234"), Term("里")]
    assert terms("12 3") == [Term("123")]


@pytest.mark.django_db
def test_a_name_as_long_as_names_may_be_is_found():
    people = make_people()
    name = "长重单曾解行乐朴" * 25
    customer = make_customer(name, owner=people.ada)

    text = SearchText.objects.get(customer=customer)
    assert len(text.pinyin.splitlines()) <= 16
    assert found(people.ada, name[:100]) == [name]
    assert found(people.ada, "zhangzhong") == [name]


@pytest.mark.parametrize(
    ("text", "count"), [("K-100", 1), ("吴天磊", 1), ("wtl", 4), ("nobody", 0), ("99999999999999999999", 0)]
)
def test_find_by_key_id_or_name(ada, text, count):
    assert len(find_customer(None, text)) == count


def test_find_by_id(ada):
    customer = Customer.objects.get(name="吴天磊")

    assert find_customer(None, str(customer.pk)) == [customer]


@pytest.mark.parametrize(
    "text", ["重庆单县长城", "长沙银行abc12会计", "曾巩（上海）乐团-A", "朝阳区〇々龘\U00020000行", "绿吕女 略"]
)
def test_names_are_read_word_by_word_as_the_dictionary_reads_them_whole(text):
    assert toned(text) == lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True)
    said = lazy_pinyin(text, style=Style.NORMAL, errors=list)
    assert [way[0] for way in readings(text)] == [one if one.isascii() else fold(one).replace("ü", "v") for one in said]
