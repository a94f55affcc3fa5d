"""Who owned a customer until now: a section of the record, fetched once the page stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_safe

from zhike.accounts.policy import doable, redacted, visible
from zhike.base.errors import NotFound, current_language
from zhike.base.htmx import render_page
from zhike.customers.models import Customer
from zhike.customers.queries import customers
from zhike.pools.models import Stay
from zhike.pools.owners import owners_of
from zhike.pools.queries import giveable_pools
from zhike.pools.reclaim import standing_notice

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@require_safe
def customer_owners(request: Request, pk: int) -> HttpResponse:
    user = request.user
    customer = customers(user).filter(pk=pk).first()
    if customer is None:
        raise NotFound
    may_hand_back = giveable_pools(user).exists() and doable(user, "hand_back", Customer).filter(pk=pk).exists()
    context = {
        "section": "customers",
        "customer": redacted(user, customer),
        "tenures": owners_of(user, customer),
        "notice": standing_notice(user, customer) if customer.owner_id else None,
        "stay": visible(user, Stay).filter(customer=customer, left_at=None).select_related("pool").first(),
        "may_hand_back": may_hand_back,
        "language": current_language(),
    }
    return render_page(request, "web/customer_owners.html", context, partial="section")
