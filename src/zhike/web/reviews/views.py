"""The queue, and deciding one item or many."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import get_visible, require
from zhike.base.errors import Conflict, NotFound, current_language
from zhike.base.forms import Form
from zhike.base.htmx import render_page, wants_partial
from zhike.base.inputs import Invalid
from zhike.base.paging import Order, capped_count, key_page
from zhike.classification.actions.reviews import SAID_MAX, decide_review, decide_reviews
from zhike.classification.inbox import open_reviews, overrides_of
from zhike.classification.models import Review
from zhike.classification.rules import rulebook
from zhike.core.conditions.describe import Writer
from zhike.customers.readable import unreadable
from zhike.web.customers.screen import ListAddress
from zhike.web.request import Request, local_today
from zhike.web.reviews.filters import choices, read_review_filter, team_of
from zhike.web.reviews.rows import review_items, with_customers

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.classification.actions.reviews import Verdict

PAGE_SIZE = 30
NEWEST_FIRST = Order("created_at", descending=True)


class VerdictForm(Form):
    """Accept or keep, with a word to whoever found the class wrong."""

    verdict = forms.ChoiceField(choices=[("accept", ""), ("keep", "")])
    answer = forms.CharField(max_length=SAID_MAX, required=False)


class ManyForm(VerdictForm):
    """The same for all that were picked."""

    review: forms.ModelMultipleChoiceField[Review] = forms.ModelMultipleChoiceField(queryset=Review.objects.none())

    def __init__(self, request: Request) -> None:
        super().__init__(request.POST)
        # What is found wrong wants an answer of its own.
        rows = open_reviews(request.user).exclude(kind=Review.Kind.FEEDBACK).order_by("pk")
        cast("forms.ModelMultipleChoiceField[Review]", self.fields["review"]).queryset = rows


@require_safe
def queue(request: Request) -> HttpResponse:
    return _queue(request)


@require_POST
def decide(request: Request, pk: int) -> HttpResponse:
    review = get_visible(request.user, Review, pk=pk)
    require(request.user, "change", review)
    if review.dimension not in {scheme.dimension for scheme in rulebook().schemes}:
        raise NotFound
    form = VerdictForm(request.POST)
    if not form.is_valid():
        raise Invalid(
            "说明是接受还是保持，答复最多 500 字", "say accept or keep, with an answer of at most 500 characters"
        )
    verdict = cast("Verdict", form.cleaned_data["verdict"])
    try:
        decided = decide_review(review=review, verdict=verdict, by=request.user, answer=form.cleaned_data["answer"])
    except (Conflict, Invalid) as error:
        if wants_partial(request):
            raise
        messages.error(request, error.message(current_language()))
        return redirect(_back(request, review))
    messages.success(request, _told(request, decided))
    if wants_partial(request):
        return render_page(request, "web/reviews.html", {"oob": True}, partial="decided")
    return redirect(_back(request, review))


@require_POST
def decide_many(request: Request) -> HttpResponse:
    require(request.user, "change", Review)
    form = ManyForm(request)
    if not form.is_valid():
        raise Invalid("先勾选要一起处理的项目；反馈要逐条答复", "pick the items first; feedback is answered one by one")
    picked = list(form.cleaned_data["review"])
    verdict = cast("Verdict", form.cleaned_data["verdict"])
    try:
        done = decide_reviews(reviews=picked, verdict=verdict, by=request.user)
    except Invalid as error:
        messages.error(request, error.message(current_language()))
        return _again(request)
    if verdict == "accept":
        said = ngettext("接受了 %(n)s 项", "接受了 %(n)s 项", done)
    else:
        said = ngettext("保持了 %(n)s 项", "保持了 %(n)s 项", done)
    messages.success(request, said % {"n": done})
    if done < len(picked):
        late = len(picked) - done
        words = ngettext("另有 %(n)s 项已经有人处理", "另有 %(n)s 项已经有人处理", late)
        messages.error(request, words % {"n": late})
    return _again(request)


def _again(request: Request) -> HttpResponse:
    """Draw the queue again after many were decided."""
    if wants_partial(request):
        return _queue(request, oob=True)
    return redirect(reverse("web:reviews") + ListAddress(request.GET).same)


def _queue(request: Request, *, oob: bool = False) -> HttpResponse:
    user, rules, language = request.user, rulebook(), current_language()
    people = team_of(user)
    chosen = read_review_filter(request.GET, rules.schemes, people)
    rows = chosen.apply(user).filter(dimension__in=[scheme.dimension for scheme in rules.schemes])
    page = key_page(rows, NEWEST_FIRST, cursor=request.GET.get("at", ""), size=PAGE_SIZE, columns=with_customers)
    writer = Writer(language, rules.fields, request.company.currency, unreadable(request.user, rules.fields))
    address = ListAddress(request.GET)
    context = {
        "section": "reviews",
        "filter": chosen,
        "choices": choices(chosen, rules.schemes, people, language),
        "items": review_items(user, page.rows, rules, writer, local_today()),
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
        "address": address,
        "count": capped_count(rows),
        "others": capped_count(open_reviews(user)) if people and not (page.rows or chosen or chosen.owner) else None,
        "oob": oob,
    }
    return render_page(request, "web/reviews.html", context, partial="queue")


def _back(request: Request, review: Review) -> str:
    """Return the page on which the item was decided: the customer, today's list, or the queue as it was."""
    match request.GET.get("back"):
        case "customer":
            return reverse("web:customer", args=[review.customer_id])
        case "home":
            return reverse("web:home")
    return reverse("web:reviews") + ListAddress(request.GET).same


def _told(request: Request, review: Review) -> str:
    """Say what came of the decision."""
    rules, language = rulebook(), current_language()
    scheme = rules.scheme(review.dimension)
    labels = {class_.key: class_.label.get(language) for class_ in scheme.classes}
    words = {
        "name": review.customer.name,
        "dimension": scheme.label.get(language),
        "old": labels.get(review.from_key, review.from_key),
        "new": labels.get(review.to_key, review.to_key),
    }
    if review.kind == Review.Kind.FEEDBACK:
        return gettext("已答复：%(name)s的%(dimension)s") % words
    if review.state == Review.State.ACCEPTED:
        return _accepted(review) % words
    held = overrides_of(request.user, [review.customer_id]).get((review.customer_id, review.dimension))
    if held and held.expires_on:
        return gettext("%(name)s的%(dimension)s保持%(old)s，到 %(day)s") % {
            **words,
            "day": held.expires_on.isoformat(),
        }
    return gettext("%(name)s的%(dimension)s保持%(old)s") % words


def _accepted(review: Review) -> str:
    match review.kind:
        case Review.Kind.SUGGESTION:
            return gettext("%(name)s的%(dimension)s改为%(new)s")
        case Review.Kind.EXPIRING:
            return gettext("%(name)s的%(dimension)s到期后恢复规则判定")
        case Review.Kind.WARNING:
            return gettext("%(name)s的%(dimension)s到时变为%(new)s")
    return gettext("%(name)s的%(dimension)s就按规则，是%(new)s")
