"""A condition that a form sends as text: what the builder holds, or what a person has typed in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.queries import company_zone
from zhike.base.inputs import Invalid
from zhike.classification.candidates import draft_fields
from zhike.classification.consents import with_consents
from zhike.core.conditions.parse import parse
from zhike.core.conditions.quantiles import with_numbers
from zhike.customers.readable import readable
from zhike.web.conditions.text import read_text
from zhike.web.customers.conditions import numbered

if TYPE_CHECKING:
    from zhike.accounts.models import User

# What the builder holds while nobody has added a condition.
EMPTY: dict[str, list[object]] = {"all": []}


def read_typed(text: str, by: User) -> object:
    """Return a condition as the builder or a person has written it, or say what is wrong with it."""
    data = read_text(text) if text.strip() else EMPTY
    if data == EMPTY:
        raise Invalid("加上条件", "add a condition")
    fields = readable(by, with_consents(draft_fields()))
    parse(with_numbers(data, lambda _: 0), fields, "when")
    found = numbered(data, company_zone())  # type: ignore[arg-type]  # what was read is a mapping
    parse(found, fields, "when")
    return found


def read_optional(text: str, by: User) -> object:
    """Return a condition, or none where nobody has written one."""
    return read_typed(text, by) if text.strip() and read_text(text) != EMPTY else None
