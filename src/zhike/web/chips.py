"""From the class of a customer to the chip that shows it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.base.chips import Chip, Source, Style
from zhike.base.templatetags.zhike import ICONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zhike.classification.models import Placement
    from zhike.classification.queries import Standing
    from zhike.core.schemes import Look, Scheme
    from zhike.core.text import Language

_STYLES: Mapping[Look, Style] = {"filled": "", "plain": "plain", "deep": "deep"}
_SOURCES: Mapping[str, Source] = {"rule": "rule", "model": "model", "person": "manual"}


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


class Chips:
    """Draws the classes of many customers by the same schemes."""

    def __init__(self, schemes: Iterable[Scheme], language: Language) -> None:
        self.schemes = tuple(schemes)
        self.language = language

    def of(self, standings: Mapping[str, Standing | Placement]) -> list[Chip | None]:
        """Return one chip for each dimension, None where the customer has no class yet."""
        return [
            self.one(scheme, standings[scheme.dimension]) if scheme.dimension in standings else None
            for scheme in self.schemes
        ]

    def one(self, scheme: Scheme, standing: Standing | Placement) -> Chip:
        """Return the chip of a class; 「未判定」 while nothing is known."""
        if standing.undetermined:
            dimension = scheme.label.get(self.language)
            return Chip(dimension, gettext("未判定"), icon="circle-dashed", style="pending")
        return class_chip(scheme, standing.class_key, self.language, source=standing.source)


@cache
def _glyph(icon: str, *, loud: bool) -> str:
    """Return the icon, in its filled form where the class is loud and there is one."""
    filled = f"filled/{icon}"
    return filled if loud and icon and (ICONS / f"{filled}.svg").is_file() else icon
