"""The addresses of a customer, and the three lists from which a place is chosen."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import get_visible
from zhike.base.errors import Conflict
from zhike.base.forms import Form, OnceForm, VersionForm, tell
from zhike.core.errors import ZhikeError
from zhike.customers.actions.addresses import (
    AddressFields,
    add_address,
    remove_address,
    require_addresses,
    update_address,
)
from zhike.customers.divisions import below, is_known, line_of
from zhike.customers.models import Address, Customer

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from zhike.customers.divisions import Division
    from zhike.web.request import Request

TEMPLATE = "web/address_form.html"
LEVELS = ("province", "city", "district")
# The button with which a browser without scripts asks for the lists below what it chose.
ASK = "list"


class AddressForm(Form):
    """What a person types of an address; the place is chosen from lists."""

    label = forms.CharField(
        label=_("说明"),
        max_length=Address.LABEL_MAX,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("总部、收货、开票")}),
    )
    street = forms.CharField(label=_("街道和门牌"), max_length=Address.STREET_MAX, required=False)
    postcode = forms.CharField(
        label=_("邮编"), max_length=10, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    is_primary = forms.BooleanField(label=_("主要地址"), required=False)

    def __init__(self, data: QueryDict | None = None, *, address: Address | None = None) -> None:
        start = {name: getattr(address, name) for name in self.base_fields} if address else {}
        super().__init__(data, initial=start)


class Picker:
    """The three lists, each below what is chosen in the one before; what does not lie below it is not chosen."""

    def __init__(self, data: QueryDict | None = None, code: str = "") -> None:
        chosen = [data.get(level, "") for level in LEVELS] if data is not None else line_of(code)
        self.code = ""
        self.lists: list[tuple[str, str, list[Division], str]] = []
        labels = (gettext("省"), gettext("市"), gettext("区县"))
        for at, (level, label) in enumerate(zip(LEVELS, labels, strict=True)):
            above = self.lists[-1][3] if self.lists else ""
            options = below(above) if not self.lists or above else []
            picked = chosen[at] if at < len(chosen) else ""
            if picked not in {option.code for option in options}:
                # Where there is nothing to choose it is chosen: a municipality is its own city.
                picked = options[0].code if len(options) == 1 else ""
            self.lists.append((level, label, options, picked))
            self.code = picked or self.code


@require_safe
def divisions(request: Request) -> HttpResponse:
    """Return the lists anew, for what was chosen."""
    return render(request, "web/divisions.html", {"picker": Picker(request.GET)})


@require_http_methods(["GET", "HEAD", "POST"])
def address_new(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require_addresses(request.user, customer)
    form, once = AddressForm(request.POST or None), OnceForm(request.POST or None)
    picker = Picker(request.POST or None)
    context = {"section": "customers", "customer": customer, "form": form, "hidden": once, "picker": picker}
    if request.method != "POST" or ASK in request.POST:
        return render(request, TEMPLATE, context)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and once.is_valid():
        key = once.cleaned_data["key"]
        try:
            add_address(customer=customer, by=request.user, form_key=key, division=picker.code, **form.cleaned_data)
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            messages.success(request, gettext("地址已保存"))
            return redirect("web:customer", pk)
    return render(request, TEMPLATE, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def address_edit(request: Request, pk: int, address_pk: int) -> HttpResponse:
    address = get_visible(request.user, Address, pk=address_pk, customer=pk)
    require_addresses(request.user, address.customer)
    form = AddressForm(request.POST or None, address=address)
    version = VersionForm(request.POST or None, initial={"version": address.version})
    picker = Picker(request.POST or None, address.division)
    context = {
        "section": "customers",
        "customer": address.customer,
        "address": address,
        "form": form,
        "hidden": version,
        "picker": picker,
    }
    if request.method != "POST" or ASK in request.POST:
        return render(request, TEMPLATE, context)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and version.is_valid():
        try:
            given: AddressFields = {**form.cleaned_data}  # type: ignore[typeddict-item]
            if picker.code or is_known(address.division):
                given["division"] = picker.code
            update_address(address=address, by=request.user, **version.cleaned_data, **given)
        except ZhikeError as error:
            tell(form, error)
            status = error.status
            context["conflict"] = isinstance(error, Conflict)
        else:
            messages.success(request, gettext("地址已保存"))
            return redirect("web:customer", pk)
    return render(request, TEMPLATE, context, status=status)


@require_POST
def address_remove(request: Request, pk: int, address_pk: int) -> HttpResponse:
    address = get_visible(request.user, Address, pk=address_pk, customer=pk)
    remove_address(address=address, by=request.user)
    messages.success(request, gettext("地址已删除，动态里还能看到"))
    return redirect("web:customer", pk)
