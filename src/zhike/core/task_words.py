"""A task in one line, as people type it: ``明天 15:00 给沈工打电话 !``, ``next Wed visit the hotel``.

The words at the beginning or the end that say a day, a time or that it is urgent are taken out; what is left is what to do. How it is
done is told by its words. A word that means nothing of the kind stays where it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING

from zhike.core.day_words import parse_day

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

# How it is done ← what tells so, the first that is found; the order is that of how telling they are.
METHOD_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("meeting", re.compile(r"会议|开会|碰头|周会|例会|\bmeeting\b|\bmeet\b")),
    ("visit", re.compile(r"拜访|上门|走访|到访|面谈|\bvisit\b")),
    ("email", re.compile(r"邮件|\be-?mail\b")),
    ("message", re.compile(r"微信|消息|短信|\bmessage\b|\bwechat\b|\btext\b")),
    ("call", re.compile(r"电话|拨打|致电|去电|回访|\bcall\b|\bphone\b|\bring\b")),
)
OTHERWISE = "todo"
MOST_WORDS = 4  # of a day: "in 3 days", "next Wed"
_URGENT = frozenset({"!", "！", "!!", "！！", "紧急", "急", "urgent"})
_CLOCK = re.compile(
    r"(上午|下午|晚上|早上|中午|morning|afternoon|evening)?(\d{1,2})(?:[:：](\d{2})|点(半|\d{1,2}分?)?)(am|pm)?"
)
_PLAIN_CLOCK = re.compile(r"()(\d{1,2})()()(am|pm)")
_LATE = frozenset({"下午", "晚上", "afternoon", "evening", "pm"})
_NOON, _DAY_HOURS, _HOUR_MINUTES, _HALF = 12, 24, 60, 30


type Take = Callable[[list[str], int], tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Said:
    """What a line says; `day` and `at` are None where it says none."""

    title: str
    day: date | None = None
    at: time | None = None
    method: str = OTHERWISE
    is_urgent: bool = False


def read_task(line: str, today: date) -> Said:
    """Read a line; a line that says nothing but a day keeps its words as the title."""
    words = line.split()
    day: date | None = None
    at: time | None = None
    is_urgent = False
    found = True
    while found and words:
        found = False
        for take in (_first, _last):
            edge, rest = take(words, 1)
            if not is_urgent and edge.casefold() in _URGENT:
                is_urgent, words, found = True, rest, True
            elif at is None and (clock := _clock(edge)) is not None:
                at, words, found = clock, rest, True
            elif day is None:
                taken = _day(words, today, take)
                if taken is not None:
                    day, at_too, words = taken
                    at, found = at or at_too, True
            if found:
                break
    title = " ".join(words).strip("，,。；; ")
    return Said(title or line.strip(), day, at, _method(title or line), is_urgent)


def _first(words: list[str], count: int) -> tuple[str, list[str]]:
    return " ".join(words[:count]), words[count:]


def _last(words: list[str], count: int) -> tuple[str, list[str]]:
    return " ".join(words[-count:]), words[:-count]


def _day(words: list[str], today: date, take: Take) -> tuple[date, time | None, list[str]] | None:
    """Return the day that the words at one end say, the longest run of them first."""
    for count in range(min(MOST_WORDS, len(words)), 0, -1):
        edge, rest = take(words, count)
        if not rest or edge.isdigit():
            continue
        if (day := parse_day(edge, today)) is not None:
            return day, _time_in(edge), rest
    return None


def _time_in(edge: str) -> time | None:
    """Return the time at the end of such words: 明天下午3点."""
    found = re.search(_CLOCK.pattern + "$", edge.casefold())
    return _read_clock(found) if found else None


def _clock(word: str) -> time | None:
    found = _CLOCK.fullmatch(word.casefold()) or _PLAIN_CLOCK.fullmatch(word.casefold())
    return _read_clock(found) if found else None


def _read_clock(found: re.Match[str]) -> time | None:
    part, hours, minutes, after, half = found.groups()
    hour = int(hours)
    minute = _HALF if after == "半" else int((minutes or after or "0").rstrip("分") or 0)
    if hour < _NOON and (part in _LATE or half in _LATE):
        hour += _NOON
    return time(hour, minute) if hour < _DAY_HOURS and minute < _HOUR_MINUTES else None


def _method(title: str) -> str:
    said = title.casefold()
    return next((method for method, words in METHOD_WORDS if words.search(said)), OTHERWISE)
