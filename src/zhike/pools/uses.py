"""What pools and their rules read: fields of the company's own, and metrics that have to be kept."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.urls import reverse

from zhike.core.conditions.nodes import refs
from zhike.core.conditions.parse import each_test, parse
from zhike.core.errors import ConditionError
from zhike.core.text import Text
from zhike.customers.fields import Use
from zhike.pools.conditions import known_fields
from zhike.pools.models import Pool, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.core.facts import Ref


def pools_that_read(name: str) -> list[Use]:
    """Return a use for every pool and every rule whose conditions name the field."""
    found = [
        Use(Text(f"公海「{pool.name}」", f"the pool {pool.name}"), reverse("web:pool_settings", args=[pool.pk]))
        for pool in Pool.objects.all()
        if name in _named(pool.condition) or name in pool.shown
    ]
    return found + [
        Use(Text(f"回收规则「{rule.name}」", f"the reclaim rule {rule.name}"), reverse("web:pool_rule", args=[rule.pk]))
        for rule in Rule.objects.all()
        if name in _named(rule.condition) | _named(rule.exception)
    ]


def _named(condition: object) -> set[object]:
    return {test.get("field") for _path, test in each_test(condition)}


def metrics_of_pools() -> set[str]:
    """Return the metrics that pools and rules read, as they are kept."""
    conditions = [data for rule in Rule.objects.all() for data in (rule.condition, rule.exception)]
    conditions += Pool.objects.values_list("condition", flat=True)
    read = {str(ref) for data in conditions for ref in _refs(data) if ref.source == "metric"}
    return read | {f"metric.{clock}" for clock in Rule.objects.values_list("clock", flat=True)}


def _refs(condition: object) -> Iterator[Ref]:
    """Yield what the tests read, whatever else is wrong with the condition."""
    fields = known_fields()
    for path, test in each_test(condition):
        with suppress(ConditionError):
            yield from refs(parse(test, fields, path))
