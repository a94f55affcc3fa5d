"""One entry of the audit log as it is read: on the page and in the file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse
from django.utils.translation import gettext

from zhike.audit.kinds import ACTIONS, CODES, COLUMNS, DATA, DOORS, SUBJECTS
from zhike.customers.display import column_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from zhike.audit.models import Entry
    from zhike.core.text import Language
    from zhike.web.audit.names import Names

_HASH_SHOWN = 8
LISTS_OF_COLUMNS = {"fields", "columns"}


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


def told(entry: Entry, names: Names, language: Language) -> Line:
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
        subject=f"{named} {names.of(entry.subject_type, entry.subject_id) or entry.subject_id}".strip(),
        link=reverse("web:customer", args=[entry.subject_id]) if entry.subject_type == "customers.Customer" else "",
        data=_listed(_in_order(entry.data, action.data if action else ()), names, language, " · "),
        hash=entry.hash,
    )


def _in_order(data: Mapping[str, object], known: Sequence[str]) -> dict[str, object]:
    """Return the data in the order in which its action names it: the database keeps none."""
    return {name: data[name] for name in [*known, *sorted(data.keys() - set(known))] if name in data}


def _listed(data: Mapping[str, object], names: Names, language: Language, between: str) -> str:
    return between.join(
        f"{_named(name, language)} {_said(name, value, names, language)}" for name, value in data.items()
    )


def _named(name: str, language: Language) -> str:
    word = DATA.get(name) or COLUMNS.get(name)
    if word:
        return word.get(language)
    try:
        return column_label(name)
    except FieldDoesNotExist:
        return name


def _said(name: str, value: object, names: Names, language: Language) -> str:
    match value:
        case None | "":
            return "—"
        case str() if code := CODES.get((name, value)):
            return code.get(language)
        case str() if name in LISTS_OF_COLUMNS:
            return _named(value, language)
        case str():
            return names.held(name, value) or value
        case list():
            return ", ".join(_said(name, item, names, language) for item in value) or "—"
        case dict():
            return _listed(value, names, language, ", ") or "—"
        case _:
            return names.held(name, value) or json.dumps(value, ensure_ascii=False)
