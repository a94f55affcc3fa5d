"""A customer looked at beside the list: the head of the record, the classes and why, what happened last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhike.accounts.policy import can, visible
from zhike.classification.inbox import overrides_of
from zhike.classification.models import Override
from zhike.timeline.kinds import KINDS
from zhike.timeline.models import Event
from zhike.web.chips import Chips
from zhike.web.customer.record import open_story, writer_for
from zhike.web.customer.why import why
from zhike.web.customers.screen import ListAddress

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

LAST = 5


@require_safe
def peek(request: Request, pk: int) -> HttpResponse:
    story = open_story(request.user, pk)
    writer = writer_for(request, story)
    chips = Chips(story.rules, writer.language)
    drawn = {
        scheme.dimension: chips.one(scheme, story.placements[scheme.dimension])
        for scheme in story.rules.schemes
        if scheme.dimension in story.placements
    }
    wanted = request.GET.get("why", "")
    told = wanted if wanted in drawn else next(iter(drawn), "")
    held = overrides_of(request.user, [pk]).get((pk, told))
    events = visible(request.user, Event).filter(customer=pk).order_by("-day", "-occurred_at", "-pk")[:LAST]
    context = {
        "customer": story.customer,
        "chips": drawn.items(),
        "dimension": told,
        "why": why(story, told, writer, override=held) if told else None,
        "events": [(event, KINDS[event.kind].label.get(writer.language), KINDS[event.kind].icon) for event in events],
        "may_override": can(request.user, "create", Override),
        "back": ListAddress(request.GET).without("why"),
    }
    return render(request, "web/customer_peek.html", context)
