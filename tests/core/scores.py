"""Scorecards made of numbers alone."""

from __future__ import annotations

from datetime import date

from zhike.core.quarters import Period
from zhike.core.scorecard import ClassScore, Outcome, Scorecard
from zhike.core.text import Text

PERIOD = Period(date(2026, 8, 23), date(2026, 11, 20))
LABELS = {
    "hot": Text("意向", "Hot"),
    "warm": Text("潜在", "Warm"),
    "watching": Text("观望", "Watching"),
    "lost": Text("流失", "Lost"),
}
RANKS = {"hot": 4, "warm": 3, "watching": 2, "lost": 1}


def score(key, customers=0, buyers=0, revenue=0, *, spread=0.0, **given):
    """Return a class of which so many stood in it at the start; all of them were called once."""
    outcome = Outcome(
        customers=customers, buyers=buyers, orders=buyers, contacted=customers, revenue=revenue, spread=spread
    )
    usual = {"rank": RANKS[key], "size": customers, "start": customers, "members": customers, "outcome": outcome}
    return ClassScore(key, LABELS[key], **(usual | given))


def card(*classes, **given):
    everyone = Outcome(
        customers=sum(c.outcome.customers for c in classes), buyers=sum(c.outcome.buyers for c in classes)
    )
    return Scorecard("intent", Text("购买意向", "Intent"), PERIOD, "CNY", classes, everyone, **given)
