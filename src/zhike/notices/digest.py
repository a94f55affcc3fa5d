"""A person's digest: what is put together for a day, and the letter that is made of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext, ngettext

from zhike.accounts.queries import company
from zhike.base.clock import now
from zhike.base.mail import site
from zhike.base.templatetags.zhike import day as near_day
from zhike.base.zones import show_in
from zhike.classification.rules import rulebook
from zhike.notices.models import Digest
from zhike.notices.parts import LABELS, MOST_LINES, Group, Reader
from zhike.notices.queries import rhythm_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from django.utils.functional import Promise

    from zhike.accounts.models import User
    from zhike.notices.parts import Line, Part

# What was told longer ago than this is no news, whenever the last digest was.
OLDEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Section:
    """A group as it stands in the letter."""

    group: Group
    label: Promise | str
    lines: Sequence[Line]
    total: int
    path: str

    @property
    def more(self) -> int:
        return self.total - len(self.lines)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, as text and as HTML, and how many things it tells."""

    subject: str
    text: str
    html: str
    lines: int


@contextmanager
def speaking_to(user: User) -> Iterator[None]:
    """Speak this person's language, with the company's days and their own clock."""
    with translation.override(user.language), timezone.override(company().zone), show_in(user.zone):
        yield


def sections(user: User, day: date) -> list[Section]:
    """Return what there is to tell this person on a day, group by group; those that say nothing are left out."""
    reader = Reader(user, day, _since(user, day), rulebook())
    left_out = set(rhythm_of(user).left_out)
    parts: dict[Group, list[Part]] = {group: [] for group in Group if group not in left_out}
    for name in settings.ZHIKE_DIGEST:
        for part in import_string(name)(reader):
            if part.group in parts and part.total:
                parts[part.group].append(part)
    return [_section(group, found) for group, found in parts.items() if found]


def _section(group: Group, parts: Sequence[Part]) -> Section:
    lines = [line for part in parts for line in part.lines]
    path = next((part.path for part in parts if part.path), "")
    return Section(group, LABELS[group], lines[:MOST_LINES], sum(part.total for part in parts), path)


def _since(user: User, day: date) -> datetime:
    before = Digest.objects.filter(user=user, day__lt=day).order_by("-day").first()
    return max(before.created_at, now() - OLDEST) if before else now() - OLDEST


def letter(user: User, day: date) -> Letter | None:
    """Return the digest of a day as a letter to this person; None where there is nothing to tell."""
    with speaking_to(user):
        found = sections(user, day)
        if not found:
            return None
        size = sum(section.total for section in found)
        subject = ngettext("%(day)s：%(n)s 件事", "%(day)s：%(n)s 件事", size) % {
            "n": f"{size:,}",
            "day": near_day(day),
        }
        context = {
            "user": user,
            "company": company().name or gettext("知客"),
            "subject": subject,
            "sections": found,
            "site": site(),
            "home": reverse("web:home"),
            "settings": reverse("web:notification_settings"),
        }
        return Letter(
            subject,
            render_to_string("notices/letters/digest.txt", context).strip() + "\n",
            render_to_string("notices/letters/digest.html", context),
            size,
        )
