"""The currencies that there are, by their ISO 4217 code, with their names."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zhike.core.text import Language


# `moneyed` brings the names of all languages: whoever asks for none does without it.


# Of the codes that begin with X, those of money; the others stand for gold, for tests, for none.
_SHARED = frozenset({"XAF", "XCD", "XOF", "XPF"})


@cache
def codes() -> frozenset[str]:
    """Return the codes that some country uses today."""
    from moneyed import list_all_currencies  # noqa: PLC0415

    return frozenset(
        c.code for c in list_all_currencies() if c.countries and (not c.code.startswith("X") or c.code in _SHARED)
    )


@cache
def name_of(code: str, language: Language) -> str:
    """Return what people call a currency: 美元, US Dollar."""
    from moneyed import get_currency  # noqa: PLC0415

    return get_currency(code).get_name("zh_CN" if language == "zh" else "en") or code
