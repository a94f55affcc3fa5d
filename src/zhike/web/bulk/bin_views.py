"""回收站: the customers who were deleted, for as long as they can be fetched back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import binned, require
from zhike.base.inputs import Invalid
from zhike.base.paging import Order, capped_count, key_page
from zhike.customers.actions.bin import IN_BIN
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.jobs.actions.jobs import ask_job
from zhike.jobs.tasks import start
from zhike.web.bulk.chosen import PICKED, picked_ids
from zhike.web.bulk.forms import CountForm
from zhike.web.customers.screen import ListAddress
from zhike.web.jobs.views import ended

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from zhike.web.request import Request

PAGE_SIZE = 50
NEWEST_FIRST = Order("deleted_at", descending=True)


@require_safe
def bin_list(request: Request) -> HttpResponse:
    require(request.user, "delete", Customer)
    customers = binned(request.user, Customer)
    page = key_page(customers, NEWEST_FIRST, cursor=request.GET.get("at", ""), size=PAGE_SIZE, columns=_with_people)
    address = ListAddress(request.GET)
    context = {
        "section": "customers",
        "rows": [(customer, customer.deleted_at + IN_BIN) for customer in page.rows if customer.deleted_at],
        "count": capped_count(customers),
        "once": CountForm(size=1),
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
    }
    return render(request, "web/bin.html", context)


def _with_people(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    return customers.select_related("owner", "deleted_by").defer(*SEARCH_COLUMNS)


@require_POST
def bin_restore(request: Request) -> HttpResponse:
    """Fetch back those who were picked."""
    require(request.user, "delete", Customer)
    chosen = binned(request.user, Customer).filter(pk__in=picked_ids(request.POST, PICKED))
    once = CountForm(request.POST)
    once.is_valid()
    key = once.cleaned_data.get("key")
    if not chosen.exists():
        raise Invalid("先勾选要恢复的客户", "pick the customers to be restored first")
    job = ask_job(kind="restore", by=request.user, parameters={}, targets=chosen, form_key=key)
    return ended(request, start(job), back=reverse("web:bin"))
