"""健康报告: how the classes of one dimension fare over a period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhike.accounts.policy import sees_all
from zhike.base.errors import NotFound, current_language
from zhike.classification.queries import get_dimension
from zhike.classification.rules import rulebook
from zhike.classification.scorecard import overrides_in, scorecard
from zhike.core.advice import advise
from zhike.core.scorecard import FIGURES
from zhike.customers.models import Customer
from zhike.web.classes.views import studio
from zhike.web.request import local_today
from zhike.web.scorecard.period import read_period
from zhike.web.scorecard.rows import Screen, heads

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

# So many of the newest overrides are listed.
SHOWN = 50
# The columns of the two tables.
HEALTH = ("size", "start", "sources", "override_rate", "flip_rate", "moves_rate", "stay_days")
OUTCOME = (
    "start",
    "conversion",
    "first_conversion",
    "average_order",
    "repurchase",
    "retention",
    "revenue_each",
    "revenue_share",
)


@require_safe
def class_scorecard(request: Request, dimension: str) -> HttpResponse:
    rules, language, today = rulebook(), current_language(), local_today()
    scheme = next((scheme for scheme in rules.schemes if scheme.dimension == dimension), None)
    if scheme is None:
        raise NotFound
    chosen = read_period(request.GET, today)
    card = scorecard(request.user, dimension, chosen.period)
    screen = Screen(card, scheme, advise(card), language)
    of = request.GET.get("of", "")
    of = of if of in {class_.key for class_ in scheme.classes} else ""
    made = overrides_in(request.user, dimension, chosen.period, class_key=of)
    context = {
        **studio(request, get_dimension(request.user, dimension)),
        "tab": "scorecard",
        "label": scheme.label.get(language),
        "card": card,
        "screen": screen,
        "rows": screen.rows(today=today),
        "chosen": chosen,
        "choices": chosen.choices(today),
        "today": today,
        "of": screen.named(of) if of else None,
        "made": [(o, screen.named(o.was_key), screen.named(o.class_key)) for o in made[:SHOWN]],
        "more": max(0, made.count() - SHOWN),
        "health": heads(HEALTH, language),
        "outcome": heads(OUTCOME, language),
        "figures": heads(FIGURES, language),
        "formulas": {key: FIGURES[key].formula.get(language) for key in ("undetermined", "feedback", "lift")},
        "sees_all": sees_all(request.user, Customer),
    }
    return render(request, "web/scorecard.html", context)
