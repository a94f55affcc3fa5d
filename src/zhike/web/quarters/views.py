"""季度评估: all dimensions of a quarter beside the quarter before, what people note and what they decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import can, require
from zhike.base.errors import Conflict, current_language
from zhike.base.forms import VersionForm
from zhike.base.htmx import render_page, retarget, wants_partial
from zhike.classification.actions.quarter_counts import cancel_quarter_count
from zhike.classification.actions.quarters import close_quarter_review, save_quarter_review
from zhike.classification.models import QuarterReview
from zhike.classification.quarters import is_recorded, quarter_review, told
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.core.quarters import Quarter
from zhike.web.classes.views import studio
from zhike.web.quarters.counting import present_count, read_counting, start_count
from zhike.web.quarters.forms import CloseForm, ReviewForm
from zhike.web.quarters.rows import SHOWN, sections
from zhike.web.request import local_today
from zhike.web.scorecard.period import quarter_label, quarter_period
from zhike.web.scorecard.rows import heads, lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from zhike.classification.quarters import Findings
    from zhike.web.request import Request

UNPROCESSABLE = 422
# So many quarters are offered, the present one among them.
OFFERED = 5


@require_safe
def latest(request: Request) -> HttpResponse:
    """Show the quarter that waits to be looked at: the last one if there was any, until it is closed."""
    present = Quarter.of(local_today())
    last = present.away(-1)
    review = quarter_review(request.user, last)
    is_done = (review is not None and review.closed_at is not None) or not is_recorded(last.period.last)
    return _page(request, present if is_done else last)


@require_http_methods(["GET", "HEAD", "POST"])
def quarter_page(request: Request, quarter: str) -> HttpResponse:
    chosen = Quarter.parse(quarter)
    quarter_period(chosen, local_today())
    if request.method != "POST":
        return _page(request, chosen)
    require(request.user, "change", QuarterReview)
    form, version = ReviewForm(request.POST), VersionForm(request.POST)
    if not (form.is_valid() and version.is_valid()):
        return _page(request, chosen, form=form, hidden=version, status=UNPROCESSABLE)
    try:
        save_quarter_review(quarter=chosen, by=request.user, **version.cleaned_data, **form.cleaned_data)
    except ZhikeError as error:
        form.add_error(None, error.message(current_language()))
        return _page(request, chosen, form=form, status=error.status)
    messages.success(request, gettext("%(quarter)s 的评估已保存") % {"quarter": chosen})
    return redirect("web:quarter", quarter)


@require_POST
def quarter_close(request: Request, quarter: str) -> HttpResponse:
    chosen = Quarter.parse(quarter)
    require(request.user, "change", QuarterReview)
    seen = CloseForm(request.POST)
    if not seen.is_valid():
        return _page(request, chosen, refusal=gettext("这一页已经过时，请重新打开再定稿。"), status=UNPROCESSABLE)
    try:
        close_quarter_review(quarter=chosen, by=request.user, **seen.cleaned_data)
    except Conflict as error:
        return _page(request, chosen, refusal=error.message(current_language()), status=error.status)
    messages.success(request, gettext("%(quarter)s 已定稿，数字和文字不会再变") % {"quarter": chosen})
    return redirect("web:quarter", quarter)


@require_POST
def quarter_recount(request: Request, quarter: str) -> HttpResponse:
    start_count(request.user, Quarter.parse(quarter))
    return redirect("web:quarter", quarter)


@require_POST
def quarter_stop(request: Request, quarter: str) -> HttpResponse:
    cancel_quarter_count(quarter=Quarter.parse(quarter), by=request.user)
    messages.success(request, gettext("统计停了，已有的数没有变"))
    return redirect("web:quarter", quarter)


def _page(
    request: Request,
    quarter: Quarter,
    *,
    form: ReviewForm | None = None,
    hidden: VersionForm | None = None,
    status: int = 200,
    refusal: str = "",
) -> HttpResponse:
    """Show a quarter. After a conflict the form is at the version that is shown beside it.

    Who follows a count hears how far it is; once it has ended the figures come in its place.
    """
    today = local_today()
    period = quarter_period(quarter, today)
    review = quarter_review(request.user, quarter)
    is_closed = review is not None and review.closed_at is not None
    count = None if is_closed else present_count(request, quarter, today)
    stored: Mapping[str, object] = {"notes": review.notes, "decisions": review.decisions} if review else {}
    present = Quarter.of(today)
    context = {
        **studio(request),
        **_figures(told(review, count)),
        "quarter": quarter,
        "label": quarter_label(quarter),
        "period": period,
        "is_over": quarter.period.last < today,
        "is_closed": is_closed,
        "review": review,
        "form": form or ReviewForm(initial=stored),
        "hidden": hidden or VersionForm(initial={"version": review.version if review else 1}),
        "may_write": can(request.user, "change", QuarterReview) and not is_closed,
        "conflict": form is not None and status == Conflict.status,
        "refusal": refusal,
        "counting": read_counting(request.user, count, today) if count else None,
        "quarters": [(str(one), quarter_label(one)) for one in (present.away(-back) for back in range(OFFERED))],
        "before": quarter_label(quarter.away(-1)),
    }
    part = "count" if count is not None and count.is_open else "findings"
    response = render_page(request, "web/quarter.html", context, partial=part, status=status)
    return retarget(response, "#findings") if part == "findings" and wants_partial(request) else response


def _figures(found: Findings | None) -> dict[str, object]:
    """Return what is told of a quarter, if anything has been counted yet."""
    if found is None:
        return {"is_counted": False}
    language = current_language()
    return {
        "is_counted": True,
        "counted_at": found.counted_at,
        "heads": heads((key for key, _ in SHOWN), language),
        "sections": sections(found, rulebook(), language),
        "on_number": lines(found.on_number, language),
    }
