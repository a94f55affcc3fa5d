"""Who entered and left each class, week by week or month by month, as bars up and down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.classification.clock import Movement
from zhike.web.chips import class_chip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from zhike.base.chips import Chip
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language

# Of the drawing, in its own units.
BAR, GAP, HEIGHT = 10, 4, 22


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of a class; `up` and `down` are heights from the line in the middle."""

    x: int
    day: date
    entered: int
    left: int
    up: str
    down: str


@dataclass(frozen=True, slots=True)
class Steps:
    """A class step by step, with its sums."""

    chip: Chip
    bars: Sequence[Bar]
    entered: int
    left: int

    @property
    def width(self) -> int:
        return max(len(self.bars) * (BAR + GAP) - GAP, BAR)


def draw(
    scheme: Scheme, classes: Sequence[str], found: Mapping[date, Mapping[str, Movement]], language: Language
) -> list[Steps]:
    """Return the classes in which somebody came or went; all are drawn to one scale."""
    most = max((number for moved in found.values() for one in moved.values() for number in one), default=1)
    drawn = [_draw(scheme, key, found, most, language) for key in classes]
    return [one for one in drawn if one.entered or one.left]


def _draw(
    scheme: Scheme, key: str, found: Mapping[date, Mapping[str, Movement]], most: int, language: Language
) -> Steps:
    moved = [(day, classes.get(key, Movement())) for day, classes in found.items()]
    bars = [
        Bar(
            number * (BAR + GAP),
            day,
            one.entered,
            one.left,
            f"{HEIGHT * one.entered / most:.1f}",
            f"{HEIGHT * one.left / most:.1f}",
        )
        for number, (day, one) in enumerate(moved)
    ]
    return Steps(
        class_chip(scheme, key, language), bars, sum(one.entered for _, one in moved), sum(one.left for _, one in moved)
    )
