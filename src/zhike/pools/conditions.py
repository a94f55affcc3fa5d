"""The conditions of pools and rules: read, with the metrics that they need, and as a filter of customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.base.errors import Conflict
from zhike.classification.candidates import draft_fields
from zhike.classification.condition_q import condition_q
from zhike.classification.consents import with_consents
from zhike.classification.models import KeptMetric
from zhike.classification.preview import not_filled_in
from zhike.core.conditions.nodes import Not, refs
from zhike.core.conditions.parse import parse
from zhike.customers.readable import readable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.accounts.models import User
    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import FieldSet, Ref


def known_fields(by: User | None = None) -> FieldSet:
    """Return what a condition may name; of `by` only what this person may read."""
    fields = with_consents(draft_fields())
    return fields if by is None else readable(by, fields)


def read(data: object, fields: FieldSet, path: str = "condition") -> Node | None:
    """Read a condition as it is stored; none is none. Raises `ConditionError`."""
    return None if data is None else parse(data, fields, path)


def matching(node: Node | None) -> Q:
    """Return the condition as it reads today, to filter customers by; none keeps everybody."""
    zone = company_zone()
    return Q() if node is None else condition_q(node, today(zone), zone)


def unlike(node: Node) -> Q:
    """Keep the customers who do not fulfil it."""
    zone = company_zone()
    return condition_q(Not(node), today(zone), zone)


def metrics_of(*nodes: Node | None) -> frozenset[Ref]:
    return frozenset(ref for node in nodes if node is not None for ref in refs(node) if ref.source == "metric")


def keep_metrics(metrics: Iterable[Ref]) -> bool:
    """Have these metrics kept of everybody; say whether any is new, so that everybody has to be gone through."""
    new = [row for row in not_filled_in(metrics) if row._state.adding]
    KeptMetric.objects.bulk_create(new, ignore_conflicts=True)
    return bool(new)


def check_filled(metrics: Iterable[Ref]) -> None:
    """Refuse to ask for metrics that are not worked out of everybody yet: they would mean too few, or too many."""
    if not_filled_in(metrics):
        raise Conflict(
            "条件里有的指标还在给所有客户计算，过几分钟再试",
            "a metric in these conditions is still being worked out for everybody: try again in a few minutes",
        )
