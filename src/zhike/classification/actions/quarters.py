"""Writes: what leaders note and decide about a quarter, until they close it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, paragraph
from zhike.classification.models import QuarterReview
from zhike.classification.quarters import findings
from zhike.core.dates import local_day

if TYPE_CHECKING:
    from zhike.accounts.models import User
    from zhike.core.quarters import Quarter


@transaction.atomic
def save_quarter_review(*, quarter: Quarter, version: int, notes: str, decisions: str, by: User) -> QuarterReview:
    """Write down notes and decisions; `version` is the one that the person saw, 1 where there was none.

    Raises `Conflict` when somebody wrote meanwhile or closed the quarter; whoever sends what stands
    there already contradicts nobody.
    """
    require(by, "change", QuarterReview)
    if quarter.period.first > local_day(now(), company_zone()):
        raise Invalid(f"{quarter} 还没有开始", f"{quarter} has not begun", path="quarter")
    texts = {
        "notes": paragraph(notes, "notes", QuarterReview.TEXT_MAX),
        "decisions": paragraph(decisions, "decisions", QuarterReview.TEXT_MAX),
    }
    review = _locked(quarter)
    _check_open(review)
    if all(getattr(review, name) == text for name, text in texts.items()):
        return review
    _check_version(review, version)
    for name, text in texts.items():
        setattr(review, name, text)
    review.by, review.updated_at = by, now()
    review.version += 1
    review.save(update_fields=[*texts, "by", "updated_at", "version"])
    return review


@transaction.atomic
def close_quarter_review(*, quarter: Quarter, version: int, by: User) -> QuarterReview:
    """Close a quarter that is over: from now on its figures and texts stay as they are."""
    require(by, "change", QuarterReview)
    today = local_day(now(), company_zone())
    if quarter.period.last >= today:
        raise Invalid(
            f"{quarter} 到 {quarter.period.last} 才结束，结束以后才能定稿",
            f"{quarter} ends on {quarter.period.last}; it can be closed after that",
            path="quarter",
        )
    review = _locked(quarter)
    _check_open(review)
    _check_version(review, version)
    review.snapshot = findings(quarter, today).to_json()
    review.by, review.updated_at, review.closed_at = by, now(), now()
    review.version += 1
    review.save(update_fields=["snapshot", "by", "updated_at", "closed_at", "version"])
    return review


def _locked(quarter: Quarter) -> QuarterReview:
    """Return the quarter's row under a lock; one that nobody has written yet is at version 1."""
    QuarterReview.objects.get_or_create(quarter=str(quarter), defaults={"updated_at": now()})
    return QuarterReview.objects.select_for_update(of=("self",)).select_related("by").get(quarter=str(quarter))


def _check_open(review: QuarterReview) -> None:
    if review.closed_at is not None:
        raise Conflict(
            f"{review.quarter} 的评估已经定稿，不能再改", f"the review of {review.quarter} is closed and stays as it is"
        )


def _check_version(review: QuarterReview, version: int) -> None:
    if review.version != version:
        who = review.by.name if review.by else "Zhike"
        raise Conflict(
            f"{who} 在你打开之后保存过。两份都在下面，合在一起再保存",
            f"{who} has saved since you opened this. Both are below: put them together and save again",
        )
