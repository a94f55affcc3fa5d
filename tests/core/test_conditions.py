from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given

from tests import conformance
from tests.conformance import AS_OF, CUSTOM, FIELDS, VALUES, ZONE
from zhike.core.conditions.evaluate import PYTHON, explain, holds, holds_resolved
from zhike.core.conditions.nodes import All, Any, Not, Test, leaves
from zhike.core.conditions.operators import KERNEL, OPERATORS
from zhike.core.conditions.parse import each_test, parse, parse_document, problems
from zhike.core.conditions.resolve import resolve
from zhike.core.errors import ConditionError, NotLoaded
from zhike.core.facts import FieldType, Ref


@pytest.mark.parametrize("case", conformance.cases(), ids=lambda case: case.name)
def test_a_case_has_the_answer_that_a_person_expects(case):
    assert holds(case.node, case.facts) is case.expected


def test_the_python_evaluator_has_exactly_the_kernel():
    assert set(PYTHON) == set(KERNEL)


def test_every_operator_resolves_to_kernel_tests_only():
    for key, type_ in CUSTOM.items():
        for test in conformance.tests_of(Ref(key), type_):
            assert {leaf.op for leaf in leaves(resolve(test, AS_OF, ZONE))} <= set(KERNEL)


def test_a_negative_operator_is_the_complement_of_its_positive():
    for key, type_ in CUSTOM.items():
        for test in conformance.tests_of(Ref(key), type_):
            negates = OPERATORS[test.op].negates
            for value in VALUES[type_] if negates else ():
                facts = conformance.facts({test.ref: value})
                positive = Test(test.ref, type_, negates, test.value)
                assert holds(test, facts) is not holds(positive, facts)


def test_a_missing_value_satisfies_no_positive_test():
    for key, type_ in CUSTOM.items():
        missing = frozenset() if type_ is FieldType.SET else None
        for test in conformance.tests_of(Ref(key), type_):
            if not OPERATORS[test.op].negates:
                assert not holds(test, conformance.facts({test.ref: missing})), test


@given(conformance.trees, conformance.records)
def test_explaining_answers_as_holding_does(node, record):
    facts = conformance.facts(record)
    assert explain(node, facts).met is holds(node, facts)


@given(conformance.trees, conformance.records)
def test_negation_is_total(node, record):
    facts = conformance.facts(record)
    assert holds(Not(node), facts) is not holds(node, facts)


def test_an_empty_all_is_true_and_an_empty_any_is_false():
    facts = conformance.facts({})
    assert holds(All(()), facts)
    assert not holds(Any(()), facts)


def test_what_was_not_loaded_is_not_missing():
    node = parse({"field": "customer.region", "op": "is_not_set"}, FIELDS)
    with pytest.raises(NotLoaded, match=r"customer\.region was not loaded"):
        holds(node, conformance.facts({}))


def test_facts_refuse_floats():
    with pytest.raises(TypeError, match="no floats"):
        conformance.facts({Ref("custom.rate"): 0.3})


def test_explain_keeps_what_was_seen_in_every_branch():
    node = parse(
        {
            "any": [
                {"field": "metric.orders", "op": "gte", "value": 3},
                {"field": "customer.region", "op": "eq", "value": "华东"},
            ]
        },
        FIELDS,
    )
    facts = conformance.facts({Ref("metric.orders"): 5, Ref("customer.region"): None})
    told = explain(node, facts)
    assert told.met
    assert [(child.met, child.seen) for child in told.children] == [(True, 5), (False, None)]


