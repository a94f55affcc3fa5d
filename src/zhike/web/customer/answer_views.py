"""An answer given on the customer's page: one field, saved, and the classes that it changed."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from zhike.accounts.policy import get_visible, require
from zhike.base.doors import Door, through
from zhike.base.errors import NotFound
from zhike.base.forms import tell
from zhike.base.htmx import render_page, wants_partial
from zhike.core.errors import ZhikeError
from zhike.customers.actions.customers import update_customer
from zhike.customers.models import Customer, CustomField
from zhike.timeline.queries import changes
from zhike.web.customer.announce import announce
from zhike.web.customer.completeness import FIELD, AnswerForm
from zhike.web.customer.record import open_story, page_context
from zhike.web.customers.forms import CustomerForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@require_POST
def answer(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "change", customer)
    form: AnswerForm | None = _form(request, customer)
    assert form is not None
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            with through(Door.ANSWER):
                update_customer(
                    customer=customer, version=form.cleaned_data["version"], by=request.user, **form.given()
                )
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            event = changes(request.user, pk).first()
            if event is not None:
                announce(request, event, gettext("已保存"))
            if not wants_partial(request):
                return redirect("web:customer", pk)
            form, status = None, HTTPStatus.OK
    context = page_context(request, open_story(request.user, pk), answered=form)
    return render_page(request, "web/customer.html", {**context, "oob": True}, partial="record", status=status)


def _form(request: Request, customer: Customer) -> AnswerForm:
    name = request.POST.get(FIELD, "")
    own = None
    if name.startswith("custom."):
        own = get_visible(request.user, CustomField, key=name.removeprefix("custom."), retired_at=None)
    elif name not in CustomerForm.base_fields:
        raise NotFound
    return AnswerForm(
        request.POST,
        name=name,
        by=request.user,
        currency=request.company.currency,
        customer=customer,
        own=own,
    )
