"""Text in two languages, and the one way in which text is compared."""

from __future__ import annotations

import unicodedata
from typing import Literal, NamedTuple

type Language = Literal["zh", "en"]


class Text(NamedTuple):
    """The same phrase in both languages."""

    zh: str
    en: str

    def get(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def format(self, **values: object) -> Text:
        return Text(self.zh.format(**values), self.en.format(**values))


def fold(text: str) -> str:
    """Return the form in which text is compared: NFKC, case folded, trimmed.

    Case folding can undo normalisation (U+0345, for one), hence the second round.
    """
    if text.isascii():
        return text.lower().strip()
    once = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", once).strip()


def is_decodable(text: str) -> bool:
    """Say whether text from the command line was read whole: bytes that are not UTF-8 come as surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def join_clauses(clauses: list[str], word: str, language: Language) -> str:
    """Join clauses with 并且/或者, and/or: 「甲，并且乙」, "a, and b"."""
    return (f"，{word}" if language == "zh" else f", {word} ").join(clauses)


def join_words(words: list[str], language: Language) -> str:
    """Join alternatives: 「甲、乙或丙」, "a, b or c"."""
    if len(words) == 1:
        return words[0]
    comma, last = ("、", "或") if language == "zh" else (", ", " or ")
    return comma.join(words[:-1]) + last + words[-1]