BAD = [
    ("a list", [], "when", "对象"),
    ("no form", {}, "when", "正好有"),
    ("two forms", {"all": [], "any": []}, "when", "正好有"),
    ("empty all", {"all": []}, "when.all", "列表是空的"),
    ("all of no list", {"all": {"field": "x"}}, "when.all", "列表"),
    ("a foreign key", {"not": {"everyone": True}, "else": 1}, "when", "不认识的键"),
    ("everyone false", {"everyone": False}, "when.everyone", "只能是 true"),
    ("unknown field", {"field": "custom.vip_sinc", "op": "is_set"}, "when.field", "未找到字段 custom.vip_sinc。"),
    ("unknown metric", {"field": "metric.order", "op": "is_set"}, "when.field", "是否指 metric.orders？"),
    ("field no text", {"field": 3, "op": "is_set"}, "when.field", "未找到字段 3"),
    ("unknown operator", {"field": "metric.orders", "op": "gtee", "value": 1}, "when.op", "是否指 gte？"),
    ("operator of another type", {"field": "customer.name", "op": "gt", "value": 1}, "when.op", "不能用 gt"),
    ("no operator", {"field": "customer.name"}, "when", "缺少比较方式"),
    ("no value", {"field": "customer.name", "op": "eq"}, "when", "需要一个值"),
    ("a value too many", {"field": "customer.name", "op": "is_set", "value": 1}, "when.value", "不带值"),
    ("text for a number", {"field": "metric.orders", "op": "gte", "value": "6"}, "when.value", "应为整数"),
    ("a float for money", {"field": "metric.revenue", "op": "gte", "value": 1.5}, "when.value", "以分计的整数"),
    ("true is no number", {"field": "metric.orders", "op": "gte", "value": True}, "when.value", "应为整数"),
    ("a number beyond the database", {"field": "metric.orders", "op": "gte", "value": 10**30}, "when.value", "整数"),
    ("a number for text", {"field": "customer.name", "op": "eq", "value": 1}, "when.value", "文字"),
    ("empty text", {"field": "customer.name", "op": "eq", "value": " "}, "when.value", "文字"),
    ("a NUL", {"field": "customer.name", "op": "eq", "value": "a\x00"}, "when.value", "文字"),
    ("an unknown choice", {"field": "customer.size", "op": "eq", "value": "larg"}, "when.value", "是否指 large？"),
    ("an empty list", {"field": "customer.region", "op": "in", "value": []}, "when.value", "至少有一项"),
    ("one for a list", {"field": "customer.region", "op": "in", "value": "华东"}, "when.value", "列表"),
    ("a bad item", {"field": "customer.region", "op": "in", "value": ["华东", 3]}, "when.value[1]", "文字"),
    ("a bad date", {"field": "customer.birthday", "op": "lt", "value": "2026-02-30"}, "when.value", "日期"),
    ("a naive time", {"field": "custom.seen_at", "op": "lt", "value": "2026-02-28T10:00"}, "when.value", "带时区"),
    ("a pair reversed", {"field": "metric.orders", "op": "between", "value": [5, 1]}, "when.value", "下限大于上限"),
    ("half a pair", {"field": "metric.orders", "op": "between", "value": [5]}, "when.value", "两项"),
    ("a span of nothing", {"field": "custom.since", "op": "in_last", "value": {"days": 0}}, "when.value", "1 到"),
    ("a span of hours", {"field": "custom.since", "op": "in_last", "value": {"hours": 3}}, "when.value", "days"),
    ("too fine", {"field": "custom.rate", "op": "lt", "value": "0.00001"}, "when.value", "四位小数"),
    ("no number", {"field": "custom.rate", "op": "lt", "value": "NaN"}, "when.value", "四位小数"),
    ("no equality of decimals", {"field": "custom.rate", "op": "eq", "value": 1}, "when.op", "不能用 eq"),
    ("a window of a field", {"field": "customer.name", "over": {"days": 3}, "op": "is_set"}, "when.over", "窗口"),
    (
        "a window of days since",
        {"field": "metric.days_since_order", "over": {"days": 3}, "op": "lt", "value": 1},
        "when.over",
        "窗口",
    ),
    (
        "a window of months",
        {"field": "metric.orders", "over": {"months": 3}, "op": "lt", "value": 1},
        "when.over",
        "不认识的键",
    ),
    (
        "a window of no days",
        {"field": "metric.orders", "over": {"days": 0}, "op": "lt", "value": 1},
        "when.over.days",
        "整数天数",
    ),
    (
        "deep inside",
        {"all": [{"not": {"any": [{"field": "x", "op": "eq"}]}}]},
        "when.all[0].not.any[0].field",
        "未找到",
    ),
]


