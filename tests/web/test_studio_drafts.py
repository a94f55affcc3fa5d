"""A draft in the studio: kept as data and as text, with everything that is wrong with it and where."""

from __future__ import annotations

import copy

import pytest
import yaml

from tests.web.drafting import HIGH, draft_of, send, with_bound

PATH = "/classes/value/draft/"


@pytest.fixture
def bob(people, rules, signed_in):
    return signed_in(people.bob)


@pytest.fixture
def draft(people, rules):
    return draft_of(people.bob)


def saved(draft):
    draft.refresh_from_db()
    return draft


def test_an_edit_is_saved_with_what_it_says_now(bob, draft):
    answer = send(bob, PATH, {"revision": 1, "data": with_bound(draft.data, 30_000_000), "moved": {}})
    assert answer.json() == {
        "revision": 2,
        "saved": "Bob 刚刚保存 · 3 处改动",
        "sentences": [
            "近 365 天成交额不低于 ¥300,000",
            "首次下单已满 90 天，并且近 365 天成交额低于 ¥2,000，并且成交额不是 ¥0",
            "其余客户",
        ],
        "problems": [],
    }
    assert saved(draft).data["classes"][0]["when"] == {**HIGH, "value": 30_000_000}


def test_everything_that_is_wrong_is_named_with_its_place(bob, draft):
    data = copy.deepcopy(draft.data)
    data["classes"][0]["when"] = {"any": [{**HIGH, "value": "x"}, {"field": "metric.gone", "op": "gte", "value": 1}]}
    data["classes"][1]["label"] = {"zh": "低", "en": ""}
    answer = send(bob, PATH, {"revision": 1, "data": data}).json()
    assert [problem["path"] for problem in answer["problems"]] == [
        "classes[0].when.any[0].value",
        "classes[0].when.any[1].field",
        "classes[1].label",
    ]
    assert answer["sentences"][0] == ""
    assert answer["revision"] == 2


def test_what_would_break_another_dimension_is_named(bob, draft, people):
    from zhike.classification.actions.drafts import save_draft
    from zhike.classification.actions.publications import publish, run_publication

    other = draft_of(people.ada, "need")
    data = copy.deepcopy(other.data)
    data["classes"][0]["when"] = {"field": "class.value", "op": "eq", "value": "high"}
    other = save_draft(draft=other, data=data, revision=1, by=people.ada)
    run_publication(publish(drafts=[other], by=people.ada).pk)
    data = copy.deepcopy(draft.data)
    data["classes"][0]["key"] = "top"
    answer = send(bob, PATH, {"revision": 1, "data": data, "moved": {"high": "top"}}).json()
    assert [problem["path"] for problem in answer["problems"]] == ["need.classes[0].when.value"]
    assert saved(draft).moved == {"high": "top"}


def test_who_comes_second_is_told_who_was_first_and_when(bob, draft, people, signed_in):
    send(signed_in(people.ada), PATH, {"revision": 1, "data": with_bound(draft.data, 1)})
    answer = send(bob, PATH, {"revision": 1, "data": with_bound(draft.data, 2)})
    assert answer.status_code == 409
    assert answer.json() == {
        "code": "conflict",
        "message": "Ada 刚刚也改了这份草稿，请先看最新内容",
        "saved": "Ada 刚刚保存 · 3 处改动",
    }
    assert saved(draft).data["classes"][0]["when"]["value"] == 1


def test_without_the_right_nothing_is_saved(people, draft, signed_in):
    answer = send(signed_in(people.alice), PATH, {"revision": 1, "data": with_bound(draft.data, 1)})
    assert answer.status_code == 403
    assert saved(draft).revision == 1


def deep(levels):
    node = {"field": "metric.orders", "op": "gte", "value": 1}
    for _ in range(levels):
        node = {"not": node}
    return node


