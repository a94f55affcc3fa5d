"""One entry of the audit log as it is read: on the page and in the file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from zhike.accounts.actions import ROLE_LABELS
from zhike.audit.kinds import ACTIONS, CODES, DATA, DOORS, SUBJECTS

if TYPE_CHECKING:
    from datetime import datetime

    from zhike.audit.models import Entry
    from zhike.core.text import Language

_HASH_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Line:
    """What a person reads of an entry."""

    number: int | None
    at: datetime
    who: str
    action: str
    door: str
    subject: str
    link: str
    data: str
    hash: str

    @property
    def short_hash(self) -> str:
        return self.hash[:_HASH_SHOWN]


def told(entry: Entry, language: Language) -> Line:
    """Return the entry in words. What a later version has taken out of the tables keeps its code."""
    action, door = ACTIONS.get(entry.action), DOORS.get(entry.door)
    subject = SUBJECTS.get(entry.subject_type)
    named = subject.get(language) if subject else entry.subject_type
    return Line(
        number=entry.number,
        at=entry.at,
        who=entry.actor.name if entry.actor else gettext("系统"),
        action=action.label.get(language) if action else entry.action,
        door=door.get(language) if door else entry.door,
        subject=f"{named} {entry.subject_id}".strip(),
        link=reverse("web:customer", args=[entry.subject_id]) if entry.subject_type == "customers.Customer" else "",
        data=" · ".join(
            f"{_named(name, language)} {_said(name, value, language)}" for name, value in entry.data.items()
        ),
        hash=entry.hash,
    )


def _named(name: str, language: Language) -> str:
    return DATA[name].get(language) if name in DATA else name


def _said(name: str, value: object, language: Language) -> str:
    match value:
        case str() if name == "role" and value in ROLE_LABELS:
            return ROLE_LABELS[value].get(language)
        case str() if code := CODES.get((name, value)):
            return code.get(language)
        case str():
            return value or "—"
        case list():
            return ", ".join(_said(name, item, language) for item in value) or "—"
        case _:
            return json.dumps(value, ensure_ascii=False)
