"""A new contact of a customer, and changing a known one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import get_visible, require
from zhike.core.errors import ZhikeError
from zhike.customers.actions import add_contact, update_contact
from zhike.customers.models import Contact, Customer
from zhike.web.customers.forms import ContactForm
from zhike.web.customers.record_views import refuse

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def contact_new(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "change", customer)
    return _contact_form(request, customer, None)


@require_http_methods(["GET", "HEAD", "POST"])
def contact_edit(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    contact = get_visible(request.user, Contact, pk=contact_pk, customer=pk)
    require(request.user, "change", contact)
    return _contact_form(request, contact.customer, contact)


def _contact_form(request: Request, customer: Customer, contact: Contact | None) -> HttpResponse:
    form = ContactForm(request.POST or None, contact=contact)
    context = {"section": "customers", "form": form, "customer": customer, "contact": contact}
    if request.method != "POST":
        return render(request, "web/contact_form.html", context)
    if form.is_valid():
        try:
            if contact is None:
                contact = add_contact(customer=customer, by=request.user, **form.cleaned_data)
            else:
                contact = update_contact(contact=contact, by=request.user, **form.cleaned_data)
        except ZhikeError as error:
            refuse(form, error)
        else:
            messages.success(request, gettext("联系人 %(name)s 已保存") % {"name": contact.name})
            return redirect("web:customer", customer.pk)
    return render(request, "web/contact_form.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
