"""A person's name: without forms of address, as surname and given name in Chinese, as words in letters.

Text comes folded and simplified. Pinyin is handed in by whoever has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from zhike.core.duplicates.companies import is_chinese
from zhike.core.duplicates.words import LATIN_TITLES, SHORT_TITLES, SURNAMES_OF_TWO, TITLES

_LETTERS = re.compile(r"[^\W\d_]+")
_NOT_HAN = re.compile(r"[\s·・•.,，。()（）a-z0-9\-_/]+")
_LONGEST = 5


@dataclass(frozen=True, slots=True)
class Person:
    """A name. `text` is a Chinese name in characters; `words` are letters: those of the name, or its pinyin.

    `is_surname` marks somebody of whom no more is known: 张总, 李女士.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    is_surname: bool = False

    @property
    def is_chinese(self) -> bool:
        return bool(self.text)

    @property
    def surname(self) -> str:
        return self.text[: surname_length(self.text)]

    @property
    def spelled(self) -> str:
        return " ".join(sorted(self.words))


def surname_length(text: str) -> int:
    return 2 if text[:2] in SURNAMES_OF_TWO and len(text) > 2 else 1  # noqa: PLR2004  two characters of three


def take_person(name: str) -> Person:
    """Return a person's name without what they are addressed by; nothing for no name."""
    if not is_chinese(name):
        words = tuple(word for word in _LETTERS.findall(name) if word not in LATIN_TITLES)
        return Person(words=words)
    text = _NOT_HAN.sub("", name)
    bare = TITLES.sub("", text) or text
    if len(bare) > 1 and bare[-1] in SHORT_TITLES and _is_surname(bare[:-1]):
        bare = bare[:-1]
    if len(bare) > _LONGEST:
        return NOBODY  # a sentence, or a company
    return Person(text=bare, is_surname=_is_surname(bare))


def _is_surname(text: str) -> bool:
    return len(text) == 1 or text in SURNAMES_OF_TWO


NOBODY = Person()
