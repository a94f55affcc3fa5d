"""Amounts: integers in the currency's minor unit, never a float."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zhike.core.text import Language

# Symbol and digits after the point of the currencies that differ from ("XYZ ", 2).
_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$", "KRW": "₩"}
# ISO 4217; a test holds it against a maintained list, which the core may not import.
_DIGITS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}


# From here on a summary counts in larger units.
_MANY = 1_000_000
_UNITS: dict[Language, tuple[tuple[int, str], ...]] = {
    "zh": ((10**8, " 亿"), (10**4, " 万")),
    "en": ((10**9, "B"), (10**6, "M")),
}


def minor_digits(currency: str) -> int:
    """Return how many digits the currency has after the point (ISO 4217)."""
    return _DIGITS.get(currency, 2)


def converted(minor: int, rate: Decimal, currency: str, base: str) -> int:
    """Return an amount in minor units of `base`, where one `currency` is `rate` of it; halves up."""
    major = Decimal(minor).scaleb(-minor_digits(currency)) * rate
    return int(major.scaleb(minor_digits(base)).quantize(Decimal(1), ROUND_HALF_UP))


def symbol(currency: str) -> str:
    """Return what stands before an amount of this currency."""
    return _SYMBOLS.get(currency, f"{currency} ")


def format_money(minor: int, currency: str = "CNY") -> str:
    """Return ``¥200,000`` or ``¥1,234.50``: whole amounts without the empty fraction."""
    digits = minor_digits(currency)
    major = Decimal(abs(minor)).scaleb(-digits)
    text = f"{major:,.{digits}f}" if major % 1 else f"{major:,.0f}"
    return _signed(minor, currency, text)


def brief_money(minor: int, currency: str, language: Language) -> str:
    """Return ``¥386,400``, ``¥128.4 万`` or ``¥1.3M``: as much as a summary has room for."""
    major = Decimal(abs(minor)).scaleb(-minor_digits(currency))
    whole = major.quantize(Decimal(1), ROUND_HALF_UP)
    if whole < _MANY:
        return _signed(minor, currency, f"{whole:,}")
    counted = (((major / size).quantize(Decimal("0.1"), ROUND_HALF_UP), word) for size, word in _UNITS[language])
    many, word = next((many, word) for many, word in counted if many >= 1)
    return _signed(minor, currency, f"{many:,}".removesuffix(".0") + word)


def _signed(minor: int, currency: str, text: str) -> str:
    sign = "−" if minor < 0 else ""
    return f"{sign}{symbol(currency)}{text}"
