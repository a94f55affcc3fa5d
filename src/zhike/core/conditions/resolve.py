"""From the words of a condition to the kernel, at one moment.

Relative dates become half-open bounds, dates for `date` fields and UTC instants for `datetime`
fields; negative operators become `Not`; text is folded. Done once, before any evaluator.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from zhike.core.conditions.nodes import All, Any, Not, Test
from zhike.core.conditions.operators import Moment, kernel

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.core.conditions.nodes import Node


def resolve(node: Node, as_of: date, zone: ZoneInfo) -> Node:
    """Return the condition with kernel tests only, as it reads on `as_of` in `zone`."""
    return _resolve(node, Moment(as_of, zone))


# A live placement asks for the same few hundred trees again and again within a day.
@lru_cache(maxsize=4096)
def _resolve(node: Node, at: Moment) -> Node:
    match node:
        case Test():
            return kernel(node, at)
        case Not():
            return Not(_resolve(node.node, at))
        case All():
            return All(tuple(_resolve(child, at) for child in node.nodes))
        case Any():
            return Any(tuple(_resolve(child, at) for child in node.nodes))
