"""Checks what an event's data may hold, by the table of kinds."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from zhike.base.inputs import AMOUNT_MAX, Invalid, line, paragraph
from zhike.core.errors import suggestion
from zhike.timeline.kinds import KINDS, DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.timeline.kinds import Kind

LINE_MAX = 500
TEXT_MAX = 10_000
COLUMNS_MAX = 50
_KEY_MAX = 64


def kind_of(key: str) -> Kind:
    """Return the kind, or say that there is none of this name."""
    kind = KINDS.get(key)
    if kind is None:
        zh, en = suggestion(key, KINDS)
        shown = key[:_KEY_MAX]
        raise Invalid(f"没有 {shown} 这种事件。{zh}", f"there is no event kind {shown}.{en}", path="kind")
    return kind


def clean_data(kind: Kind, data: Mapping[str, object]) -> dict[str, object]:
    """Return the data as it is stored: checked, trimmed, without empty values."""
    if len(data) > COLUMNS_MAX:
        raise Invalid(f"最多 {COLUMNS_MAX} 个数据项", f"at most {COLUMNS_MAX} data columns", path="data")
    found: dict[str, object] = {}
    for key, value in data.items():
        if value is None or value == "":
            continue
        name = line(key, "data", _KEY_MAX, required=True)
        column = kind.data.get(name)
        found[name] = _scalar(value, name) if column is None else _clean(column.type, value, name)
    return found


def _clean(type_: DataType, value: object, name: str) -> object:
    path = f"data.{name}"
    match type_:
        case DataType.LINE:
            return line(str(value), path, LINE_MAX)
        case DataType.TEXT:
            return paragraph(str(value), path, TEXT_MAX)
        case DataType.INTEGER:
            return _integer(value, path)
        case DataType.DECIMAL:
            return _decimal(value, path)
        case DataType.FLAG:
            return bool(value)
        case DataType.OBJECT:
            return value


def _scalar(value: object, name: str) -> object:
    match value:
        case bool() | int():
            return value
        case Decimal() | float():
            return _decimal(value, f"data.{name}")
        case _:
            return paragraph(str(value), f"data.{name}", TEXT_MAX)


def _integer(value: object, path: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise Invalid("应为整数", "expected a whole number", path=path) from None
    if abs(number) > AMOUNT_MAX:
        raise Invalid("数字太大", "the number is too large", path=path)
    return number


def _decimal(value: object, path: str) -> int | float:
    """Return a number of at most four digits after the point, which JSON holds exactly."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Invalid("应为数字", "expected a number", path=path) from None
    if not number.is_finite() or abs(number) >= 10**11:
        raise Invalid("数字超出范围", "the number is out of range", path=path)
    rounded = number.quantize(Decimal("0.0001"))
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)
