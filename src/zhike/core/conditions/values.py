"""Writes values and the names of facts for people."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from zhike.core.facts import Unit
from zhike.core.money import format_money
from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.core.facts import Field, Ref, Value
    from zhike.core.text import Language

_UNSET = Text("未填写", "not set")
_NEVER = Text("暂无", "none yet")
_YES, _NO = Text("是", "yes"), Text("否", "no")


def format_value(value: Value, field: Field, language: Language, currency: str = "CNY") -> str:
    """Return the value as a person reads it: ¥486,200, 16 天, 华东; 暂无 for a metric, 未填写 for a field."""
    match value:
        case None:
            return (_NEVER if field.key.startswith("metric.") else _UNSET).get(language)
        case bool():
            return (_YES if value else _NO).get(language)
        case int():
            return _format_number(value, field.unit, language, currency)
        case Decimal():
            return f"{value.normalize():,f}"
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case frozenset():
            comma = "、" if language == "zh" else ", "
            return comma.join(_labels(value, field, language)) if value else _UNSET.get(language)
        case str():
            label = (field.choices or {}).get(value)
            return label.get(language) if label else value


def _labels(items: frozenset[str], field: Field, language: Language) -> list[str]:
    """Return what people call the items of a set: in the order of the choices where there are any."""
    choices = field.choices or {}
    others = sorted(item for item in items if item not in choices)
    return [*(label.get(language) for key, label in choices.items() if key in items), *others]


def _format_number(value: int, unit: Unit, language: Language, currency: str) -> str:
    match unit:
        case Unit.MONEY:
            return format_money(value, currency)
        case Unit.DAYS:
            return f"{value:,} 天" if language == "zh" else f"{value:,} {'day' if value == 1 else 'days'}"
        case Unit.SECONDS:
            return _format_seconds(value, language)
        case Unit.NONE:
            return f"{value:,}"


def _format_seconds(value: int, language: Language) -> str:
    minutes, seconds = divmod(value, 60)
    if language == "zh":
        return f"{minutes:,} 分 {seconds} 秒" if minutes else f"{seconds} 秒"
    return f"{minutes:,} min {seconds} s" if minutes else f"{seconds} s"


def window_words(days: int | None, language: Language) -> str:
    """Return 「近 365 天」, "in the last 365 days", or nothing."""
    if days is None:
        return ""
    if language == "zh":
        return f"近 {days} 天"
    return "today" if days == 1 else f"in the last {days} days"


def fact_name(ref: Ref, field: Field, language: Language) -> str:
    """Return the name of a fact with its window: 「近 365 天成交额」, "Revenue in the last 365 days"."""
    window = window_words(ref.days, language)
    if language == "zh":
        return f"{window}{field.label.zh}"
    return f"{field.label.en} {window}".strip()
