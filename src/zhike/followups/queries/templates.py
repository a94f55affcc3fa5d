"""Reads of plan templates: as data of a pack, and those that a page or an action can begin from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zhike.classification.rules import rulebook
from zhike.followups.models import PlanTemplate
from zhike.timeline.kinds import KINDS, Group

if TYPE_CHECKING:
    from collections.abc import Mapping


# What a step can wait for: what happens with the customer, not what is written down of the record.
AWAITED = frozenset(key for key, kind in KINDS.items() if kind.group not in {Group.RECORD, Group.CLASS})


def present_plans() -> list[dict[str, Any]]:
    """Return the templates in use as a pack has them, in their order."""
    return [data_of(template) for template in PlanTemplate.objects.filter(is_active=True)]


def data_of(template: PlanTemplate) -> dict[str, Any]:
    """Return a template as `core.plans` reads it."""
    starts = {
        "trigger": template.trigger,
        "dimension": template.dimension,
        "class": template.class_key,
        "product": template.product,
    }
    return {
        "key": template.key,
        "name": template.name._asdict(),
        "purpose": template.purpose,
        "short_goal": template.short_goal._asdict(),
        "long_goal": template.long_goal._asdict(),
        "starts": {name: value for name, value in starts.items() if value},
        "steps": template.steps,
    }


def known_classes() -> Mapping[str, list[str]]:
    """Return the classes that a template may name: dimension → keys."""
    return {scheme.dimension: [class_.key for class_ in scheme.classes] for scheme in rulebook().schemes}


def own_keys() -> frozenset[str]:
    """Return the keys of the templates that the company wrote itself: no pack puts them out of use."""
    return frozenset(PlanTemplate.objects.filter(pack="").values_list("key", flat=True))
