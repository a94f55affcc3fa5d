"""分类: the rules as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from zhike.base.errors import current_language
from zhike.classification.queries import ClassSize, class_sizes
from zhike.classification.rules import rulebook
from zhike.core.conditions.describe import Writer
from zhike.web.chips import class_chip
from zhike.web.services import METHOD_ICONS, method_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    dimensions = [
        _dimension(scheme, rules.versions[scheme.dimension].number, writer, sizes.get(scheme.dimension, {}))
        for scheme in rules.schemes
    ]
    broken = [(dimension, error.message(language)) for dimension, error in rules.broken.items()]
    context = {"section": "classes", "dimensions": dimensions, "broken": broken}
    return render(request, "web/classes.html", context)


def _dimension(scheme: Scheme, version: int, writer: Writer, sizes: Mapping[str, ClassSize]) -> Dimension:
    counted = [sizes.get(class_.key, ClassSize(0, 0)) for class_ in scheme.classes]
    placed = sum(size.customers for size in counted)
    return Dimension(
        key=scheme.dimension,
        label=scheme.label.get(writer.language),
        icon=scheme.icon or next((c.icon for c in scheme.classes if c.icon), "stairs-up"),
        version=version,
        classes=[
            _card(scheme, class_, writer, size.customers, placed)
            for class_, size in zip(scheme.classes, counted, strict=True)
        ],
        placed=placed,
        undetermined=sum(size.undetermined for size in counted),
    )


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
