"""What of the audit log is looked at, as it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext

from zhike.accounts.models import User
from zhike.accounts.policy import visible
from zhike.audit.kinds import ACTIONS, DOORS, SUBJECTS
from zhike.audit.models import Entry
from zhike.base.errors import current_language
from zhike.base.inputs import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet
    from django.http import QueryDict

    from zhike.core.text import Text

# No user's number: what nobody did who signs in.
NOBODY = "0"
_LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of the filter with what can be chosen in it."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Who, what, through which door, about what, and when. What makes no sense is left out."""

    actor: str = ""
    action: str = ""
    door: str = ""
    subject: str = ""
    key: str = ""
    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        return self != AuditFilter()

    def apply(self, user: User) -> QuerySet[Entry]:
        entries = visible(user, Entry)
        if self.actor:
            entries = entries.filter(actor=None if self.actor == NOBODY else int(self.actor))
        if self.action:
            entries = entries.filter(action=self.action)
        if self.door:
            entries = entries.filter(door=self.door)
        if self.subject:
            entries = entries.filter(subject_type=self.subject)
        if self.key:
            entries = entries.filter(subject_id=self.key)
        if self.first:
            entries = entries.filter(at__gte=_midnight(self.first))
        if self.last:
            entries = entries.filter(at__lt=_midnight(self.last + timedelta(days=1)))
        return entries

    def choices(self, user: User) -> Sequence[Choice]:
        people = visible(user, User).order_by("name", "pk").values_list("pk", "name")
        named = [(str(pk), name) for pk, name in people]
        return [
            Choice("actor", gettext("谁"), [("", gettext("所有人")), *named, (NOBODY, gettext("系统"))], self.actor),
            Choice("action", gettext("做了什么"), _options(ACTIONS_SAID, gettext("所有操作")), self.action),
            Choice("door", gettext("入口"), _options(_NAMED_DOORS, gettext("所有入口")), self.door),
            Choice("subject", gettext("对象"), _options(SUBJECTS, gettext("所有对象")), self.subject),
        ]


ACTIONS_SAID: Mapping[str, Text] = {key: action.label for key, action in ACTIONS.items()}
_NAMED_DOORS = {key: label for key, label in DOORS.items() if key}


def read_audit_filter(query: QueryDict) -> AuditFilter:
    actor, key = query.get("actor", ""), query.get("key", "").replace("\0", "").strip()
    return AuditFilter(
        actor=actor if actor.isascii() and actor.isdigit() and len(actor) < 19 else "",  # noqa: PLR2004  fits a bigint
        action=_known(query.get("action", ""), ACTIONS),
        door=_known(query.get("door", ""), _NAMED_DOORS),
        subject=_known(query.get("subject", ""), SUBJECTS),
        key=key[:_LONGEST_ID],
        first=_day(query.get("from", "")),
        last=_day(query.get("to", "")),
    )


def _known(text: str, table: Mapping[str, object]) -> str:
    return text if text in table else ""


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


def _options(table: Mapping[str, Text], first: str) -> list[tuple[str, str]]:
    language = current_language()
    return [("", first), *((key, label.get(language)) for key, label in table.items())]
