"""How values look on screen: icons, class chips, amounts, days.

`{% load zhike %}`. A missing value is —, zero is 0; days near today are called by their names.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_noop

from zhike.base import clock
from zhike.base.addresses import address_of
from zhike.base.zones import shown
from zhike.core.money import format_money
from zhike.core.scorecard import percent as share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.base.chips import Chip

register = template.Library()

ICONS = Path(__file__).parent.parent / "icons"
MISSING = "—"
UNKNOWN_ICON = "tag"
# Avatar hues: far enough apart to tell neighbours in a list.
HUES = (240, 163, 83, 55, 300, 200, 20, 130)
_SHAPES = re.compile(r"<(?:path|circle|rect|line|polyline|ellipse)\b[^>]*>")
_CANVAS = "M0 0h24v24H0z"  # the invisible square that every Tabler icon begins with
WEEKDAYS = (
    gettext_noop("周一"),
    gettext_noop("周二"),
    gettext_noop("周三"),
    gettext_noop("周四"),
    gettext_noop("周五"),
    gettext_noop("周六"),
    gettext_noop("周日"),
)
NEAR_DAYS = {-1: gettext_noop("昨天"), 0: gettext_noop("今天"), 1: gettext_noop("明天")}
WEEK = timedelta(days=7)
LONG_PHONE = 8
FULL_NAME = 3  # characters: family name and two of the given name


@lru_cache(maxsize=512)
def icon_shapes(name: str) -> str:
    """Return the shapes of one icon. A pack may name any icon, so an unknown one is a tag."""
    file = ICONS / f"{name}.svg"
    if not re.fullmatch(r"(?:filled/)?[a-z0-9-]+", name) or not file.is_file():
        file = ICONS / f"{UNKNOWN_ICON}.svg"
    return "".join(shape for shape in _SHAPES.findall(file.read_text()) if _CANVAS not in shape)


def _draw(name: str, context: dict[str, object]) -> SafeString:
    """Render a small template without the line end that its file has."""
    return mark_safe(render_to_string(name, context).strip())  # noqa: S308  the template has escaped it


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, css: str = "", title: str = "") -> SafeString:
    """Draw an icon in the text's colour; decorative unless it has a title."""
    context = {"shapes": mark_safe(icon_shapes(name)), "css": css, "title": title}  # noqa: S308  our own files
    return _draw("base/icon.html", {**context, "filled": name.startswith("filled/")})


@register.simple_tag
def address(name: str, pk: int) -> SafeString:
    """Do what `url` does for a row with a number, for pages with hundreds of them."""
    return mark_safe(address_of(name, pk))  # noqa: S308  the pattern is ours, the rest a number


@lru_cache(maxsize=2048)
def _chip(drawn: Chip, size: str, form: str, _language: str | None) -> SafeString:
    return _draw("base/chip.html", {"chip": drawn, "size": size, "form": form})


@register.simple_tag
def chip(drawn: Chip | None, size: str = "", form: str = "") -> SafeString:
    """Draw a class. `form`: "" the class, "named" with its dimension, "bare" without an edge."""
    return _chip(drawn, size, form, get_language()) if drawn else SafeString(MISSING)


@register.filter
def money(minor: int | None, currency: str = "CNY") -> str:
    """¥486,200; nothing sold is 0."""
    if minor is None:
        return MISSING
    return format_money(int(minor), currency) if minor else "0"


@register.filter
def number(value: float | None) -> str:
    """12,846"""
    return MISSING if value is None else f"{value:,}"


@register.filter
def percent(rate: float | None) -> str:
    """9.2%"""
    return share(rate)


@register.filter
def times(value: float | None) -> str:
    """2.7×, as a figure stands to the same figure of all."""
    return MISSING if value is None else f"{value:.1f}×"


@register.filter
def day(value: date | None) -> str:
    """今天, 昨天, 明天, 11-20 周五, and 2025-11-20 outside this year."""
    return MISSING if value is None else _day(value, clock.today(timezone.get_current_timezone()))


def _day(value: date, today: date) -> str:
    if (away := (value - today).days) in NEAR_DAYS:
        return gettext(NEAR_DAYS[away])
    if value.year != today.year and abs(value - today) > WEEK:
        return value.isoformat()
    return gettext("%(month)02d-%(day)02d %(weekday)s") % {
        "month": value.month,
        "day": value.day,
        "weekday": weekday(value),
    }


@register.filter
def weekday(value: date) -> str:
    """周五"""
    return gettext(WEEKDAYS[value.weekday()])


@register.filter
def long_day(value: date) -> str:
    """11 月 20 日, with the year outside this one."""
    today = clock.today(timezone.get_current_timezone())
    pattern = gettext("%(month)d 月 %(day)d 日") if value.year == today.year else "%(year)d-%(month)02d-%(day)02d"
    return pattern % {"year": value.year, "month": value.month, "day": value.day}


