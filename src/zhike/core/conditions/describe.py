"""From a condition to a sentence that a salesperson reads, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from zhike.core.conditions.nodes import EVERYONE, All, Any, InPeriod, Not, Span, Test
from zhike.core.conditions.operators import OPERATORS
from zhike.core.conditions.values import fact_name, format_value, window_words
from zhike.core.facts import FieldType
from zhike.core.metrics import METRICS
from zhike.core.text import Text, join_clauses, join_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import Field, FieldSet, Value
    from zhike.core.metrics import Metric
    from zhike.core.text import Language

_AND, _OR = Text("并且", "and"), Text("或者", "or")
_NUMBER = {
    "lt": Text("低于", "below"),
    "lte": Text("不超过", "of at most"),
    "gt": Text("高于", "above"),
    "gte": Text("不低于", "of at least"),
}
_DAY = {
    "lt": Text("早于", "before"),
    "lte": Text("不晚于", "on or before"),
    "gt": Text("晚于", "after"),
    "gte": Text("不早于", "on or after"),
}
_COUNT = {
    "lt": Text("{verb}少于 {n} {measure}", "fewer than {n} {noun}"),
    "lte": Text("最多{verb} {n} {measure}", "at most {n} {noun}"),
    "gt": Text("{verb}超过 {n} {measure}", "more than {n} {noun}"),
    "gte": Text("至少{verb} {n} {measure}", "at least {n} {noun}"),
    "eq": Text("正好{verb} {n} {measure}", "exactly {n} {noun}"),
}
SYMBOLS = {"lt": "<", "lte": "≤", "gt": ">", "gte": "≥", "eq": "=", "ne": "≠"}
_TEXTUAL = {
    "contains": Text("{name}包含「{value}」", "{name} contains “{value}”"),
    "not_contains": Text("{name}不包含「{value}」", "{name} does not contain “{value}”"),
    "starts_with": Text("{name}以「{value}」开头", "{name} starts with “{value}”"),
    "not_starts_with": Text("{name}不以「{value}」开头", "{name} does not start with “{value}”"),
    "ends_with": Text("{name}以「{value}」结尾", "{name} ends with “{value}”"),
    "not_ends_with": Text("{name}不以「{value}」结尾", "{name} does not end with “{value}”"),
}
_SPANS = {
    "in_last": Text("{name}在最近 {span}内", "{name} is in the last {span}"),
    "not_in_last": Text("{name}不在最近 {span}内", "{name} is not in the last {span}"),
    "before_last": Text("{name}在 {span}以前", "{name} is {span} ago or more"),
    "in_next": Text("{name}在未来 {span}内", "{name} is in the next {span}"),
    "after_next": Text("{name}在 {span}以后", "{name} is more than {span} ahead"),
    "anniversary_within": Text("{name}的周年日在 {span}内", "{name} has its anniversary within {span}"),
}
_UNITS = {
    "days": Text("{n} 天", "{n} days"),
    "weeks": Text("{n} 周", "{n} weeks"),
    "months": Text("{n} 个月", "{n} months"),
    "years": Text("{n} 年", "{n} years"),
}
_PERIODS = {
    "week": (Text("上周", "last week"), Text("本周", "this week"), Text("下周", "next week")),
    "month": (Text("上月", "last month"), Text("本月", "this month"), Text("下月", "next month")),
    "quarter": (Text("上季度", "last quarter"), Text("本季度", "this quarter"), Text("下季度", "next quarter")),
    "year": (Text("去年", "last year"), Text("今年", "this year"), Text("明年", "next year")),
}
# What a bound that was found as a quantile means: of which share of the customers it is the edge.
_SHARES = {
    "gte": Text("前 {share}%", "the top {share}%"),
    "lt": Text("前 {share}% 以外", "below the top {share}%"),
    "lte": Text("后 {share}%", "the bottom {share}%"),
    "gt": Text("后 {share}% 以外", "above the bottom {share}%"),
}
_PERIOD_NAMES = {"week": "周", "month": "个月", "quarter": "个季度", "year": "年"}


# What 已填写 and 未填写 are called where a day is counted from: nobody fills that in.
_HAPPENED = {"is_set": Text("有过", "ever"), "is_not_set": Text("从未", "never")}
# What stands for a value that the reader may not know.
NOT_YOURS = Text("无权查看", "not yours to see")


@dataclass(frozen=True, slots=True)
class Writer:
    """Describes conditions in one language and currency against one set of fields."""

    language: Language
    fields: FieldSet
    currency: str = "CNY"
    unreadable: frozenset[str] = frozenset()  # fields whose values the reader may not know

    def sentence(self, node: Node) -> str:
        """Return the condition as one sentence, without the full stop."""
        if node == EVERYONE:
            return self._pick(Text("所有客户", "every customer"))
        match node:
            case Test():
                return self.test(node)
            case Not():
                inner = self._nested(node.node)
                return f"并非{inner}" if self.language == "zh" else f"not {inner}"
            case All():
                return join_clauses([self._nested(child) for child in node.nodes], self._pick(_AND), self.language)
            case Any():
                return join_clauses([self._nested(child) for child in node.nodes], self._pick(_OR), self.language)

    def _nested(self, node: Node) -> str:
        text = self.sentence(node)
        if isinstance(node, Test):
            return text
        return f"（{text}）" if self.language == "zh" else f"({text})"

    def test(self, test: Test) -> str:
        """Return one test as a clause: 「近 365 天至少下单 6 次」."""
        return self._clause(test) + self._share(test)

    def _share(self, test: Test) -> str:
        """Return 「（前 20%）」 after a bound that was found as a quantile."""
        if test.quantile is None:
            return ""
        share = 100 * (1 - test.quantile if test.op in {"gte", "lt"} else test.quantile)
        words = self._pick(_SHARES[test.op]).format(share=f"{share.normalize():f}")
        return f"（{words}）" if self.language == "zh" else f" ({words})"

    def _clause(self, test: Test) -> str:
        field = self.fields[test.ref.field]
        metric = METRICS.get(test.ref.name) if test.ref.source == "metric" else None
        if metric is not None:
            clause = self._metric(test, metric)
            if clause:
                return clause
        return self._plain(test, field)

    def bound(self, test: Test) -> str:
        """Return only what the fact is held against: 「≥ ¥200,000」, for a table of reasons."""
        field = self.fields[test.ref.field]
        if test.op in SYMBOLS and isinstance(test.value, int | Decimal) and not isinstance(test.value, bool):
            return f"{SYMBOLS[test.op]} {self._value(test.value, field)}{self._share(test)}"
        if test.op == "between":
            low, high = cast("tuple[Value, Value]", test.value)
            return f"{self._value(low, field)} – {self._value(high, field)}"
        if isinstance(test.value, tuple):
            return f"{self._pick(OPERATORS[test.op].label)} {self._words(test.value, field)}"
        if test.value is None:
            return self._operator(test)
        if isinstance(test.value, str | bool | date):
            return f"{self._pick(OPERATORS[test.op].label)} {self._value(test.value, field)}"
        return self.test(test)

    def parts(self, test: Test) -> tuple[str, str, str]:
        """Return fact, operator and value of a test, each for a place of its own; without value the last is empty."""
        field, label = self.fields[test.ref.field], self._operator(test)
        name, operand = self.name(test), test.value
        match operand:
            case None:
                return name, label, ""
            case Span():
                return name, label, self._span(operand)
            case InPeriod():
                return name, label, self._period(operand).strip()
        if test.op == "between":
            low, high = (self._value(item, field) for item in cast("tuple[Value, Value]", operand))
            return name, label, f"{low} – {high}"
        if isinstance(operand, tuple):
            comma = "、" if self.language == "zh" else ", "
            return name, label, comma.join(self._value(item, field) for item in operand)
        is_number = isinstance(operand, int | Decimal) and not isinstance(operand, bool)
        said = f"{self._value(operand, field)}{self._share(test)}"
        return name, SYMBOLS[test.op] if is_number and test.op in SYMBOLS else label, said

    def _operator(self, test: Test) -> str:
        metric = METRICS.get(test.ref.name) if test.ref.source == "metric" else None
        counts_days = metric is not None and metric.is_days_since
        return self._pick(_HAPPENED[test.op] if counts_days and test.op in _HAPPENED else OPERATORS[test.op].label)

    def value(self, test: Test, value: Value) -> str:
        """Return a value that a test saw, as a person reads it."""
        if test.ref.field in self.unreadable:
            return self._pick(NOT_YOURS)
        return self._value(value, self.fields[test.ref.field])

    def name(self, test: Test) -> str:
        """Return the name of the fact that a test reads, with its window."""
        return fact_name(test.ref, self.fields[test.ref.field], self.language)

    def _pick(self, text: Text) -> str:
        return text.get(self.language)

    def _value(self, value: Value, field: Field) -> str:
        return format_value(value, field, self.language, self.currency)

    def _words(self, values: tuple[object, ...], field: Field) -> str:
        return join_words([self._value(cast("Value", value), field) for value in values], self.language)

    def _windowed(self, clause: str, days: int | None) -> str:
        window = window_words(days, self.language)
        if not window:
            return clause
        return f"{window}{clause}" if self.language == "zh" else f"{clause} {window}"

    def _metric(self, test: Test, metric: Metric) -> str:
        """Return the clause in the words of the metric; empty where it has none for this test."""
        value = test.value
        if metric.is_days_since and value is None:
            return self._pick(metric.phrases.never if test.op == "is_not_set" else metric.phrases.ever)
        if not isinstance(value, int) or isinstance(value, bool):
            return ""
        if metric.is_days_since:
            return self._days_since(test.op, value, metric)
        if not metric.phrases.verb or test.op not in _COUNT:
            return ""
        phrases = metric.phrases
        if test.op == "eq" and value == 0:
            clause = f"没有{phrases.verb}" if self.language == "zh" else f"no {phrases.many}"
        else:
            noun = phrases.one if value == 1 else phrases.many
            clause = self._pick(_COUNT[test.op]).format(
                verb=phrases.verb, n=f"{value:,}", measure=phrases.measure, noun=noun
            )
        return self._windowed(clause, test.ref.days)

    def _days_since(self, op: str, value: int, metric: Metric) -> str:
        """Days are whole, so "fewer than 90" reads as "at most 89"."""
        match op:
            case "lte" | "lt":
                phrase, days = metric.phrases.within, value - (op == "lt")
            case "gte" | "gt":
                phrase, days = metric.phrases.beyond, value + (op == "gt")
            case _:
                return ""
        return self._pick(phrase).format(n=f"{days:,}")

    def _plain(self, test: Test, field: Field) -> str:
        name = fact_name(test.ref, field, "zh") if self.language == "zh" else self._label(field)
        if test.op in _NUMBER or test.op == "between":
            return self._compared(test, field, name)
        match test.value:
            case Span():
                return self._pick(_SPANS[test.op]).format(name=name, span=self._span(test.value))
            case InPeriod():
                where = self._period(test.value)
                return f"{name}在{where}" if self.language == "zh" else f"{name} is in {where}"
        return self._worded(test, field, name)

    def _compared(self, test: Test, field: Field, name: str) -> str:
        if test.op == "between":
            low, high = (self._value(item, field) for item in cast("tuple[Value, Value]", test.value))
            if self.language == "zh":
                return f"{name}在 {low} 到 {high} 之间"
            return self._windowed(f"{self._label(field)} between {low} and {high}", test.ref.days)
        value = cast("Value", test.value)
        table: Mapping[str, Text] = _DAY if isinstance(value, date | datetime) else _NUMBER
        word, text = self._pick(table[test.op]), self._value(value, field)
        if self.language == "zh":
            return f"{name}{word}{_space(text)}{text}"
        return self._windowed(f"{self._label(field)} {word} {text}", test.ref.days)

    def _label(self, field: Field) -> str:
        """Return the English label as it stands inside a sentence."""
        label = field.label.en
        return label if field.key.startswith("custom.") else label[:1].lower() + label[1:]

    def _worded(self, test: Test, field: Field, name: str) -> str:
        zh = self.language == "zh"
        match test.op:
            case "is_set":
                return f"填写了{name}" if zh else f"{name} is set"
            case "is_not_set":
                return f"没有填写{name}" if zh else f"{name} is not set"
            case "has_any" | "has_all" | "has_none":
                return self._set_clause(test, field, name)
            case op if op in _TEXTUAL:
                return self._pick(_TEXTUAL[op]).format(name=name, value=test.value)
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        negative = test.op in {"ne", "not_in"}
        words = self._words(values, field)
        if zh:
            return f"{name}{'不是' if negative else '是'}{_space(words)}{words}"
        return f"{name} is {'not ' if negative else ''}{words}"

    def _set_clause(self, test: Test, field: Field, name: str) -> str:
        items = [self._value(item, field) for item in cast("tuple[Value, ...]", test.value)]
        if self.language == "zh":
            listed = "、".join(f"「{item}」" for item in items)
            verb = {"has_any": "含有", "has_all": "含有全部", "has_none": "不含"}[test.op]
            tail = "之一" if test.op == "has_any" and len(items) > 1 else ""
            return f"{name}{verb}{listed}{tail}"
        verb = {"has_any": "include any of", "has_all": "include all of", "has_none": "include none of"}[test.op]
        return f"{name} {verb} {', '.join(items)}"

    def _span(self, span: Span) -> str:
        text = self._pick(_UNITS[span.unit]).format(n=span.count)
        return text[:-1] if self.language == "en" and span.count == 1 else text

    def _period(self, period: InPeriod) -> str:
        if -1 <= period.offset <= 1:
            return self._pick(_PERIODS[period.unit][period.offset + 1])
        count = abs(period.offset)
        if self.language == "zh":
            return f" {count} {_PERIOD_NAMES[period.unit]}{'前' if period.offset < 0 else '后'}"
        return f"the {period.unit} {count} {'before' if period.offset < 0 else 'after'} this one"


def describe(node: Node, language: Language, fields: FieldSet, currency: str = "CNY") -> str:
    """Return the condition as a sentence, without the full stop."""
    return Writer(language, fields, currency).sentence(node)


def _space(text: str) -> str:
    """Return the half-width space that stands between 汉字 and Latin letters, digits or ¥."""
    return "" if "\u3000" < text[:1] < "\ufb00" else " "


def is_number_type(type_: FieldType) -> bool:
    """Say whether values of the type can be drawn on a scale."""
    return type_ in {FieldType.INTEGER, FieldType.DECIMAL}
