"""Two small dimensions for the tests of live rules, of which one reads the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zhike.customers.models import Customer

PACK = {
    "pack": "test",
    "version": 1,
    "dimensions": [
        {
            "key": "value",
            "label": {"zh": "价值", "en": "Value"},
            "classes": [
                {
                    "key": "high",
                    "label": {"zh": "高", "en": "High"},
                    "when": {"field": "metric.revenue", "over": {"days": 30}, "op": "gte", "value": 1000},
                    "service": {"cadence_days": 14},
                }
            ],
            "default": {"key": "regular", "label": {"zh": "普通", "en": "Regular"}},
        },
        {
            "key": "care",
            "label": {"zh": "关照", "en": "Care"},
            "classes": [
                {
                    "key": "close",
                    "label": {"zh": "多", "en": "Close"},
                    "service": {"cadence_days": 7},
                    "when": {
                        "all": [
                            {"field": "class.value", "op": "eq", "value": "high"},
                            {"field": "customer.region", "op": "eq", "value": "华东"},
                        ]
                    },
                }
            ],
            "default": {"key": "usual", "label": {"zh": "一般", "en": "Usual"}},
        },
    ],
}


def classes(customer: Customer) -> dict[str, str]:
    """Return dimension → class as they are stored."""
    from zhike.classification.models import Placement

    return dict(Placement.objects.filter(customer=customer).values_list("dimension", "class_key"))
