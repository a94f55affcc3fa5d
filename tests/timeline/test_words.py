"""What people wrote down is found by its words, by those who see the customer, until it is taken back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories import make_customer, make_event, make_people
from zhike.core.text import fold
from zhike.timeline import words as module
from zhike.timeline.actions import record_many, void
from zhike.timeline.models import Event
from zhike.timeline.rows import NewEvent
from zhike.timeline.words import find_written

pytestmark = pytest.mark.django_db

TEXT = "客户想续签 R20 合同，第三季度给报价。ＡＢＣ Price list 见附件"


@pytest.fixture(params=["among the newest", "by the index", "of few customers"])
def ways(request, monkeypatch):
    """The three ways to find the same."""
    if request.param == "by the index":
        monkeypatch.setattr(module, "NEWEST", 0)
    return request.param == "of few customers"


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("续签", True),
        ("续签 报价", True),
        ("第三季度给报价", True),
        ("r20", True),
        ("R20 合同", True),
        ("abc", True),
        ("price", True),
        ("ric", True),
        ("PRICE LIST", True),
        ("续签 发票", False),
        ("签续", False),
        ("%", False),
        ("续_", False),
        ("签", False),  # one character is in too many
        ("r2", False),
        ("", False),
        ("\x00", False),
    ],
)
def test_a_text_is_found_by_its_words(ways, query, is_found):
    people = make_people()
    customer = make_customer("梧桐里", owner=people.alice)
    event = make_event(customer, "note.added", data={"text": TEXT})

    assert find_written(people.alice, query, of=[customer.pk] if ways else None) == ([event] if is_found else [])


def test_only_those_who_see_the_customer_find_it(ways):
    people = make_people()
    customer, other = make_customer(owner=people.alice), make_customer(owner=people.charlie)
    event = make_event(customer, "call.made", data={"text": "想续签"})

    assert find_written(people.bob, "续签", of=[customer.pk] if ways else None) == [event]
    assert find_written(people.charlie, "续签", of=[other.pk] if ways else None) == []
    assert find_written(people.charlie, "续签", of=[customer.pk] if ways else None) == []


def test_what_was_taken_back_is_not_found(ways):
    people = make_people()
    customer = make_customer(owner=people.alice)
    event = make_event(customer, "note.added", data={"text": "想续签"})
    void(event, by=people.alice)

    assert find_written(people.alice, "续签", of=[customer.pk] if ways else None) == []


def test_what_many_writers_wrote_is_found_newest_first(ways):
    people = make_people()
    customer = make_customer(owner=people.alice)
    late = make_event(customer, "visit.made", date(2026, 3, 2), data={"text": "谈到续签"})
    early = make_event(customer, "note.added", date(2026, 3, 1), data={"text": "提到续签"})
    imported = [
        NewEvent(customer_id=customer.pk, kind="note.added", occurred_at=late.occurred_at, data={"text": f"续签{n}"})
        for n in range(3)
    ]
    record_many(imported, by=None)

    found = find_written(people.alice, "续签", of=[customer.pk] if ways else None, limit=10)
    assert [event.pk for event in found][-2:] == [late.pk, early.pk]
    assert len(found) == 5
    assert len(find_written(people.alice, "续签", of=[customer.pk] if ways else None, limit=2)) == 2


def test_who_may_not_read_what_was_said_finds_nothing(monkeypatch):
    people = make_people()
    make_event(make_customer(owner=people.alice), "note.added", data={"text": "想续签"})
    monkeypatch.setattr(module, "readable_fields", lambda _user, _model: frozenset({"kind"}))

    assert find_written(people.alice, "续签") == []


class EveryText(TestCase):
    @given(st.text(st.sampled_from("续签报价第三季度abcR20１２。 ,\n"), min_size=3, max_size=30), st.data())
    @settings(max_examples=60, deadline=None)
    def test_every_word_of_a_text_finds_it(self, text, data):
        people = make_people()
        event = make_event(make_customer(owner=people.ada), "note.added", data={"text": f"甲{text}甲"})
        wanted = data.draw(st.sampled_from(fold(text).split() or ["续签"]))
        is_there = wanted in fold(Event.objects.get(pk=event.pk).data["text"])

        expected = [event] if is_there and module.pieces([wanted]) else []
        assert find_written(people.ada, wanted, of=[event.customer_id]) == expected
