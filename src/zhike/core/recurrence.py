"""How often something comes again, in the words in which people say it, and as an RRULE (RFC 5545).

``每周一、周四`` and ``every Mon and Thu`` are ``FREQ=WEEKLY;BYDAY=MO,TH``. What these words cannot say an RRULE still can:
it is shown as it is written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.core.text import Language

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKING_WEEK = ",".join(DAYS[:5])
MOST = 99
QUARTER, HALF_YEAR = 3, 6
LAST_DAY = 31

_ZH_DAYS = "一二三四五六日"
_EN_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NUMBERS = {"": 1, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_UNITS: Mapping[str, tuple[str, int]] = {
    "天": ("DAILY", 1),
    "日": ("DAILY", 1),
    "周": ("WEEKLY", 1),
    "星期": ("WEEKLY", 1),
    "月": ("MONTHLY", 1),
    "季度": ("MONTHLY", QUARTER),
    "半年": ("MONTHLY", HALF_YEAR),
    "年": ("YEARLY", 1),
    "day": ("DAILY", 1),
    "week": ("WEEKLY", 1),
    "month": ("MONTHLY", 1),
    "quarter": ("MONTHLY", QUARTER),
    "year": ("YEARLY", 1),
}
_NAMED = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year"}
_WORKING = frozenset(
    {"工作日", "每个工作日", "每工作日", "周一到周五", "每周一到周五", "everyweekday", "weekdays", "everyworkingday"}
)
_ZH = re.compile(r"每隔?(\d{1,2}|[一两二三四五六七八九十]?)个?(天|日|周|星期|月|季度|半年|年)")
_ZH_WEEK = re.compile(r"每(?:周|星期)((?:[周星期和及、，,]*[一二三四五六日天])+)")
_ZH_MONTH = re.compile(r"每个?月(?:的)?(?:(\d{1,2})[日号]|最后一天)")
_EN = re.compile(r"every (?:(\d{1,2}) )?(day|week|month|quarter|year)s?")
_EN_WEEK = re.compile(r"(?:every|weekly on) ((?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*(?:, and |, | and )?)+)")
_EN_MONTH = re.compile(r"(?:monthly|every month) on (?:the )?(?:(\d{1,2})(?:st|nd|rd|th)?|last day)")


def read_words(text: str) -> str | None:
    """Return the RRULE that was meant; empty for never, None where it cannot be read."""
    said = " ".join(text.casefold().split())
    if not said or said in {"不重复", "never", "none", "不"}:
        return ""
    if "freq=" in said:
        return text.strip().upper()
    return _read_zh(said.replace(" ", "")) or _read_en(said)


def _read_zh(said: str) -> str | None:
    if said in _WORKING:
        return f"FREQ=WEEKLY;BYDAY={WORKING_WEEK}"
    if found := _ZH_WEEK.fullmatch(said):
        named = {_ZH_DAYS.index("日" if day == "天" else day) for day in re.findall(r"[一二三四五六日天]", found[1])}
        return "FREQ=WEEKLY;BYDAY=" + ",".join(DAYS[day] for day in sorted(named))
    if found := _ZH_MONTH.fullmatch(said):
        return _monthly(found[1])
    if found := _ZH.fullmatch(said):
        return _every(int(found[1]) if found[1].isdigit() else _NUMBERS[found[1]], found[2])
    return None


def _read_en(said: str) -> str | None:
    if said in _NAMED:
        return _every(1, _NAMED[said])
    if found := _EN_WEEK.fullmatch(said):
        named = [name.casefold() for name in _EN_DAYS]
        days = {named.index(day) for day in re.findall(r"\b(mon|tue|wed|thu|fri|sat|sun)", found[1])}
        return "FREQ=WEEKLY;BYDAY=" + ",".join(DAYS[day] for day in sorted(days))
    if found := _EN_MONTH.fullmatch(said):
        return _monthly(found[1])
    if found := _EN.fullmatch(said):
        return _every(int(found[1] or 1), found[2])
    return None


def _every(count: int, unit: str) -> str | None:
    frequency, times = _UNITS[unit]
    count *= times
    if not 0 < count <= MOST:
        return None
    return f"FREQ={frequency}" if count == 1 else f"FREQ={frequency};INTERVAL={count}"


def _monthly(day: str | None) -> str | None:
    if day is None:
        return "FREQ=MONTHLY;BYMONTHDAY=-1"
    return f"FREQ=MONTHLY;BYMONTHDAY={int(day)}" if 0 < int(day) <= LAST_DAY else None


def in_words(rule: str, language: Language) -> str:
    """Return what `read_words` would read as this rule; the rule itself where there are no such words."""
    parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    frequency, count = parts.pop("FREQ", ""), parts.pop("INTERVAL", "1")
    days, day = parts.pop("BYDAY", ""), parts.pop("BYMONTHDAY", "")
    if parts or not count.isdigit() or frequency not in {one for one, _ in _UNITS.values()}:
        return rule
    if days and (frequency, count, day) == ("WEEKLY", "1", "") and set(days.split(",")) <= set(DAYS):
        return _days_in_words(days, language)
    if day and (frequency, count, days) == ("MONTHLY", "1", "") and day.removeprefix("-").isdigit():
        return _month_day_in_words(int(day), language) or rule
    return rule if days or day else _count_in_words(frequency, int(count), language)


def _days_in_words(days: str, language: Language) -> str:
    if days == WORKING_WEEK:
        return "每个工作日" if language == "zh" else "every weekday"
    places = [DAYS.index(day) for day in days.split(",")]
    if language == "zh":
        return "每" + "、".join(f"周{_ZH_DAYS[place]}" for place in places)
    return "every " + " and ".join(_EN_DAYS[place] for place in places)


def _month_day_in_words(day: int, language: Language) -> str:
    if day == -1:
        return "每月最后一天" if language == "zh" else "monthly on the last day"
    if day < 0:
        return ""
    return f"每月 {day} 日" if language == "zh" else f"monthly on the {day}"


def _count_in_words(frequency: str, count: int, language: Language) -> str:
    if (frequency, count) == ("MONTHLY", QUARTER):
        return "每季度" if language == "zh" else "every quarter"
    zh, en = {"DAILY": ("天", "day"), "WEEKLY": ("周", "week"), "MONTHLY": ("月", "month"), "YEARLY": ("年", "year")}[
        frequency
    ]
    if language != "zh":
        return f"every {en}" if count == 1 else f"every {count} {en}s"
    if count == 1:
        return f"每{zh}"
    return f"每 {count} 个{zh}" if frequency == "MONTHLY" else f"每 {count} {zh}"