@pytest.mark.parametrize(
    "when",
    [
        deep(40_000),
        deep(400),
        {"field": "customer.__class__", "op": "gte", "value": {"quantile": 0.5}},
        {"field": "custom.__init__.__globals__", "op": "is_set"},
        {"field": "metric.orders", "over": {"days": 10**30}, "op": "gte", "value": 9**99},
        {"all": [{"field": "metric.orders", "op": "gte", "value": 1}] * 10_000},
        {"field": "customer.name", "op": "eq", "value": "\0"},
        {"field": "customer.name", "op": "eq", "value": "\ud800"},
    ],
    ids=["very deep", "deep", "dunder quantile", "dunder", "huge numbers", "wide", "nul", "surrogate"],
)
def test_what_no_draft_should_be_is_refused_or_named(bob, draft, when):
    data = copy.deepcopy(draft.data)
    data["classes"][0]["when"] = when
    body = _written(data)
    answer = bob.post(PATH, body, content_type="application/json", headers={"Accept": "application/json"})
    assert answer.status_code == 422 or (answer.status_code == 200 and answer.json()["problems"] != [])
    check = bob.post("/classes/value/draft/preview/", body, content_type="application/json")
    assert check.status_code in {200, 422}


def _written(data):
    """Write JSON by hand where Python's own writer would give up."""
    import json

    when = data["classes"][0].pop("when")
    depth = 0
    while "not" in when:
        when, depth = when["not"], depth + 1
    inner = '{"not":' * depth + json.dumps(when) + "}" * depth
    text = json.dumps({"revision": 1, "data": data})
    return text.replace('"classes": [{', '"classes": [{"when": ' + inner + ", ", 1)


def test_a_million_nodes_are_refused_unread(bob, draft):
    body = '{"revision":1,"data":{"classes":[' + "{}," * 1_000_000 + "{}]}}"
    answer = bob.post(PATH, body, content_type="application/json", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["message"] == "太大：最多 900,000 字节"
    assert saved(draft).revision == 1


@pytest.mark.parametrize(
    "body", ["", "[]", "nonsense", '{"revision": 1}', '{"data": {}, "revision": "1"}', '{"data": NaN}']
)
def test_what_is_no_draft_at_all_is_refused(bob, draft, body):
    answer = bob.post(PATH, body, content_type="application/json", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert saved(draft).revision == 1


def test_the_text_form_saves_and_comes_back(bob, draft):
    page = bob.get(PATH)
    data = yaml.safe_load(page.context["text"])
    assert data == draft.data
    text = yaml.safe_dump(with_bound(data, 30_000_000), allow_unicode=True, sort_keys=False)
    done = bob.post(PATH, {"text": text, "revision": "1"})
    assert done.headers["Location"] == PATH
    assert saved(draft).data == with_bound(draft.data, 30_000_000)


def test_a_mistake_in_the_text_is_named_by_its_line(bob, draft):
    text = "key: value\nlabel: {zh: 价值, en: Value}\nclasses:\n  - key: high\n    label: {zh: 高, en: High}\n    when:\n      field: metric.revenu\n      op: gte\n      value: 1\ndefault: {key: other, label: {zh: 其余, en: Others}}\n"
    page = bob.post(PATH, {"text": text, "revision": "1"})
    assert page.status_code == 422
    assert [(p.line, p.path) for p in page.context["text_problems"]] == [(7, "classes[0].when.field")]
    assert "第 7 行" in page.text
    assert saved(draft).revision == 2


def test_text_that_is_no_yaml_is_not_saved_and_stays_in_the_form(bob, draft):
    page = bob.post(PATH, {"text": "key: value\n  classes: [", "revision": "1"})
    assert page.status_code == 422
    assert page.context["text_problems"][0].line == 2
    assert page.context["text"] == "key: value\n  classes: ["
    assert saved(draft).revision == 1


def test_a_draft_is_given_up(bob, draft):
    from zhike.classification.models import SchemeVersion

    assert bob.post(f"{PATH}discard/").headers["Location"] == "/classes/value/"
    assert not SchemeVersion.objects.filter(pk=draft.pk).exists()


def test_everybody_reads_a_draft_and_only_leaders_get_the_editor(people, draft, signed_in):
    page = signed_in(people.alice).get(PATH)
    assert "近 365 天成交额不低于 ¥200,000" in page.text
    assert "<textarea" not in page.text
    assert "放弃草稿" not in page.text
