"""Notifications as lines that people read, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from zhike.accounts.policy import visible
from zhike.base.errors import current_language
from zhike.base.templatetags.zhike import day as near_day
from zhike.classification.models import Notification
from zhike.customers.models import Customer
from zhike.jobs.kinds import kind_of
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
    wanted = {one.customer_id for one in notifications if one.customer_id}
    names = dict(visible(user, Customer).filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    lines = [_line(one, names, rules, language) for one in notifications]
    return [Day(day, list(found)) for day, found in groupby(lines, lambda line: timezone.localtime(line.at).date())]


def _line(one: Notification, names: Mapping[int, str], rules: Rulebook, language: Language) -> Line:
    scheme = next((scheme for scheme in rules.schemes if scheme.dimension == one.dimension), None)
    draw = pending_chip if one.kind == Notification.Kind.WARNING else class_chip
    return Line(
        pk=one.pk,
        icon=KIND_ICONS[one.kind],
        title=_title(one, names),
        dimension=scheme.label.get(language) if scheme else "",
        before=class_chip(scheme, one.from_key, language) if scheme and one.from_key else None,
        after=draw(scheme, one.to_key, language) if scheme and one.to_key else None,
        text=_text(one),
        at=one.created_at,
        is_unread=one.read_at is None,
    )


def _title(one: Notification, names: Mapping[int, str]) -> str:
    if one.kind == Notification.Kind.RULES:
        return gettext("规则变了")
    if one.kind == Notification.Kind.REVEALS:
        return gettext("查看原文较多")
    if one.job is not None:
        return kind_of(one.job.kind).label(one.job).get(current_language())
    return names.get(one.customer_id or 0) or gettext("一位已不归你看的客户")


def _text(one: Notification) -> str:
    match one.kind:
        case Notification.Kind.JOB if one.job is not None:
            return str(one.job.said.get(current_language(), ""))
        case Notification.Kind.REVEALS:
            return one.text
        case Notification.Kind.WARNING:
            return gettext("%(day)s将要降级") % {"day": near_day(one.day)}
        case Notification.Kind.FEEDBACK:
            return gettext("有人觉得判得不准：%(said)s") % {"said": one.text}
        case Notification.Kind.ANSWERED:
            return gettext("你的反馈有了答复：%(said)s") % {"said": one.text or gettext("规则会改")}
        case Notification.Kind.RULES:
            size = int(one.text) if one.text.isdecimal() else 0
            return ngettext("动了你 %(n)s 位客户", "动了你 %(n)s 位客户", size) % {"n": f"{size:,}"}
        case Notification.Kind.MENTIONED:
            return gettext("提到了你：%(said)s") % {"said": one.text}
    return ""
