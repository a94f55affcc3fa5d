"""What people and files may put into a text, a day or an amount, before it is stored anywhere."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING

from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from django.http import HttpRequest

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
    found = " ".join(paragraph(text, field, most).split()) if text else ""
    if required and not found:
        raise Invalid("不能为空", "must not be empty", path=field)
    return found


def paragraph(text: str, field: str, most: int) -> str:
    """Return text of several lines, trimmed, or say what is wrong with it."""
    is_plain = text.isprintable()
    found = text.strip() if is_plain else text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(found) > most:
        raise Invalid(
            f"太长：{len(found)} 个字符，最多 {most} 个",
            f"too long: {len(found)} characters, at most {most}",
            path=field,
        )
    if not is_plain and any(
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


def plain(data: object, *, deepest: int, path: str = "") -> object:
    """Return data of a script or a document as the database keeps it, or say what it cannot keep.

    Days become text. Nothing may be nested deeper than `deepest`, so that whoever walks it may recurse.
    """
    if deepest < 0:
        raise Invalid("嵌套太深", "nested too deeply")
    match data:
        case None | bool() | int():
            return data
        case float():
            if isfinite(data):
                return data
            raise Invalid(f"应为数字，这里是 {data}", f"expected a number, found {data}", path=path)
        case str():
            if "\0" in data or any("\ud800" <= char <= "\udfff" for char in data):
                raise Invalid("含有不能保存的字符", "holds characters that cannot be stored", path=path)
            return data
        case date():
            return data.isoformat()
        case list():
            return [plain(item, deepest=deepest - 1, path=f"{path}[{index}]") for index, item in enumerate(data)]
        case dict():
            return {
                str(plain(str(key), deepest=0, path=path)): plain(
                    item, deepest=deepest - 1, path=f"{path}.{key}" if path else str(key)
                )
                for key, item in data.items()
            }
        case _:
            name = type(data).__name__
            raise Invalid(f"这里不能是 {name}", f"a {name} cannot stand here", path=path)


def json_body(request: HttpRequest, *, most: int, deepest: int) -> dict[str, object]:
    """Return the object that a script sent. What is too large is refused before it is read."""
    body = request.body
    if len(body) > most:
        raise Invalid(f"太大：最多 {most:,} 字节", f"too large: at most {most:,} bytes")
    try:
        data = plain(json.loads(body), deepest=deepest)
    except (ValueError, RecursionError):
        raise Invalid("应为 JSON 对象", "expected a JSON object") from None
    if not isinstance(data, dict):
        raise Invalid("应为 JSON 对象", "expected a JSON object")
    return data


def amount(value: int, field: str) -> int:
    """Return an amount in minor units that can be stored and summed."""
    if isinstance(value, bool) or abs(value) > AMOUNT_MAX:
        raise Invalid(
            f"金额超出范围：最多 {AMOUNT_MAX} 个最小货币单位",
            f"the amount is out of range: at most {AMOUNT_MAX} minor units",
            path=field,
        )
    return value
