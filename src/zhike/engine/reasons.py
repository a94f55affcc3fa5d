"""Why a customer has a class: one sentence with the values that were seen, for everybody at once.

The sentences are put together as columns of text. Each distinct value is written out once, by
the core; a class's sentence names the tests that were met, the default's those that were not.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, cast

import narwhals as nw

from zhike.core.conditions.describe import Writer
from zhike.core.conditions.nodes import EVERYONE, All, Any, Not, Test
from zhike.core.conditions.resolve import resolve
from zhike.core.conditions.values import fact_name, format_value
from zhike.core.facts import FieldType
from zhike.core.text import Text
from zhike.engine import polars
from zhike.engine.conditions import SCALE, expression, tests_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import Field, FieldSet, Value
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language
    from zhike.engine.polars import Frame

_BOUNDS = {
    "lt": Text("低于", "below"),
    "lte": Text("不超过", "at most"),
    "gt": Text("高于", "above"),
    "gte": Text("不低于", "at least"),
    "eq": Text("等于", "equal to"),
    "ne": Text("不等于", "other than"),
}
_OPPOSITES = {"lt": "gte", "lte": "gt", "gt": "lte", "gte": "lt", "eq": "ne", "ne": "eq"}
# Chinese text keeps a space before Latin letters, digits and currency signs, none before 汉字.
_FIRST_HAN = "\u2e80"
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL})


def why_column(dimension: str) -> str:
    return f"why.{dimension}"


@dataclass(frozen=True, slots=True)
class Reasons:
    """Writes reasons in one language and currency."""

    language: Language
    fields: FieldSet
    currency: str
    as_of: date
    zone: ZoneInfo

    def explain(self, frame: Frame, schemes: Iterable[Scheme]) -> Frame:
        """Add `why.<dimension>` to a frame of facts and classes."""
        schemes = list(schemes)
        frame = self._with_words(frame, schemes)
        for scheme in schemes:
            frame = frame.with_columns(self._of_scheme(scheme).alias(why_column(scheme.dimension)))
        return frame.drop([name for name in frame.columns if name.startswith("words.")])

    def _with_words(self, frame: Frame, schemes: Iterable[Scheme]) -> Frame:
        """Add each fact as a person reads it."""
        for ref in dict.fromkeys(test.ref for test in tests_of(schemes)):
            name, field = str(ref), self.fields[ref.field]
            if field.type is FieldType.SET:
                words = [self._word(frozenset(items or ()), field) for items in frame[name].to_list()]
                column = polars.typed_columns({f"words.{name}": (FieldType.TEXT, words)})
                frame = nw.concat([frame, column], how="horizontal")
                continue
            values = frame[name].unique().drop_nulls().to_list()
            words = [self._word(self._value(value, field), field) for value in values]
            frame = polars.translated(frame, name, values, words, into=f"words.{name}")
            frame = frame.with_columns(nw.col(f"words.{name}").fill_null(self._word(None, field)))
        return frame

    def _value(self, value: object, field: Field) -> Value:
        if field.type is FieldType.DECIMAL:
            return Decimal(cast("int", value)) / SCALE
        return cast("Value", value)

    def _word(self, value: Value, field: Field) -> str:
        return format_value(value, field, self.language, self.currency)

    def _pick(self, text: Text) -> str:
        return text.get(self.language)

    def _of_scheme(self, scheme: Scheme) -> nw.Expr:
        reason = self._of_default(scheme)
        for class_ in reversed(scheme.classes):
            if class_.when is not None:
                here = nw.col(f"class.{scheme.dimension}") == class_.key
                reason = nw.when(here).then(self._met(class_.when)).otherwise(reason)
        return reason

    def _of_default(self, scheme: Scheme) -> nw.Expr:
        """Say of each class before it what was lacking."""
        ruled = [c for c in scheme.classes if c.when is not None]
        if not ruled:
            return nw.lit(self._pick(Text("没有条件", "no condition")))
        parts = []
        for class_ in ruled:
            label = class_.label.get(self.language)
            lead = f"不属于{label}：" if self.language == "zh" else f"not {label}: "
            parts.append(nw.concat_str(nw.lit(lead), self._unmet(cast("Node", class_.when), brief=True)))
        return nw.concat_str(*parts, separator=self._pause())

    def _pause(self) -> str:
        return "；" if self.language == "zh" else "; "

    def _met(self, node: Node) -> nw.Expr:
        """Return the sentence of a condition that holds; missing where it does not."""
        if node == EVERYONE:
            return nw.lit(self._pick(Text("所有客户", "every customer")))
        match node:
            case Test():
                return nw.when(self._holds(node)).then(self._seen(node, met=True))
            case Not():
                return self._unmet(node.node, brief=False)
            case All():
                return nw.concat_str(*[self._met(child) for child in node.nodes], separator=self._pause())
            case Any():
                listed = [self._met(child) for child in node.nodes]
                joined = nw.concat_str(*listed, separator=self._pause(), ignore_nulls=True)
                return nw.when(self._holds(node)).then(joined)

    def _unmet(self, node: Node, *, brief: bool) -> nw.Expr:
        """Return the sentence of a condition that does not hold: all that is lacking, or the first of it."""
        if node == EVERYONE:
            return nw.lit(None, nw.String)
        match node:
            case Test():
                return nw.when(~self._holds(node)).then(self._seen(node, met=False))
            case Not():
                return self._met(node.node)
            case All() | Any():
                listed = [self._unmet(child, brief=brief) for child in node.nodes]
                if brief:
                    return nw.when(~self._holds(node)).then(nw.coalesce(*listed))
                joined = nw.concat_str(*listed, separator=self._pause(), ignore_nulls=True)
                return nw.when(~self._holds(node)).then(joined)

    def _holds(self, node: Node) -> nw.Expr:
        return expression(resolve(node, self.as_of, self.zone))

    def _seen(self, test: Test, *, met: bool) -> nw.Expr:
        """Return the fact's name, the value seen, and what it was held against."""
        field = self.fields[test.ref.field]
        name = fact_name(test.ref, field, self.language)
        words = nw.col(f"words.{test.ref}")
        if field.type is FieldType.BOOL:
            return nw.concat_str(nw.lit(f"{name} "), words)
        if met and test.op == "eq" and field.type not in _NUMBERS:
            return nw.lit(Writer(self.language, self.fields, self.currency).test(test))
        comma = "，" if self.language == "zh" else ", "
        tail: nw.Expr = nw.lit(comma + self._bound(test, field, met=met))
        if not met and field.type is not FieldType.SET:
            # What is not there is neither above nor below: that it is not there says it all.
            tail = nw.when(nw.col(str(test.ref)).is_null()).then(nw.lit("")).otherwise(tail)
        return nw.concat_str(nw.lit(f"{name} "), words, tail)

    def _bound(self, test: Test, field: Field, *, met: bool) -> str:
        zh = self.language == "zh"
        op = test.op if met else _OPPOSITES.get(test.op, "")
        if field.type in _NUMBERS and op in _BOUNDS:
            bound = self._word(cast("Value", test.value), field)
            return f"{self._pick(_BOUNDS[op])}{' ' if not zh or bound[:1] < _FIRST_HAN else ''}{bound}"
        sentence = Writer(self.language, self.fields, self.currency).test(test)
        if zh:
            return f"符合「{sentence}」" if met else f"不符合「{sentence}」"
        return f"as “{sentence}” asks" if met else f"not “{sentence}”"
