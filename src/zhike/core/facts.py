"""What can be known of a customer: typed names, and the values they have on one day.

Missing is not the same as not loaded: a missing value is `None`, a fact that nobody loaded
raises `NotLoaded`. A set is never missing, only empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from zhike.core.errors import NotLoaded
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

type Value = str | int | Decimal | bool | date | datetime | frozenset[str] | None


class FieldType(StrEnum):
    """The eight types. Money is an integer of the minor unit."""

    TEXT = "text"
    CHOICE = "choice"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOL = "bool"
    DATE = "date"
    DATETIME = "datetime"
    SET = "set"

    # Tests are looked up by the hundred for each customer; that of an enum is worked out in Python.
    __hash__ = str.__hash__


class Unit(StrEnum):
    """What a number counts; decides how a value is written for people."""

    NONE = ""
    MONEY = "money"
    DAYS = "days"
    SECONDS = "seconds"


@lru_cache(maxsize=4096)
def _parts(field: str) -> tuple[str, str, str]:
    return field.partition(".")


class Ref(NamedTuple):
    """The name of one fact: a field, for a metric with the days of its window.

    `part` is ``month_day`` where a date is read as month × 100 + day, for anniversaries.
    """

    field: str
    days: int | None = None
    part: str = ""

    def __str__(self) -> str:
        text = self.field if self.days is None else f"{self.field}@{self.days}"
        return f"{text}#{self.part}" if self.part else text

    @property
    def source(self) -> str:
        """`customer`, `custom`, `metric`, `class` or, in lists, `consent`."""
        return _parts(self.field)[0]

    @property
    def name(self) -> str:
        return _parts(self.field)[2]

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read what `str` writes."""
        rest, _, part = text.partition("#")
        name, _, days = rest.partition("@")
        return cls(name, int(days) if days else None, part)


@dataclass(frozen=True, slots=True)
class Field:
    """A typed name that conditions may use. `choices` maps each key to its label.

    `format` says what a text is beside text: ``person`` a colleague's e-mail address, for one.
    """

    key: str
    type: FieldType
    label: Text
    unit: Unit = Unit.NONE
    choices: Mapping[str, Text] | None = field(default=None, hash=False)
    windowed: bool = False
    format: str = ""


CUSTOMER_FIELDS: tuple[Field, ...] = (
    Field(
        "customer.kind",
        FieldType.CHOICE,
        Text("客户性质", "Kind"),
        choices={"company": Text("企业", "Business"), "person": Text("个人", "Individual")},
    ),
    Field("customer.name", FieldType.TEXT, Text("名称", "Name")),
    Field("customer.region", FieldType.TEXT, Text("区域", "Region")),
    Field("customer.city", FieldType.TEXT, Text("城市", "City")),
    Field("customer.industry", FieldType.TEXT, Text("行业", "Industry")),
    Field("customer.source", FieldType.TEXT, Text("来源", "Source")),
    Field("customer.owner", FieldType.TEXT, Text("负责人", "Owner")),
    Field(
        "customer.size",
        FieldType.CHOICE,
        Text("规模", "Size"),
        choices={
            "micro": Text("微型", "Micro"),
            "small": Text("小型", "Small"),
            "medium": Text("中型", "Medium"),
            "large": Text("大型", "Large"),
        },
    ),
    Field("customer.birthday", FieldType.DATE, Text("生日", "Birthday")),
    Field("customer.created_on", FieldType.DATE, Text("建档日期", "Created on")),
    Field("customer.tags", FieldType.SET, Text("标签", "Tags")),
)


# Before the name of a purpose: what a customer allows. Lists ask it of the database, rules know no such field.
CONSENT = "consent."


class FieldSet:
    """The fields that a condition may name: customer fields, metrics, custom fields, dimensions."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._fields = {f.key: f for f in fields}

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    def __contains__(self, key: str) -> bool:
        return key in self._fields

    def __getitem__(self, key: str) -> Field:
        return self._fields[key]

    def get(self, key: str) -> Field | None:
        return self._fields.get(key)

    def keys(self) -> list[str]:
        return list(self._fields)

    def plus(self, fields: Iterable[Field]) -> FieldSet:
        """Return a set with further fields; a field of the same key replaces the old one."""
        return FieldSet([*self, *fields])


def custom_field(
    name: str,
    type_: FieldType,
    label: Text | None = None,
    choices: Mapping[str, Text] | None = None,
    *,
    unit: Unit = Unit.NONE,
    format_: str = "",
) -> Field:
    """Return the field ``custom.<name>``; without a label the name serves."""
    return Field(f"custom.{name}", type_, label or Text(name, name), unit, choices, format=format_)


def class_field(dimension: str, label: Text, classes: Mapping[str, Text]) -> Field:
    """Return the field ``class.<dimension>``, whose choices are the dimension's classes."""
    return Field(f"class.{dimension}", FieldType.CHOICE, label, choices=classes)


class Facts:
    """The facts of one customer on one day."""

    __slots__ = ("_values", "as_of", "zone")

    def __init__(self, values: Mapping[Ref, Value], *, as_of: date, zone: ZoneInfo) -> None:
        for ref, value in values.items():
            _refuse_inexact(ref, value)
        self._values = values
        self.as_of = as_of
        self.zone = zone

    def __getitem__(self, ref: Ref) -> Value:
        try:
            return self._values[ref]
        except KeyError:
            message = f"{ref} was not loaded"
            raise NotLoaded(message) from None

    def values(self) -> Mapping[Ref, Value]:
        return self._values


def _refuse_inexact(ref: Ref, value: object) -> None:
    if isinstance(value, float) or (isinstance(value, Decimal) and not value.is_finite()):
        message = f"{ref} is {value!r}: facts hold no floats and no NaN"
        raise TypeError(message)


def value_to_json(value: Value) -> str | int | bool | list[str] | None:
    """Write a value for JSON: dates as ISO, decimals as text, sets as sorted lists."""
    match value:
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case frozenset():
            return sorted(value)
        case _:
            return value


def value_from_json(raw: object, type_: FieldType) -> Value:
    """Read what `value_to_json` wrote, by the declared type."""
    if type_ is FieldType.SET:
        return frozenset(str(item) for item in raw) if isinstance(raw, list) else frozenset()
    if raw is None:
        return None
    match type_:
        case FieldType.DECIMAL:
            return Decimal(str(raw))
        case FieldType.DATE:
            return date.fromisoformat(str(raw))
        case FieldType.DATETIME:
            return datetime.fromisoformat(str(raw))
        case FieldType.INTEGER:
            return int(str(raw))
        case FieldType.BOOL:
            return bool(raw)
        case FieldType.TEXT | FieldType.CHOICE:
            return str(raw)
