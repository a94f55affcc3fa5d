"""Files kept with a customer: put there, read by those who see the customer, removed and brought back; and the star."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import get_visible, require, visible
from zhike.base.errors import NotFound
from zhike.base.forms import OnceForm
from zhike.base.uploads import FILE_MAX
from zhike.core.errors import ZhikeError
from zhike.customers.actions.favourites import star
from zhike.customers.actions.files import attach, remove_file, restore_file
from zhike.customers.models import Attachment, Customer
from zhike.customers.stored import path_of
from zhike.web.refusals import said

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

MB = 1024 * 1024
# Whatever a file holds, no browser runs or draws it as a page of ours.
SANDBOX = "default-src 'none'; sandbox"
UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
def customer_files(request: Request, pk: int) -> HttpResponse:
    """All files of a customer, and the form that adds one."""
    customer = get_visible(request.user, Customer, pk=pk)
    once, refused, status = OnceForm(request.POST or None), "", 200
    if request.method == "POST":
        require(request.user, "change", customer)
        file = request.FILES.get("file")
        if file is None or not once.is_valid():
            refused, status = gettext("请选择一个文件。"), UNPROCESSABLE
        else:
            try:
                made = attach(customer=customer, file=file, by=request.user, form_key=once.cleaned_data["key"])
            except ZhikeError as error:
                refused, status = said(error), error.status
            else:
                messages.success(request, gettext("%(name)s 已上传") % {"name": made.name})
                return redirect("web:customer", pk)
    context = {
        "section": "customers",
        "customer": customer,
        "files": visible(request.user, Attachment)
        .filter(customer=customer, removed_at=None)
        .select_related("added_by")
        .order_by("-added_at", "-pk"),
        "hidden": OnceForm(),
        "refused": refused,
        "most": FILE_MAX // MB,
    }
    return render(request, "web/files.html", context, status=status)


@require_safe
def file_download(request: Request, pk: int, file_pk: int) -> FileResponse:
    """Hand a file over to be saved; it is asked each time whether this person sees the customer."""
    found = get_visible(request.user, Attachment, pk=file_pk, customer=pk, removed_at=None)
    path = path_of(found.stored_as)
    if not path.is_file():
        raise NotFound("文件不在了，请告诉管理员。", "The file is gone: tell an administrator.")
    response = FileResponse(path.open("rb"), as_attachment=True, filename=found.name, content_type=found.type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_POST
def file_remove(request: Request, pk: int, file_pk: int) -> HttpResponse:
    found = get_visible(request.user, Attachment, pk=file_pk, customer=pk)
    if "undo" in request.POST:
        restore_file(attachment=found, by=request.user)
        messages.success(request, gettext("%(name)s 已恢复") % {"name": found.name})
    else:
        remove_file(attachment=found, by=request.user)
        messages.success(request, render_to_string("web/file_removed.html", {"file": found}, request))
    return redirect("web:customer", pk)


@require_POST
def customer_star(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    star(customer=customer, by=request.user, starred="off" not in request.POST)
    return redirect("web:customer", pk)
