"""The one write: an entry, in the transaction of what it tells of.

It takes part in nothing but its own row until the transaction commits; only then does the database
chain it, so it may be written early, late, nested and often without holding anybody up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django.db import connection
from psycopg.types.json import Jsonb

from zhike.audit.kinds import ACTIONS, DOORS
from zhike.base.doors import entrance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model

TEXT_MAX = 500
MOST_ITEMS = 200

_INSERT = (
    "INSERT INTO audit_entry (actor_id, door, action, subject_type, subject_id, data) VALUES (%s, %s, %s, %s, %s, %s)"
)


class Identified(Protocol):
    """Whoever did it."""

    pk: int


def record(
    action: str,
    *,
    by: Identified | None,
    door: str = "",
    subject: Model | tuple[str, object] | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write down that `by` has done `action` to `subject`, a row or the label and id of one.

    `door` is where the work goes on, unless it is said. An action, a door or a piece of data that
    `kinds` does not list raises: the log holds nothing that nobody has thought about.
    """
    known = ACTIONS.get(action)
    if known is None:
        raise LookupError(f"audit.kinds has no action {action}")
    given = {name: value for name, value in (data or {}).items() if value is not None}
    if unknown := sorted(set(given).difference(known.data)):
        raise LookupError(f"audit.kinds does not list {', '.join(unknown)} for {action}")
    for name, value in given.items():
        _check(name, value)
    door = door or entrance()
    if door not in DOORS:
        raise LookupError(f"audit.kinds has no door {door}")
    label, key = _named(subject)
    values = [by.pk if by is not None else None, door, action, label, key, Jsonb(given)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)  # type: ignore[arg-type]  # django-stubs does not know Jsonb


def _named(subject: Model | tuple[str, object] | None) -> tuple[str, str]:
    if subject is None:
        return "", ""
    if isinstance(subject, tuple):
        return subject[0], str(subject[1])
    return subject._meta.label, str(subject.pk)


def _check(name: str, value: object) -> None:
    """Let only numbers, short codes and flat collections of them through."""
    match value:
        case bool() | int() | float():
            return
        case str():
            if len(value) > TEXT_MAX:
                raise ValueError(f"{name} is too long for the audit log")
        case list() | tuple():
            if len(value) > MOST_ITEMS:
                raise ValueError(f"{name} has too many items for the audit log")
            for item in value:
                _check(name, item)
        case dict():
            _check(name, [*value.keys(), *value.values()])
        case None:
            return
        case _:
            raise TypeError(f"{name} is a {type(value).__name__}: the audit log takes numbers and short codes")
