"""Reads the value of a test by the type of its field and the operand of its operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, cast

from zhike.core.conditions.nodes import InPeriod, Span
from zhike.core.conditions.operators import Operand
from zhike.core.errors import ConditionError, suggestion
from zhike.core.facts import FieldType, Unit

if TYPE_CHECKING:
    from zhike.core.conditions import nodes
    from zhike.core.dates import Period
    from zhike.core.dates import Unit as TimeUnit
    from zhike.core.facts import Field, Value

MAX_INTEGER = 2**63 - 1
MAX_LIST = 1_000
MAX_TEXT = 500
MAX_SPAN = 36_500
MAX_ANNIVERSARY = 366
_SCALE = Decimal("0.0001")
_UNITS = ("days", "weeks", "months", "years")
_PERIODS = ("week", "month", "quarter", "year")


def read_operand(data: object, field: Field, operand: Operand, path: str) -> nodes.Operand:
    """Return the typed operand. Raises `ConditionError` with the path."""
    match operand:
        case Operand.ONE:
            return read_value(data, field, path)
        case Operand.MANY:
            return _many(data, field, path)
        case Operand.PAIR:
            return _pair(data, field, path)
        case Operand.SPAN:
            return _span(data, path, _UNITS, MAX_SPAN)
        case Operand.DAYS:
            return _span(data, path, ("days",), MAX_ANNIVERSARY)
        case Operand.PERIOD:
            return _period(data, path)
        case Operand.NONE:
            return None


def read_value(data: object, field: Field, path: str) -> Value:
    """Return one value of the field's type (for a set: of its items)."""
    match field.type:
        case FieldType.SET if field.choices:
            return _choice(data, field, path)
        case FieldType.TEXT | FieldType.SET:
            return _text(data, path)
        case FieldType.CHOICE:
            return _choice(data, field, path)
        case FieldType.INTEGER:
            return _integer(data, field, path)
        case FieldType.DECIMAL:
            return _decimal(data, path)
        case FieldType.BOOL:
            if isinstance(data, bool):
                return data
            raise _expected("true 或 false", "true or false", data, path)
        case FieldType.DATE:
            return _date(data, path)
        case FieldType.DATETIME:
            return _datetime(data, path)


def _expected(zh: str, en: str, data: object, path: str) -> ConditionError:
    seen = repr(data)
    seen = seen if len(seen) <= 40 else f"{seen[:40]}…"  # noqa: PLR2004
    return ConditionError(f"应为{zh}，这里是 {seen}。", f"expected {en}, found {seen}.", path=path)


def _text(data: object, path: str) -> str:
    if isinstance(data, str) and data.strip() and len(data) <= MAX_TEXT and "\x00" not in data:
        return data
    raise _expected(f" 1 到 {MAX_TEXT} 个字的文字", f"text of 1 to {MAX_TEXT} characters", data, path)


def _choice(data: object, field: Field, path: str) -> str:
    choices = field.choices or {}
    if isinstance(data, str) and data in choices:
        return data
    zh, en = suggestion(str(data), choices)
    error = _expected(f" {'、'.join(choices)} 之一", f"one of {', '.join(choices)}", data, path)
    return _raise(error, zh, en)


def _raise(error: ConditionError, zh: str, en: str) -> str:
    raise ConditionError(error.zh + zh, error.en + en, path=error.path)


def _integer(data: object, field: Field, path: str) -> int:
    if isinstance(data, int) and not isinstance(data, bool) and abs(data) <= MAX_INTEGER:
        return data
    if field.unit is Unit.MONEY:
        raise _expected("以分计的整数", "a whole number of minor units", data, path)
    raise _expected("整数", "a whole number", data, path)


def _decimal(data: object, path: str) -> Decimal:
    """Take a number or its text; more than four digits after the point would be lost, so refuse."""
    if isinstance(data, int | float | str | Decimal) and not isinstance(data, bool):
        try:
            value = Decimal(str(data))
            if value.is_finite() and value == value.quantize(_SCALE):
                return value.quantize(_SCALE)
        except InvalidOperation:
            pass
    raise _expected("最多四位小数的数", "a number with at most four decimals", data, path)


def _date(data: object, path: str) -> date:
    if isinstance(data, date) and not isinstance(data, datetime):
        return data
    if isinstance(data, str):
        try:
            return date.fromisoformat(data)
        except ValueError:
            pass
    raise _expected("日期，例如 2026-11-20", "a date such as 2026-11-20", data, path)


def _datetime(data: object, path: str) -> date:
    """Take an instant with its offset, or a day, which means that local day."""
    value = data
    if isinstance(data, str):
        try:
            value = date.fromisoformat(data) if len(data) == len("2026-11-20") else datetime.fromisoformat(data)
        except ValueError:
            value = None
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value
    elif isinstance(value, date):
        return value
    raise _expected("日期，或带时区的时刻", "a date, or a time with its offset", data, path)


def _many(data: object, field: Field, path: str) -> tuple[Value, ...]:
    if not isinstance(data, Sequence) or isinstance(data, str) or not data:
        raise _expected("至少有一项的列表", "a list with at least one item", data, path)
    if len(data) > MAX_LIST:
        zh, en = f"列表有 {len(data)} 项，最多 {MAX_LIST} 项。", f"{len(data)} items; at most {MAX_LIST} are allowed."
        raise ConditionError(zh, en, path=path)
    return tuple(read_value(item, field, f"{path}[{index}]") for index, item in enumerate(data))


def _pair(data: object, field: Field, path: str) -> tuple[Value, Value]:
    if not isinstance(data, Sequence) or isinstance(data, str) or len(data) != 2:  # noqa: PLR2004
        raise _expected(" [下限, 上限] 两项", "[low, high]", data, path)
    low, high = (read_value(item, field, f"{path}[{index}]") for index, item in enumerate(data))
    if type(low) is not type(high):
        raise _expected("同一种类的两项", "two values of one kind", data, path)
    if cast("int", low) > cast("int", high):
        raise ConditionError("下限大于上限。", "the low end is above the high end.", path=path)
    return low, high


def _span(data: object, path: str, units: tuple[str, ...], most: int) -> Span:
    if isinstance(data, Mapping) and len(data) == 1:
        ((unit, count),) = data.items()
        if unit in units and isinstance(count, int) and not isinstance(count, bool) and 0 < count <= most:
            return Span(count, cast("TimeUnit", unit))
    form = f"{{{'|'.join(units)}: n}}"
    raise _expected(f" {form}，n 为 1 到 {most} 的整数", f"{form} with a whole n from 1 to {most}", data, path)


def _period(data: object, path: str) -> InPeriod:
    if isinstance(data, Mapping) and set(data) == {"unit", "offset"}:
        unit, offset = data["unit"], data["offset"]
        if unit in _PERIODS and isinstance(offset, int) and not isinstance(offset, bool) and abs(offset) <= MAX_SPAN:
            return InPeriod(cast("Period", unit), offset)
    raise _expected(
        " {unit: week|month|quarter|year, offset: 整数}",
        "{unit: week|month|quarter|year, offset: whole number}",
        data,
        path,
    )
