"""How much of each field a person has, and what is left of a value for them.

Every door asks the same object: a page leaves out what is hidden, a form what is not writable, and
whatever compares or counts values keeps to those that are `readable`, so that no answer tells more.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Never

from django.apps import apps

from zhike.accounts.rights import Access
from zhike.base.errors import Forbidden
from zhike.core.masking import mask_email, mask_id, mask_phone, mask_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model
    from django.forms import Form

_OWN = "custom."
# What holds several fields at once is as open as the most closed of them: an address tells region and city.
_TOGETHER = {"reaches": ("phone", "email", "wechat", "wecom"), "addresses": ("region", "city")}
_MASKS = {"phone": mask_phone, "email": mask_email, "id_number": mask_id}


class FieldAccess(Mapping[str, Access]):
    """Field → access: the columns of a model, and of customers also ``custom.<key>``.

    Whoever asks for one field costs no query; who lists them all reads which fields the company has.
    """

    def __init__(self, model: type[Model], usual: Access, named: Mapping[str, Access]) -> None:
        self._model = model
        self._usual = usual
        self._named = named

    def __getitem__(self, name: str) -> Access:
        usual = min([self._usual, *(self[part] for part in _TOGETHER.get(name, ()))])
        if name.startswith(_OWN):
            usual = min(usual, self._named.get("custom", usual))
        return min(usual, self._named.get(name, usual))

    def __iter__(self) -> Iterator[str]:
        yield from (field.name for field in self._model._meta.concrete_fields)
        yield from self._own

    def __len__(self) -> int:
        return len(self._model._meta.concrete_fields) + len(self._own)

    @property
    def _has_own(self) -> bool:
        return self._model._meta.label == "customers.Customer"

    @cached_property
    def _own(self) -> list[str]:
        if not self._has_own:
            return []
        fields = apps.get_model("customers.CustomField")._default_manager
        return [f"{_OWN}{key}" for key in fields.values_list("key", flat=True)]

    @property
    def is_limited(self) -> bool:
        """Say whether any field is less than readable."""
        return self._usual < Access.READ or any(access < Access.READ for access in self._named.values())

    def reads(self, name: str) -> bool:
        """Say whether the value may be read in full, and so compared, sorted by and counted."""
        return self[name] >= Access.READ

    def writes(self, name: str) -> bool:
        return self[name] >= Access.WRITE

    def knows(self, name: str) -> bool:
        """Say whether the person may know that there is such a field."""
        return self[name] > Access.HIDDEN

    def changes(self, rows: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
        """Return the changes of a history (`field`, `from`, `to`) as this person may read them."""
        return [
            {**row, **{end: self.shown(str(row["field"]), row.get(end)) for end in ("from", "to")}}
            for row in rows
            if self.knows(str(row["field"]))
        ]

    def limit(self, form: Form) -> None:
        """Take out of a form what may not be read, and let nobody write what may only be read."""
        for name in list(form.fields):
            if not self.reads(name):
                del form.fields[name]
            elif not self.writes(name):
                form.fields[name].disabled = True

    def require_writable(self, names: Iterable[str]) -> None:
        """Refuse a change of fields that are not this person's to change."""
        for name in names:
            if not self.writes(name):
                raise Forbidden("你不能修改这个字段。", "This field is not yours to change.", path=name)

    def redacted[M: Model](self, row: M) -> M:
        """Return the row itself when all of it may be read, else a copy with less, which cannot be saved."""
        if not self.is_limited:
            return row
        made = copy(row)
        made._state = copy(row._state)
        made._state.fields_cache = dict(row._state.fields_cache)
        loaded = set(row.__dict__)
        for field in row._meta.concrete_fields:
            if field.attname not in loaded or self.reads(field.name):
                continue
            left = None if field.is_relation else self.shown(field.name, getattr(row, field.name))
            if left is None and not field.null:
                left = field.get_default()
            setattr(made, field.name if field.is_relation else field.attname, left)
        if self._has_own and "custom" in loaded and self.reads("custom"):
            pairs = ((key, self.shown(f"{_OWN}{key}", value)) for key, value in row.custom.items())  # type: ignore[attr-defined]
            made.custom = {key: value for key, value in pairs if value is not None}  # type: ignore[attr-defined]
        made.save = _refuse  # type: ignore[method-assign]
        return made

    def shown(self, name: str, value: object) -> object:
        """Return the value, its mask, or `None`."""
        access = self[name]
        if access >= Access.READ:
            return value
        return masked(name, value) if access is Access.MASKED else None


class Closed(FieldAccess):
    """The fields that are named, and what a row needs to be one; all others are as if they were not there."""

    _NEEDED = frozenset({"id", "deleted_at", "erased_at", "version", "created_at", "updated_at"})

    def __init__(self, model: type[Model], named: Mapping[str, Access]) -> None:
        own = {"custom": Access.READ} if any(name.startswith(_OWN) for name in named) else {}
        super().__init__(model, Access.HIDDEN, {**own, **named, **dict.fromkeys(self._NEEDED, Access.READ)})

    def __getitem__(self, name: str) -> Access:
        return self._named.get(name, Access.HIDDEN)


def _refuse(*_: object, **__: object) -> Never:
    raise TypeError("this is what a page may show of a row, not the row")


def masked(name: str, value: object) -> object:
    """Return what is left of a value; what is empty stays so."""
    if value is None or value in ("", []):
        return value
    if not isinstance(value, str):
        return "***"
    return _MASKS.get(name.removeprefix(_OWN), mask_text)(value)
