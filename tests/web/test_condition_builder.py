"""What the server tells the condition builder: fields, sentence, numbers, mistakes, text."""

from __future__ import annotations

import copy

import pytest

from tests.web.drafting import HIGH, send

CHECK, TEXT = "/conditions/check/", "/conditions/text/"


@pytest.fixture
def catalogue(people, rules):
    from zhike.classification.candidates import draft_fields
    from zhike.web.conditions.catalogue import catalogue

    return catalogue(draft_fields(), "zh", "CNY", without=["class.value"])


def field(catalogue, key):
    return next((item for item in catalogue["fields"] if item["key"] == key), None)


def test_fields_carry_what_the_builder_draws(catalogue):
    revenue = field(catalogue, "metric.revenue")
    assert revenue == {
        "key": "metric.revenue",
        "label": "成交额",
        "hint": "成交额\nchengjiaoe\ncje\nmetric.revenue\n金额\n销售额",
        "type": "integer",
        "unit": "money",
        "windowed": True,
    }
    assert field(catalogue, "class.need")["choices"] == [["both", "综合"], ["service", "服务"], ["product", "产品"]]
    assert field(catalogue, "class.value") is None
    assert field(catalogue, "metric.days_since_order")["since"] is True
    assert catalogue["currency"] == {"sign": "¥", "digits": 2}


def test_a_field_is_found_by_what_people_say_instead_of_its_name(catalogue):
    found = {
        word: [one["label"] for one in catalogue["fields"] if word in one["hint"]]
        for word in ("综合", "未联系", "最近联系")
    }
    assert found == {"综合": ["客户需求"], "未联系": ["距上次主动联系"], "最近联系": ["距上次互动", "距上次主动联系"]}


def test_operators_are_those_of_the_core(catalogue):
    from zhike.core.conditions.operators import OPERATORS

    assert [item["key"] for item in catalogue["operators"]] == list(OPERATORS)
    by_key = {item["key"]: item for item in catalogue["operators"]}
    assert by_key["gte"] == {
        "key": "gte",
        "label": "不低于",
        "types": ["date", "datetime", "decimal", "integer"],
        "operand": "one",
        "symbol": "≥",
        "share": "在前百分之",
        "share_types": ["decimal", "integer"],
    }
    assert by_key["ne"]["negates"] == "eq"


def test_a_condition_is_answered_with_sentence_and_numbers(alice, hotel, people):
    from tests.factories import make_customer

    make_customer("新客", owner=people.alice, city="杭州")
    make_customer("别人的", owner=people.charlie, city="上海")
    where = {"all": [HIGH, {"field": "customer.city", "op": "ne", "value": "杭州"}]}
    assert send(alice, CHECK, {"where": where}).json() == {
        "sentence": "近 365 天成交额不低于 ¥200,000，并且城市不是杭州",
        "whole": 1,
        "total": 2,
        "waiting": False,
        "rows": {
            "where.all[0]": {"waiting": False, "n": 1},
            "where.all[1]": {"waiting": False, "n": 1, "unset": 0},
        },
        "errors": [],
    }


def test_rows_that_are_right_are_counted_beside_those_that_are_not(alice, hotel):
    where = {"any": [HIGH, {"field": "customer.city", "op": "gte", "value": 1}, {"all": []}]}
    answer = send(alice, CHECK, {"where": where}).json()
    assert (answer["sentence"], answer["whole"], answer["rows"]) == (
        "",
        None,
        {"where.any[0]": {"waiting": False, "n": 1}},
    )
    assert [error["path"] for error in answer["errors"]] == ["where.any[2].all", "where.any[1].op"]


def test_a_metric_that_nobody_keeps_yet_waits_instead_of_counting_nothing(alice, hotel):
    where = {"all": [{**HIGH, "over": {"days": 77}}, HIGH]}
    answer = send(alice, CHECK, {"where": where}).json()
    assert (answer["waiting"], answer["whole"]) == (True, None)
    assert answer["rows"] == {"where.all[0]": {"waiting": True}, "where.all[1]": {"waiting": False, "n": 1}}
    assert answer["sentence"].startswith("近 77 天成交额")


def test_a_quantile_says_what_it_comes_to(alice, hotel):
    answer = send(alice, CHECK, {"where": {**HIGH, "value": {"quantile": 0.8}}}).json()
    assert answer["rows"] == {"where": {"waiting": False, "n": 1, "number": "¥240,000"}}
    assert answer["sentence"] == "近 365 天成交额不低于 ¥240,000（前 20%）"
    wrong = send(alice, CHECK, {"where": {**HIGH, "value": {"quantile": 2}}}).json()
    assert [error["path"] for error in wrong["errors"]] == ["where.value.quantile"]


def test_who_never_did_it_is_counted_for_what_lies_long_ago(alice, hotel, people):
    from tests.factories import make_customer

    make_customer("新客", owner=people.alice)
    long_ago = {"field": "metric.days_since_order", "op": "gte", "value": 5}
    assert send(alice, CHECK, {"where": long_ago}).json()["rows"] == {"where": {"waiting": False, "n": 1, "unset": 1}}


def test_text_and_condition_are_the_same_both_ways(alice):
    where = {"all": [HIGH, {"not": {"field": "customer.city", "op": "in", "value": ["上海", "杭州"]}}]}
    text = send(alice, TEXT, {"where": where}).json()["text"]
    assert "value: [上海, 杭州]" in text
    assert send(alice, TEXT, {"text": text}).json() == {"where": where}
    assert send(alice, TEXT, {"text": '{"everyone": true}'}).json() == {"where": {"everyone": True}}


@pytest.mark.parametrize(
    ("text", "line", "path"),
    [
        ("all:\n  - {field: metric.orders, op: gte, value: 1}\n  - {field: metric.orders,\n     op: gt}", 3, "all[1]"),
        ("all:\n  - {field: metric.orders, op: gte, value: x}", 2, "all[0].value"),
        ("all: [", 1, ""),
        ("a: 1\na: 2", 2, ""),
        ("[" * 3_000, None, ""),
        ("x" * 60_001, None, "text"),
    ],
    ids=["test", "value", "syntax", "twice", "deep", "long"],
)
def test_a_mistake_in_pasted_text_is_named_by_line_and_place(alice, text, line, path):
    answer = send(alice, TEXT, {"text": text})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["line"], error["path"]) == (line, path)


def test_values_are_those_of_the_customers_that_one_sees(alice, hotel, people):
    from tests.factories import make_customer

    make_customer("别人的", owner=people.charlie, city="昆明")
    assert alice.get("/conditions/values/?field=customer.city").json() == {"values": [["上海", "上海"]]}
    assert alice.get("/conditions/values/?field=customer.owner").json() == {"values": [[people.alice.email, "Alice"]]}
    assert alice.get("/conditions/values/?field=customer.phone").json() == {"values": []}


def test_a_condition_is_not_changed_by_being_read(alice):
    where = {"all": [HIGH]}
    before = copy.deepcopy(where)
    send(alice, CHECK, {"where": where})
    assert where == before
