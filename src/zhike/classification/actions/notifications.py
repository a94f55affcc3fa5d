"""Writes: what a person has read, and what they want to hear of."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from zhike.accounts.models import Role, User
from zhike.base.clock import now
from zhike.classification.actions.overrides import known_class
from zhike.classification.models import Notification, NotificationChoice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.jobs.models import Job

# Whoever waits less long has not gone elsewhere meanwhile.
LONG = timedelta(seconds=10)


def mark_read(*, user: User, ids: Iterable[int] | None = None) -> int:
    """Mark these of the person's notifications as read, or all; return how many were not."""
    unread = Notification.objects.filter(user=user, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    return unread.update(read_at=now())


def choose_notification(*, user: User, dimension: str, class_key: str, wanted: bool) -> NotificationChoice:
    """Hear, or no longer hear, of customers who enter a class."""
    known_class(dimension, class_key)
    choice, _ = NotificationChoice.objects.update_or_create(
        user=user, dimension=dimension, class_key=class_key, defaults={"wanted": wanted}
    )
    return choice


def tell_of_job(job: Job) -> None:
    """Tell a person that what they asked for has come to its end, if they had to wait for it."""
    if job.finished_at is not None and job.finished_at - job.created_at >= LONG:
        Notification.objects.create(user=job.owner, kind=Notification.Kind.JOB, job=job, created_at=job.finished_at)


def tell_of_reveals(user: User, count: int, limit: int) -> None:
    """Tell the administrators, and those who lead the person, how many masked values they were told today."""
    leaders = User.objects.filter(is_active=True).filter(
        Q(role=Role.ADMIN) | Q(role=Role.MANAGER, team=user.team_id, team__isnull=False)
    )
    Notification.objects.bulk_create(
        Notification(user=one, kind=Notification.Kind.REVEALS, text=f"{user.name} {count}/{limit}", created_at=now())
        for one in leaders.exclude(pk=user.pk).order_by("pk")
    )
