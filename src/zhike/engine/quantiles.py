"""Quantiles over the customers of a frame: what the best fifth reaches, today."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import narwhals as nw

from zhike.core.conditions.quantiles import quantile
from zhike.core.facts import FieldType
from zhike.core.metrics import METRICS
from zhike.engine import facts as engine_facts
from zhike.engine.facts import Needed
from zhike.engine.histories import core_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from zhike.core.conditions.quantiles import Number, Wanted
    from zhike.core.facts import Ref
    from zhike.engine.facts import Ago
    from zhike.engine.polars import Frame


def numbers(
    wanted: Iterable[Wanted], people: Frame, ago: Ago, custom: Mapping[str, FieldType]
) -> dict[Wanted, Number | None]:
    """Return the number of each quantile; who has no value, or 0, takes no part."""
    items = list(wanted)
    facts = [Needed(ref, type_of(ref, custom)) for ref in dict.fromkeys(item.ref for item in items)]
    frame = engine_facts.build(people, ago, facts, ago.as_of)
    found: dict[Wanted, Number | None] = {}
    for item in items:
        type_ = type_of(item.ref, custom)
        name = str(item.ref)
        values = frame.filter((nw.col(name) != 0).fill_null(value=False))[name].to_list()
        found[item] = _quantile(values, type_, item.share)
    return found


def type_of(ref: Ref, custom: Mapping[str, FieldType]) -> FieldType:
    """Return the type of a fact; one that nobody knows is left to the parser, which says so."""
    if ref.source == "metric":
        return METRICS[ref.name].type if ref.name in METRICS else FieldType.INTEGER
    return custom.get(ref.name, FieldType.INTEGER)


def _quantile(values: list[int], type_: FieldType, share: Decimal) -> Number | None:
    number = quantile(values, share)
    return cast("Number | None", core_value(number, type_))
