"""分类: the rules as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from zhike.base.errors import current_language
from zhike.classification.queries import class_sizes
from zhike.classification.rules import rulebook
from zhike.core.conditions.describe import Writer
from zhike.web.chips import class_chip
from zhike.web.classes.queries import undetermined_sizes
from zhike.web.services import METHOD_ICONS, method_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from zhike.base.chips import Chip
    from zhike.core.schemes import Class, Scheme
    from zhike.web.request import Request


@dataclass(frozen=True, slots=True)
class ClassCard:
    """One class: its rule as a sentence, what it is owed, how many are in it."""

    key: str
    chip: Chip
    definition: str
    sentence: str
    size: int
    share: int  # per cent of the dimension
    cadence: int | None
    methods: Sequence[tuple[str, str]]  # icon and name
    promise: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension with its ordered classes."""

    key: str
    label: str
    icon: str
    version: int
    classes: Sequence[ClassCard]
    placed: int
    undetermined: int


@require_safe
def class_list(request: Request) -> HttpResponse:
    rules, language = rulebook(), current_language()
    writer = Writer(language, rules.fields, request.company.currency)
    sizes = class_sizes(request.user)
    undetermined = undetermined_sizes(request.user, rules.schemes)
    dimensions = [
        _dimension(
            scheme,
            rules.versions[scheme.dimension].number,
            writer,
            sizes.get(scheme.dimension, {}),
            undetermined.get(scheme.dimension, 0),
        )
        for scheme in rules.schemes
    ]
    broken = [(dimension, error.message(language)) for dimension, error in rules.broken.items()]
    context = {"section": "classes", "dimensions": dimensions, "broken": broken}
    return render(request, "web/classes.html", context)


def _dimension(scheme: Scheme, version: int, writer: Writer, sizes: dict[str, int], undetermined: int) -> Dimension:
    placed = sum(sizes.get(c.key, 0) for c in scheme.classes)
    cards = [_card(scheme, c, writer, sizes.get(c.key, 0), placed) for c in scheme.classes]
    icon = scheme.icon or next((c.icon for c in scheme.classes if c.icon), "stairs-up")
    return Dimension(scheme.dimension, scheme.label.get(writer.language), icon, version, cards, placed, undetermined)


def _card(scheme: Scheme, class_: Class, writer: Writer, size: int, placed: int) -> ClassCard:
    language = writer.language
    names = method_names()
    return ClassCard(
        key=class_.key,
        chip=class_chip(scheme, class_.key, language),
        definition=class_.definition.get(language),
        sentence=writer.sentence(class_.when) if class_.when is not None else gettext("其余客户"),
        size=size,
        share=round(100 * size / placed) if placed else 0,
        cadence=class_.service.cadence_days,
        methods=[(METHOD_ICONS[method], names[method]) for method in class_.service.methods],
        promise=class_.service.promise.get(language) if class_.service.promise else "",
    )
