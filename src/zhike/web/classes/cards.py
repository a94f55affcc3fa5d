"""A dimension as people read it: its ordered classes as sentences, with what each is owed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.classification.queries import ClassSize
from zhike.web.chips import class_chip
from zhike.web.services import METHOD_ICONS, method_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.base.chips import Chip
    from zhike.core.conditions.describe import Writer
    from zhike.core.schemes import Class, Scheme


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
    hold_days: int
    waits: bool  # a demotion from here waits for a person
    hours: int | None


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


def dimension_card(scheme: Scheme, version: int, writer: Writer, sizes: Mapping[str, ClassSize]) -> Dimension:
    """Return a dimension, with the sizes of its classes where there are any."""
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


def class_sentence(scheme: Scheme, class_: Class, writer: Writer) -> str:
    """Return who belongs to a class."""
    if class_.when is not None:
        return writer.sentence(class_.when)
    return gettext("其余客户") if class_.key == scheme.default.key else gettext("由人指定")


def _card(scheme: Scheme, class_: Class, writer: Writer, size: int, placed: int) -> ClassCard:
    language, service = writer.language, class_.service
    names = method_names()
    return ClassCard(
        key=class_.key,
        chip=class_chip(scheme, class_.key, language),
        definition=class_.definition.get(language),
        sentence=class_sentence(scheme, class_, writer),
        size=size,
        share=round(100 * size / placed) if placed else 0,
        cadence=service.cadence_days,
        methods=[(METHOD_ICONS[method], names[method]) for method in service.methods],
        promise=service.promise.get(language) if service.promise else "",
        hold_days=class_.hold_days,
        waits=class_.demote == "review",
        hours=service.sla_hours,
    )
