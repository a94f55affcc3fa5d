"""Notifications as lines that people read, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils import timezone

from zhike.classification.models import Notification
from zhike.notices.words import names_for, text, title
from zhike.web.chips import class_chip, pending_chip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.rules import Rulebook
    from zhike.core.text import Language

KIND_ICONS: Mapping[str, str] = {
    Notification.Kind.CHANGED: "arrows-exchange",
    Notification.Kind.WARNING: "clock-exclamation",
    Notification.Kind.FEEDBACK: "thumb-down",
    Notification.Kind.ANSWERED: "message-circle",
    Notification.Kind.RULES: "git-branch",
    Notification.Kind.JOB: "history",
    Notification.Kind.REVEALS: "eye",
    Notification.Kind.MENTIONED: "at",
    Notification.Kind.PROMISE: "clock-exclamation",
    Notification.Kind.RECLAIM: "clock-exclamation",
    Notification.Kind.RECLAIMED: "ripple",
    Notification.Kind.TASK: "clipboard-check",
    Notification.Kind.ESCALATION: "clock-exclamation",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One notification. `title` is the customer, where it is about one that the person still sees."""

    pk: int
    icon: str
    title: str
    dimension: str
    before: Chip | None
    after: Chip | None
    text: str
    at: datetime
    is_unread: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day."""

    day: date
    lines: Sequence[Line]


def notification_days(
    user: User, notifications: Sequence[Notification], rules: Rulebook, language: Language
) -> list[Day]:
    """Return the notifications by day; a customer who is no longer theirs is not named."""
    names = names_for(user, notifications)
    lines = [_line(one, names, rules, language) for one in notifications]
    return [Day(day, list(found)) for day, found in groupby(lines, lambda line: timezone.localtime(line.at).date())]


def _line(one: Notification, names: Mapping[int, str], rules: Rulebook, language: Language) -> Line:
    scheme = next((scheme for scheme in rules.schemes if scheme.dimension == one.dimension), None)
    draw = pending_chip if one.kind == Notification.Kind.WARNING else class_chip
    return Line(
        pk=one.pk,
        icon=KIND_ICONS[one.kind],
        title=title(one, names),
        dimension=scheme.label.get(language) if scheme else "",
        before=class_chip(scheme, one.from_key, language) if scheme and one.from_key else None,
        after=draw(scheme, one.to_key, language) if scheme and one.to_key else None,
        text=text(one),
        at=one.created_at,
        is_unread=one.read_at is None,
    )
