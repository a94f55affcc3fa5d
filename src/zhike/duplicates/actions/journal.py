"""What a merge did to each row, written down while it does it, so that it can be taken back row by row.

As it is stored: ``moved`` is model.column → row → the customer whose it was, ``changed`` model → row → column →
[before, after], ``added`` model → rows. A row that somebody has changed since is left as it is, and is a conflict.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models.fields.json import JSONField

from zhike.core.text import Text
from zhike.duplicates.moves import BY_NUMBER, FATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Field, Manager, Model

    type Conflict = dict[str, str]


class Journal:
    """Moves and changes rows, and keeps what they were."""

    def __init__(self) -> None:
        self.moved: dict[str, dict[int, int]] = defaultdict(dict)
        self.changed: dict[str, dict[int, dict[str, list[object]]]] = defaultdict(dict)
        self.added: dict[str, list[int]] = defaultdict(list)

    def move(self, place: str, rows: Iterable[tuple[int, int]], to: int) -> None:
        """Let these rows, given with whose they are, be another customer's. `place` is a row of `moves`."""
        found = dict(rows)
        if found:
            label, _, column = place.rpartition(".")
            _rows(label).filter(pk__in=found).update(**{column: to})
            self.moved[place] |= found

    def change(self, row: Model, **columns: object) -> None:
        """Write these columns of a row, named as the database has them."""
        kept = self.changed[row._meta.label].setdefault(row.pk, {})
        for name, value in columns.items():
            field = _field(row._meta.label, name)
            before = kept[name][0] if name in kept else as_stored(field, getattr(row, name))
            kept[name] = [before, as_stored(field, value)]
            setattr(row, name, value)
        _rows(row._meta.label).filter(pk=row.pk).update(**columns)

    def add(self, row: Model) -> None:
        """Remember a row that was made by the merge itself."""
        self.added[row._meta.label].append(row.pk)

    def counts(self) -> dict[str, int]:
        """Return model.column → how many rows moved."""
        return {place: len(rows) for place, rows in self.moved.items()}

    def as_json(self) -> dict[str, Any]:
        return {"moved": self.moved, "changed": self.changed, "added": self.added}


def take_back(kept: Mapping[str, Any], survivor: int) -> list[Conflict]:
    """Let every row be as it was, where nobody has changed it since; return what could not be."""
    conflicts = [
        conflict for place, rows in kept["moved"].items() if (conflict := _move_back(place, rows, survivor)) is not None
    ]
    for label, rows in kept["changed"].items():
        lost = sum(not _change_back(label, int(pk), columns) for pk, columns in rows.items())
        if lost:
            conflicts.append(_conflict(label, lost, Text("后来又改过，没有动", "changed since, left as they are")))
    for label, ids in kept["added"].items():
        _rows(label).filter(pk__in=ids).delete()
    return conflicts


def _move_back(place: str, rows: Mapping[str, int], survivor: int) -> Conflict | None:
    label, _, column = place.rpartition(".")
    by_owner: dict[int, list[int]] = defaultdict(list)
    for pk, owner in rows.items():
        by_owner[owner].append(int(pk))
    back = Counter[str]()
    for owner, ids in by_owner.items():
        back["rows"] += _rows(label).filter(**{"pk__in": ids, column: survivor}).update(**{column: owner})
    lost = len(rows) - back["rows"]
    return _conflict(place, lost, Text("后来删除了，没有放回", "removed since, not put back")) if lost else None


def _change_back(label: str, pk: int, columns: Mapping[str, list[object]]) -> bool:
    row = _rows(label).filter(pk=pk).first()
    if row is None:
        return False
    fields = {name: _field(label, name) for name in columns}
    if any(as_stored(fields[name], getattr(row, name)) != after for name, (_, after) in columns.items()):
        return False
    earlier = {name: as_read(fields[name], before) for name, (before, _) in columns.items()}
    try:
        with transaction.atomic():
            _rows(label).filter(pk=pk).update(**earlier)
    except IntegrityError:  # something else has taken its place since, as another class set by hand
        return False
    return True


def _conflict(place: str, size: int, words: Text) -> Conflict:
    fate = FATES.get(place) or BY_NUMBER.get(place) or next(f for key, f in FATES.items() if key.startswith(place))
    return {
        "what": place,
        "zh": f"{size} 个{fate.label.zh}{words.zh}",
        "en": f"{fate.label.en} ({size}): {words.en}",
    }


def _rows(label: str) -> Manager[Any]:
    rows: Manager[Any] = apps.get_model(label)._default_manager
    return rows


def _field(label: str, attname: str) -> Field[Any, Any]:
    return next(field for field in apps.get_model(label)._meta.concrete_fields if field.attname == attname)


def as_stored(field: Field[Any, Any], value: object) -> object:
    """Return a value as JSON holds it."""
    if value is None or isinstance(value, (bool, int, list, dict)):
        return value
    return value if isinstance(field, JSONField) else field.value_to_string(field.model(**{field.attname: value}))


def as_read(field: Field[Any, Any], value: object) -> object:
    return value if value is None or isinstance(field, JSONField) else field.to_python(value)
