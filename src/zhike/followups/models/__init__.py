"""What is done next with customers: templates of plans, plans, tasks, and whom the ladder has told."""

from __future__ import annotations

from zhike.followups.models.advice import Advice, ProductPairs
from zhike.followups.models.feeds import CalendarFeed
from zhike.followups.models.ladder import Escalation, LadderTerms
from zhike.followups.models.plans import Plan, PlanTemplate
from zhike.followups.models.tallies import Tally
from zhike.followups.models.tasks import Follower, Task

__all__ = [
    "Advice",
    "CalendarFeed",
    "Escalation",
    "Follower",
    "LadderTerms",
    "Plan",
    "PlanTemplate",
    "ProductPairs",
    "Tally",
    "Task",
]
