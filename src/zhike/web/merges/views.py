"""Merging records that are one customer: choosing them, looking at them side by side, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import can, doable, get_visible, require, visible
from zhike.base.errors import NotFound, current_language
from zhike.base.forms import OnceForm
from zhike.base.htmx import render_page
from zhike.core.errors import ZhikeError
from zhike.customers.display import Display
from zhike.customers.merged import survivors
from zhike.customers.models import Customer, CustomField
from zhike.duplicates.actions.merges import merge_customers
from zhike.duplicates.actions.undoing import check_undo, undo_merge
from zhike.duplicates.models import Merge
from zhike.duplicates.proposals import MOST, better_survivor
from zhike.timeline.locks import MergedAway
from zhike.web.bulk.chosen import PICKED, picked_ids
from zhike.web.customer.picker import chosen_customer, read_picker
from zhike.web.merges.notes import names_of
from zhike.web.merges.pages import CHOICE, side_by_side
from zhike.web.refusals import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpResponse, QueryDict

    from zhike.accounts.models import User
    from zhike.web.request import Request

SECTION = "customers"
IDS, SURVIVOR, VERSION = "ids", "survivor", "version."
UNPROCESSABLE = 422
_DIGITS = 18


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: Request) -> HttpResponse:
    """Two to five records side by side, and the one that they become."""
    require(request.user, "merge", Customer)
    named = _named(request.GET)
    if len(named) == 1 and request.method != "POST":
        return redirect("web:merge_with", named[0])
    if not 1 < len(named) <= MOST:
        context = {"section": SECTION, "picked": len(named), "most": MOST}
        return render(request, "web/merge_few.html", context, status=UNPROCESSABLE)
    return _send(request, named) if request.method == "POST" else _page(request, named, OnceForm())


def _send(request: Request, ids: list[int]) -> HttpResponse:
    """Merge as the person has chosen; where that is refused, show the records again as they are now."""
    once = OnceForm(request.POST)
    if not once.is_valid():
        return _page(request, ids, OnceForm(), gettext("这一页已经过时，请重新打开再保存。"), UNPROCESSABLE)
    key = once.cleaned_data["key"]
    made = Merge.objects.filter(form_key=key, by=request.user).first()  # sent twice
    if made is None:
        _picked(request.user, ids)
        try:
            made = merge_customers(
                ids=ids,
                survivor=_number(request.POST.get(SURVIVOR, "")) or 0,
                by=request.user,
                choices=_choices(request.POST, ids),
                versions=_versions(request.POST, ids),
                form_key=key,
            )
        except (NotFound, MergedAway):
            raise
        except ZhikeError as error:
            once.renew_key()
            return _page(request, ids, once, said(error), error.status)
    return _ended(request, made)


def _page(request: Request, ids: list[int], once: OnceForm, refused: str = "", status: int = 200) -> HttpResponse:
    customers = _picked(request.user, ids)
    given = request.POST if request.method == "POST" else request.GET
    survivor = _number(given.get(SURVIVOR, "")) or better_survivor(customers)
    if survivor not in ids:
        raise NotFound
    context = {
        "section": SECTION,
        "ids": ",".join(map(str, ids)),
        "survivor": survivor,
        "hidden": once,
        "refused": refused,
        **side_by_side(request, customers, survivor, _choices(request.POST, ids)),
    }
    return render(request, "web/merge.html", context, status=status)


@require_safe
def merge_with(request: Request, pk: int) -> HttpResponse:
    """Choose the record with which this one is merged."""
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "merge", customer)
    context: dict[str, object] = {"section": SECTION, "customer": customer, "picker": read_picker(request, customer)}
    status = 200
    if "go" in request.GET:
        try:
            other = chosen_customer(request.user, request.GET.get("other", ""))
        except NotFound:
            raise
        except ZhikeError as error:
            context["refused"], status = said(error), error.status
        else:
            return redirect(f"{reverse('web:merge')}?{IDS}={pk},{other.pk}")
    return render_page(request, "web/merge_with.html", context, partial="found", status=status)


@require_safe
def merged(request: Request, merge_pk: int) -> HttpResponse:
    """One merge: what was merged, and whether it can be taken back."""
    found = get_visible(request.user, Merge, pk=merge_pk)
    reason = ""
    try:
        check_undo(found, request.user)
    except ZhikeError as error:
        reason = said(error)
    parted = found.undone_at is not None
    seen = visible(request.user, Customer).filter(pk__in=found.merged).values_list("pk", flat=True)
    names = names_of(request.user, list(seen) if parted else found.merged)
    context = {
        "section": SECTION,
        "merge": found,
        "customer": found.customer,
        "lines": [(pk, names[pk]) for pk in found.merged if pk in names],
        "may_undo": not reason,
        "reason": reason,
        "conflicts": _conflicts(request, found),
    }
    return render(request, "web/merged.html", context)


@require_POST
def merge_undo(request: Request, merge_pk: int) -> HttpResponse:
    found = get_visible(request.user, Merge, pk=merge_pk)
    undone = undo_merge(merge=found, by=request.user)
    if undone.conflicts:
        messages.warning(request, gettext("合并已撤销，有 %(n)s 处没有放回") % {"n": len(undone.conflicts)})
    else:
        messages.success(request, gettext("合并已撤销，记录都恢复了原样"))
    return redirect("web:merged", merge_pk)


def _ended(request: Request, made: Merge) -> HttpResponse:
    """Lead to the survivor, with a toast from which it can be taken back."""
    customer = Customer.objects.get(pk=made.customer_id)
    context = {"merge": made, "customer": customer, "size": len(made.merged) + 1}
    messages.success(request, render_to_string("web/merge_toast.html", context, request=request))
    if can(request.user, "view", customer):
        return redirect("web:customer", customer.pk)
    return redirect("web:customers")  # it was given to somebody else


def _named(query: QueryDict) -> list[int]:
    """Return the ids that the address names, in its order; what is no id is nobody's."""
    listed = [_number(text) or -1 for text in query.get(IDS, "").split(",") if text.strip()]
    return list(dict.fromkeys([*listed, *sorted(picked_ids(query, PICKED))]))


def _picked(user: User, ids: Sequence[int]) -> list[Customer]:
    """Return these records, all of which this person may merge, in this order."""
    rows = {row.pk: row for row in doable(user, "merge", Customer).filter(pk__in=ids).select_related("owner")}
    if missing := set(ids) - set(rows):
        now = survivors(list(missing)).values()
        raise MergedAway if now and visible(user, Customer).filter(pk__in=now).exists() else NotFound
    for row in rows.values():
        require(user, "change", row)
    return [rows[pk] for pk in ids]


def _choices(sent: QueryDict, ids: list[int]) -> dict[str, int]:
    """Return field → whose value was picked."""
    picked = {name.removeprefix(CHOICE): _number(str(value)) for name, value in sent.items() if name.startswith(CHOICE)}
    return {name: pk for name, pk in picked.items() if pk in ids}


def _versions(sent: QueryDict, ids: list[int]) -> Mapping[int, int]:
    """Return the records as they were looked at; one that the form does not name was not looked at."""
    return {pk: _number(sent.get(f"{VERSION}{pk}", "")) or 0 for pk in ids}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _conflicts(request: Request, found: Merge) -> list[str]:
    """Return what could not be put back, as sentences."""
    language = current_language()
    display = Display(request.user, CustomField.objects.all(), language=language, currency=request.company.currency)
    return [
        gettext("%(field)s后来又改过，保留现在的值") % {"field": display.label(conflict["field"])}
        if conflict.get("field")
        else conflict[language]
        for conflict in found.conflicts
    ]
