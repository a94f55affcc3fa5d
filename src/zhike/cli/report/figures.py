"""What the report shows, as numbers."""

from __future__ import annotations

from zhike.core.facts import FieldType, Ref
from zhike.engine.facts import Needed

RECENCY = Ref("metric.days_since_order")
FREQUENCY = Ref("metric.orders", 365)
REVENUE = Ref("metric.revenue", 365)

# The report draws these even where the pack does not read them.
FACTS = (
    Needed(RECENCY, FieldType.INTEGER),
    Needed(FREQUENCY, FieldType.INTEGER),
    Needed(REVENUE, FieldType.INTEGER),
)
