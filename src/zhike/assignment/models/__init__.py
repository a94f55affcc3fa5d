"""Who becomes owner: what people can take on, when they are away, rules, who waits for one, promises."""

from __future__ import annotations

from zhike.assignment.models.absences import Absence
from zhike.assignment.models.capacities import Capacity
from zhike.assignment.models.promises import Promise, PromiseTerms
from zhike.assignment.models.rules import Rule, Waiting

__all__ = ["Absence", "Capacity", "Promise", "PromiseTerms", "Rule", "Waiting"]
