"""What is arranged from a home page: a task for today, in the words in which the page says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from zhike.accounts.policy import can, get_visible, require
from zhike.base.htmx import wants_partial
from zhike.base.inputs import Invalid
from zhike.customers.models import Customer
from zhike.followups.actions.tasks import create_task
from zhike.followups.models import Task
from zhike.timeline.models import Event
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from django.http import HttpResponse


@require_POST
def arrange(request: Request, pk: int) -> HttpResponse:
    """Make a task for a customer of whom the page says why now; the line around what was pressed leaves the page."""
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Event(customer=customer))
    kind = request.POST.get("kind", "")
    if kind not in Task.Kind.values:
        raise Invalid("没有这种方式", "there is no such kind", path="kind")
    owner = (
        customer.owner
        if customer.owner and customer.owner.is_active and can(request.user, "change", customer)
        else None
    )
    create_task(
        by=request.user,
        owner=owner,
        customer=customer,
        kind=kind,
        title=request.POST.get("title", ""),
        text=request.POST.get("text", ""),
        due_on=local_today(),
    )
    messages.success(request, gettext("%(name)s：排进了今天") % {"name": customer.name})
    if wants_partial(request):
        return render(request, "base/toasts.html", {"oob": True})
    return redirect("web:home")
