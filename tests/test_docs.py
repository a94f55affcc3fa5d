"""What the program knows, the pages in docs/ say: a missing or outdated row fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zhike.core import advice
from zhike.core.conditions.operators import OPERATORS
from zhike.core.facts import CUSTOMER_FIELDS, FieldType
from zhike.core.metrics import METRICS
from zhike.core.scorecard import FIGURES, FLIP_DAYS, MIN_CUSTOMERS
from zhike.timeline.kinds import GROUPS, KINDS

DOCS = Path(__file__).parent.parent / "docs"


def rows(page: str) -> dict[str, str]:
    """Return the table rows of a page by the key in their first cell."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return {match[1]: match[0] for match in re.finditer(r"^\| `([^`]+)` \|.*$", text, re.MULTILINE)}


def table(page: str, heading: str) -> dict[str, str]:
    """Return the table rows of one section of a page by the key in their first cell."""
    text = (DOCS / page).read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return {match[1]: match[0] for match in re.finditer(r"^\| `([^`]+)` \|.*$", section, re.MULTILINE)}


CONDITIONS = rows("conditions.md")
METRIC_ROWS = rows("metrics.md")
EVENTS = rows("events.md")
SCORECARD = rows("scorecard.md")


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=lambda operator: operator.key)
def test_every_operator_is_documented_with_its_types_and_meaning(operator):
    row = CONDITIONS[operator.key]
    assert operator.label.zh in row
    named = "全部" if operator.types == set(FieldType) else "、".join(t for t in FieldType if t in operator.types)
    assert f"| {named} |" in row
    assert not operator.negates or f"not {operator.negates} |" in row


@pytest.mark.parametrize("field", CUSTOMER_FIELDS, ids=lambda field: field.key)
def test_every_customer_field_is_documented(field):
    row = CONDITIONS[field.key]
    assert f"| {field.label.zh} | {field.type} |" in row
    assert all(f"`{choice}` {label.zh}" in row for choice, label in (field.choices or {}).items())


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.key)
def test_every_metric_is_documented_with_its_events(metric):
    row = METRIC_ROWS[metric.key]
    assert metric.label.zh in row
    assert all(f"`{kind}`" in row for kind in (*metric.kinds, *metric.minus))
    assert row.endswith("| 可 |" if metric.windowed else "| 否 |")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key)
def test_every_kind_of_event_is_documented_with_its_data(kind):
    way = {"inbound": "客户 → 我们", "outbound": "我们 → 客户", "internal": "内部"}[kind.direction]
    data = " ".join(f"`{key}`{'*' if key in kind.personal else ''}" for key in kind.data) or "—"
    assert EVENTS[kind.key] == f"| `{kind.key}` | {kind.label.zh} | {GROUPS[kind.group].zh} | {way} | {data} |"


def test_the_pages_document_nothing_that_is_not_there():
    forms = {"all", "any", "not", "field", "everyone", "custom.*", "metric.*", "class.*", "consent.*"}
    assert set(CONDITIONS) - forms == set(OPERATORS) | {field.key for field in CUSTOMER_FIELDS}
    assert set(METRIC_ROWS) == set(METRICS)
    assert set(EVENTS) == set(KINDS)


def test_every_kind_of_review_is_documented():
    from zhike.classification.models import Review

    found = table("decisions.md", "待复核")
    assert list(found) == Review.Kind.values
    assert all(f"| {kind.label} |" in found[kind.value] for kind in Review.Kind)


def test_every_kind_of_notification_is_documented():
    from zhike.classification.models import Notification

    found = table("decisions.md", "通知")
    assert list(found) == Notification.Kind.values
    assert all(f"| {kind.label} |" in found[kind.value] for kind in Notification.Kind)


@pytest.mark.parametrize("key", FIGURES)
def test_every_figure_of_the_scorecard_is_documented_with_its_formula(key):
    assert SCORECARD[key] == f"| `{key}` | {FIGURES[key].label.zh} | {FIGURES[key].formula.zh} |"


def test_every_kind_of_advice_is_documented_with_its_bounds():
    assert set(SCORECARD) == set(FIGURES) | set(advice.Kind)
    bounds = {
        "overridden": (advice.OVERRIDE_MIN, f"{advice.OVERRIDE_RATE:.0%}"),
        "flicker": (advice.FLIP_MIN, f"{advice.FLIP_RATE:.0%}", advice.MOST_HOLD_DAYS),
        "useless": (advice.SAME_MIN,),
        "same": (advice.SAME_MIN,),
        "idle": (advice.IDLE_MIN,),
        "found_wrong": (advice.FEEDBACK_MIN,),
        "undecided": (f"{advice.UNDETERMINED_RATE:.0%}",),
        "many": (advice.MOST_DIMENSIONS,),
    }
    for key, numbers in bounds.items():
        assert [n for n in numbers if f" {n}" not in SCORECARD[key]] == [], key
    assert f"不少于 {MIN_CUSTOMERS} 位的类别" in (DOCS / "scorecard.md").read_text(encoding="utf-8")
    assert f"{FLIP_DAYS} 天内" in SCORECARD["flip_rate"]
