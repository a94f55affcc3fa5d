"""The page of the flow between the classes of a dimension, and the same as a file."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from zhike.accounts.policy import sees_all
from zhike.base.errors import NotFound, current_language
from zhike.classification.flow import Step, flows, movements_by
from zhike.classification.queries import get_dimension
from zhike.classification.rules import rulebook
from zhike.customers.models import Customer
from zhike.web.classes.views import studio
from zhike.web.exported import exported
from zhike.web.flow.matrix import Teller
from zhike.web.flow.steps import HEIGHT, draw
from zhike.web.request import Request, local_today
from zhike.web.scorecard.period import read_period

if TYPE_CHECKING:
    from zhike.core.schemes import Scheme

TOLD = 3  # of the largest flows, in words
# Beyond so many days a bar is a month.
MOST_WEEKS_OF = 370


@require_safe
def class_flow(request: Request, dimension: str) -> HttpResponse:
    scheme, language, today = _scheme(dimension), current_language(), local_today()
    chosen = read_period(request.GET, today)
    found = flows(request.user, dimension, chosen.period)
    teller = Teller(scheme, found, chosen.period, language)
    step: Step = "week" if chosen.period.days <= MOST_WEEKS_OF else "month"
    moved = movements_by(request.user, dimension, chosen.period, step)
    context = {
        **studio(request, get_dimension(request.user, dimension)),
        "tab": "flow",
        "label": scheme.label.get(language),
        "chosen": chosen,
        "choices": chosen.choices(today),
        "today": today,
        "sees_all": sees_all(request.user, Customer),
        "matrix": teller.matrix(today),
        "summary": [teller.sentence(one) for one in found.moved[:TOLD]],
        "step": step,
        "steps": draw(scheme, teller.classes, moved, language),
        "height": HEIGHT,
    }
    return render(request, "web/flow.html", context)


@require_safe
def class_flow_file(request: Request, dimension: str) -> HttpResponse:
    """Give the flows as rows: class before, class at the end, customers, share of those before."""
    from zhike.engine.safe import as_cell  # noqa: PLC0415  it brings what only files need

    scheme, language = _scheme(dimension), current_language()
    period = read_period(request.GET, local_today()).period
    found = flows(request.user, dimension, period)
    teller = Teller(scheme, found, period, language)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{dimension}-{period.first}-{period.last}.csv"'
    writer = csv.writer(response)
    writer.writerow([period.before.isoformat(), period.last.isoformat(), gettext("客户数"), gettext("占比")])
    order = [*teller.classes, None]
    for one in sorted(found.flows, key=lambda one: (order.index(one.old), order.index(one.new))):
        names = [as_cell(teller.name(key)) for key in one[:2]]
        writer.writerow([*names, one.customers, f"{one.customers / found.before[one.old]:.4f}"])
    exported("flow", by=request.user, rows=len(found.flows), dimension=dimension)
    return response


def _scheme(dimension: str) -> Scheme:
    scheme = next((scheme for scheme in rulebook().schemes if scheme.dimension == dimension), None)
    if scheme is None:
        raise NotFound
    return scheme
