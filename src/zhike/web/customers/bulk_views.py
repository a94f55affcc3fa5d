"""Setting the class of many customers: those picked in the list, or all that its filter keeps.

Whom it is about stands in the address, with the filter of the list that it came from and leads back to.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import require, visible
from zhike.base.errors import Conflict, current_language
from zhike.base.forms import STALE, Form
from zhike.base.htmx import render_page
from zhike.base.inputs import Invalid
from zhike.base.paging import capped_count
from zhike.classification.actions.overrides import BULK_MAX, override_classes
from zhike.classification.models import Override
from zhike.classification.queries import standings_of
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.web.chips import Chips
from zhike.web.customers.filters import read_filter
from zhike.web.customers.record_views import refuse
from zhike.web.customers.screen import EVERY, ListAddress
from zhike.web.override_form import OverrideForm
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from zhike.base.chips import Chip
    from zhike.classification.rules import Rulebook
    from zhike.core.schemes import Scheme

PICKED = "customer"
TO = "to"  # ?to=value.high: the class onto which somebody was dragged
# From here on a slip would be felt by too many: it has to be confirmed.
UNASKED = 200
SHOWN = 10


class CountForm(Form):
    """How many customers the person saw, and that they mean all of them."""

    count = forms.IntegerField(min_value=1, widget=forms.HiddenInput, error_messages=STALE)
    confirmed = forms.BooleanField(
        required=False,
        label=_("我确认要一次改这么多客户"),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def clean(self) -> dict[str, object]:
        given: dict[str, object] = super().clean() or {}
        count = given.get("count")
        if isinstance(count, int) and count > UNASKED and not given.get("confirmed"):
            self.add_error("confirmed", _("超过 200 位，勾上这一项再指定。"))
        return given


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_override(request: Request) -> HttpResponse:
    require(request.user, "create", Override)
    rules, language = rulebook(), current_language()
    chosen = _chosen(request, rules)
    size, is_more = capped_count(chosen, BULK_MAX)
    if not size:
        raise Invalid("先在客户列表里勾选要改的客户", "pick the customers in the list first")
    if is_more:
        raise Invalid(
            f"一次最多 {BULK_MAX} 位客户，请再筛一筛", f"at most {BULK_MAX} customers at a time: narrow the filter"
        )
    form = OverrideForm(
        request.POST or None,
        schemes=_offered(rules, request.GET.get(TO, "")),
        language=language,
        today=local_today(),
        suggested=request.GET.get(TO, ""),
    )
    count = CountForm(request.POST or None, initial={"count": size})
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        # Both are asked, so that everything that is wrong is said at once.
        if form.is_valid() & count.is_valid():
            try:
                _check_count(size, count)
                done = _override(request, form, chosen)
            except ZhikeError as error:
                refuse(form, error)
                status = error.status
                count = CountForm(initial={"count": size})
            else:
                messages.success(request, _told(rules.scheme(form.dimension), form, done))
                return redirect(reverse("web:customers") + _list(request).same)
    context = {
        "section": "customers",
        "form": form,
        "count": count,
        "asks": size > UNASKED,
        "size": size,
        "shown": _shown(request, rules, chosen),
        "back": _list(request).same,
    }
    return render_page(request, "web/customers_override.html", context, partial="form", status=status)


def _offered(rules: Rulebook, to: str) -> list[Scheme]:
    """Return the dimensions to choose a class of: that of the class which was asked for, else all."""
    wanted = to.partition(".")[0]
    return [scheme for scheme in rules.schemes if scheme.dimension == wanted] or list(rules.schemes)


def _chosen(request: Request, rules: Rulebook) -> QuerySet[Customer]:
    """Return the customers that this person sees and means."""
    if request.GET.get(EVERY):
        return read_filter(request.GET, rules.schemes, current_language()).apply(request.user)
    given = request.GET.getlist(PICKED)
    ids = [int(pk) for pk in given if pk.isascii() and pk.isdigit() and len(pk) < 19]  # noqa: PLR2004  fits a bigint
    return visible(request.user, Customer).filter(pk__in=ids)


def _list(request: Request) -> ListAddress:
    """Return the address of the list, without what was picked in it."""
    query = request.GET.copy()
    for name in (PICKED, EVERY, TO):
        query.pop(name, None)
    return ListAddress(query)


def _check_count(size: int, count: CountForm) -> None:
    if size != count.cleaned_data["count"]:
        raise Conflict(
            f"符合条件的客户现在是 {size} 位，看清楚再指定", f"There are {size} such customers now: look again"
        )


def _override(request: Request, form: OverrideForm, chosen: QuerySet[Customer]) -> int:
    return override_classes(
        customers=list(chosen.order_by("pk").values_list("pk", flat=True)),
        dimension=form.dimension,
        class_key=form.chosen,
        reason=form.cleaned_data["reason"],
        by=request.user,
        expires_on=form.expiry,
    )


def _told(scheme: Scheme, form: OverrideForm, done: int) -> str:
    words = {
        "n": f"{done:,}",
        "dimension": scheme.label.get(current_language()),
        "label": scheme.get(form.chosen).label.get(current_language()),
    }
    said = ngettext(
        "%(n)s 位客户的%(dimension)s已指定为%(label)s", "%(n)s 位客户的%(dimension)s已指定为%(label)s", done
    )
    until = form.until_day(scheme)
    return render_to_string("web/decided.html", {"said": said % words, "until": until, "changes": []})


def _shown(request: Request, rules: Rulebook, chosen: QuerySet[Customer]) -> list[tuple[Customer, list[Chip | None]]]:
    """Return the first of the customers with their classes, so that a slip is seen."""
    first = list(chosen.order_by("name_key", "pk").only("name", "city")[:SHOWN])
    standings = standings_of(request.user, [customer.pk for customer in first])
    chips = Chips(rules, current_language())
    return [(customer, chips.of(standings.get(customer.pk, {}))) for customer in first]
