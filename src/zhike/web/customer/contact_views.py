"""A new contact of a customer, and changing a known one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import get_visible, require
from zhike.base.forms import OnceForm
from zhike.core.errors import ZhikeError
from zhike.customers.actions.contacts import add_contact, update_contact
from zhike.customers.actions.merging import Overlap
from zhike.customers.models import Contact, Customer
from zhike.web.customers.differences import MergeForm
from zhike.web.customers.forms import ContactForm
from zhike.web.customers.record_views import differing, made_before, refuse

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def contact_new(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Contact(customer=customer))
    form = ContactForm(request.POST or None, by=request.user)
    once = OnceForm(request.POST or None)
    context = {"section": "customers", "form": form, "hidden": once, "customer": customer}
    if request.method != "POST":
        return render(request, "web/contact_form.html", context)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and once.is_valid():
        key = once.cleaned_data["key"]
        try:
            contact = add_contact(customer=customer, by=request.user, form_key=key, **form.cleaned_data)
        except ZhikeError as error:
            refuse(form, error)
            status = error.status
            context["made"] = made_before(once, error)
        else:
            return _saved(request, contact)
    return render(request, "web/contact_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def contact_edit(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    contact = get_visible(request.user, Contact, pk=contact_pk, customer=pk)
    require(request.user, "change", contact)
    form = ContactForm(request.POST or None, by=request.user, contact=contact)
    version = MergeForm(request.POST or None, initial={"version": contact.version})
    context: dict[str, object] = {
        "section": "customers",
        "form": form,
        "hidden": version,
        "customer": contact.customer,
        "contact": contact,
    }
    if request.method != "POST":
        return render(request, "web/contact_form.html", context)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and version.is_valid():
        try:
            contact = update_contact(contact=contact, by=request.user, **version.decided(form.cleaned_data))
        except Overlap as error:
            context |= differing(request, form, version, error)
            status = error.status
        except ZhikeError as error:
            refuse(form, error)
            status = error.status
        else:
            return _saved(request, contact)
    return render(request, "web/contact_form.html", context, status=status)


def _saved(request: Request, contact: Contact) -> HttpResponse:
    messages.success(request, gettext("联系人 %(name)s 已保存") % {"name": contact.name})
    return redirect("web:customer", contact.customer_id)
