"""公海: customers whom nobody owns for the time being, who may claim them, and the rules that take them back."""

from __future__ import annotations

from zhike.pools.models.pools import Limit, Pool, Reason
from zhike.pools.models.rules import Notice, Rule
from zhike.pools.models.stays import Stay

__all__ = ["Limit", "Notice", "Pool", "Reason", "Rule", "Stay"]
