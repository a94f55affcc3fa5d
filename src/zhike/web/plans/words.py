"""What begins a plan and of which steps it is, and what a change of class has altered of it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from zhike.base.errors import current_language
from zhike.classification.rules import rulebook
from zhike.core.plans import PURPOSES, Starts
from zhike.followups.models import PlanTemplate, Task
from zhike.followups.words import altered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.core.plans import Template
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language

# Those that say least: that a step stays is said by the plan itself.
UNSAID = frozenset({"kept"})


@dataclass(frozen=True, slots=True)
class Outline:
    """A template in short: what it is for, what it begins by, and its steps."""

    key: str
    name: str
    purpose: str
    begins: str
    steps: Sequence[str]


def outlines(templates: Iterable[Template], schemes: Sequence[Scheme], language: Language) -> list[Outline]:
    """Return templates in short; `schemes` are those whose classes they name."""
    return [
        Outline(
            one.key,
            one.name.get(language),
            PURPOSES[one.purpose].get(language),
            begins_by(one.starts, schemes, language),
            [f"{step.name.get(language)}{_aside(str(Task.Kind(step.method).label))}" for step in one.steps],
        )
        for one in templates
    ]


def begins_by(starts: Starts, schemes: Sequence[Scheme], language: Language) -> str:
    """Say what a template begins by: a class by its dimension and label, a product line by its name."""
    begins = str(PlanTemplate.Trigger(starts.trigger).label)
    scheme = next((scheme for scheme in schemes if scheme.dimension == starts.dimension), None)
    class_ = next((one for one in scheme.classes if one.key == starts.class_key), None) if scheme else None
    about = starts.product
    if scheme is not None:
        labels = [scheme.label.get(language), *([class_.label.get(language)] if class_ else [])]
        about = " · ".join(labels)
    return gettext("%(begins)s：%(about)s") % {"begins": begins, "about": about} if about else begins


def _aside(word: str) -> str:
    return gettext("（%(word)s）") % {"word": word}


@dataclass(frozen=True, slots=True)
class Adapted:
    """One alteration: when, the change of class that it follows, and what became of the steps."""

    at: datetime
    change: str
    what: Sequence[str]


def adapted(entries: Sequence[Mapping[str, Any]]) -> list[Adapted]:
    """Return the alterations of a plan, the latest first."""
    schemes = {scheme.dimension: scheme for scheme in rulebook().schemes}
    return [_entry(entry, schemes.get(str(entry.get("dimension")))) for entry in reversed(entries)]


def _entry(entry: Mapping[str, Any], scheme: Scheme | None) -> Adapted:
    language = current_language()
    labels = {class_.key: class_.label.get(language) for class_ in scheme.classes} if scheme else {}
    ends = {name: labels.get(entry.get(name, ""), entry.get(name) or "—") for name in ("from", "to")}
    dimension = scheme.label.get(language) if scheme else str(entry.get("dimension", ""))
    return Adapted(
        at=datetime.fromisoformat(entry["at"]),
        change=f"{dimension} {ends['from']} → {ends['to']}",
        what=[
            words.get(language) for words in altered(one for one in entry.get("what", ()) if one["code"] not in UNSAID)
        ],
    )
