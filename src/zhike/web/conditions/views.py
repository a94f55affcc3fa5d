"""What the condition builder asks the server. Nothing is written here."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.views.decorators.http import require_POST, require_safe

from zhike.base.errors import current_language
from zhike.base.inputs import Invalid, json_body
from zhike.classification.candidates import draft_fields
from zhike.classification.consents import with_consents
from zhike.core.conditions.parse import problems
from zhike.core.conditions.quantiles import with_numbers
from zhike.core.errors import ZhikeError
from zhike.customers.readable import readable
from zhike.web.conditions.answer import answer
from zhike.web.conditions.catalogue import values_of
from zhike.web.conditions.text import place, read_text, write_text

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

# A condition of 500 tests in full is a tenth of it.
MOST_BYTES = 500_000
DEEPEST = 80
UNPROCESSABLE = 422


@require_POST
def condition_check(request: Request) -> HttpResponse:
    """Say sentence, numbers and mistakes of ``{"where": condition}``."""
    data = json_body(request, most=MOST_BYTES, deepest=DEEPEST)
    if "where" not in data:
        raise _nothing()
    return JsonResponse(answer(data["where"], request.user, current_language(), request.company.currency))


@require_POST
def condition_text(request: Request) -> HttpResponse:
    """Turn ``{"where": condition}`` into text, or ``{"text": …}`` into a condition."""
    data = json_body(request, most=MOST_BYTES, deepest=DEEPEST)
    if "where" in data:
        return JsonResponse({"text": write_text(data["where"])})
    text = data.get("text")
    if not isinstance(text, str):
        raise _nothing()
    try:
        where = read_text(text)
        found: list[ZhikeError] = [
            *problems(with_numbers(where, lambda _: 0), readable(request.user, with_consents(draft_fields())), "")
        ]
    except ZhikeError as error:
        found = [error]
    else:
        if not found:
            return JsonResponse({"where": where})
    language = current_language()
    return JsonResponse({"errors": [asdict(place(e, text, language)) for e in found]}, status=UNPROCESSABLE)


@require_safe
def condition_values(request: Request) -> HttpResponse:
    """Return the values that a field has among the customers of this person."""
    return JsonResponse({"values": values_of(request.GET.get("field", ""), request.user)})


def _nothing() -> Invalid:
    return Invalid("缺少条件", "the condition is missing", path="where")
