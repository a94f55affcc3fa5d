"""The page of the audit log and its file."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from zhike.accounts.policy import require
from zhike.audit.models import Entry
from zhike.base.errors import current_language
from zhike.base.htmx import render_page
from zhike.base.paging import Order, capped_count, key_page
from zhike.web.audit.filters import read_audit_filter
from zhike.web.audit.names import Names
from zhike.web.audit.rows import told
from zhike.web.customers.screen import ListAddress
from zhike.web.exported import exported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from zhike.core.text import Language
    from zhike.web.request import Request

PAGE_SIZE = 50
NEWEST_FIRST = Order("id", descending=True)
# More than this nobody reads in a spreadsheet; a shorter period gives the rest.
MOST_ROWS = 100_000


@require_safe
def audit_log(request: Request) -> HttpResponse:
    require(request.user, "read", Entry)
    chosen, address, language = read_audit_filter(request.GET), ListAddress(request.GET), current_language()
    entries = chosen.apply(request.user)
    names = Names.read(language)
    page = key_page(entries, NEWEST_FIRST, cursor=request.GET.get("at", ""), size=PAGE_SIZE, columns=_with_actor)
    context = {
        "section": "settings",
        "filter": chosen,
        "choices": chosen.choices(request.user),
        "lines": [told(entry, names, language) for entry in page.rows],
        "page": page,
        "count": capped_count(entries),
        "same": address.same,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
    }
    return render_page(request, "web/audit.html", context, partial="log")


@require_safe
def audit_file(request: Request) -> StreamingHttpResponse:
    """Give what the page shows as rows, the newest first."""
    require(request.user, "read", Entry)
    entries = read_audit_filter(request.GET).apply(request.user).order_by("-pk")[:MOST_ROWS]
    exported("audit", by=request.user, rows=entries.count())
    response = StreamingHttpResponse(_rows(entries, current_language()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _with_actor(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    return entries.select_related("actor")


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _rows(entries: QuerySet[Entry], language: Language) -> Iterator[str]:
    from zhike.engine.safe import as_cell  # noqa: PLC0415  it brings what only files need

    writer = csv.writer(_Echo())
    yield "\ufeff"
    head = [gettext("编号"), gettext("时间"), gettext("谁"), gettext("做了什么"), gettext("入口"), gettext("对象")]
    yield writer.writerow([*head, gettext("细节"), gettext("摘要")])
    names = Names.read(language)
    for entry in entries.select_related("actor").iterator():
        line = told(entry, names, language)
        cells = (line.who, line.action, line.door, line.subject, line.data, line.hash)
        yield writer.writerow([line.number, line.at.isoformat(), *(as_cell(cell) for cell in cells)])
