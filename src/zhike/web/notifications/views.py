"""A person's notifications, opening them, and what an open page asks about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import can, get_visible, visible
from zhike.audit.models import Entry
from zhike.base.errors import current_language
from zhike.base.paging import Order, key_page
from zhike.classification.actions.notifications import mark_read
from zhike.classification.models import Notification, Placement
from zhike.classification.rules import rulebook
from zhike.customers.models import Customer
from zhike.notices.queries import notifications, pulse
from zhike.notices.words import names_for, said, title
from zhike.web.customers.screen import ListAddress
from zhike.web.notifications.lines import notification_days

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from zhike.accounts.models import User
    from zhike.web.request import Request

PAGE_SIZE = 50
NEWEST_FIRST = Order("created_at", descending=True)


@require_safe
def notification_list(request: Request) -> HttpResponse:
    page = key_page(
        notifications(request.user),
        NEWEST_FIRST,
        cursor=request.GET.get("at", ""),
        size=PAGE_SIZE,
        columns=lambda rows: rows.select_related("job__undoes"),
    )
    address = ListAddress(request.GET)
    context = {
        "section": "notifications",
        "days": notification_days(request.user, page.rows, rulebook(), current_language()),
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
    }
    return render(request, "web/notifications.html", context)


@require_safe
def pulse_of_page(request: Request) -> HttpResponseBase:
    """Answer an open page that asks every half minute whether anything has come.

    Asking suits the server better than being told: each of its few threads would be held by every page that is left
    open if answers were streamed, and four processes of four threads have sixteen pages. What is asked is one question
    to an index of what is unread, and mostly the answer is 304.
    """
    found = pulse(request.user)
    tag = f'"{found.unread}.{found.newest}.{current_language()}"'
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged is not None:
        unchanged.headers["ETag"] = tag
        return unchanged
    return JsonResponse(
        {
            "unread": found.unread,
            "newest": found.newest,
            "label": gettext("通知，有未读") if found.unread else gettext("通知"),
            "told": _told(request.user, found.newest),
        },
        headers={"ETag": tag},
    )


def _told(user: User, pk: int) -> str:
    """Return one notification in one line."""
    one = notifications(user).filter(pk=pk).select_related("job__undoes").first() if pk else None
    if one is None:
        return ""
    about, words = title(one, names_for(user, [one])), said(one, rulebook())
    return f"{about} · {words}" if words else f"{one.get_kind_display()} · {about}"


@require_POST
def open_notification(request: Request, pk: int) -> HttpResponse:
    """Mark it as read and go where it is about."""
    one = get_visible(request.user, Notification, pk=pk, user_id=request.user.pk)
    mark_read(user=request.user, ids=[one.pk])
    return redirect(_where(request.user, one))


@require_POST
def read_all(request: Request) -> HttpResponse:
    size = mark_read(user=request.user)
    messages.success(request, ngettext("%(n)s 条标为已读", "%(n)s 条标为已读", size) % {"n": size})
    return redirect("web:notifications")


def _where(user: User, one: Notification) -> str:
    match one.kind:
        case Notification.Kind.JOB:
            return reverse("web:job", args=[one.job_id]) if one.job_id else reverse("web:jobs")
        case Notification.Kind.FEEDBACK:
            return f"{reverse('web:reviews')}?kind=feedback"
        case Notification.Kind.RULES:
            return reverse("web:home")
        case Notification.Kind.ESCALATION:
            return reverse("web:escalations")
        case Notification.Kind.RECLAIMED:
            return reverse("web:pools")
        case Notification.Kind.REVEALS:
            return f"{reverse('web:audit')}?action=field.revealed" if can(user, "read", Entry) else reverse("web:home")
    placements = visible(user, Placement).filter(customer=one.customer_id, dimension=one.dimension)
    if one.dimension in {scheme.dimension for scheme in rulebook().schemes} and placements.exists():
        return reverse("web:why", args=[one.customer_id, one.dimension])
    if visible(user, Customer).filter(pk=one.customer_id or 0).exists():
        return reverse("web:customer", args=[one.customer_id])
    return reverse("web:notifications")
