"""Days as people type them: 明天下午, 下周三, +3, 12-1, in 3 days, next Wed. The answer is a day or nothing.

A time of day may follow and is left out: what is asked for is the day. A week begins on Monday; a weekday
alone is the next one to come, today included; a day without a year is the next one too.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NEAR = {
    "今天": 0,
    "今日": 0,
    "今晚": 0,
    "明天": 1,
    "明日": 1,
    "明早": 1,
    "明晚": 1,
    "后天": 2,
    "大后天": 3,
    "昨天": -1,
    "昨日": -1,
    "前天": -2,
    "today": 0,
    "tonight": 0,
    "tomorrow": 1,
    "yesterday": -1,
}
_WEEKDAYS: Mapping[str, int] = {
    **{name: index for index, name in enumerate("一二三四五六日")},
    "天": 6,
    **{str(index + 1): index for index in range(7)},
    **{name: index for index, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_N = r"(\d{1,4}|[一二两三四五六七八九十]{1,3})"
_TIME = re.compile(
    r"\s*(?:(?:上午|下午|中午|早上|晚上|傍晚|凌晨|早|晚|全天|morning|afternoon|evening|noon)?\s*"
    r"(?:(?:at\s*)?\d{1,2}[:：]\d{2}|(?:at\s*)?\d{1,2}\s*(?:am|pm)|[\d一二两三四五六七八九十]{1,3}\s*[点时](?:半|\d{1,2}分?)?)?)$"
)
MOST_CHARACTERS = 40


def parse_day(text: str, today: date) -> date | None:
    """Return the day that somebody means, None when the words say none."""
    words = " ".join(unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold().split())
    if not words:
        return None
    for candidate in dict.fromkeys((words, _TIME.sub("", words))):
        for pattern, read in _FORMS:
            found = pattern.fullmatch(candidate)
            if found:
                try:
                    return read(found, today)
                except (KeyError, ValueError, OverflowError):
                    return None
    return None


def _number(text: str) -> int:
    """Read 3, 三, 十二 or 二十."""
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)
    value = 0
    for character in text:
        value = 10 * value + _DIGITS[character]
    return value


def _near(found: re.Match[str], today: date) -> date:
    return today + timedelta(days=_NEAR[found[0]])


def _after(found: re.Match[str], today: date) -> date:
    count, unit = _number(found[1]), found[2] or "d"
    if unit in {"周", "个星期", "星期", "w", "week", "weeks"}:
        return today + timedelta(weeks=count)
    if unit in {"个月", "月", "m", "month", "months"}:
        return _month_on(today, count, today.day)
    return today + timedelta(days=count)


def _month_on(today: date, months: int, day: int) -> date:
    """Return that day of a later month, its last where it is shorter."""
    number = today.year * 12 + today.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def _weekday(found: re.Match[str], today: date) -> date:
    which, day = found[1] or "", _WEEKDAYS[found[2][:3]]
    monday = today - timedelta(days=today.weekday())
    if which in {"", "on"}:
        return today + timedelta(days=(day - today.weekday()) % 7)
    weeks = {"本": 0, "这": 0, "this": 0, "上": -1, "last": -1, "next": 1}.get(which, which.count("下"))
    return monday + timedelta(days=day, weeks=weeks)


def _full(found: re.Match[str], _today: date) -> date:
    return date(int(found[1]), int(found[2]), int(found[3]))


def _month_day(found: re.Match[str], today: date) -> date:
    return _coming(int(found[1]), int(found[2]), today)


def _english(found: re.Match[str], today: date) -> date:
    name, day = (found[1], found[2]) if found[1] else (found[4], found[3])
    return _coming(_MONTHS.index(name[:3]) + 1, int(day), today)


def _coming(month: int, day: int, today: date) -> date:
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def _of_month(found: re.Match[str], today: date) -> date:
    if found[1]:
        ahead = {"本": 0, "这": 0, "下": 1, "下下": 2}[found[1]]
        first = _month_on(today, ahead, 1)
        return first.replace(day=int(found[2]))
    day = int(found[2])
    this = today.replace(day=day)
    return this if this >= today else _month_on(today, 1, 1).replace(day=day)


def _end(found: re.Match[str], today: date) -> date:
    match found[0]:
        case "月底" | "本月底" | "这个月底" | "end of month":
            return _month_on(today, 0, 31)
        case "下月底" | "下个月底":
            return _month_on(today, 1, 31)
        case _:
            return date(today.year, 12, 31)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date]], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        ("|".join(sorted(_NEAR, key=len, reverse=True)), _near),
        (r"\+\s*(\d{1,4})\s*(d|w|m|天|周|月|个月)?", _after),
        (rf"{_N}\s*(天|周|个星期|星期|个月)(?:之后|以后|后)", _after),
        (r"in (\d{1,4}) (day|week|month|days|weeks|months)", _after),
        (r"(本|这|上|下{1,3})?(?:个)?(?:周|星期|礼拜)([一二三四五六日天1-7])", _weekday),
        (
            (
                r"(?:(this|next|last|on) )?(mon|tue|wed|thu|fri|sat|sun)"
                r"(?:day|s|sday|nesday|r|rs|rsday|urday)?"
            ),
            _weekday,
        ),
        (r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", _full),
        (r"(\d{4})(\d{2})(\d{2})", _full),
        (r"(\d{1,2})[-/.月](\d{1,2})[日号]?", _month_day),
        (rf"(?:({'|'.join(_MONTHS)})[a-z]* (\d{{1,2}}))|(?:(\d{{1,2}}) ({'|'.join(_MONTHS)})[a-z]*)", _english),
        (r"(本|这|下|下下)?(?:个)?(?:月)?(\d{1,2})[号日]", _of_month),
        (r"月底|本月底|这个月底|下月底|下个月底|年底|end of month|end of year", _end),
    )
)
