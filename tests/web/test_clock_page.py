"""时钟: whether the clock moves people in time, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import make_customer, make_event

BEGINNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def customer(settings, people, rules):
    settings.ZHIKE_NOW = BEGINNING
    found = make_customer("上海梧桐里酒店管理", owner=people.alice)
    make_event(found, "order.placed", BEGINNING.date(), amount=24_000_000)
    return found


def test_before_the_first_run_it_says_what_to_do(alice, customer):
    assert "请管理员运行 zhike serve" in alice.get("/classes/clock/").text


def test_it_shows_the_last_run_the_next_and_who_moved_today(alice, customer):
    from zhike.classification.due import place_due

    place_due()
    page = alice.get("/classes/clock/")
    assert "每分钟一次，正常" in page.text
    assert "没有人在等" in page.text
    value = next(d for d in page.context["dimensions"] if d.key == "value")
    assert [(moved.chip.label, moved.entered, moved.left) for moved in value.classes] == [
        ("高价值", 1, 0),
        ("普通", 0, 1),
    ]
    assert page.context["clock"].next_customers == 1


def test_a_standstill_is_told_with_how_long_people_wait(alice, customer, settings):
    from zhike.classification.due import place_due

    place_due()
    settings.ZHIKE_NOW = BEGINNING + timedelta(days=400)
    page = alice.get("/classes/clock/").text
    assert "起就停了。恢复后会补上，变化仍记在到期的那一天。" in page
    assert "没有在运行" in page


def test_others_customers_are_not_counted(people, customer, signed_in):
    page = signed_in(people.charlie).get("/classes/clock/")
    assert (page.context["clock"].due, page.context["dimensions"]) == (0, [])
    assert "今天还没有客户换类别" in page.text


def test_it_rejects_post(alice):
    assert alice.post("/classes/clock/").status_code == 405
