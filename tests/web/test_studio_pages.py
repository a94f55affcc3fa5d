"""The studio's pages about rules in force: dimensions, versions, what differs between two of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.drafting import draft_of, with_bound


@pytest.fixture
def ada(people, rules, signed_in):
    return signed_in(people.ada)


def publish_bound(people, value):
    from zhike.classification.actions.drafts import save_draft
    from zhike.classification.actions.publications import publish, run_publication

    draft = draft_of(people.ada)
    draft = save_draft(draft=draft, data=with_bound(draft.data, value), revision=draft.revision, by=people.ada)
    return run_publication(publish(drafts=[draft], by=people.ada, note="门槛低些").pk)


def test_the_column_says_what_is_the_matter_with_each_dimension(people, ada):
    from zhike.classification.actions.drafts import pause_dimension
    from zhike.classification.actions.publications import retire_dimension

    draft_of(people.bob)
    pause_dimension(dimension="activity", is_paused=True, by=people.ada)
    retire_dimension(dimension="need", by=people.ada)
    side = ada.get("/classes/").context["side"]
    assert [(e.key, e.line) for e in side.entries if e.key in {"status", "value", "need"}] == [
        ("status", "5 类 · v1"),
        ("value", "3 类 · v1，草稿 v2"),
        ("need", "已停用"),
    ]
    assert [e.key for e in side.entries if e.has_draft] == ["value"]
    assert [e.key for e in side.entries if e.is_paused] == ["activity"]
    assert (side.in_force, side.too_many) == (5, [])


def test_too_many_dimensions_are_said_to_be_too_many(people, ada):
    from zhike.classification.actions.drafts import add_dimension
    from zhike.classification.actions.publications import publish, run_publication

    for number in range(3):
        draft = add_dimension(key=f"more{number}", label={"zh": "多", "en": "More"}, by=people.ada)
        run_publication(publish(drafts=[draft], by=people.ada).pk)
    assert "启用了 9 个维度。超过 8 个，一线通常就不看了" in ada.get("/classes/").text


def test_a_dimension_shows_its_classes_and_where_its_versions_came_from(people, ada, hotel):
    publish_bound(people, 30_000_000)
    page = ada.get("/classes/value/")
    assert "近 365 天成交额不低于 ¥300,000" in page.text
    rows = page.context["versions"]
    assert [(r.version.number, r.version.note, r.moved, r.is_current) for r in rows] == [
        (2, "门槛低些", 1, True),
        (1, "", 0, False),
    ]
    assert 'href="/classes/value/roll-back/1/"' in page.text


def test_only_those_who_may_are_offered_what_changes_rules(people, rules, signed_in):
    pages = {name: signed_in(getattr(people, name)).get("/classes/value/").text for name in ("alice", "bob", "ada")}
    assert {name: "draft/start/" in text for name, text in pages.items()} == {"alice": False, "bob": True, "ada": True}
    assert {name: "/retire/" in text for name, text in pages.items()} == {"alice": False, "bob": False, "ada": True}


def test_classes_that_nobody_needs_are_named_after_ninety_days(people, ada, hotel, settings):
    from zhike.base.clock import now
    from zhike.classification.models import SchemeVersion

    assert ada.get("/classes/value/").context["idle"] == ""
    SchemeVersion.objects.update(published_at=now() - timedelta(days=100))
    assert ada.get("/classes/value/").context["idle"] == "低价值"
    assert "近 90 天没有客户属于：低价值。" in ada.get("/classes/value/").text


def test_two_versions_are_compared_class_by_class(people, ada):
    publish_bound(people, 30_000_000)
    page = ada.get("/classes/value/compare/")
    high, low, regular = page.context["comparison"].pairs
    assert (high.old_sentence, high.new_sentence) == (
        "近 365 天成交额不低于 ¥200,000，或者（近 365 天至少下单 6 次，并且最近 90 天内下过单）",
        "近 365 天成交额不低于 ¥300,000",
    )
    assert (low.is_same, regular.is_same, high.is_same) == (True, True, False)
    assert ada.get("/classes/value/compare/?old=1&new=1").context["comparison"].is_same
    assert ada.get("/classes/value/compare/?old=7").status_code == 404


def test_settings_of_classes_are_compared_in_words(people, ada):
    from zhike.classification.actions.drafts import save_draft

    draft = draft_of(people.ada)
    data = draft.data | {"mode": "suggest"}
    data["classes"][0] |= {"hold_days": 7, "tone": "cinnabar"}
    data["classes"] = [data["classes"][1], data["classes"][0]]
    save_draft(draft=draft, data=data, revision=1, by=people.ada)
    found = ada.get("/classes/value/compare/").context["comparison"]
    assert [(p.label, p.old, p.new) for p in found.parts] == [("方式", "自动生效", "先审核")]
    high = next(pair for pair in found.pairs if pair.key == "high")
    assert [(p.label, p.old, p.new) for p in high.parts] == [("颜色", "藤黄", "朱砂"), ("防抖", "", "7 天")]
    assert (high.old_place, high.new_place) == (1, 2)


def test_a_version_that_cannot_be_read_is_not_compared(people, ada):
    from zhike.classification.actions.drafts import save_draft

    draft = draft_of(people.ada)
    save_draft(draft=draft, data=with_bound(draft.data, "很多"), revision=1, by=people.ada)
    page = ada.get("/classes/value/compare/")
    assert "comparison" not in page.context
    assert "classes[0].when.value：应为以分计的整数，这里是 &#x27;很多&#x27;。" in page.text


def test_a_new_dimension_begins_as_a_draft(people, ada):
    from zhike.classification.models import Scheme

    refused = ada.post("/classes/new/", {"label_zh": "流失风险", "key": "Risk!"})
    assert refused.status_code == 422
    assert "键应由小写字母开头" in refused.text
    assert "这个词留作网址用" in ada.post("/classes/new/", {"label_zh": "新", "key": "order"}).text
    assert not Scheme.objects.filter(dimension__in=["Risk!", "order"]).exists()
    made = ada.post("/classes/new/", {"label_zh": "流失风险", "key": "risk"})
    assert made.headers["Location"] == "/classes/risk/draft/"
    draft = Scheme.objects.get(dimension="risk").versions.get()
    assert draft.data["label"] == {"zh": "流失风险", "en": "流失风险"}
    assert ada.post("/classes/new/", {"label_zh": "又一个", "key": "risk"}).status_code == 409


def test_dimensions_are_ordered_by_dragging_and_by_steps(people, ada):
    from zhike.classification.models import Scheme

    def order():
        return list(Scheme.objects.values_list("dimension", flat=True))

    ada.post("/classes/order/", {"dimension": "value", "step": "-1"})
    assert order() == ["status", "value", "activity", "intent", "need", "type"]
    ada.post("/classes/order/", {"order": ["type", "status"]})
    assert order() == ["type", "status", "value", "activity", "intent", "need"]
    ada.post("/classes/order/", {"dimension": "type", "step": "-1"})
    assert order()[0] == "type"


def test_pausing_and_naming_who_answers_for_the_rules(people, ada):
    from zhike.classification.models import Scheme

    ada.post("/classes/value/pause/", {"is_paused": "yes"})
    ada.post("/classes/value/owner/", {"owner": people.bob.pk})
    found = Scheme.objects.get(dimension="value")
    assert (found.is_paused, found.owner) == (True, people.bob)
    assert "这个维度暂停了" in ada.get("/classes/value/").text
    ada.post("/classes/value/pause/", {"is_paused": ""})
    assert not Scheme.objects.get(dimension="value").is_paused


def test_retiring_asks_first_and_says_what_stands_against_it(people, ada):
    from zhike.classification.models import Scheme

    assert "停用「客户需求」" in ada.get("/classes/need/retire/").text
    done = ada.post("/classes/need/retire/", {"note": "没人看"}, follow=True)
    assert "这个维度停用了。" in done.text
    assert "没人看" in done.text
    assert Scheme.objects.get(dimension="need").current is None
    again = ada.post("/classes/need/retire/", {})
    assert again.status_code == 409
    assert "这个维度已经停用" in again.text


def test_an_unknown_dimension_is_not_found(ada):
    for path in ("/classes/gone/", "/classes/gone/compare/", "/classes/gone/draft/", "/classes/value/draft/"):
        assert ada.get(path).status_code == 404, path
