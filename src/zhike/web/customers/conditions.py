"""The condition of a list: read from the address or its view, told in chips, with the way to each without it.

``?where={"field":"customer.city","op":"eq","value":"上海"}`` stands in for the condition of the view.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from zhike.accounts.models import User
from zhike.base.clock import today
from zhike.base.inputs import Invalid, plain
from zhike.classification.candidates import quantile_number
from zhike.classification.saved_views import ALL
from zhike.core.conditions.nodes import Test
from zhike.core.conditions.parse import MAX_DEPTH, parse
from zhike.core.conditions.quantiles import wanted, with_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from zoneinfo import ZoneInfo

    from zhike.classification.saved_views import Data
    from zhike.core.conditions.describe import Writer
    from zhike.core.conditions.quantiles import Number, Wanted
    from zhike.web.customers.filters import Condition, Filter

    type Place = tuple[int, ...]

WHERE = "where"
# An address is only so long, and other things stand in it too: a longer condition has to be kept as a view.
MOST_BYTES = 3_000
MOST_BUILT = 60_000
NOBODY = "none"


def read_where(text: str) -> Data | None:
    """Return the condition that stands in an address as data, None where there is none."""
    if not text:
        return None
    if len(quote(text[: MOST_BYTES + 1])) > MOST_BYTES:
        raise Invalid(
            "条件太长，放不进地址。先把它保存成视图",
            "The condition is too long for an address: save it as a view first",
        )
    return read_built(text)


def read_built(text: str) -> Data:
    """Return a condition as the builder sends it. Whether it says anything is for the core to tell."""
    try:
        data = plain(json.loads(text), deepest=MAX_DEPTH * 2) if len(text) <= MOST_BUILT else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Invalid("条件读不懂，重新选一次条件吧", "The condition cannot be read: choose the conditions again")
    return data


def write_where(data: Data) -> str:
    """Return a condition as it stands in an address."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def numbered(data: Data, zone: ZoneInfo) -> Data:
    """Return the condition with the number of today beside each quantile that has none yet."""
    if not wanted(data):
        return data
    day = today(zone)

    def number(item: Wanted) -> Number | None:
        try:
            return quantile_number(item, day)
        except (KeyError, ValueError):
            return None

    return with_numbers(data, number, WHERE)  # type: ignore[return-value]  # of a mapping it makes a mapping


@dataclass(frozen=True, slots=True)
class Piece:
    """One condition as it is shown: a test, or several that any of makes true, or a sentence."""

    name: str = ""
    op: str = ""
    value: str = ""
    words: str = ""
    removed: str = ""
    inner: Sequence[Piece] = ()


class Teller:
    """Tells a condition in pieces, each with the condition that is left without it."""

    def __init__(self, data: Data, writer: Writer, without: Callable[[Data], str]) -> None:
        self._data, self._writer, self._without = data, writer, without

    def pieces(self) -> list[Piece]:
        if self._data == ALL:
            return []
        if "all" in self._data:
            return [self._piece(item, (index,)) for index, item in enumerate(self._data["all"])]
        return [self._piece(self._data, ())]

    def _piece(self, data: Data, place: Place) -> Piece:
        removed = self._without(without(self._data, place))
        if "field" in data:
            return self._test(data, removed)
        if "any" in data and all("field" in item for item in data["any"]) and len(data["any"]) > 1:
            inner = [
                self._test(item, self._without(without(self._data, (*place, index))))
                for index, item in enumerate(data["any"])
            ]
            return Piece(inner=inner, removed=removed)
        return Piece(words=self._writer.sentence(parse(data, self._writer.fields, WHERE)), removed=removed)

    def _test(self, data: Data, removed: str) -> Piece:
        test = parse(data, self._writer.fields, WHERE)
        assert isinstance(test, Test)
        name, op, value = self._writer.parts(test)
        return Piece(name, op, value, removed=removed)


def without(data: Data, place: Place) -> Data:
    """Return a condition without one of its parts; nothing left means everybody."""
    if not place:
        return ALL
    form = "all" if "all" in data else "any"
    inner = list(data[form])
    if len(place) > 1:
        inner[place[0]] = without(inner[place[0]], place[1:])
    if len(place) == 1 or inner[place[0]] == ALL:
        del inner[place[0]]
    if not inner:
        return ALL
    return inner[0] if len(inner) == 1 else {form: inner}


def together(parts: Iterable[Data]) -> Data:
    """Return the condition that all of these hold, as flat as it goes."""
    flat: list[Any] = []
    for part in parts:
        if part == ALL:
            continue
        flat += part["all"] if set(part) == {"all"} else [part]
    if not flat:
        return ALL
    return flat[0] if len(flat) == 1 else {"all": flat}


def quick_as_data(condition: Condition) -> Data:
    """Return one name of the quick filter in the language of conditions."""
    name, values = condition.name, list(condition.values)
    if name.startswith("class."):
        return _one_of(name, values)
    if name == "tag":
        return {"field": "customer.tags", "op": "has_any", "value": values}
    if name == "owner":
        return _owners(values)
    return _one_of(f"customer.{name}", values)


def _one_of(field: str, values: list[str]) -> Data:
    if len(values) == 1:
        return {"field": field, "op": "eq", "value": values[0]}
    return {"field": field, "op": "in", "value": values}


def _owners(values: list[str]) -> Data:
    ids = [int(value) for value in values if value != NOBODY]
    emails = list(User.objects.filter(pk__in=ids).order_by("pk").values_list("email", flat=True))
    named: list[Data] = [_one_of("customer.owner", emails)] if emails else []
    if NOBODY in values:
        named.append({"field": "customer.owner", "op": "is_not_set"})
    return named[0] if len(named) == 1 else {"any": named}


def whole(chosen: Filter, where: Data) -> Data:
    """Return all that a list is narrowed by, as one condition; what was searched for is not in it."""
    return together([where, *(quick_as_data(one) for one in chosen.conditions if one.day is None)])
