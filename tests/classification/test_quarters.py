"""The look back on a quarter: what is written, by whom, against whom, and what stays once it is closed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.classification.deciding import NOW, pack
from tests.classification.scoring import LONG_AGO, happens, make_standing, set_by_hand
from tests.factories import make_people
from tests.scenes import once, rules_in_force
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.classification.actions.packs import install_pack
from zhike.classification.actions.quarter_counts import ask_quarter_count, count_quarter
from zhike.classification.actions.quarters import close_quarter_review, save_quarter_review
from zhike.classification.models import QuarterCount, QuarterReview, SchemeVersion
from zhike.classification.quarters import Findings, findings, is_recorded, quarter_review, told
from zhike.core.quarters import Quarter
from zhike.core.scorecard_json import card_from_json, card_to_json

pytestmark = pytest.mark.django_db

Q3, Q4 = Quarter.parse("2026-Q3"), Quarter.parse("2026-Q4")
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def rules(settings):
    settings.ZHIKE_NOW = NOW
    rules_in_force(pack())


@pytest.fixture
def people():
    return once("people", make_people)


def save(by, version=1, notes="高价值分得开", decisions="", quarter=Q3):
    return save_quarter_review(quarter=quarter, version=version, notes=notes, decisions=decisions, by=by)


def count(by, quarter=Q3):
    """Have a quarter counted, and return the version of what is found."""
    ask_quarter_count(quarter=quarter, by=by)
    count_quarter(quarter)
    return QuarterCount.objects.get(quarter=str(quarter)).version


def close(by, version=1, findings=1, quarter=Q3):
    return close_quarter_review(quarter=quarter, version=version, findings=findings, by=by)


def written():
    return list(QuarterReview.objects.values_list("quarter", "notes", "decisions", "version", "by__name"))


def test_leaders_write_and_everybody_reads(people):
    save(people.bob)
    save(people.ada, version=2, notes="高价值分得开", decisions="观望并入潜在")
    assert written() == [("2026-Q3", "高价值分得开", "观望并入潜在", 3, "Ada")]
    assert quarter_review(people.charlie, Q3).decisions == "观望并入潜在"
    assert quarter_review(people.charlie, Q4) is None


def test_salespeople_write_nothing(people):
    with pytest.raises(Forbidden):
        save(people.alice)
    with pytest.raises(Forbidden):
        close(people.alice)
    assert written() == []


def test_who_writes_over_what_they_have_not_seen_is_told_of_it(people):
    save(people.bob)
    with pytest.raises(Conflict) as refused:
        save(people.ada, notes="都不准")
    assert refused.value.zh == "Bob 在你打开之后保存过。两份都在下面，合在一起再保存"
    seen = count(people.ada)
    with pytest.raises(Conflict):
        close(people.ada, findings=seen)
    assert written() == [("2026-Q3", "高价值分得开", "", 2, "Bob")]


def test_the_same_words_again_contradict_nobody(people):
    save(people.bob)
    save(people.bob)
    assert written() == [("2026-Q3", "高价值分得开", "", 2, "Bob")]


@pytest.mark.parametrize(("given", "path"), [({"notes": "长" * 10_001}, "notes"), ({"decisions": "\x07"}, "decisions")])
def test_what_cannot_be_stored_is_refused(people, given, path):
    with pytest.raises(Invalid) as refused:
        save(people.bob, **given)
    assert refused.value.path == path
    assert written() == []


def test_a_quarter_that_has_not_begun_has_no_review(people):
    with pytest.raises(Invalid):
        save(people.bob, quarter=Quarter.parse("2027-Q1"))
    assert written() == []


def test_a_quarter_is_closed_only_when_it_is_over(people, settings):
    with pytest.raises(Invalid) as refused:
        close(people.ada, quarter=Q4)
    assert refused.value.zh == "2026-Q4 到 2026-12-31 才结束，结束以后才能定稿"
    settings.ZHIKE_NOW = NOW + timedelta(days=42)  # the first of January
    seen = count(people.ada, Q4)
    assert close(people.ada, findings=seen, quarter=Q4).closed_at == settings.ZHIKE_NOW


def test_once_closed_neither_words_nor_figures_change(people):
    customer = make_standing(("high", LONG_AGO))
    make_standing(("regular", LONG_AGO))
    happens(customer, "order.placed", date(2026, 8, 1), 700)
    save(people.bob)
    before = findings(Q3, TODAY)
    closed = close(people.ada, version=2, findings=count(people.ada))

    happens(customer, "order.placed", date(2026, 8, 2), 900)
    assert findings(Q3, TODAY).cards != before.cards
    assert told(quarter_review(people.charlie, Q3), None).cards == before.cards
    # The quarter after it is held against what was told.
    assert findings(Q4, TODAY).before["value"] == before.cards[0]
    with pytest.raises(Conflict) as refused:
        save(people.bob, version=closed.version, notes="改口")
    assert refused.value.zh == "2026-Q3 的评估已经定稿，不能再改"
    with pytest.raises(Conflict):
        close(people.ada, version=closed.version)
    assert written() == [("2026-Q3", "高价值分得开", "", 3, "Ada")]


def test_it_counts_everyone_and_names_nobody(people):
    for owner in (people.alice, people.charlie):
        customer = make_standing(("high", LONG_AGO), owner=owner)
        set_by_hand(customer, ("high", "regular"), date(2026, 8, 5), people.alice, reason="老板的亲戚")
    found = findings(Q3, TODAY)
    value = found.cards[0]
    assert (value.get("high").size, value.get("high").overridden.customers, value.people) == (2, 2, ())
    assert "老板的亲戚" not in str(found.to_json())
    assert "Alice" not in str(found.to_json())


def test_what_is_kept_is_what_was_found(people):
    make_standing(("regular", LONG_AGO), ("high", date(2026, 8, 1)), ("regular", date(2026, 8, 9)))
    found = findings(Q3, TODAY)
    assert Findings.from_json(found.to_json()) == found
    unlike = findings(Quarter.parse("2024-Q1"), TODAY).cards[0]
    assert card_from_json(card_to_json(unlike)) == unlike
    assert unlike.recorded_since == date(2025, 1, 1) or unlike.recorded_since is not None


def test_there_is_nothing_to_look_back_on_before_anybody_was_placed():
    assert not is_recorded(date(2026, 9, 30))
    make_standing(("regular", date(2026, 9, 1)), ("high", date(2026, 9, 30)))
    assert is_recorded(date(2026, 9, 30))
    assert not is_recorded(date(2026, 9, 29))


def test_a_dimension_that_is_gone_stays_in_what_was_closed(people):
    make_standing(("high", LONG_AGO))
    close(people.ada, findings=count(people.ada))
    install_pack(pack=pack() | {"dimensions": pack()["dimensions"][:1]}, by=None)
    kept = told(quarter_review(people.ada, Q3), None)
    assert [card.dimension for card in kept.cards] == ["value", "care"]
    assert SchemeVersion.objects.filter(state="published").exists()
