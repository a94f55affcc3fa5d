"""What a draft would do: beside the editor, as a list, and as a file to send around."""

from __future__ import annotations

import csv
from itertools import batched
from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import field_access, require
from zhike.base.errors import NotFound, current_language
from zhike.base.inputs import Invalid, json_body
from zhike.base.paging import Order, capped_count, key_page
from zhike.classification.actions.publications import fill_kept_metrics
from zhike.classification.candidates import draft_fields
from zhike.classification.models import Scheme, SchemeVersion
from zhike.classification.preview import missing_metrics, moved_customers, with_both_classes
from zhike.classification.tasks import ask_for, fill_metrics
from zhike.core.conditions.describe import Writer
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.customers.readable import unreadable
from zhike.engine.safe import as_cell
from zhike.web.classes.draft_views import DEEPEST, MOST_BYTES, get_draft
from zhike.web.classes.impact import LARGEST, RANDOM, read_impact
from zhike.web.classes.moved import Movers
from zhike.web.classes.views import studio
from zhike.web.customers.screen import ListAddress
from zhike.web.exported import exported

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from zhike.accounts.field_access import FieldAccess
    from zhike.web.classes.moved import Mover
    from zhike.web.request import Request

# So few customers are gone through while somebody waits; more are the worker's.
FEW_CUSTOMERS = 5_000
PAGE_SIZE = 50
CHUNK = 1_000
ORDER = Order("facts__revenue_year", descending=True, nullable=True)


@require_POST
def draft_preview(request: Request, dimension: str) -> HttpResponse:
    """Show what the draft would do as it stands in the editor, saved or not.

    Numbers that only this draft reads are worked out first; the plain form asks for just that.
    """
    draft = get_draft(request, dimension)
    require(request.user, "change", Scheme)
    if request.content_type != "application/json":
        _fill(draft)
        return redirect("web:draft", dimension)
    sent = json_body(request, most=MOST_BYTES, deepest=DEEPEST)
    if not isinstance(sent.get("data"), dict):
        raise Invalid("草稿应为一个对象", "a draft is an object", path="data")
    shown = SchemeVersion(scheme=draft.scheme, number=draft.number, state=draft.state, data=sent["data"])
    _fill(shown)
    sample = RANDOM if sent.get("sample") == RANDOM else LARGEST
    context = {"dimension": dimension, "draft": draft, "may_edit": True, **read_impact(shown, request, sample=sample)}
    return render(request, "web/impact.html", context)


def _fill(draft: SchemeVersion) -> None:
    """Have the metrics worked out that only drafts read: at once for few customers, else by the worker."""
    try:
        missing = [row for row in missing_metrics(draft) if not row._state.adding]
    except ZhikeError:
        return
    if not missing:
        return
    if Customer.present.count() <= FEW_CUSTOMERS:
        fill_kept_metrics()
    else:
        ask_for(fill_metrics)


@require_safe
def draft_moved(request: Request, dimension: str) -> HttpResponse:
    """List the customers whom the saved draft would move, the largest first."""
    draft = get_draft(request, dimension)
    address = ListAddress(request.GET)
    context = {**studio(request, draft.scheme), "tab": "draft"}
    try:
        customers = _between(moved_customers(draft, request.user), request)
        at = request.GET.get("at", "")
        page = key_page(customers, ORDER, cursor=at, size=PAGE_SIZE, columns=with_both_classes(draft))
        context |= {
            "page": page,
            "movers": _movers(draft, request).rows(page.rows),
            "count": capped_count(customers),
            "next_page": address.page(page.next),
            "previous_page": address.page(page.previous),
            "narrowed": bool(request.GET.get("from") or request.GET.get("to")),
            "query": request.GET.urlencode(),
        }
    except ZhikeError as error:
        if error.status == NotFound.status:
            raise
        context["unready"] = error.message(current_language())
    return render(request, "web/moved.html", context)


def _movers(draft: SchemeVersion, request: Request) -> Movers:
    fields = draft_fields()
    hidden = unreadable(request.user, fields)
    return Movers(draft, Writer(current_language(), fields, request.company.currency, hidden))


def _between(customers: QuerySet[Customer], request: Request) -> QuerySet[Customer]:
    """Keep those who go from one class to another, if the address says so."""
    for name, column in (("from", "old"), ("to", "new")):
        if key := request.GET.get(name, "").replace("\0", ""):
            customers = customers.filter(**{column: key})
    return customers


@require_safe
def draft_moved_file(request: Request, dimension: str) -> StreamingHttpResponse:
    """Give the same list as a file for people who look at it elsewhere."""
    require(request.user, "change", Scheme)
    draft = get_draft(request, dimension)
    movers = _movers(draft, request)
    customers = _between(moved_customers(draft, request.user), request)
    exported("moved", by=request.user, rows=customers.count(), dimension=dimension)
    response = StreamingHttpResponse(
        _lines(customers, movers, field_access(request.user, Customer)), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{dimension}-v{draft.number}.csv"'
    return response


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(customers: QuerySet[Customer], movers: Movers, access: FieldAccess) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # so that spreadsheets read it as UTF-8
    yield writer.writerow(
        [gettext("编号"), gettext("客户"), gettext("负责人"), gettext("现在"), gettext("以后"), gettext("依据")]
    )
    for chunk in batched(customers.iterator(chunk_size=CHUNK), CHUNK):
        for mover in movers.rows(chunk):
            yield writer.writerow(as_cell(cell) for cell in _cells(mover, access))


def _cells(mover: Mover, access: FieldAccess) -> Iterable[str]:
    customer = access.redacted(mover.customer)
    return (
        customer.key or str(customer.pk),
        customer.name,
        customer.owner.name if customer.owner else "",
        mover.old.label if mover.old else "",
        mover.new.label,
        mover.reason,
    )
