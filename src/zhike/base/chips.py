"""What a class looks like: the words, the tone, the glyph, who decided, and what it is about to become.

A chip is plain data, so that the template which draws it can be cached by value: a page of
fifty customers draws three hundred chips of some twenty kinds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

type Source = Literal["", "rule", "manual", "model"]
type Style = Literal["", "plain", "deep", "pending"]


@dataclass(frozen=True, slots=True)
class Chip:
    """One class of one dimension, ready to be drawn in one language.

    `becomes` is the class that the rules give and that waits for a person.
    """

    dimension: str
    label: str
    tone: str = "ink"
    icon: str = ""
    style: Style = "plain"
    source: Source = ""
    level: int = 0  # steps of an ordered scale instead of an icon, of `levels`
    levels: int = 5
    becomes: Chip | None = None

    @property
    def now(self) -> Chip:
        """The class that holds, whatever waits."""
        return replace(self, becomes=None)
