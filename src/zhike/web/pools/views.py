"""The pools, the customers in one, and claiming them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import can, visible
from zhike.base.errors import Conflict, NotFound, current_language
from zhike.base.htmx import render_page
from zhike.base.inputs import Invalid
from zhike.base.paging import Order, capped_count, key_page
from zhike.customers.models import Customer
from zhike.jobs.models import Item
from zhike.pools.actions.claims import claim, claim_best, claim_one
from zhike.pools.models import Pool
from zhike.pools.queries import (
    claimed_today,
    is_member,
    pool_for,
    pool_list,
    protected_until,
    quota_left,
    rooms_of,
    stays_in,
)
from zhike.web.bulk.chosen import PICKED, picked_ids
from zhike.web.customers.screen import ListAddress
from zhike.web.pools.rows import card, draw, filtered, limits, read_narrowed

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from zhike.pools.models import Stay
    from zhike.web.request import Request

PAGE_SIZE = 50
LONGEST_FIRST = Order("entered_at")
# Of one customer, with the button that stands in its row.
ONLY = "only"


@require_safe
def pools(request: Request) -> HttpResponse:
    user = request.user
    found = pool_list(user)
    lines = [(pool, is_member(user, pool), quota_left(user, pool), claimed_today(user, pool)) for pool in found]
    context = {"section": "pools", "lines": lines, "may_change": can(user, "change", Pool)}
    return render(request, "web/pools.html", context)


@require_safe
def pool_page(request: Request, pk: int) -> HttpResponse:
    user = request.user
    pool = pool_for(user, pk)
    narrowed = read_narrowed(request.GET)
    stays = filtered(stays_in(user, pool), narrowed)
    page = key_page(stays, LONGEST_FIRST, cursor=request.GET.get("at", ""), size=PAGE_SIZE, columns=_columns)
    is_last = not page.next and (page.rows or not page.previous)
    address = ListAddress(request.GET)
    context = {
        "section": "pools",
        "pool": pool,
        **draw(user, pool, page.rows),
        "narrowed": narrowed,
        "page": page,
        "count": page.last if is_last else capped_count(stays),
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
        "address": address,
        "may_claim": _may_claim(request, pool),
        "may": _may_claim(request, pool),
        "may_change": can(user, "change", Pool),
        "quota_left": quota_left(user, pool),
        "limits": limits(rooms_of(user, pool)),
    }
    return render_page(request, "web/pool.html", context, partial="list")


def _columns(rows: QuerySet[Stay]) -> QuerySet[Stay]:
    return rows.select_related("customer", "reason", "giver", "rule")


def _may_claim(request: Request, pool: Pool) -> bool:
    return not pool.is_closed and can(request.user, "claim", Customer) and is_member(request.user, pool)


@require_safe
def pool_customer(request: Request, pk: int, customer: int) -> HttpResponse:
    user = request.user
    pool = pool_for(user, pk)
    if visible(user, Customer).filter(pk=customer).exists():
        return redirect("web:customer", customer)
    stay = _columns(stays_in(user, pool).filter(customer=customer)).first()
    if stay is None:
        raise NotFound(
            "这位客户不在这个公海里了，可能刚被领走。", "This customer is no longer in this pool: perhaps just claimed."
        )
    until = protected_until(user, pool, [customer]).get(customer)
    context = {
        "section": "pools",
        "pool": pool,
        **card(user, pool, stay),
        "guarded": timezone.localtime(until).date() if until else None,
        "may_claim": _may_claim(request, pool),
    }
    return render(request, "web/pool_customer.html", context)


@require_POST
def pool_claim(request: Request, pk: int) -> HttpResponse:
    """Claim the customer of one row, or those that are picked."""
    pool = pool_for(request.user, pk)
    only = picked_ids(request.POST, ONLY)
    ids = only or picked_ids(request.POST, PICKED)
    if not ids:
        raise Invalid("先勾选要领取的客户", "pick the customers whom you want to claim")
    if len(ids) == 1:
        (customer,) = ids
        claim_one(pool=pool, customer=customer, by=request.user)
        return _claimed(request, customer)
    found = claim(pool=pool, ids=ids, by=request.user)
    given = sum(one.state == Item.State.CHANGED for one in found.values())
    said = [text.get(current_language()) for one in found.values() if (text := one.said) is not None]
    why = "；".join(dict.fromkeys(said)) if current_language() == "zh" else "; ".join(dict.fromkeys(said))
    if not given:
        raise Conflict(why, why)
    messages.success(request, ngettext("领取了 %(n)s 位客户", "领取了 %(n)s 位客户", given) % {"n": given})
    if said:
        words = ngettext("%(n)s 位没有领到：%(why)s", "%(n)s 位没有领到：%(why)s", len(said))
        messages.warning(request, words % {"n": len(said), "why": why})
    return redirect("web:pool", pool.pk)


@require_POST
def pool_best(request: Request, pk: int) -> HttpResponse:
    """Claim the best of those whom this person may claim."""
    pool = pool_for(request.user, pk)
    return _claimed(request, claim_best(pool=pool, by=request.user))


def _claimed(request: Request, customer: int) -> HttpResponse:
    messages.success(request, gettext("领取了，这位客户现在由你负责"))
    return redirect("web:customer", customer)
