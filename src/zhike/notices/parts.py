"""What a digest is made of: groups of lines, each app's own given by functions of the list `ZHIKE_DIGEST`.

Such a function takes a `Reader` and yields parts. Several may speak of one group: their lines stand together, in the
order of the list. It reads only what this person sees, in few questions, and gives no more lines than `MOST_LINES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from django.utils.functional import Promise

    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook

# Beyond this nobody reads a letter; the page has the rest.
MOST_LINES = 10


class Group(StrEnum):
    """The groups, in the order in which they stand."""

    OVERDUE = "overdue"
    TODAY = "today"
    ESCALATIONS = "escalations"
    REVIEWS = "reviews"
    PROMISES = "promises"
    NEWS = "news"


LABELS: Mapping[Group, Promise | str] = {
    Group.OVERDUE: _("逾期"),
    Group.TODAY: _("今天"),
    Group.ESCALATIONS: _("升级到你这里"),
    Group.REVIEWS: _("类别变化，等你复核"),
    Group.PROMISES: _("首次联系的时限"),
    Group.NEWS: _("其他通知"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom and which day a digest is made; `since` is when the one before it was."""

    user: User
    day: date
    since: datetime
    rules: Rulebook


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to know or to do: what it is about, what there is to say of it, and the path of its page."""

    title: str
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of one group, and how many there are in all; `path` leads to all of them."""

    group: Group
    lines: Sequence[Line]
    total: int
    path: str = ""
