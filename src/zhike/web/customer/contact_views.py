"""A new contact of a customer, and changing a known one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import get_visible, require
from zhike.base.errors import Conflict
from zhike.base.forms import OnceForm, VersionForm
from zhike.core.errors import ZhikeError
from zhike.customers.actions.contacts import add_contact, update_contact
from zhike.customers.models import Contact, Customer
from zhike.customers.reaches import of_holder
from zhike.web.customer.contact_form import ContactForm
from zhike.web.customers.record_views import made_before, refuse
from zhike.web.reach import form_rows, read_rows
from zhike.web.refusals import said

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.customers.reaches import NewReach
    from zhike.web.request import Request

TEMPLATE = "web/contact_form.html"


@require_http_methods(["GET", "HEAD", "POST"])
def contact_new(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "change", customer)
    form = ContactForm(request.POST or None)
    once = OnceForm(request.POST or None)
    context = {"section": "customers", "form": form, "hidden": once, "customer": customer}
    if request.method != "POST":
        return render(request, TEMPLATE, {**context, "reaches": form_rows(())})
    rows, refused = read_rows(request.POST), ""
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and once.is_valid():
        key = once.cleaned_data["key"]
        try:
            contact = add_contact(customer=customer, by=request.user, form_key=key, reaches=rows, **_said(form))
        except ZhikeError as error:
            refused = _refuse(form, error)
            status = error.status
            context["made"] = made_before(once, error)
        else:
            return _saved(request, contact)
    return render(request, TEMPLATE, {**context, "reaches": form_rows(rows, refused)}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def contact_edit(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    contact = get_visible(request.user, Contact, pk=contact_pk, customer=pk)
    require(request.user, "change", contact)
    form = ContactForm(request.POST or None, contact=contact)
    version = VersionForm(request.POST or None, initial={"version": contact.version})
    context = {
        "section": "customers",
        "form": form,
        "hidden": version,
        "customer": contact.customer,
        "contact": contact,
    }
    if request.method != "POST":
        return render(request, TEMPLATE, {**context, "reaches": form_rows(of_holder(contact))})
    rows: list[NewReach] = read_rows(request.POST)
    refused = ""
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and version.is_valid():
        try:
            contact = update_contact(
                contact=contact, by=request.user, reaches=rows, **version.cleaned_data, **_said(form)
            )
        except ZhikeError as error:
            refused = _refuse(form, error)
            status = error.status
            context["conflict"] = isinstance(error, Conflict)
        else:
            return _saved(request, contact)
    return render(request, TEMPLATE, {**context, "reaches": form_rows(rows, refused)}, status=status)


def _said(form: ContactForm) -> dict[str, Any]:
    """Return what was said; without a word the first contact is the primary one, and others are not."""
    given = dict(form.cleaned_data)
    if form.contact is None and not given["is_primary"]:
        del given["is_primary"]
    return given


def _refuse(form: ContactForm, error: ZhikeError) -> str:
    """Put what was refused beside its field; return it when it is about how the person is reached."""
    if error.path == "reaches":
        return said(error)
    refuse(form, error)
    return ""


def _saved(request: Request, contact: Contact) -> HttpResponse:
    messages.success(request, gettext("联系人 %(name)s 已保存") % {"name": contact.name})
    return redirect("web:customer", contact.customer_id)
