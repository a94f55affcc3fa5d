"""What people and files may put into a text, a day or an amount, before it is stored anywhere."""

from __future__ import annotations

import unicodedata
from datetime import date

from zhike.core.errors import ZhikeError

# PostgreSQL's bigint would take nine times as much; sums over many events must still fit.
AMOUNT_MAX = 10**15
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)

_KEPT_CONTROLS = frozenset("\n\t")


class Invalid(ZhikeError):
    """A value that cannot be stored; `path` names the field."""

    code = "invalid"
    status = 422


def line(text: str, field: str, most: int, *, required: bool = False) -> str:
    """Return one line of text, trimmed, or say what is wrong with it."""
    found = " ".join(paragraph(text, field, most).split())
    if required and not found:
        raise Invalid("不能为空", "must not be empty", path=field)
    return found


def paragraph(text: str, field: str, most: int) -> str:
    """Return text of several lines, trimmed, or say what is wrong with it."""
    found = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(found) > most:
        raise Invalid(
            f"太长：{len(found)} 个字符，最多 {most} 个",
            f"too long: {len(found)} characters, at most {most}",
            path=field,
        )
    if not found.isprintable() and any(
        unicodedata.category(char) in {"Cc", "Cs"} and char not in _KEPT_CONTROLS for char in found
    ):
        raise Invalid("含有不可见的控制字符", "contains control characters", path=field)
    return found


def day(value: date, field: str) -> date:
    """Return a day that a company can mean."""
    if not FIRST_DAY <= value <= LAST_DAY:
        raise Invalid(
            f"日期 {value.isoformat()} 超出范围：1900 年到 2199 年",
            f"the date {value.isoformat()} is out of range: 1900 to 2199",
            path=field,
        )
    return value


def amount(value: int, field: str) -> int:
    """Return an amount in minor units that can be stored and summed."""
    if isinstance(value, bool) or abs(value) > AMOUNT_MAX:
        raise Invalid(
            f"金额超出范围：最多 {AMOUNT_MAX} 个最小货币单位",
            f"the amount is out of range: at most {AMOUNT_MAX} minor units",
            path=field,
        )
    return value
