"""A person's notifications, opening them, and choosing what to hear of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import can, get_visible, visible
from zhike.audit.models import Entry
from zhike.base.errors import current_language
from zhike.base.paging import Order, key_page
from zhike.classification.actions.notifications import choose_notification, mark_read
from zhike.classification.inbox import notifications, wanted_classes
from zhike.classification.models import Notification, Placement
from zhike.classification.rules import rulebook
from zhike.customers.models import Customer
from zhike.web.chips import class_chip
from zhike.web.customers.screen import ListAddress
from zhike.web.notifications.lines import notification_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
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
        case Notification.Kind.REVEALS:
            return f"{reverse('web:audit')}?action=field.revealed" if can(user, "read", Entry) else reverse("web:home")
    placements = visible(user, Placement).filter(customer=one.customer_id, dimension=one.dimension)
    if one.dimension in {scheme.dimension for scheme in rulebook().schemes} and placements.exists():
        return reverse("web:why", args=[one.customer_id, one.dimension])
    if visible(user, Customer).filter(pk=one.customer_id or 0).exists():
        return reverse("web:customer", args=[one.customer_id])
    return reverse("web:notifications")


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether one hears of customers who enter a class."""

    value: str
    chip: Chip
    is_on: bool


@require_http_methods(["GET", "HEAD", "POST"])
def notification_settings(request: Request) -> HttpResponse:
    rules, language = rulebook(), current_language()
    wanted = wanted_classes(request.user, rules)
    if request.method == "POST":
        given = set(request.POST.getlist("wanted"))
        for (dimension, key), is_on in wanted.items():
            if is_on != (f"{dimension}.{key}" in given):
                choose_notification(user=request.user, dimension=dimension, class_key=key, wanted=not is_on)
        messages.success(request, gettext("通知设置已保存"))
        return redirect("web:notification_settings")
    dimensions: Sequence[tuple[str, list[Switch]]] = [
        (
            scheme.label.get(language),
            [
                Switch(
                    f"{scheme.dimension}.{class_.key}",
                    class_chip(scheme, class_.key, language),
                    wanted[scheme.dimension, class_.key],
                )
                for class_ in scheme.classes
            ],
        )
        for scheme in rules.schemes
    ]
    return render(request, "web/notification_settings.html", {"section": "settings", "dimensions": dimensions})
