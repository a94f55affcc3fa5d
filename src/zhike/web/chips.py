"""From the class of a customer to the chip that shows it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.base.chips import Chip, Source, Style
from zhike.base.templatetags.zhike import ICONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zhike.classification.models import Placement
    from zhike.classification.queries import Standing
    from zhike.classification.rules import Rulebook
    from zhike.core.schemes import Look, Scheme
    from zhike.core.text import Language

_STYLES: Mapping[Look, Style] = {"filled": "", "plain": "plain", "deep": "deep"}
_SOURCES: Mapping[str, Source] = {"rule": "rule", "model": "model", "person": "manual"}
NOTABLE = 2


def class_chip(scheme: Scheme, key: str, language: Language, *, source: str = "rule") -> Chip:
    """Return the chip of a class; of a class that the scheme has no longer, its key."""
    dimension = scheme.label.get(language)
    class_ = next((class_ for class_ in scheme.classes if class_.key == key), None)
    if class_ is None:
        return Chip(dimension, key)
    return Chip(
        dimension,
        class_.label.get(language),
        tone=class_.tone,
        icon=_glyph(class_.icon, loud=class_.look == "filled"),
        style=_STYLES[class_.look],
        source=_SOURCES.get(source, ""),
        level=class_.level or 0,
    )


def pending_chip(scheme: Scheme, key: str, language: Language) -> Chip:
    """Return the chip of a class that somebody still has to agree to."""
    return replace(class_chip(scheme, key, language), style="pending")


def undetermined_chip(dimension: str) -> Chip:
    """Return the chip of a dimension in which nothing is known yet."""
    return Chip(dimension, gettext("未判定"), icon="circle-dashed", style="pending")


def notable(chips: Iterable[Chip | None]) -> list[Chip]:
    """Return the two chips for which there is always room: what waits first, then what is loud."""
    loud = [chip for chip in chips if chip and (chip.becomes or chip.style in {"", "deep"})]
    return sorted(loud, key=lambda chip: chip.becomes is None)[:NOTABLE]


class Chips:
    """Draws the classes of many customers by the same rules."""

    def __init__(self, rules: Rulebook, language: Language) -> None:
        self.schemes = rules.schemes
        self.language = language
        self._paused = rules.paused

    def of(self, standings: Mapping[str, Standing | Placement]) -> list[Chip | None]:
        """Return one chip for each dimension, None where the customer has no class yet."""
        return [
            self.one(scheme, standings[scheme.dimension]) if scheme.dimension in standings else None
            for scheme in self.schemes
        ]

    def one(self, scheme: Scheme, standing: Standing | Placement) -> Chip:
        """Return the chip of a class; 「未判定」 while nothing is known."""
        if standing.undetermined:
            drawn = undetermined_chip(scheme.label.get(self.language))
        else:
            drawn = class_chip(scheme, standing.class_key, self.language, source=standing.source)
        if standing.waits and scheme.dimension not in self._paused:
            return replace(drawn, becomes=pending_chip(scheme, standing.computed_key, self.language))
        return drawn


@cache
def _glyph(icon: str, *, loud: bool) -> str:
    """Return the icon, in its filled form where the class is loud and there is one."""
    filled = f"filled/{icon}"
    return filled if loud and icon and (ICONS / f"{filled}.svg").is_file() else icon
