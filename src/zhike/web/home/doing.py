"""The ways in which something is done, for people: as tasks have them, the ways of classes among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.followups.models import Task
from zhike.web.services import METHOD_ICONS

if TYPE_CHECKING:
    from collections.abc import Mapping

DOING_ICONS: Mapping[str, str] = {**METHOD_ICONS, "meeting": "users", "todo": "clipboard-check"}


def doing_names() -> Mapping[str, str]:
    return {kind.value: str(kind.label) for kind in Task.Kind}
