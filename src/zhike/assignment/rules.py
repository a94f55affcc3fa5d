"""Reads of the rules: in their order, with their conditions as far as these can be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from zhike.assignment.models import Rule
from zhike.classification.candidates import draft_fields
from zhike.classification.consents import with_consents
from zhike.classification.saved_views import WHERE, document
from zhike.core.conditions.nodes import refs
from zhike.core.conditions.parse import VERSION, each_test, parse
from zhike.core.errors import ConditionError
from zhike.core.text import Text
from zhike.customers.fields import Use

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import FieldSet, Ref


@dataclass(frozen=True, slots=True)
class ReadRule:
    """A rule and its condition: None for everybody. One with a `problem` gives nothing to anybody."""

    rule: Rule
    node: Node | None
    problem: ConditionError | None = None

    @property
    def refs(self) -> frozenset[Ref]:
        return refs(self.node) if self.node is not None else frozenset()

    @property
    def dimensions(self) -> frozenset[str]:
        """The dimensions whose classes the condition reads."""
        return frozenset(ref.name for ref in self.refs if ref.source == "class")


def condition_of(rule: Rule) -> Mapping[str, object] | None:
    """Return the condition of a rule as data; None for everybody."""
    where = rule.where.get(WHERE) if rule.where.get("version") == VERSION else None
    return where if isinstance(where, Mapping) else None


def stored_condition(data: object) -> dict[str, object]:
    """Return a condition in the form in which a rule keeps it."""
    return {} if data is None else document(data)


def fields_of_rules() -> FieldSet:
    """Return what the conditions of rules may name."""
    return with_consents(draft_fields())


def read_rules(rows: Iterable[Rule] | QuerySet[Rule], fields: FieldSet | None = None) -> list[ReadRule]:
    """Read rules, in their order."""
    found = sorted(rows, key=lambda rule: (rule.is_last, rule.position, rule.pk or 0))
    known = fields or (fields_of_rules() if found else None)
    return [_read(rule, known) for rule in found] if known is not None else []


def _read(rule: Rule, fields: FieldSet) -> ReadRule:
    data = condition_of(rule)
    if data is None:
        return ReadRule(rule, None)
    try:
        return ReadRule(rule, parse(data, fields, WHERE))
    except ConditionError as error:
        return ReadRule(rule, None, error)


def live_rules(occasion: str) -> QuerySet[Rule]:
    """Return the rules that are asked on an occasion, however their conditions read."""
    return Rule.objects.filter(is_paused=False, occasions__contains=[occasion])


def metrics_read() -> set[str]:
    """Return the metrics that rules read, as they are kept."""
    found: set[str] = set()
    for one in read_rules(Rule.objects.all()):
        found |= {str(ref) for ref in one.refs if ref.source == "metric"}
    return found


def rules_that_read(name: str) -> list[Use]:
    """Return a use for every rule whose condition names the field."""
    return [
        Use(
            Text(f"分配规则「{rule.name}」", f"the assignment rule “{rule.name}”"),
            reverse("web:assignment_rule", args=[rule.pk]),
        )
        for rule in Rule.objects.all()
        if any(isinstance(test, dict) and test.get("field") == name for _, test in each_test(condition_of(rule), WHERE))
    ]
