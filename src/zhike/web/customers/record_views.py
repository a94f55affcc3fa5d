"""A new customer, and changing a known one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import get_visible, require
from zhike.base.errors import current_language
from zhike.base.forms import OnceForm, tell
from zhike.core.errors import ZhikeError
from zhike.customers.actions.contacts import CONTACT, ContactFields, create_with_contact
from zhike.customers.actions.customers import update_customer
from zhike.customers.actions.forms import MadeBefore
from zhike.customers.actions.merging import Overlap
from zhike.customers.display import Display
from zhike.customers.models import Customer, CustomField
from zhike.web.customers.differences import MergeForm, carried, choices
from zhike.web.customers.forms import CustomerForm, FirstContactForm
from zhike.web.duplicates.typed import keep_apart, warn_before_saving

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpResponse

    from zhike.customers.models import Contact
    from zhike.web.request import Request

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
def customer_new(request: Request) -> HttpResponse:
    require(request.user, "create", Customer)
    called = request.GET.get("name", "").replace("\0", "")[: Customer.NAME_MAX]
    form = CustomerForm(request.POST or None, by=request.user, currency=request.company.currency, called=called)
    once = OnceForm(request.POST or None)
    first = FirstContactForm(request.POST or None, by=request.user)
    context: dict[str, object] = {"section": "customers", "form": form, "hidden": once, "first": first}
    if request.method != "POST":
        return render(request, "web/customer_form.html", context)
    status = UNPROCESSABLE
    is_valid = all([form.is_valid(), once.is_valid(), first.is_valid()])
    warned = warn_before_saving(request, form, form_key=once.cleaned_data["key"]) if is_valid else None
    context["warned"] = warned
    if is_valid and not warned:
        # Only a company has contacts; what was typed before the kind was changed is not meant.
        contact: ContactFields = {}
        if form.cleaned_data.get("kind") == Customer.Kind.COMPANY:
            contact = {**first.cleaned_data}  # type: ignore[typeddict-item]
        try:
            customer = create_with_contact(
                by=request.user, form_key=once.cleaned_data["key"], contact=contact, **form.given()
            )
        except ZhikeError as error:
            tell(first if error.path.startswith(CONTACT) else form, error)
            status = error.status
            context["made"] = made_before(once, error)
        else:
            keep_apart(request, customer)
            done = gettext("%(name)s 刚才已经建档") if customer.is_repeat else gettext("%(name)s 已建档")
            messages.success(request, done % {"name": customer.name})
            return redirect("web:customer", customer.pk)
    return render(request, "web/customer_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def customer_edit(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "change", customer)
    form = CustomerForm(request.POST or None, by=request.user, currency=request.company.currency, customer=customer)
    version = MergeForm(request.POST or None, initial={"version": customer.version})
    context: dict[str, object] = {"section": "customers", "form": form, "hidden": version, "customer": customer}
    if request.method != "POST":
        return render(request, "web/customer_form.html", context)
    status = UNPROCESSABLE
    is_valid = form.is_valid() and version.is_valid()
    warned = warn_before_saving(request, form, customer=customer) if is_valid else None
    context["warned"] = warned
    if is_valid and not warned:
        try:
            update_customer(customer=customer, by=request.user, **version.decided(form.given()))
        except Overlap as error:
            context |= differing(request, form, version, error)
            status = error.status
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            keep_apart(request, customer)
            messages.success(request, gettext("%(name)s 的资料已保存") % {"name": customer.name})
            return redirect("web:customer", pk)
    return render(request, "web/customer_form.html", context, status=status)


def differing(request: Request, form: forms.Form, version: MergeForm, error: Overlap) -> dict[str, object]:
    """Put before the person what they and somebody else made of the same fields."""
    tell(form, error)
    version.ask(error)
    display = Display(
        request.user,
        CustomField.objects.all(),
        language=current_language(),
        currency=request.company.currency,
        is_masked=False,
    )
    asked = choices(error, display, request.POST)
    return {"conflict": asked, "carried": carried(asked, request.POST)}


def made_before(once: OnceForm, error: ZhikeError) -> Customer | Contact | None:
    """Return what the form made when it was sent before, and let it make another one."""
    if not isinstance(error, MadeBefore):
        return None
    once.renew_key()
    return error.made
