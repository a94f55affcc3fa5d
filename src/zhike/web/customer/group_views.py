"""Who a company belongs to, and what customers are to one another."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.policy import get_visible, require, visible
from zhike.base.errors import NotFound
from zhike.base.forms import Form, VersionForm
from zhike.base.htmx import render_page
from zhike.core.errors import ZhikeError
from zhike.customers.actions.groups import set_parent
from zhike.customers.actions.relations import relate, unrelate
from zhike.customers.models import Customer, Relation
from zhike.customers.relations import relations
from zhike.web.customer.picker import chosen_customer, read_picker
from zhike.web.refusals import said

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

# How it is said from the page of a customer → whether this customer comes first, and the kind.
DIRECTIONS = {
    "supplier_of": (True, Relation.Kind.SUPPLIER, _("是对方的供应商")),
    "supplied_by": (False, Relation.Kind.SUPPLIER, _("对方是供应商")),
    "partner": (True, Relation.Kind.PARTNER, _("互为合作伙伴")),
    "referrer_of": (True, Relation.Kind.REFERRER, _("介绍来了对方")),
    "referred_by": (False, Relation.Kind.REFERRER, _("由对方介绍来")),
}


class RelationForm(Form):
    """What the two are to one another."""

    direction = forms.ChoiceField(
        label=_("关系"), choices=[(key, words) for key, (*_rest, words) in DIRECTIONS.items()]
    )
    note = forms.CharField(label=_("备注"), max_length=Relation.NOTE_MAX, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def customer_parent(request: Request, pk: int) -> HttpResponse:
    """Choose the company above, or let it stand alone."""
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "change", customer)
    version = VersionForm(request.POST or None, initial={"version": customer.version})
    parent = visible(request.user, Customer).filter(pk=customer.parent_id or 0).first()
    context: dict[str, object] = {
        "section": "customers",
        "customer": customer,
        "hidden": version,
        "parent": parent,
        "picker": read_picker(request, customer, parent),
    }
    if request.method != "POST":
        return render_page(request, "web/parent_form.html", context, partial="found")
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if version.is_valid():
        try:
            chosen = None if "alone" in request.POST else chosen_customer(request.user, request.POST.get("other", ""))
            set_parent(customer=customer, parent=chosen, by=request.user, **version.cleaned_data)
        except NotFound:
            raise
        except ZhikeError as error:
            context["refused"], status = said(error), error.status
        else:
            messages.success(request, gettext("上级公司已保存") if chosen else gettext("不再属于别的公司"))
            return redirect("web:customer", pk)
    return render(request, "web/parent_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def relation_new(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "change", customer)
    form = RelationForm(request.POST or None)
    context: dict[str, object] = {
        "section": "customers",
        "customer": customer,
        "form": form,
        "picker": read_picker(request, customer),
    }
    if request.method != "POST":
        return render_page(request, "web/relation_form.html", context, partial="found")
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            other = chosen_customer(request.user, request.POST.get("other", ""))
            is_first, kind, _words = DIRECTIONS[form.cleaned_data["direction"]]
            one, two = (customer, other) if is_first else (other, customer)
            relate(customer=one, other=two, kind=kind, note=form.cleaned_data["note"], by=request.user)
        except NotFound:
            raise
        except ZhikeError as error:
            context["refused"], status = said(error), error.status
        else:
            messages.success(request, gettext("和 %(name)s 的关系已记下，对方的页面上也有") % {"name": other.name})
            return redirect("web:customer", pk)
    return render(request, "web/relation_form.html", context, status=status)


@require_POST
def relation_remove(request: Request, pk: int, relation_pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    relation = relations(request.user).filter(pk=relation_pk).first()
    if relation is None or customer.pk not in {relation.customer_id, relation.other_id}:
        raise NotFound
    unrelate(relation=relation, by=request.user)
    messages.success(request, gettext("关系已删除，动态里还能看到"))
    return redirect("web:customer", pk)
