"""Errors that a person can cause and mend.

ZhikeError
├── ConditionError   a condition that cannot be read, with the path of the place
├── PackError        a pack that cannot be read, with the path of the place
└── NotLoaded        a fact was asked for that nobody loaded (a bug, not an input)

Further errors of this family live where they are raised; whoever answers the person
(web middleware, command line) needs only what is declared here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.core.text import Language


class ZhikeError(Exception):
    """Says in Chinese and English what was wrong and what to do.

    `path` names the place inside the input (``when.all[2].value``), `code` the kind of
    error for programs, `status` the HTTP status, `exit_code` that of the command line.
    """

    code: ClassVar[str] = "invalid"
    status: ClassVar[int] = 400
    exit_code: ClassVar[int] = 2

    def __init__(self, zh: str, en: str, *, path: str = "") -> None:
        super().__init__(f"{path}: {en}" if path else en)
        self.zh = zh
        self.en = en
        self.path = path

    def message(self, language: Language) -> str:
        """Return the sentence for a person, led by the path when there is one."""
        if language == "zh":
            return f"{self.path}：{self.zh}" if self.path else self.zh
        return f"{self.path}: {self.en}" if self.path else self.en


class ConditionError(ZhikeError):
    """A condition that cannot be read. It never means everyone or no one."""

    code = "bad_condition"
    status = 422


class PackError(ZhikeError):
    """A pack that cannot be read."""

    code = "bad_pack"
    status = 422


class NotLoaded(LookupError):
    """A fact that nobody loaded. Not a `ZhikeError`: only a bug can cause it."""


def suggestion(wrong: str, known: Iterable[str]) -> tuple[str, str]:
    """Return 「是否指 x？」 and "Did you mean x?", or two empty strings."""
    from difflib import get_close_matches  # noqa: PLC0415  only errors pay for it

    close = get_close_matches(wrong, list(known), n=1, cutoff=0.5)
    if not close:
        return "", ""
    return f"是否指 {close[0]}？", f" Did you mean {close[0]}?"
