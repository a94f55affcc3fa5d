"""The company that comes with a pack, placed by its rules: how a pack looks before there are customers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from zhike.classification.queries import ClassSize
from zhike.core.events import Event
from zhike.core.facts import CUSTOMER_FIELDS, FieldType, Ref
from zhike.core.history import History
from zhike.core.schemes import is_undetermined
from zhike.packs import load_pack
from zhike.packs.samples import load_sample

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.core.facts import Value
    from zhike.core.text import Text
    from zhike.packs.samples import SampleCustomer


@dataclass(frozen=True, slots=True)
class SampleSizes:
    """How many customers of the sample stand in each class, by dimension."""

    company: Text
    customers: int
    dimensions: Mapping[str, Mapping[str, ClassSize]]


@lru_cache(maxsize=16)
def sample_sizes(name: str, day: date, zone: ZoneInfo) -> SampleSizes:
    """Place the sample of a shipped pack as of a day."""
    sample, schemes = load_sample(name, day), load_pack(name).schemes
    classes: Counter[tuple[str, str]] = Counter()
    unknown: Counter[tuple[str, str]] = Counter()
    for customer in sample.customers:
        facts = _history(customer, zone).facts(schemes, day)
        for scheme in schemes:
            key = cast("str", facts[Ref(f"class.{scheme.dimension}")])
            classes[scheme.dimension, key] += 1
            unknown[scheme.dimension, key] += is_undetermined(scheme, key, facts)
    sizes = {
        s.dimension: {c.key: ClassSize(classes[s.dimension, c.key], unknown[s.dimension, c.key]) for c in s.classes}
        for s in schemes
    }
    return SampleSizes(sample.company, len(sample.customers), sizes)


def _history(customer: SampleCustomer, zone: ZoneInfo) -> History:
    values: dict[Ref, Value] = {}
    for field in CUSTOMER_FIELDS:
        ref = Ref(field.key)
        values[ref] = frozenset() if field.type is FieldType.SET else getattr(customer, ref.name, None) or None
    values[Ref("customer.tags")] = frozenset(customer.tags)
    values |= {Ref(f"custom.{key}"): cast("Value", value) for key, value in customer.custom.items()}
    return History(values, [Event(e.kind, e.day, e.amount or 0, e.data) for e in customer.events], zone)
