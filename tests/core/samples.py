"""Small packs and histories for the tests of the core."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from zhike.core.facts import CUSTOMER_FIELDS, FieldType, Ref
from zhike.core.history import History
from zhike.core.packs import parse_pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zhike.core.events import Event
    from zhike.core.facts import Value
    from zhike.core.packs import Pack

TODAY = date(2026, 11, 19)
ZONE = ZoneInfo("Asia/Shanghai")

VALUE = {
    "key": "value",
    "label": {"zh": "客户价值", "en": "Value"},
    "classes": [
        {
            "key": "high",
            "label": {"zh": "高价值客户", "en": "High value"},
            "when": {
                "any": [
                    {"field": "metric.revenue", "over": {"days": 365}, "op": "gte", "value": 20000000},
                    {
                        "all": [
                            {"field": "metric.orders", "over": {"days": 365}, "op": "gte", "value": 6},
                            {"field": "metric.days_since_order", "op": "lte", "value": 90},
                        ]
                    },
                ]
            },
        },
        {
            "key": "low",
            "label": {"zh": "低价值客户", "en": "Low value"},
            "when": {
                "all": [
                    {"field": "metric.days_since_first_order", "op": "gte", "value": 90},
                    {"field": "metric.revenue", "over": {"days": 365}, "op": "lt", "value": 200000},
                ]
            },
        },
    ],
    "default": {"key": "regular", "label": {"zh": "普通客户", "en": "Standard"}},
}
CARE = {
    "key": "care",
    "label": {"zh": "关怀", "en": "Care"},
    "classes": [
        {
            "key": "birthday",
            "label": {"zh": "生日将至", "en": "Birthday soon"},
            "when": {
                "all": [
                    {"field": "class.value", "op": "in", "value": ["high", "regular"]},
                    {"field": "customer.birthday", "op": "anniversary_within", "value": {"days": 7}},
                ]
            },
        },
        {
            "key": "fresh",
            "label": {"zh": "新建档", "en": "Fresh"},
            "when": {
                "any": [
                    {"field": "customer.created_on", "op": "in_last", "value": {"months": 1}},
                    {"not": {"field": "metric.days_since_created", "op": "gt", "value": 45}},
                ]
            },
        },
        {
            "key": "browsing",
            "label": {"zh": "在浏览", "en": "Browsing"},
            "when": {
                "all": [
                    {"field": "metric.visit_days", "over": {"days": 14}, "op": "between", "value": [1, 3]},
                    {"field": "customer.kind", "op": "eq", "value": "person"},
                ]
            },
        },
    ],
    "default": {"key": "plain", "label": {"zh": "其余", "en": "Others"}},
}


def dimension(key: str, classes: Mapping[str, object], *, default: str) -> dict[str, object]:
    """Return a dimension as a pack writes it, from the condition of each class; everything is called by its key."""
    return {
        "key": key,
        "label": {"zh": key, "en": key},
        "classes": [
            {"key": name, "label": {"zh": name, "en": name}, "when": condition} for name, condition in classes.items()
        ],
        "default": {"key": default, "label": {"zh": default, "en": default}},
    }


def pack_of(*dimensions: object, **extra: object) -> Pack:
    return parse_pack({"pack": "test", "version": 1, "dimensions": list(dimensions), **extra})


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def history_of(events: Iterable[Event] = (), **fields: Value) -> History:
    values: dict[Ref, Value] = {Ref(f.key): frozenset() if f.type is FieldType.SET else None for f in CUSTOMER_FIELDS}
    values |= {Ref(f"customer.{key}"): value for key, value in fields.items()}
    return History(values, events, ZONE)
