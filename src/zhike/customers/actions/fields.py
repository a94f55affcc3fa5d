"""Writes of the company's own fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import require
from zhike.base.inputs import line
from zhike.customers.models import CustomField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.accounts.models import User
    from zhike.core.facts import FieldType
    from zhike.core.text import Text


@transaction.atomic
def define_field(
    *,
    key: str,
    type_: FieldType,
    by: User | None,
    label: Text | None = None,
    choices: Mapping[str, Text] | None = None,
) -> CustomField:
    """Return the company's own field of this key, made when it is new. Its type never changes.

    A field that is there keeps the names that the company gave it; choices that it lacks are added.
    """
    if by is not None:
        require(by, "create", CustomField)
    name = line(key, "key", CustomField.KEY_MAX, required=True)
    found, is_new = CustomField.objects.get_or_create(
        key=name,
        defaults={
            "type": type_.value,
            "label_zh": label.zh if label else name,
            "label_en": label.en if label else name,
            "choices": _choices(choices),
            "position": CustomField.objects.count(),
        },
    )
    if not is_new and found.type == type_.value:
        _complete(found, label, choices)
    return found


def _complete(field: CustomField, label: Text | None, choices: Mapping[str, Text] | None) -> None:
    """Add what a field that is there lacks: the name while it has only its key, and further choices."""
    if label and field.label_zh == field.label_en == field.key:
        field.label_zh, field.label_en = label
    known = {choice["key"] for choice in field.choices}
    field.choices += [choice for choice in _choices(choices) if choice["key"] not in known]
    field.save(update_fields=["label_zh", "label_en", "choices"])


def rename_field(*, key: str, label: Text, choices: Mapping[str, Text], by: User | None) -> None:
    """Call a field of the company's and its choices otherwise; a choice that is not named keeps its name."""
    if by is not None:
        require(by, "create", CustomField)
    field = CustomField.objects.select_for_update().get(key=key)
    field.label_zh, field.label_en = label
    kept = [choice for choice in field.choices if choice["key"] not in choices]
    field.choices = [*_choices(choices), *kept] if field.choices else []
    field.save(update_fields=["label_zh", "label_en", "choices"])


def _choices(choices: Mapping[str, Text] | None) -> list[dict[str, str]]:
    return [{"key": key, "zh": text.zh, "en": text.en} for key, text in (choices or {}).items()]
