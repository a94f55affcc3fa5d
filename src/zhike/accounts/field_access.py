"""How much of each field a person has, and what is left of a value for them.

Every door asks the same object: a page leaves out what is hidden, a form what is not writable, and
whatever compares or counts values keeps to those that are `readable`, so that no answer tells more.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import apps

from zhike.accounts.rights import Access
from zhike.core.masking import mask_email, mask_id, mask_phone, mask_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.db.models import Model

_OWN = "custom."
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
        usual = self._usual
        if name.startswith(_OWN):
            usual = min(usual, self._named.get("custom", usual))
        return min(usual, self._named.get(name, usual))

    def __iter__(self) -> Iterator[str]:
        yield from (field.name for field in self._model._meta.concrete_fields)
        yield from self._own

    def __len__(self) -> int:
        return len(self._model._meta.concrete_fields) + len(self._own)

    @cached_property
    def _own(self) -> list[str]:
        if self._model._meta.label != "customers.Customer":
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

    def readable(self, names: Collection[str]) -> list[str]:
        return [name for name in names if self.reads(name)]

    def shown(self, name: str, value: object) -> object:
        """Return the value, its mask, or `None`."""
        access = self[name]
        if access >= Access.READ:
            return value
        return masked(name, value) if access is Access.MASKED else None


def masked(name: str, value: object) -> object:
    """Return what is left of a value; what is empty stays so."""
    if value is None or value in ("", []):
        return value
    if not isinstance(value, str):
        return "***"
    return _MASKS.get(name.removeprefix(_OWN), mask_text)(value)
