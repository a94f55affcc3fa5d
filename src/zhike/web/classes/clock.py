"""时钟: whether the clock moves the customers in time, and whom it moved today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhike.base.errors import current_language
from zhike.classification.clock import Movement, clock_state, movements
from zhike.classification.rules import rulebook
from zhike.web.chips import class_chip
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpResponse

    from zhike.base.chips import Chip
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language


@dataclass(frozen=True, slots=True)
class MovedClass:
    """A class, and how many entered and left it today."""

    chip: Chip
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class MovedDimension:
    """A dimension in which somebody moved today."""

    key: str
    label: str
    classes: Sequence[MovedClass]


@require_safe
def clock(request: Request) -> HttpResponse:
    language, today = current_language(), local_today()
    moved = movements(request.user, since=today, until=today)
    state = clock_state(request.user)
    context = {
        "section": "classes",
        "clock": state,
        "late_minutes": int(state.lag.total_seconds() // 60),
        "placed_today": state.sweep.day_customers if state.sweep and state.sweep.day == today else 0,
        "dimensions": [
            _moved(scheme, moved[scheme.dimension], language)
            for scheme in rulebook().schemes
            if scheme.dimension in moved
        ],
    }
    return render(request, "web/clock.html", context)


def _moved(scheme: Scheme, moved: Mapping[str, Movement], language: Language) -> MovedDimension:
    """Return the classes in which something moved; those that the rules have no longer come last."""
    known = [class_.key for class_ in scheme.classes]
    keys = [key for key in known if key in moved] + sorted(key for key in moved if key not in known)
    return MovedDimension(
        scheme.dimension,
        scheme.label.get(language),
        [MovedClass(class_chip(scheme, key, language), *moved[key]) for key in keys],
    )
