"""Values as people and programs write them, in the form in which they are stored."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from zhike.base.inputs import Invalid, day
from zhike.core.facts import FieldType
from zhike.core.text import fold
from zhike.customers.models import CustomField
from zhike.customers.values import typed_number, whole_minor
from zhike.engine.moments import parse_moment

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:\s+(.*))?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(am|pm)?", re.ASCII)
_SEVERAL = re.compile(r"\s*(?::::|[|;；,，、\n])\s*")
_YES = {"true", "yes", "y", "1", "是", "有", "对", "√", "✓"}
_NO = {"false", "no", "n", "0", "否", "无", "不", "×"}
_MONEY = re.compile(r"^[￥¥$€£]|(?:元|rmb|cny)$", re.IGNORECASE)
_SHOWN = 40
_SERIAL_BEGINS, _SERIAL_DIGITS = date(1899, 12, 30), 5


def words_of(text: str) -> list[str]:
    """Return the items of a cell that holds several, as any program separates them."""
    return [word.lstrip("* ") for word in _SEVERAL.split(text) if word.strip("* ")]


def day_of(text: str, order: str, path: str) -> date:
    """Read a day. Where the year stands last, `order` says which of the others is the month."""
    found = moment_of(text, order)
    if found is None:
        shown = text[:_SHOWN]
        raise Invalid(
            f"「{shown}」不是日期（应如 2026-03-31）", f"“{shown}” is not a date (expected as in 2026-03-31)", path=path
        )
    return day(found.date() if isinstance(found, datetime) else found, path)


def moment_of(text: str, order: str) -> date | datetime | None:
    """Read a day or a time, or return nothing."""
    found = parse_moment(text)
    if found is not None:
        return found
    if is_serial(text):
        return _SERIAL_BEGINS + timedelta(days=int(text))
    parts = _SLASHED.fullmatch(fold(text))
    if parts is None:
        return None
    first, second, year = int(parts[1]), int(parts[2]), int(parts[3])
    at, month = (first, second) if order == "dmy" else (second, first)
    try:
        found = date(year, month, at)
    except ValueError:
        return None
    clock = _CLOCK.fullmatch(parts[4] or "")
    if clock is None:
        return found if not parts[4] else None
    hour = int(clock[1]) % 12 + 12 * (clock[4] == "pm") if clock[4] else int(clock[1])
    try:
        return datetime(year, month, at, hour, int(clock[2]), int(clock[3] or 0))  # noqa: DTZ001  local
    except ValueError:
        return None


def is_serial(text: str) -> bool:
    """Say whether this is a day as spreadsheets count them, from 1954 to 2064."""
    return len(text) == _SERIAL_DIGITS and text.isascii() and text.isdigit() and "2" <= text[0] <= "5"


def own_value(text: str, field: CustomField, order: str, digits: int) -> object:
    """Return a value of the company's own field in the form that it is checked in."""
    match field.type:
        case FieldType.DATE:
            return day_of(text, order, field.name)
        case FieldType.DATETIME:
            found = moment_of(text, order)
            return found if isinstance(found, datetime) else (found.isoformat() if found else text)
        case FieldType.BOOL:
            return _yes_or_no(text)
        case FieldType.INTEGER | FieldType.DECIMAL:
            return _number(text, field, digits)
        case FieldType.SET:
            return words_of(text)
        case _:
            return text


def _yes_or_no(text: str) -> object:
    word = fold(text)
    return True if word in _YES else False if word in _NO else text


def _number(text: str, field: CustomField, digits: int) -> object:
    plain = str(typed_number(_MONEY.sub("", text.strip()).strip().removesuffix("%")))
    try:
        number = Decimal(plain)
    except InvalidOperation:
        shown = text[:_SHOWN]
        raise Invalid(f"「{shown}」不是数字", f"“{shown}” is not a number", path=field.name) from None
    if field.format == CustomField.Format.MONEY:
        return whole_minor(number, digits, field.name)
    if field.type == FieldType.INTEGER and number == number.to_integral_value():
        return int(number)
    return plain


def instant(text: str, order: str, zone: ZoneInfo) -> datetime | None:
    """Return a moment with its zone, that of the company where none is written; a day begins at midnight."""
    found = moment_of(text, order)
    if found is None:
        return None
    whole = found if isinstance(found, datetime) else datetime(found.year, found.month, found.day)  # noqa: DTZ001
    return whole if whole.tzinfo else whole.replace(tzinfo=zone)
