"""Which missing fields would decide a class: each tried with what the conditions ask for."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from zhike.core.facts import Facts, FieldType, Ref, custom_field
from zhike.core.missing import Deciding, deciding_fields
from zhike.core.packs import base_fields, parse_scheme

FIELDS = base_fields().plus(
    [
        custom_field("seats", FieldType.INTEGER),
        custom_field("gear", FieldType.SET),
        custom_field("due", FieldType.DATE),
        custom_field("fair", FieldType.BOOL),
    ]
)
DAY = date(2026, 11, 20)


def scheme(key, *whens, default="regular"):
    classes = [{"key": f"c{n}", "label": {"zh": f"甲{n}", "en": f"c{n}"}, "when": when} for n, when in enumerate(whens)]
    label = {"zh": key, "en": key}
    default_class = {"key": default, "label": {"zh": "其余", "en": "Rest"}}
    return parse_scheme({"key": key, "label": label, "classes": classes, "default": default_class}, FIELDS, key)


def facts(**given):
    names = {"customer.size", "customer.region", "customer.birthday", "custom.seats", "custom.due", "custom.fair"}
    values = {Ref(name): None for name in names} | {Ref("custom.gear"): frozenset()}
    values |= {Ref(name.replace("__", ".")): value for name, value in given.items()}
    return Facts(values, as_of=DAY, zone=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    "when",
    [
        {"field": "customer.size", "op": "in", "value": ["large"]},
        {"field": "customer.size", "op": "is_set"},
        {"field": "customer.region", "op": "contains", "value": "东"},
        {"field": "customer.birthday", "op": "in_last", "value": {"days": 30}},
        {"field": "customer.birthday", "op": "anniversary_within", "value": {"days": 7}},
        {"field": "custom.seats", "op": "gt", "value": 10},
        {"field": "custom.seats", "op": "between", "value": [3, 5]},
        {"field": "custom.gear", "op": "has_all", "value": ["a", "b"]},
        {"field": "custom.due", "op": "before_last", "value": {"months": 2}},
        {"field": "custom.due", "op": "lt", "value": "2026-01-01"},
        {"field": "custom.fair", "op": "eq", "value": False},
    ],
    ids=lambda when: f"{when['field']} {when['op']}",
)
def test_a_field_that_would_move_the_class_decides(when):
    found = deciding_fields([scheme("type", when)], facts(), FIELDS)

    assert found == [Deciding(Ref(when["field"]), ("type",))]


def test_a_field_that_is_there_or_changes_nothing_does_not_decide():
    large = {"field": "customer.size", "op": "eq", "value": "large"}
    beside = {"any": [{"field": "customer.region", "op": "eq", "value": "华东"}, large]}

    assert deciding_fields([scheme("type", large)], facts(customer__size="small"), FIELDS) == []
    # Whatever the region is, the size has put the customer there already.
    assert deciding_fields([scheme("type", beside)], facts(customer__size="large"), FIELDS) == []


def test_a_missing_value_that_the_rules_accept_decides_too():
    not_east = {"field": "customer.region", "op": "ne", "value": "华东"}

    assert deciding_fields([scheme("type", not_east)], facts(), FIELDS) == [Deciding(Ref("customer.region"), ("type",))]


def test_what_an_undecided_dimension_waits_for_comes_first_then_what_decides_more():
    size = {"field": "customer.size", "op": "eq", "value": "large"}
    region = {"field": "customer.region", "op": "eq", "value": "华东"}
    seats = {"field": "custom.seats", "op": "gte", "value": 10}
    schemes = [scheme("a", size), scheme("b", size), scheme("c", region), scheme("d", seats)]

    found = deciding_fields(schemes, facts(), FIELDS, waiting={"d"})

    assert [(str(one.ref), one.dimensions) for one in found] == [
        ("custom.seats", ("d",)),
        ("customer.size", ("a", "b")),
        ("customer.region", ("c",)),
    ]
