"""Personal data of one customer: consents, automatic classification, requests, a copy of everything, being forgotten."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import can, field_access, get_visible, require
from zhike.base.errors import current_language
from zhike.base.forms import tell
from zhike.base.mail import site_of
from zhike.classification.actions.refusals import allow_profiling, refuse_profiling
from zhike.core.errors import ZhikeError
from zhike.customers.actions.sensitive import empty_sensitive
from zhike.customers.models import Customer
from zhike.customers.sensitive import held_unagreed
from zhike.jobs.tasks import start
from zhike.privacy.actions.consents import record_consent
from zhike.privacy.actions.erasure import erase_customer
from zhike.privacy.actions.requests import open_request
from zhike.privacy.links import consent_token
from zhike.privacy.models import Consent, Request
from zhike.privacy.profiling import bar_of
from zhike.privacy.purposes import GUARDIAN, is_child
from zhike.privacy.queries import agreed, consents, what_goes
from zhike.web.jobs.views import ended
from zhike.web.privacy.forms import ConsentForm, EraseForm, ProfilingForm, RequestForm
from zhike.web.privacy.package import ask_copy
from zhike.web.request import local_today

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpResponse

    from zhike.web.request import Request as HttpRequest

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


@require_safe
def customer_privacy(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_visible(request.user, Customer, pk=pk))


@require_POST
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Consent(customer=customer))
    form = ConsentForm(request.POST)
    if form.is_valid():
        try:
            record_consent(customer=customer, by=request.user, **form.cleaned_data)
        except ZhikeError as error:
            tell(form, error)
            return _page(request, customer, form, error.status)
        messages.success(request, gettext("授权已记下"))
        return redirect("web:customer_privacy", pk)
    return _page(request, customer, form, UNPROCESSABLE)


@require_POST
def sensitive_empty(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away what sensitive fields hold of a person who has not agreed to it, or not any more."""
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "change", customer)
    count = empty_sensitive(customer=customer, by=request.user)
    said = gettext("已清空 %(n)s 个字段") % {"n": count} if count else gettext("没有要清空的字段")
    messages.success(request, said)
    return redirect("web:customer_privacy", pk)


@require_POST
def profiling(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop classifying the customer automatically, or begin again: what the button said."""
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "change", customer)
    form = ProfilingForm(request.POST)
    if not form.is_valid() or request.POST.get("verdict") not in {"refuse", "allow"}:
        return _page(request, customer, form, UNPROCESSABLE)
    said = form.cleaned_data["said"]
    try:
        if request.POST["verdict"] == "refuse":
            identity = form.cleaned_data["identity"]
            refuse_profiling(customer=customer, by=request.user, said=said, identity=identity)
            messages.success(request, gettext("不再自动分类，规则给的类别已经删除"))
        else:
            allow_profiling(customer=customer, by=request.user, said=said)
            messages.success(request, gettext("恢复自动分类"))
    except ZhikeError as error:
        tell(form, error)
        return _page(request, customer, form, error.status)
    return redirect("web:customer_privacy", pk)


@require_POST
def request_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Request(customer=customer))
    form = RequestForm(request.POST)
    if form.is_valid():
        try:
            made = open_request(customer=customer, by=request.user, **form.cleaned_data)
        except ZhikeError as error:
            tell(form, error)
            return _page(request, customer, form, error.status)
        messages.success(request, gettext("已登记，%(day)s前答复") % {"day": made.due_on.isoformat()})
        return redirect("web:customer_privacy", pk)
    return _page(request, customer, form, UNPROCESSABLE)


@require_POST
def package(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a copy made of everything that is held of the person."""
    customer = get_visible(request.user, Customer, pk=pk)
    job = start(ask_copy(customer, by=request.user))
    return ended(request, job, back=reverse("web:customer_privacy", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would go, then forget the person."""
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "erase", customer)
    form = EraseForm(request.POST or None, name=customer.name, initial={"version": customer.version})
    status = HTTPStatus.OK
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                erase_customer(customer=customer, by=request.user, seen=form.cleaned_data["version"])
            except ZhikeError as error:
                tell(form, error)
                status = HTTPStatus(error.status)
            else:
                messages.success(request, gettext("已经抹去，统计数字不变"))
                return redirect("web:customers")
    language = current_language()
    goes = [(label.get(language), count) for label, count in what_goes(customer)]
    context = {"section": "customers", "customer": customer, "form": form, "goes": goes}
    return render(request, "web/privacy_erase.html", context, status=status)


def _page(
    request: HttpRequest, customer: Customer, refused: Form | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    user, language = request.user, current_language()
    access, unagreed = field_access(user, Customer), held_unagreed(customer)
    asked = customer.privacy_requests.select_related("by", "closed_by").order_by("-pk")
    context = {
        "section": "customers",
        "customer": customer,
        "refused": refused,
        "standings": [
            {
                "one": one,
                "label": one.purpose.label.get(language),
                "words": one.text.en if language == "en" else one.text.zh,
                "form": ConsentForm(initial={"purpose": one.purpose.key, "state": "given"}),
            }
            for one in consents(user, customer)
            if one.purpose.key != GUARDIAN or one.last is not None or is_child(customer.birthday, local_today())
        ],
        "link": site_of(request) + reverse("web:withdraw", args=[consent_token(customer)]),
        "has_agreed": bool(agreed(customer)),
        "unagreed": [one.label(language) for one in unagreed if access.knows(one.name)],
        "may_empty": can(user, "change", customer) and all(access.writes(one.name) for one in unagreed),
        "bar": bar_of(customer),
        "requests": list(asked[:20]),
        "request_form": RequestForm(),
        "profiling_form": ProfilingForm(),
        "may_change": can(user, "change", customer),
        "may_consent": can(user, "create", Consent(customer=customer)),
        "may_ask": can(user, "create", Request(customer=customer)),
        "may_disclose": can(user, "disclose", customer),
        "may_erase": can(user, "erase", customer),
    }
    return render(request, "web/privacy.html", context, status=status)
