"""A draft tried on past months: asked for, shown class by class, and what the figures rest on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.drafting import draft_of, with_bound

PATH = "/classes/value/draft/trial/"


@pytest.fixture
def ada(people, rules, signed_in):
    return signed_in(people.ada)


@pytest.fixture
def buyers(people, rules):
    """Two on record for long, at ¥240,000 and ¥210,000 a hundred days ago; the first came back, the second did not."""
    from tests.factories import SHANGHAI, make_customer, make_event
    from zhike.base.clock import today

    day = today(SHANGHAI)
    for amount, later in ((24_000_000, 90), (21_000_000, None)):
        customer = make_customer(created_on=day - timedelta(days=300))
        make_event(customer, "order.placed", day - timedelta(days=100), amount=amount)
        if later:
            make_event(customer, "order.placed", day - timedelta(days=later), amount=1_000_000)


@pytest.fixture
def draft(people, rules, buyers):
    from zhike.classification.actions.drafts import save_draft

    draft = draft_of(people.ada)
    return save_draft(draft=draft, data=with_bound(draft.data, 22_000_000), revision=1, by=people.ada)


def ask(client, **given):
    return client.post(PATH, {"months": ["3"], "outcome_days": "90", **given})


def run():
    from zhike.classification.tasks import run_back_tests

    return run_back_tests.func()


def rows(page, key):
    (found,) = [c for c in page.context["trial"].classes if c.chip.label == key]
    return [(m.label, m.old, m.new, m.change, m.up) for m in found.measures]


def test_it_waits_for_the_worker_and_then_shows_both_rules(ada, draft):
    assert ask(ada).headers["Location"] == PATH
    waiting = ada.get(PATH)
    assert waiting.context["trial"].is_open
    assert 'hx-trigger="every 1s"' in waiting.text
    assert run() == 1
    page = ada.get(PATH)
    assert 'hx-trigger="every 1s"' not in page.text
    assert rows(page, "高价值") == [
        ("客户数", "2", "1", "50%", False),
        ("后来下过单", "50%", "100%", "50 pt", True),
        ("占后来的成交", "100%", "100%", "", None),
        ("后来下过两单", "0%", "0%", "", None),
        ("后来没有消息", "50%", "0%", "50 pt", False),
    ]
    assert "用的是今天的" in page.text


def test_classes_keep_the_look_that_they_have(ada, draft):
    ask(ada)
    run()
    chips = {c.chip.label: c.chip.style for c in ada.get(PATH).context["trial"].classes}
    assert chips == {"高价值": "", "低价值": "plain", "普通": "plain"}


def test_a_period_that_is_not_over_says_how_much_is_missing(ada, draft):
    ask(ada, outcome_days="180")
    run()
    page = ada.get(PATH)
    trial = page.context["trial"]
    assert trial.unfinished == 180 - (trial_today() - trial.days[0]).days
    assert f"少看 {trial.unfinished} 天" in page.text


def trial_today():
    from tests.factories import SHANGHAI
    from zhike.base.clock import today

    return today(SHANGHAI)


def test_an_edit_since_is_told(people, ada, draft):
    from zhike.classification.actions.drafts import save_draft

    ask(ada)
    run()
    assert not ada.get(PATH).context["trial"].is_outdated
    save_draft(draft=draft, data=with_bound(draft.data, "x"), revision=draft.revision, by=people.ada)
    page = ada.get(PATH)
    assert page.context["trial"].is_outdated
    assert "这是改之前的结果" in page.text


def test_a_new_dimension_has_nothing_to_compare_with(people, ada, buyers):
    from zhike.classification.actions.drafts import add_dimension

    add_dimension(key="risk", label={"zh": "风险", "en": "Risk"}, by=people.ada)
    ada.post("/classes/risk/draft/trial/", {"months": ["3"], "outcome_days": "90"})
    run()
    page = ada.get("/classes/risk/draft/trial/")
    assert page.context["trial"].is_new
    assert rows(page, "其余")[0] == ("客户数", "—", "2", "", None)


def test_what_cannot_be_tried_is_refused_in_words(people, ada, draft):
    from zhike.classification.actions.drafts import save_draft
    from zhike.classification.models import BackTest

    assert "至少选一个月份。" in ada.post(PATH, {"outcome_days": "90"}).text
    assert ask(ada, outcome_days="7").status_code == 422
    save_draft(draft=draft, data=with_bound(draft.data, "x"), revision=draft.revision, by=people.ada)
    page = ask(ada)
    assert page.status_code == 422
    assert "草稿还不能回测：应为以分计的整数" in page.text
    assert not BackTest.objects.exists()
