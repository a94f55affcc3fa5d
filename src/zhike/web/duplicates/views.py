"""Who may be one customer: the list, two side by side, saying that they are not, and the search over everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.models import User
from zhike.accounts.policy import can, visible
from zhike.base.errors import NotFound, current_language
from zhike.base.forms import OnceForm
from zhike.base.htmx import render_page, wants_partial
from zhike.base.inputs import Invalid
from zhike.base.paging import Order, capped_count, key_page
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.duplicates.actions.pairs import part_pairs, reopen_pair
from zhike.duplicates.listing import (
    BANDS,
    Sample,
    decidable,
    get_pair,
    in_band,
    merged_pairs,
    pairs,
    precision,
    sample_of,
)
from zhike.duplicates.models import Pair
from zhike.duplicates.tasks import ask_search
from zhike.web.customers.screen import ListAddress
from zhike.web.duplicates.rows import line, merge_link, parts

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from zhike.web.request import Request

PAGE_SIZE = 30
SECTION = "duplicates"
LIKELIEST_FIRST = Order("score", descending=True)
_UNREAD = [f"{side}__{column}" for side in ("customer", "other") for column in SEARCH_COLUMNS]
_State = Pair.State
FILTERS = ("band", "owner", "by", "group", "customer", "state")
# What the filter by evidence offers → the parts and levels that it means.
BY_EVIDENCE = {
    "phone": (("phone", "mobile"), ("phone", "line")),
    "email": (("email", "same"),),
    "number": (("number", "same"),),
    "company": (("company", "same"), ("company", "brand"), ("words", "same")),
    "person": (("person", "same"), ("person", "spelled"), ("person", "swapped")),
    "address": (("address", "same"), ("address", "near")),
}


@require_safe
def pair_list(request: Request) -> HttpResponse:
    """All pairs that this person sees, the likeliest first."""
    sample = _sample(request)
    rows = Pair.objects.filter(pk__in=sample.ids) if sample else _chosen(request)
    page = key_page(
        rows,
        LIKELIEST_FIRST,
        cursor=request.GET.get("at", ""),
        size=PAGE_SIZE,
        columns=lambda found: found.select_related("customer__owner", "other__owner").defer(*_UNREAD),
    )
    address = ListAddress(request.GET)
    may = set(decidable(request.user).filter(pk__in=[pair.pk for pair in page.rows]).values_list("pk", flat=True))
    group = _number(request, "group")
    context = {
        "section": SECTION,
        "lines": [line(pair, may_decide=pair.pk in may) for pair in page.rows],
        "count": capped_count(rows),
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
        "address": address,
        "choices": _choices(request),
        "is_filtered": any(request.GET.get(name) for name in (*FILTERS, "sample")),
        "sample": sample,
        **_range(sample),
        "sampled": BANDS[request.GET["sample"]][2].get(current_language()) if sample else "",
        "state": request.GET.get("state") or _State.OPEN.value,
        "group": group,
        "group_merge": merge_link(_members(request, group)) if group and may else "",
        "precision": [(BANDS[one.band][2].get(current_language()), one) for one in precision(request.user)],
        "may_search": can(request.user, "create", Pair),
        "once": OnceForm(),
    }
    return render_page(request, "web/duplicates.html", context, partial="pairs")


def _sample(request: Request) -> Sample | None:
    """Return the pairs that were drawn at random of the band that is asked for."""
    band = request.GET.get("sample", "")
    if band and band not in BANDS:
        raise NotFound
    return sample_of(request.user, band) if band else None


def _range(sample: Sample | None) -> dict[str, str]:
    """Return the two ends of the precision of a sample, as shares."""
    found = sample.range if sample else None
    return {} if found is None else {"low": f"{found[0]:.0%}", "high": f"{found[1]:.0%}"}


def _chosen(request: Request) -> QuerySet[Pair]:
    query = request.GET
    state = query.get("state") or _State.OPEN.value
    if state not in _State.values:
        raise NotFound
    found_in = merged_pairs if state == _State.MERGED else pairs
    rows = found_in(request.user).filter(state=state)
    if band := query.get("band"):
        if band not in BANDS:
            raise NotFound
        rows = in_band(rows, band)
    if (owner := _number(request, "owner")) is not None:
        rows = rows.filter(Q(customer__owner=owner) | Q(other__owner=owner))
    if (customer := _number(request, "customer")) is not None:
        rows = rows.filter(Q(customer=customer) | Q(other=customer))
    if (group := _number(request, "group")) is not None:
        rows = rows.filter(group=group)
    if by := query.get("by"):
        if by not in BY_EVIDENCE:
            raise NotFound
        found = Q()
        for part, level in BY_EVIDENCE[by]:
            found |= Q(evidence__contains=[{"part": part, "level": level}])
        rows = rows.filter(found)
    return rows


def _number(request: Request, name: str) -> int | None:
    given = request.GET.get(name, "")
    if not given:
        return None
    if not given.isdecimal() or len(given) > 18:  # noqa: PLR2004  the digits of a bigint
        raise NotFound
    return int(given)


def _members(request: Request, group: int) -> list[int]:
    rows = pairs(request.user).filter(group=group, state=_State.OPEN)
    return sorted({pk for pair in rows.values_list("customer", "other") for pk in pair})


def _choices(request: Request) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """Return the selects of the filter: name, label, options, what is chosen."""
    language = current_language()
    bands = [(band, text.get(language)) for band, (_, _, text) in BANDS.items()]
    labels = {
        "phone": gettext("电话相同"),
        "email": gettext("邮箱相同"),
        "number": gettext("信用代码相同"),
        "company": gettext("公司名称相同"),
        "person": gettext("姓名相同"),
        "address": gettext("地址相同或相近"),
    }
    people = visible(request.user, User).filter(is_active=True).order_by("name", "pk")
    owners = [(str(pk), name) for pk, name in people.values_list("pk", "name")]
    states = [
        ("", gettext("待处理")),
        (_State.OTHER.value, gettext("不是同一位")),
        (_State.MERGED.value, gettext("已合并")),
    ]
    found = [
        ("band", gettext("把握"), [("", gettext("任何把握")), *bands]),
        ("by", gettext("依据"), [("", gettext("任何依据")), *labels.items()]),
        ("state", gettext("状态"), states),
    ]
    if len(owners) > 1:
        found.append(("owner", gettext("负责人"), [("", gettext("任何负责人")), *owners]))
    return [(name, label, options, request.GET.get(name, "")) for name, label, options in found]


@require_safe
def pair_page(request: Request, pk: int) -> HttpResponse:
    """Two customers side by side, with what speaks for and against their being one."""
    pair = get_pair(request.user, pk)
    may = decidable(request.user).filter(pk=pk).exists()
    context = {
        "section": SECTION,
        "line": line(pair, may_decide=may),
        "pair": pair,
        "parts": parts(request.user, pair),
        "is_open": pair.state == _State.OPEN,
        "is_parted": pair.state == _State.OTHER,
    }
    return render(request, "web/duplicate.html", context)


@require_POST
def pair_part(request: Request, pk: int) -> HttpResponse:
    """Say that two are not the same."""
    part_pairs(ids=[get_pair(request.user, pk).pk], by=request.user)
    messages.success(request, gettext("记住了：不是同一位"))
    if wants_partial(request):
        return render_page(request, "web/duplicates.html", {"oob": True}, partial="decided")
    return redirect("web:duplicates")


@require_POST
def pairs_part(request: Request) -> HttpResponse:
    """Say the same of all that were picked."""
    given = request.POST.getlist("pair")
    if not given or not all(one.isdecimal() and len(one) < 19 for one in given):  # noqa: PLR2004  a bigint
        raise Invalid("先勾选要处理的几对", "pick the pairs first")
    done = part_pairs(ids=[int(one) for one in given], by=request.user)
    messages.success(request, ngettext("记住了：%(n)s 对不是同一位", "记住了：%(n)s 对不是同一位", done) % {"n": done})
    return redirect(f"{reverse('web:duplicates')}{ListAddress(request.GET).same}")


@require_POST
def pair_reopen(request: Request, pk: int) -> HttpResponse:
    """Take back that two are not the same."""
    reopen_pair(pair=get_pair(request.user, pk), by=request.user)
    messages.success(request, gettext("又放回待处理"))
    return redirect("web:duplicate", pk)


@require_POST
def search(request: Request) -> HttpResponse:
    """Have everybody searched, in the background."""
    once = OnceForm(request.POST)
    job = ask_search(by=request.user, form_key=once.cleaned_data["key"] if once.is_valid() else None)
    return redirect("web:job", job.pk)
