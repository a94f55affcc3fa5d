"""Says that something was written down, and which classes it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.template.loader import render_to_string

from zhike.base.errors import current_language
from zhike.classification.queries import changes_by
from zhike.classification.rules import rulebook
from zhike.web.chips import class_chip

if TYPE_CHECKING:
    from zhike.timeline.models import Event
    from zhike.web.request import Request


def announce(request: Request, event: Event, said: str) -> None:
    """Say what was done and draw every class that the event moved."""
    rules, language = rulebook(), current_language()
    changes = []
    for change in changes_by(event):
        scheme = rules.scheme(change.data["dimension"])
        chips = (class_chip(scheme, change.data[end], language) for end in ("from", "to"))
        changes.append((scheme.label.get(language), *chips))
    messages.success(request, render_to_string("web/decided.html", {"said": said, "changes": changes}))
