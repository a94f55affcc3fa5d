"""Amounts: integers in the currency's minor unit, never a float."""

from __future__ import annotations

from decimal import Decimal

# Symbol and digits after the point of the currencies that differ from ("XYZ ", 2).
_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$", "KRW": "₩"}
_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}


def minor_digits(currency: str) -> int:
    """Return how many digits the currency has after the point (ISO 4217)."""
    return _DIGITS.get(currency, 2)


def format_money(minor: int, currency: str = "CNY") -> str:
    """Return ``¥200,000`` or ``¥1,234.50``: whole amounts without the empty fraction."""
    digits = minor_digits(currency)
    major = Decimal(abs(minor)).scaleb(-digits)
    text = f"{major:,.{digits}f}" if major % 1 else f"{major:,.0f}"
    sign = "−" if minor < 0 else ""
    return f"{sign}{_SYMBOLS.get(currency, currency + ' ')}{text}"
