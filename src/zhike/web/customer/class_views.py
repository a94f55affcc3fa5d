"""Why a customer has a class, and what people do about it: set it by hand, give it back, find it wrong.

In the page of the customer the answer is a panel beside the class; without JavaScript each is a page
of its own. What was done is told in a toast, and the record is drawn again.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import can, require
from zhike.base.errors import NotFound
from zhike.base.forms import tell
from zhike.base.htmx import render_page, retarget, wants_partial
from zhike.classification.actions.overrides import extend_override, lift_override, override_class
from zhike.classification.actions.reviews import report_wrong
from zhike.classification.inbox import open_feedback, open_suggestion, overrides_of
from zhike.classification.models import Override, Review
from zhike.core.errors import ZhikeError
from zhike.web.as_of import AS_OF, read_past_day
from zhike.web.chips import Chips
from zhike.web.customer.past import open_past, past_panel
from zhike.web.customer.record import open_story, page_context, writer_for
from zhike.web.customer.ribbon import ribbon
from zhike.web.customer.why import why as explain_class
from zhike.web.override_form import OverrideForm, SeenForm, WrongForm
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from django.http import HttpResponse

    from zhike.base.chips import Chip
    from zhike.classification.queries import Story
    from zhike.core.text import Language


@require_safe
def why(request: Request, pk: int, dimension: str) -> HttpResponse:
    day = read_past_day(request.GET.get(AS_OF, ""), today=local_today())
    if day is not None:
        context = past_panel(request, open_past(request.user, pk, day), dimension)
        return render_page(request, "web/why.html", context, partial="panel")
    return _panel(request, _open(request, pk, dimension), dimension)


@require_http_methods(["GET", "HEAD", "POST"])
def override(request: Request, pk: int, dimension: str) -> HttpResponse:
    told = _open(request, pk, dimension)
    require(request.user, "create", Override(customer=told.customer))
    scheme, language = told.rules.scheme(dimension), writer_for(request, told).language
    placement = told.placements[dimension]
    suggested = f"{dimension}.{placement.computed_key}" if placement.waits else ""
    given = request.POST or None
    form = OverrideForm(given, schemes=[scheme], language=language, today=told.as_of, suggested=suggested)
    seen = SeenForm(given)
    if request.method != "POST":
        return _panel(request, told, dimension, override_form=form)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and seen.is_valid():
        try:
            made = override_class(
                customer=told.customer,
                dimension=dimension,
                class_key=form.chosen,
                reason=form.cleaned_data["reason"],
                by=request.user,
                expires_on=form.expiry,
                seen=seen.cleaned_data["seen"],
            )
        except ZhikeError as error:
            tell(form, error)
            status, told = error.status, _open(request, pk, dimension)
        else:
            words = {"dimension": scheme.label.get(language), "label": scheme.get(made.class_key).label.get(language)}
            return _done(request, told, gettext("%(dimension)s已指定为%(label)s") % words, until=made.expires_on)
    return _panel(request, told, dimension, override_form=form, status=status)


@require_POST
def lift(request: Request, pk: int, dimension: str) -> HttpResponse:
    def act(told: Story, seen: int | None) -> HttpResponse:
        lift_override(customer=told.customer, dimension=dimension, by=request.user, seen=seen)
        label = told.rules.scheme(dimension).label.get(writer_for(request, told).language)
        return _done(request, told, gettext("%(dimension)s交还规则判定") % {"dimension": label})

    return _act(request, pk, dimension, act)


@require_POST
def extend(request: Request, pk: int, dimension: str) -> HttpResponse:
    def act(told: Story, seen: int | None) -> HttpResponse:
        made = extend_override(customer=told.customer, dimension=dimension, by=request.user, seen=seen)
        label = told.rules.scheme(dimension).label.get(writer_for(request, told).language)
        said = gettext("%(dimension)s的人工指定已延长") % {"dimension": label}
        return _done(request, told, said, until=made.expires_on)

    return _act(request, pk, dimension, act)


@require_http_methods(["GET", "HEAD", "POST"])
def wrong(request: Request, pk: int, dimension: str) -> HttpResponse:
    told = _open(request, pk, dimension)
    require(request.user, "create", Review(customer=told.customer))
    form = WrongForm(request.POST or None)
    if request.method != "POST":
        return _panel(request, told, dimension, wrong_form=form)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            report_wrong(customer=told.customer, dimension=dimension, by=request.user, **form.cleaned_data)
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            return _done(request, told, gettext("已告诉规则的负责人，有了答复会通知你"))
    return _panel(request, told, dimension, wrong_form=form, status=status)


def _open(request: Request, pk: int, dimension: str) -> Story:
    told = open_story(request.user, pk)
    if dimension not in told.placements or dimension not in {s.dimension for s in told.rules.schemes}:
        raise NotFound
    return told


def _act(request: Request, pk: int, dimension: str, act: Callable[[Story, int | None], HttpResponse]) -> HttpResponse:
    """Do what needs no words; where it is refused, draw the panel again with what stands now."""
    told = _open(request, pk, dimension)
    require(request.user, "change", Override)
    form = SeenForm(request.POST)
    if not form.is_valid():
        return _panel(request, told, dimension, problem=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        return act(told, form.cleaned_data["seen"])
    except ZhikeError as error:
        tell(form, error)
        return _panel(request, _open(request, pk, dimension), dimension, problem=form, status=error.status)


def _panel(  # noqa: PLR0913  one keyword each
    request: Request,
    told: Story,
    dimension: str,
    *,
    override_form: OverrideForm | None = None,
    wrong_form: WrongForm | None = None,
    problem: SeenForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    user, customer, writer = request.user, told.customer.pk, writer_for(request, told)
    held = overrides_of(user, [customer]).get((customer, dimension))
    waits = told.placements[dimension].waits
    context = {
        "section": "customers",
        "customer": told.customer,
        "dimension": dimension,
        "why": explain_class(told, dimension, writer, override=held),
        "ribbon": ribbon(user, customer, told.rules.scheme(dimension), told.as_of, writer.language),
        "is_paused": dimension in told.rules.paused,
        "suggestion": open_suggestion(user, customer, dimension) if waits else None,
        "feedback": open_feedback(user, customer, dimension),
        "may_override": can(user, "create", Override(customer=told.customer)),
        "override_form": override_form,
        "wrong_form": wrong_form,
        "problem": problem,
        "in_panel": wants_partial(request),
    }
    return render_page(request, "web/why.html", context, partial="panel", status=status)


def _done(request: Request, before: Story, said: str, *, until: date | None = None) -> HttpResponse:
    """Say what was done and which classes it changed, and draw the record again."""
    after = open_story(request.user, before.customer.pk)
    changes = list(_changes(before, after, writer_for(request, after).language))
    messages.success(request, render_to_string("web/decided.html", {"said": said, "until": until, "changes": changes}))
    if not wants_partial(request):
        return redirect("web:customer", before.customer.pk)
    context = {**page_context(request, after), "oob": True}
    return retarget(render_page(request, "web/customer.html", context, partial="record"), "#record")


def _changes(before: Story, after: Story, language: Language) -> Iterator[tuple[str, Chip, Chip]]:
    """Yield the dimensions in which the class is another now, with both."""
    chips = Chips(after.rules, language)
    for scheme in after.rules.schemes:
        old, new = (told.placements.get(scheme.dimension) for told in (before, after))
        if old and new and old.class_key != new.class_key:
            yield scheme.label.get(language), chips.one(scheme, old).now, chips.one(scheme, new).now
