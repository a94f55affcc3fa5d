"""The kinds of own fields that people choose from, the reads of them, and what uses one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from zhike.core.facts import FieldType
from zhike.core.text import Text, fold
from zhike.customers.models import CustomField
from zhike.customers.names import syllables

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

    from zhike.core.text import Language


class FieldKind(NamedTuple):
    """What a person chooses when making a field: the type that conditions compare, and how it is written."""

    key: str
    label: Text
    icon: str
    type: FieldType
    format: str = ""

    @property
    def has_choices(self) -> bool:
        return self.type in {FieldType.CHOICE, FieldType.SET}


_FORMAT = CustomField.Format
FIELD_KINDS: tuple[FieldKind, ...] = (
    FieldKind("text", Text("文本", "Text"), "letter-case", FieldType.TEXT),
    FieldKind("long", Text("多行文本", "Long text"), "align-left", FieldType.TEXT, _FORMAT.LONG),
    FieldKind("integer", Text("整数", "Whole number"), "hash", FieldType.INTEGER),
    FieldKind("decimal", Text("小数", "Decimal"), "math", FieldType.DECIMAL),
    FieldKind("money", Text("金额", "Amount of money"), "coins", FieldType.INTEGER, _FORMAT.MONEY),
    FieldKind("date", Text("日期", "Date"), "calendar", FieldType.DATE),
    FieldKind("datetime", Text("日期和时间", "Date and time"), "clock", FieldType.DATETIME),
    FieldKind("choice", Text("单选", "Choice"), "circle-dot", FieldType.CHOICE),
    FieldKind("set", Text("多选", "Several choices"), "list-check", FieldType.SET),
    FieldKind("bool", Text("是/否", "Yes or no"), "toggle-left", FieldType.BOOL),
    FieldKind("phone", Text("电话", "Telephone"), "phone", FieldType.TEXT, _FORMAT.PHONE),
    FieldKind("email", Text("邮箱", "E-mail"), "mail", FieldType.TEXT, _FORMAT.EMAIL),
    FieldKind("url", Text("网址", "Web address"), "link", FieldType.TEXT, _FORMAT.URL),
    FieldKind("person", Text("同事", "Colleague"), "user", FieldType.TEXT, _FORMAT.PERSON),
    FieldKind("customer", Text("客户", "Customer"), "building", FieldType.TEXT, _FORMAT.CUSTOMER),
)
KINDS_BY_KEY = {kind.key: kind for kind in FIELD_KINDS}


def kind_of(field: CustomField) -> FieldKind:
    """Return the kind that a field was made as."""
    return KINDS_BY_KEY[field.format or field.type]


def active_fields(kind: str = "") -> list[CustomField]:
    """Return the fields that are offered, section by section, those without one first; `kind` leaves out others'."""
    fields = CustomField.objects.filter(retired_at=None).select_related("section")
    return sorted((field for field in fields if field.is_for(kind)), key=_place)


def all_fields() -> QuerySet[CustomField]:
    return CustomField.objects.select_related("section")


def _place(field: CustomField) -> tuple[int, int, int, int]:
    section = field.section
    at = (section.position, section.pk) if section else (-1, 0)
    return (*at, field.position, field.pk)


class Use(NamedTuple):
    """Something that reads a field: what it is in both languages, and the way there."""

    label: Text
    url: str = ""

    def get(self, language: Language) -> str:
        return self.label.get(language)


def uses_of(name: str) -> list[Use]:
    """Return what reads the field ``custom.<key>``, asked of the functions of `ZHIKE_FIELD_USES`."""
    found: list[Use] = []
    for path in settings.ZHIKE_FIELD_USES:
        found += import_string(path)(name)
    return found


def filled(field: CustomField) -> int:
    """Return how many customers have a value in a field."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_customer WHERE custom ? %s", [field.key])
        return int(cursor.fetchone()[0])


def slug(label: Text, taken: Collection[str], *, most: int) -> str:
    """Return a key for a name, of Latin letters: its English words or its pinyin, and not taken yet."""
    words = fold(label.en if label.en.isascii() and label.en.strip() else " ".join(syllables(label.zh)))
    plain = "".join(char if char.isascii() and char.isalnum() else " " for char in words)
    base = "_".join(plain.split())[: most - 4] or "field"
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}_{number}"
    return key


def offered(choices: Sequence[dict[str, object]], *, and_also: Collection[str] = ()) -> list[dict[str, object]]:
    """Return the choices that are offered; those that a record has already stay offered to it."""
    return [choice for choice in choices if "retired" not in choice or choice["key"] in and_also]
