"""All the ways in which a customer can be reached, on a page of their own."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import field_access, get_visible, require
from zhike.base.errors import Conflict
from zhike.base.forms import VersionForm
from zhike.core.errors import ZhikeError
from zhike.customers.actions.reaches import set_reaches
from zhike.customers.models import Customer
from zhike.customers.reaches import of_holder
from zhike.web.reach import form_rows, read_rows
from zhike.web.refusals import said

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def customer_reaches(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "change", customer)
    field_access(request.user, Customer).require_writable(["reaches"])
    version = VersionForm(request.POST or None, initial={"version": customer.version})
    context = {"section": "customers", "customer": customer, "hidden": version}
    if request.method != "POST":
        return render(request, "web/reach_form.html", {**context, "reaches": form_rows(of_holder(customer))})
    rows, refused = read_rows(request.POST), ""
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if version.is_valid():
        try:
            set_reaches(customer=customer, by=request.user, given=rows, **version.cleaned_data)
        except Conflict as error:
            version.add_error(None, said(error))
            context["conflict"] = True
            status = error.status
        except ZhikeError as error:
            refused, status = said(error), error.status
        else:
            messages.success(request, gettext("%(name)s 的联系方式已保存") % {"name": customer.name})
            return redirect("web:customer", pk)
    return render(request, "web/reach_form.html", {**context, "reaches": form_rows(rows, refused)}, status=status)