@register.filter
def moment(value: datetime | None) -> str:
    """今天 10:30: the day as above, with the time when it was today or yesterday."""
    if value is None:
        return MISSING
    local, today = shown(value), shown(clock.now()).date()
    text = _day(local.date(), today)
    return f"{text} {local:%H:%M}" if abs((local.date() - today).days) <= 1 else text


@register.filter
def exact(value: datetime) -> str:
    """2026-11-20 10:30, for whoever hovers."""
    return f"{shown(value):%Y-%m-%d %H:%M}"


@register.filter
def near_day(value: date) -> str:
    """今天, 昨天, 明天; nothing further away."""
    away = (value - clock.today(timezone.get_current_timezone())).days
    return gettext(NEAR_DAYS[away]) if away in NEAR_DAYS else ""


@register.filter
def clock_time(value: datetime) -> str:
    """10:30"""
    return f"{shown(value):%H:%M}"


@register.filter
def duration(days: int) -> str:
    """2 年 8 个月, 5 个月, 12 天"""
    years, months = divmod(days * 12 // 365, 12)
    if years and months:
        return gettext("%(years)d 年 %(months)d 个月") % {"years": years, "months": months}
    if years:
        return gettext("%(years)d 年") % {"years": years}
    if months:
        return gettext("%(months)d 个月") % {"months": months}
    return gettext("%(days)d 天") % {"days": days}


@register.filter
def seconds(value: int) -> str:
    """3 分 59 秒"""
    minutes, rest = divmod(value, 60)
    if minutes:
        return gettext("%(minutes)s 分 %(seconds)s 秒") % {"minutes": f"{minutes:,}", "seconds": rest}
    return gettext("%(seconds)s 秒") % {"seconds": rest}


@register.filter
def masked_phone(number: str) -> str:
    """138 **** 2207, for a number that others may read over a shoulder."""
    digits = number.removeprefix("+86")
    return f"{digits[:-8]} **** {digits[-4:]}" if len(digits) > LONG_PHONE else number


@register.filter
def sentence(text: str) -> str:
    """Begin with a capital letter, behind an opening bracket too."""
    return re.sub(r"^(\(*)(\w)", lambda begin: begin[1] + begin[2].upper(), text or "")


@register.filter
def initial(name: str, place: str = "") -> str:
    """Return the character for an avatar: the first that is not the city's name."""
    rest = name.removeprefix(place).strip() if place else name
    return (rest or name or "?")[0].upper()


@register.filter
def given_name(name: str) -> str:
    """Return how colleagues greet someone: 林晓雯 is 晓雯, Ann Lee is Ann."""
    if " " in name:
        return name.split(maxsplit=1)[0]
    return name[1:] if len(name) == FULL_NAME and not name.isascii() else name


@register.filter
def hue(text: str) -> int:
    """Return a hue that stays with the text."""
    total = 7
    for character in text:
        total = (total * 31 + ord(character)) & 0xFFFFFFFF
    return HUES[total % len(HUES)]


@register.inclusion_tag("base/bars.html")
def bars(values: Sequence[float | None], tone: str = "azurite", width: int = 84, height: int = 20) -> dict[str, object]:
    """Draw small bars from zero; the last, the present, is full strength."""
    known = [value or 0 for value in values]
    top = max([*known, 0]) or 1
    step = width / max(len(known), 1)
    shapes = []
    for index, value in enumerate(known):
        tall = max(1.5, max(value, 0) / top * (height - 2))
        shapes.append(
            {
                "x": f"{index * step + 0.75:.1f}",
                "y": f"{height - tall:.1f}",
                "width": f"{step - 1.5:.1f}",
                "height": f"{tall:.1f}",
                "last": index == len(known) - 1,
            }
        )
    return {"shapes": shapes, "tone": tone, "width": width, "height": height}


@register.inclusion_tag("base/trend.html")
def trend(
    values: Sequence[float | None], tone: str = "azurite", width: int = 72, height: int = 26
) -> dict[str, object]:
    """Draw a small line from zero with its end marked; what is not known is left out of it."""
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    drawn: dict[str, object] = {"tone": tone, "width": width, "height": height}
    if len(known) < 2:  # noqa: PLR2004  a line has two ends
        return drawn
    top = max(0, *(value for _, value in known)) or 1
    step = (width - 4) / max(len(values) - 1, 1)
    points = [
        (f"{2 + index * step:.1f}", f"{height - 3 - max(value, 0) / top * (height - 6):.1f}") for index, value in known
    ]
    line = " ".join(f"{x},{y}" for x, y in points)
    area = f"M{points[0][0]},{height} L" + " L".join(f"{x},{y}" for x, y in points) + f" L{points[-1][0]},{height} Z"
    return {**drawn, "line": line, "area": area, "end": points[-1]}
