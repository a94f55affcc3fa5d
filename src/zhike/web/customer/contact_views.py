"""A new contact of a customer, and changing a known one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import field_access, get_visible, require
from zhike.base.forms import OnceForm, tell
from zhike.core.errors import ZhikeError
from zhike.customers.actions.contacts import add_contact, update_contact
from zhike.customers.actions.merging import Overlap
from zhike.customers.models import Contact, Customer
from zhike.customers.reaches import of_holder
from zhike.web.customer.contact_form import ContactForm
from zhike.web.customers.differences import MergeForm
from zhike.web.customers.record_views import differing, made_before
from zhike.web.reach import form_rows, read_rows
from zhike.web.refusals import said

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.accounts.models import User
    from zhike.customers.reaches import NewReach
    from zhike.web.reach import ReachRows
    from zhike.web.request import Request

TEMPLATE = "web/contact_form.html"


@require_http_methods(["GET", "HEAD", "POST"])
def contact_new(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Contact(customer=customer))
    form = ContactForm(request.POST or None, by=request.user)
    once = OnceForm(request.POST or None)
    context = {"section": "customers", "form": form, "hidden": once, "customer": customer}
    if request.method != "POST":
        return render(request, TEMPLATE, {**context, "reaches": form_rows(()) if _may_reach(request.user) else None})
    rows, refused = _rows(request), ""
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and once.is_valid():
        key = once.cleaned_data["key"]
        try:
            contact = add_contact(customer=customer, by=request.user, form_key=key, reaches=rows or (), **_said(form))
        except ZhikeError as error:
            refused = _refuse(form, error)
            status = error.status
            context["made"] = made_before(once, error)
        else:
            return _saved(request, contact)
    return render(request, TEMPLATE, {**context, "reaches": _drawn(rows, refused)}, status=status)


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
        shown = form_rows(of_holder(contact)) if _may_reach(request.user) else None
        return render(request, TEMPLATE, {**context, "reaches": shown})
    rows, refused = _rows(request), ""
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and version.is_valid():
        try:
            given = _said(form) if rows is None else {**_said(form), "reaches": rows}
            contact = update_contact(contact=contact, by=request.user, **version.decided(given))
        except Overlap as error:
            context |= differing(request, form, version, error)
            status = error.status
        except ZhikeError as error:
            refused = _refuse(form, error)
            status = error.status
        else:
            return _saved(request, contact)
    return render(request, TEMPLATE, {**context, "reaches": _drawn(rows, refused)}, status=status)


def _may_reach(user: User) -> bool:
    """Say whether a person has all ways to reach somebody before them: they are one field, written as a whole."""
    return field_access(user, Contact).writes("reaches")


def _rows(request: Request) -> list[NewReach] | None:
    return read_rows(request.POST) if _may_reach(request.user) else None


def _drawn(rows: list[NewReach] | None, refused: str) -> ReachRows | None:
    return None if rows is None else form_rows(rows, refused)


def _said(form: ContactForm) -> dict[str, Any]:
    """Return what was said; without a word the first contact is the primary one, and others are not."""
    given = dict(form.cleaned_data)
    if form.contact is None and not given.get("is_primary", True):
        del given["is_primary"]
    return given


def _refuse(form: ContactForm, error: ZhikeError) -> str:
    """Put what was refused beside its field; return it when it is about how the person is reached."""
    if error.path == "reaches":
        return said(error)
    tell(form, error)
    return ""


def _saved(request: Request, contact: Contact) -> HttpResponse:
    messages.success(request, gettext("联系人 %(name)s 已保存") % {"name": contact.name})
    return redirect("web:customer", contact.customer_id)
