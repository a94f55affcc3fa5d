"""A masked value, told once to whoever says why: it stands in this one answer, and nowhere afterwards."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import access_to, get_visible
from zhike.accounts.rights import Access
from zhike.base.errors import NotFound
from zhike.base.forms import tell
from zhike.core.errors import ZhikeError
from zhike.customers.models import Contact, Customer
from zhike.privacy.actions.reveals import reveal, reveals_today
from zhike.web.privacy.forms import RevealForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def reveal_customer(request: Request, pk: int, field: str) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    return _reveal(request, customer, customer, field)


@require_http_methods(["GET", "HEAD", "POST"])
def reveal_contact(request: Request, pk: int, contact_pk: int, field: str) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    return _reveal(request, customer, get_visible(request.user, Contact, pk=contact_pk, customer=pk), field)


def _reveal(request: Request, customer: Customer, row: Customer | Contact, field: str) -> HttpResponse:
    if access_to(request.user, type(row), field) is not Access.MASKED:
        raise NotFound
    form, value, status = RevealForm(request.POST or None), "", HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                value = reveal(row=row, field=field, reason=form.cleaned_data["reason"], by=request.user)
                status = HTTPStatus.OK
            except ZhikeError as error:
                tell(form, error)
                status = HTTPStatus(error.status)
    limit = settings.ZHIKE_REVEALS_A_DAY
    context = {
        "section": "customers",
        "customer": customer,
        "form": form,
        "value": value,
        "left": max(0, limit - reveals_today(request.user)),
        "limit": limit,
    }
    response = render(request, "web/privacy_reveal.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response
