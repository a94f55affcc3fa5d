"""The quick log away from the customer's page, for the customer of a row or for anybody, and the day of the next contact.

In a dialog over a list, or below a line of a home page.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.policy import can, get_visible, require, visible
from zhike.base.errors import Conflict
from zhike.base.forms import tell
from zhike.base.htmx import render_page, wants_partial
from zhike.base.templatetags.zhike import day as near_day
from zhike.core.errors import ZhikeError
from zhike.customers.actions.log import choose_day
from zhike.customers.models import Contact, Customer
from zhike.customers.search import search
from zhike.followups.actions.log import log_and_plan
from zhike.followups.models import Task
from zhike.timeline.models import Event
from zhike.web.bulk.chosen import picked_ids
from zhike.web.customer.announce import announce
from zhike.web.customer.forms import KIND_ICONS, LogForm, NextContactForm
from zhike.web.customer.note_views import warn_unheard
from zhike.web.in_line import below_line, line_of
from zhike.web.recent import recent

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.followups.actions.log import Logged
    from zhike.web.request import Request

MOST_FOUND = 8
LONGEST = 100
# Over the page of a customer the form is there twice.
PANEL_ID = "panel_%s"


def take_log(request: Request, customer: Customer) -> tuple[LogForm | None, int]:
    """Write down what was sent and say what it has changed; return the form where it was refused, and the status."""
    form = _form(request, customer, sent=True)
    if not form.is_valid():
        return form, HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        logged = log_and_plan(customer=customer, by=request.user, **form.given())
    except Conflict as error:
        tell(form, error)
        form.renew_key()
        return form, error.status
    except ZhikeError as error:
        tell(form, error)
        return form, error.status
    announce(request, logged.event, _told(logged))
    warn_unheard(request, request.user, customer, form.cleaned_data["text"])
    return None, HTTPStatus.OK


def _told(logged: Logged) -> str:
    said = gettext("已记录")
    if logged.finished is not None:
        said += gettext("，完成了：%(title)s") % {"title": logged.finished.name}
    if logged.following is not None:
        words = {"day": near_day(logged.following.due_on), "title": logged.following.name}
        said += gettext("。下一步：%(day)s %(title)s") % words
    return said


def _form(request: Request, customer: Customer, *, sent: bool = False) -> LogForm:
    number = next(iter(picked_ids(request.GET, "task")), None)
    task = None
    if number is not None:
        task = visible(request.user, Task).filter(pk=number, customer=customer, state=Task.State.OPEN).first()
    form = LogForm(
        request.POST if sent else None,
        customer=customer,
        by=request.user,
        currency=request.company.currency,
        task=task,
        method=request.GET.get("method", ""),
    )
    if request.resolver_match and request.resolver_match.url_name == "log_panel":
        form.auto_id = PANEL_ID
    return form


@require_http_methods(["GET", "HEAD", "POST"])
def log_panel(request: Request, pk: int) -> HttpResponse:
    """Show the quick log of one customer, with the task that it finishes (`?task=`) or in a way (`?method=`)."""
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Event(customer=customer))
    form: LogForm | None = _form(request, customer)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        form, status = take_log(request, customer)
        if form is None:
            if not wants_partial(request):
                return _back(request, pk)
            row = next(iter(picked_ids(request.GET, "task")), None)
            done = row is not None and not Task.objects.filter(pk=row, state=Task.State.OPEN).exists()
            return render(request, "web/log_panel.html#saved", {"row": f"task-{row}" if done else "", "oob": True})
    context = {
        "section": "customers",
        "customer": customer,
        "log": form,
        "log_icons": KIND_ICONS,
        "has_contacts": visible(request.user, Contact).filter(customer=customer).exists(),
        "panel": True,
        "line": line_of(request),
    }
    return below_line(request, render_page(request, "web/log_panel.html", context, partial="panel", status=status))


@require_http_methods(["GET", "HEAD", "POST"])
def next_contact(request: Request, pk: int) -> HttpResponse:
    """Ask when to be in touch next."""
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Event(customer=customer))
    form = NextContactForm(request.POST or None, initial={"until": gettext("明天")})
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"]
        try:
            choose_day(customer=customer, day=until, by=request.user)
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            words = {"name": customer.name, "day": near_day(until)}
            messages.success(request, gettext("%(name)s：%(day)s再联系") % words)
            if line_of(request) and wants_partial(request):
                return render(request, "base/toasts.html", {"oob": True})
            return _back(request, pk)
    context = {"section": "customers", "customer": customer, "form": form, "line": line_of(request)}
    response = render_page(request, "web/next_contact.html", context, partial="panel", status=status)
    return below_line(request, response)


def _back(request: Request, pk: int) -> HttpResponse:
    return redirect("web:home") if line_of(request) else redirect("web:customer", pk)


@require_safe
def log_page(request: Request) -> HttpResponse:
    """Choose whom to log a contact of: whoever was opened last, or is found by what is typed."""
    require(request.user, "create", Event)
    text = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]
    rows = visible(request.user, Customer)
    if text:
        found = list(
            search(rows, text, request.user).only("name", "city", "kind").order_by("name_key", "pk")[:MOST_FOUND]
        )
    else:
        order = recent(request)
        by_id = {one.pk: one for one in rows.filter(pk__in=order).only("name", "city", "kind")}
        found = [by_id[pk] for pk in order if pk in by_id][:MOST_FOUND]
        if not found:
            found = list(
                rows.filter(owner=request.user).only("name", "city", "kind").order_by("name_key", "pk")[:MOST_FOUND]
            )
    context = {"section": "log", "q": text, "found": found, "may_create": can(request.user, "create", Customer)}
    partial = "found" if request.GET.get("found") else "panel"
    return render_page(request, "web/log.html", context, partial=partial)
