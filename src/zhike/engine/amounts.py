"""Amounts as people write them, exactly: `1,234.50` is 123450 minor units and no float comes near it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from zhike.core.text import Text, fold

# Ten trillion of a currency with cents. Beyond it, a number is a phone, an account or a mistake.
MAX_MINOR = 10**15
# What a program that computes with floats leaves behind a number: 22.200000000000003.
_DUST = Decimal("1e-9")

NOT_A_NUMBER = Text("金额不是数字", "the amount is not a number")
TOO_LARGE = Text("金额过大", "the amount is too large")
MISSING = Text("缺少金额", "the amount is missing")

_SIGNS = re.compile(r"^[¥$€£]|元$")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.ASCII)


class Amount(NamedTuple):
    """Minor units, or what is wrong."""

    minor: int = 0
    fault: Text | None = None


def parse_amount(text: str, digits: int) -> Amount:
    """Read an amount written with up to `digits` digits after the point (0: minor units)."""
    number = _number(text)
    if number is None:
        return Amount(fault=NOT_A_NUMBER)
    if abs(number) > MAX_MINOR:
        return Amount(fault=TOO_LARGE)
    exact = number.scaleb(digits)
    minor = exact.quantize(Decimal(1))
    if abs(exact - minor) > _DUST * max(Decimal(1), abs(exact)):
        return Amount(fault=too_fine(digits))
    return Amount(int(minor)) if abs(minor) <= MAX_MINOR else Amount(fault=TOO_LARGE)


def parse_scaled(text: str, digits: int) -> int | None:
    """Read a number times 10^digits, cutting off further digits; `None` when it is none or too large."""
    number = _number(text)
    if number is None or abs(number) > MAX_MINOR:
        return None
    return int(number.scaleb(digits))


def too_fine(digits: int) -> Text:
    if digits:
        return Text(f"金额的小数超过 {digits} 位", f"the amount has more than {digits} decimals")
    return Text(
        "金额不是整数（以最小货币单位计；以元计请用 --unit major）",
        "the amount is not a whole number of minor units (for major units use --unit major)",
    )


def _number(text: str) -> Decimal | None:
    plain = _SIGNS.sub("", fold(text)).strip().replace("−", "-")
    sign = ""
    if plain[:1] in {"-", "+"} and _SIGNS.match(plain[1:]):
        sign, plain = plain[0], _SIGNS.sub("", plain[1:])
    plain = sign + plain
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    elif not _PLAIN.fullmatch(plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None
