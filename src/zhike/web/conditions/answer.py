"""What the server says to a condition that somebody is building: sentence, numbers, mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.classification.candidates import draft_fields, quantile_number
from zhike.classification.consents import with_consents
from zhike.classification.preview import matches, not_filled_in
from zhike.core.conditions.describe import Writer
from zhike.core.conditions.nodes import EVERYONE, All, Test
from zhike.core.conditions.operators import OPERATORS
from zhike.core.conditions.parse import each_test, parse, problems
from zhike.core.conditions.quantiles import with_numbers
from zhike.core.conditions.values import format_value
from zhike.core.errors import ConditionError
from zhike.customers.readable import readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.accounts.models import User
    from zhike.core.conditions.nodes import Node
    from zhike.core.conditions.quantiles import Number, Wanted
    from zhike.core.facts import FieldSet
    from zhike.core.text import Language

ROOT = "where"
# So many rows are counted one by one; nobody reads further, and the database has other work.
MOST_COUNTED = 60


def answer(data: object, user: User, language: Language, currency: str) -> dict[str, object]:
    """Say all there is to a condition: by the place of each of its tests how many it matches alone."""
    return _Answer(data, user, Writer(language, readable(user, with_consents(draft_fields())), currency)).data()


class _Answer:
    def __init__(self, data: object, user: User, writer: Writer) -> None:
        self._user, self._writer = user, writer
        self._day = today(company_zone())
        self._errors: list[ConditionError] = []
        self._numbers: dict[Wanted, Number | None] = {}
        self._data = self._shaped(data)
        self._errors += problems(self._data, writer.fields, ROOT)
        self._whole = None if self._errors else parse(self._data, writer.fields, ROOT)
        self._tests = _readable(self._data, writer.fields)

    def _shaped(self, data: object) -> object:
        """Return the condition with the numbers of its quantiles, where these can be had."""
        wrong = {error.path for error in problems(_with_zeros(data), self._writer.fields, ROOT)}
        if wrong:
            return _with_zeros(data)
        try:
            return with_numbers(data, self._number, ROOT)
        except ConditionError as error:
            self._errors.append(error)
            return _with_zeros(data)

    def _number(self, item: Wanted) -> Number | None:
        if item not in self._numbers:
            is_kept = not not_filled_in([item.ref])
            self._numbers[item] = quantile_number(item, self._day) if is_kept else 0
        return self._numbers[item]

    def data(self) -> dict[str, object]:
        language = self._writer.language
        waiting = {row.ref for row in not_filled_in(test.ref for test in self._tests.values())}
        ready = {path: test for path, test in self._tests.items() if str(test.ref) not in waiting}
        counted = dict(list(ready.items())[:MOST_COUNTED])
        whole = self._whole if self._whole is not None and not waiting else None
        beside = [_unset(test) for test in counted.values() if _can_ask_for_unset(test)]
        everyone, alone = matches(
            whole if whole is not None else All(tuple(counted.values())),
            self._user,
            [EVERYONE, *counted.values(), *beside],
        )
        return {
            "sentence": self._writer.sentence(self._whole) if self._whole is not None else "",
            "whole": everyone if whole is not None else None,
            "total": alone[EVERYONE],
            "waiting": bool(waiting),
            "rows": {
                path: self._row(test, alone, is_counted=path in counted, is_waiting=str(test.ref) in waiting)
                for path, test in self._tests.items()
            },
            "errors": [
                {"path": error.path, "message": error.zh if language == "zh" else error.en} for error in self._errors
            ],
        }

    def _row(self, test: Test, alone: Mapping[Node, int], *, is_counted: bool, is_waiting: bool) -> dict[str, object]:
        row: dict[str, object] = {"waiting": is_waiting}
        if is_counted:
            row["n"] = alone[test]
            if _can_ask_for_unset(test):
                row["unset"] = alone[_unset(test)]
            if test.quantile is not None and not isinstance(test.value, tuple):
                field = self._writer.fields[test.ref.field]
                row["number"] = format_value(test.value, field, self._writer.language, self._writer.currency)  # type: ignore[arg-type]
        return row


def _with_zeros(data: object) -> object:
    try:
        return with_numbers(data, lambda _: 0, ROOT)
    except ConditionError:
        return data


def _readable(data: object, fields: FieldSet) -> dict[str, Test]:
    """Return the tests that are right, by their place."""
    found: dict[str, Test] = {}
    for path, item in each_test(data, ROOT):
        try:
            test = parse(item, fields, path)
        except ConditionError:
            continue
        assert isinstance(test, Test)
        found[path] = test
    return found


def _unset(test: Test) -> Test:
    return Test(test.ref, test.type, "is_not_set")


def _can_ask_for_unset(test: Test) -> bool:
    """Say whether it matters for a test how many have no value at all."""
    return test.op not in {"is_set", "is_not_set"} and bool(OPERATORS[test.op].negates or _looks_back(test))


def _looks_back(test: Test) -> bool:
    """Say whether a test asks for what lies long ago: whoever never did it is not among those it finds."""
    return test.op == "before_last" or (test.op in {"gt", "gte"} and test.ref.name.startswith("days_since_"))
