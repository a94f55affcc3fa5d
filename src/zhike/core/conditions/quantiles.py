"""Bounds that follow the customers: `value: {quantile: 0.8}` is what the best fifth reaches.

A quantile is turned into a number when rules are put in force, and both are kept
(``{quantile: 0.8, number: 1250000}``): the number decides, so that nobody moves because others
did. Putting the rules in force again looks at the customers anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from zhike.core.errors import ConditionError
from zhike.core.facts import Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY, NUMBER = "quantile", "number"
OPERATORS = ("lt", "lte", "gt", "gte")
DECIMALS = 4

type Number = int | Decimal


class Wanted(NamedTuple):
    """A quantile of one fact over all customers."""

    ref: Ref
    share: Decimal


def quantile[N: (int, Decimal)](values: Sequence[N], share: Decimal) -> N | None:
    """Return the smallest value that at least `share` of the values do not exceed; None without any.

    This is the inverse of the empirical distribution function, `percentile_disc` in SQL.
    """
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, ceil(Fraction(share) * len(ordered)) - 1)]


def read_share(data: object, path: str) -> Decimal:
    """Read a share between 0 and 1 of at most four decimals. Raises `ConditionError`."""
    if isinstance(data, int | float | str | Decimal) and not isinstance(data, bool):
        try:
            share = Decimal(str(data))
            if share.is_finite() and 0 < share < 1 and share == round(share, DECIMALS):
                return share.normalize()
        except InvalidOperation:
            pass
    raise ConditionError(
        f"分位应在 0 和 1 之间，最多四位小数，这里是 {str(data)[:40]}。",
        f"expected a quantile between 0 and 1 with at most four decimals, found {str(data)[:40]}.",
        path=path,
    )


def is_quantile(value: object) -> bool:
    """Say whether the value of a test, as data, is a quantile."""
    return isinstance(value, Mapping) and KEY in value


def wanted(data: object, path: str = "") -> list[Wanted]:
    """Return the quantiles that occur anywhere in rules, each once."""
    return list(dict.fromkeys(_found(data, path)))


def _found(data: object, path: str) -> Iterator[Wanted]:
    if isinstance(data, Mapping):
        value = data.get("value")
        if is_quantile(value):
            yield _wanted(data, value, path)
        for key, item in data.items():
            yield from _found(item, f"{path}.{key}" if path else str(key))
    elif isinstance(data, Sequence) and not isinstance(data, str):
        for index, item in enumerate(data):
            yield from _found(item, f"{path}[{index}]")


def _wanted(test: Mapping[str, object], value: object, path: str) -> Wanted:
    assert isinstance(value, Mapping)
    over = test.get("over")
    days = over.get("days") if isinstance(over, Mapping) else None
    share = read_share(value[KEY], f"{path}.value.{KEY}" if path else f"value.{KEY}")
    return Wanted(Ref(str(test.get("field")), days if isinstance(days, int) else None), share)


def with_numbers(data: object, lookup: Callable[[Wanted], Number | None], path: str = "") -> object:
    """Return the rules with the present number beside every quantile.

    Where no customer has a value yet, a number that stands there already goes on deciding; without
    one this raises `ConditionError`.
    """
    if isinstance(data, Mapping):
        copy = {key: with_numbers(item, lookup, f"{path}.{key}" if path else str(key)) for key, item in data.items()}
        value = data.get("value")
        if isinstance(value, Mapping) and is_quantile(value):
            item = _wanted(data, value, path)
            number = lookup(item)
            copy["value"] = value if number is None and NUMBER in value else _numbered(item, number, path)
        return copy
    if isinstance(data, Sequence) and not isinstance(data, str):
        return [with_numbers(item, lookup, f"{path}[{index}]") for index, item in enumerate(data)]
    return data


def _numbered(item: Wanted, number: Number | None, path: str) -> dict[str, object]:
    if number is None:
        raise ConditionError(
            f"还没有客户有「{item.ref}」的数值，算不出分位。请在旁边写一个 number，先由它判断。",
            f"no customer has a value of {item.ref} yet, so there is no quantile of it; "
            "write a number beside it that decides until then.",
            path=f"{path}.value" if path else "value",
        )
    return {KEY: float(item.share), NUMBER: number if isinstance(number, int) else str(number)}
