"""Reads of plans and their templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.policy import visible
from zhike.core.plans import read_steps
from zhike.followups.models import Plan, PlanTemplate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.core.plans import Step
    from zhike.customers.models import Customer


def of(user: User, customer: Customer) -> QuerySet[Plan]:
    """Return the plans of a customer whom `user` sees, the active ones first, then the latest."""
    rows = visible(user, Plan).filter(customer=customer).select_related("template", "started_by")
    return rows.order_by("state", "-started_at", "-pk")  # active is the first of the states


def templates() -> QuerySet[PlanTemplate]:
    """Return the templates that a plan can begin from."""
    return PlanTemplate.objects.filter(is_active=True)


def steps_of(plan: Plan | PlanTemplate) -> Sequence[Step]:
    """Return the steps of a plan or of a template."""
    return read_steps(plan.steps)
