"""Writes: what leaders note and decide about a quarter, until they close it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, paragraph
from zhike.classification.models import QuarterCount, QuarterReview
from zhike.core.dates import local_day

if TYPE_CHECKING:
    from datetime import date

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
def close_quarter_review(*, quarter: Quarter, version: int, findings: int, by: User) -> QuarterReview:
    """Close a quarter that is over: from now on its figures and texts stay as they are.

    `findings` is the version of the figures that the person saw. They must be of today, and still the last.
    """
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
    review.snapshot = _seen(quarter, findings, today).findings
    review.by, review.updated_at, review.closed_at = by, now(), now()
    review.version += 1
    review.save(update_fields=["snapshot", "by", "updated_at", "closed_at", "version"])
    # Nobody waits for a count that still runs.
    rows = QuarterCount.objects.filter(quarter=str(quarter), state__in=QuarterCount.OPEN)
    rows.update(state=QuarterCount.State.CANCELLED)
    return review


def _seen(quarter: Quarter, version: int, today: date) -> QuarterCount:
    """Return the count whose findings somebody saw, under a lock. Raises `Conflict`."""
    count = QuarterCount.objects.select_for_update().filter(quarter=str(quarter), version__gt=0).first()
    if count is None:
        raise Conflict(
            f"{quarter} 还没有统计完，统计完看过数字再定稿",
            f"{quarter} has not been counted yet: close it once you have seen its figures",
        )
    if count.as_of != today:
        raise Conflict(
            f"这些数是 {count.as_of} 统计的，等今天的统计完再定稿",
            f"these figures were counted on {count.as_of}: close it once those of today are there",
        )
    if count.version != version:
        raise Conflict(
            "在你打开之后重新统计过，数字变了。看过新的再定稿",
            "it was counted again since you opened this, and the figures changed. Look at the new ones, then close it",
        )
    return count


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
