"""A form that is sent twice makes one record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zhike.accounts.policy import require
from zhike.base.errors import Conflict
from zhike.customers.models import Contact, Customer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from zhike.accounts.models import User


class MadeBefore(Conflict):
    """A form that was sent again with other words than those of which it made a record."""

    def __init__(self, made: Customer | Contact) -> None:
        super().__init__(
            f"这张表单已经建了{made.name}，内容不同；要另建一位，就再保存一次",
            f"This form has made {made.name} already, from other words: save again to make another one",
        )
        self.made = made


def insert_once[M: (Customer, Contact)](model: type[M], form_key: UUID | None, columns: dict[str, Any]) -> M:
    """Insert a row, or return the one that the same form has made, be it at this moment."""
    if form_key is None:
        return model.objects.create(**columns)
    row, is_new = model.objects.get_or_create(form_key=form_key, defaults=columns)
    row.is_repeat = not is_new
    return row


def check_repeat(made: Customer | Contact, columns: Mapping[str, Any], by: User | None) -> None:
    if by is not None:
        require(by, "view", made)
    if any(getattr(made, name) != value for name, value in columns.items()):
        raise MadeBefore(made)
