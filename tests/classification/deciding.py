"""One ranked dimension, and another that reads it, for tests of what people decide."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime

from zhike.classification.models import Placement

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)

VALUE = {
    "key": "value",
    "label": {"zh": "价值", "en": "Value"},
    "classes": [
        {
            "key": "high",
            "label": {"zh": "高", "en": "High"},
            "rank": 3,
            "when": {"field": "metric.revenue", "over": {"days": 30}, "op": "gte", "value": 1000},
        },
        {
            "key": "low",
            "label": {"zh": "低", "en": "Low"},
            "rank": 1,
            "when": {"field": "metric.days_since_order", "op": "gte", "value": 60},
        },
    ],
    "default": {"key": "regular", "label": {"zh": "普通", "en": "Regular"}, "rank": 2},
}
CARE = {
    "key": "care",
    "label": {"zh": "关照", "en": "Care"},
    "classes": [
        {
            "key": "close",
            "label": {"zh": "多", "en": "Close"},
            "when": {"field": "class.value", "op": "eq", "value": "high"},
        }
    ],
    "default": {"key": "usual", "label": {"zh": "一般", "en": "Usual"}},
}


def pack(**value: object) -> dict[str, object]:
    """Return the rules; what is given changes the dimension `value`, or one of its classes."""
    data = copy.deepcopy(VALUE)
    for class_ in [*data["classes"], data["default"]]:
        class_.update(value.pop(class_["key"], {}))
    return {"pack": "deciding", "version": 1, "dimensions": [data | value, copy.deepcopy(CARE)]}


def classes(customer: object) -> dict[str, str]:
    return dict(Placement.objects.filter(customer=customer).values_list("dimension", "class_key"))


def placement(customer: object, dimension: str = "value") -> Placement:
    return Placement.objects.get(customer=customer, dimension=dimension)