@pytest.mark.parametrize(("_case", "data", "path", "says"), BAD, ids=[row[0] for row in BAD])
def test_a_bad_condition_is_refused_with_its_place(_case, data, path, says):
    with pytest.raises(ConditionError) as caught:
        parse(data, FIELDS)
    assert caught.value.path == path
    assert says in caught.value.zh
    assert caught.value.en
    assert caught.value.message("zh").startswith(f"{path}：")


def test_bounds_on_depth_and_size_are_stated():
    deep: object = {"everyone": True}
    for _ in range(40):
        deep = {"not": deep}
    with pytest.raises(ConditionError, match="nested deeper than 32"):
        parse(deep, FIELDS)
    many = {"any": [{"field": "customer.name", "op": "is_set"}] * 501}
    with pytest.raises(ConditionError, match="more than 500 tests"):
        parse(many, FIELDS)


def test_a_document_names_its_version():
    node = {"field": "customer.name", "op": "is_set"}
    assert parse_document({"version": 1, "where": node}, FIELDS) == parse(node, FIELDS)
    with pytest.raises(ConditionError, match="expected version 1, found 2"):
        parse_document({"version": 2, "where": node}, FIELDS)


def test_yaml_dates_are_taken_as_they_are():
    node = parse({"field": "customer.birthday", "op": "lt", "value": date(2000, 1, 1)}, FIELDS)
    assert node == Test(Ref("customer.birthday"), FieldType.DATE, "lt", date(2000, 1, 1))


def test_resolving_is_done_once_and_gives_the_same_answer():
    node = parse({"field": "custom.since", "op": "not_in_last", "value": {"days": 7}}, FIELDS)
    resolved = resolve(node, AS_OF, ZONE)
    assert resolved == Not(
        All(
            (
                Test(Ref("custom.since"), FieldType.DATE, "gte", date(2026, 3, 25)),
                Test(Ref("custom.since"), FieldType.DATE, "lt", date(2026, 4, 1)),
            )
        )
    )
    facts = conformance.facts({Ref("custom.since"): date(2026, 3, 24)})
    assert holds_resolved(resolved, facts)


def test_every_operator_has_a_positive_form():
    for operator in OPERATORS.values():
        assert bool(operator.kernel) is not bool(operator.negates)
        if operator.negates:
            assert OPERATORS[operator.negates].kernel is not None


def test_everything_that_is_wrong_is_found_at_once():
    data = {
        "all": [
            {"field": "metric.revenu", "op": "gte", "value": 1},
            {"field": "metric.orders", "op": "gte", "value": 1},
            {"any": [{"field": "metric.orders", "op": "has", "value": 1}]},
            {"not": {"field": "metric.orders", "op": "gte", "value": "x"}},
        ]
    }
    assert [error.path for error in problems(data, FIELDS)] == [
        "when.all[0].field",
        "when.all[2].any[0].op",
        "when.all[3].not.value",
    ]
    build = [error.path for error in problems({"all": [{"any": []}, {"field": "gone"}]}, FIELDS)]
    assert build == ["when.all[0].any", "when.all[1].field"]
    assert problems({"field": "metric.orders", "op": "gte", "value": 1}, FIELDS) == []


@pytest.mark.parametrize("data", [None, [], "text", {"all": "text"}, {"all": None}, {"not": 3}, {}])
def test_what_holds_no_tests_yields_none(data):
    assert list(each_test(data)) == []
