"""Imports: the list, bringing a file in, saying what is what, and looking at what came of it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import require
from zhike.base.errors import NotFound, current_language
from zhike.base.forms import OnceForm
from zhike.base.htmx import render_page
from zhike.base.paging import Order, key_page
from zhike.base.uploads import FILE_MAX
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.engine.files import Layout
from zhike.imports.actions.asking import ask_check, ask_pause, ask_run, ask_stop, ask_take_up, ask_undo
from zhike.imports.actions.files import bring_in, bring_in_sheet, discard, lay_out
from zhike.imports.actions.plans import plan_as, set_plan
from zhike.imports.actions.reviews import decide
from zhike.imports.likeness import ALIKE, LABEL
from zhike.imports.models import Import, Row
from zhike.imports.plans import Plan
from zhike.imports.presets import preset_by_key
from zhike.imports.queries import get_import, imported_before, imports, rows_of
from zhike.imports.verdicts import verdict_lines
from zhike.web.customers.screen import ListAddress
from zhike.web.imports.pages import after, doing, followed, row_lines, sample_of, tiles, troubles, verdict_label
from zhike.web.imports.plan_form import columns_of, kinds, match_options, read_plan, target_groups
from zhike.web.refusals import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse, HttpResponseBase

    from zhike.web.request import Request

PAGE_SIZE = 30
NEWEST_FIRST = Order("created_at", descending=True)
BY_LINE = Order("line")
UNPROCESSABLE = 422
SECTION = "imports"
MB = 1024 * 1024
_State = Import.State


@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request: Request) -> HttpResponse:
    """All imports of a person, and the form that brings a file in."""
    require(request.user, "import", Customer)
    once, refused, status = OnceForm(request.POST or None), "", 200
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None or not once.is_valid():
            refused, status = gettext("请选择一个文件。"), UNPROCESSABLE
        else:
            try:
                key = once.cleaned_data["key"]
                made = bring_in(
                    name=file.name or "", chunks=file.chunks(), by=request.user, form_key=key, size=file.size
                )
            except ZhikeError as error:
                refused, status = said(error), UNPROCESSABLE
            else:
                return redirect("web:import", made.pk)
    page = key_page(
        imports(request.user),
        NEWEST_FIRST,
        cursor=request.GET.get("at", ""),
        size=PAGE_SIZE,
        columns=lambda rows: rows.select_related("owner"),
    )
    address = ListAddress(request.GET)
    context = {
        "section": SECTION,
        "lines": page.rows,
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
        "hidden": OnceForm(),
        "refused": refused,
        "most": FILE_MAX // MB,
    }
    return render(request, "web/imports.html", context, status=status)


@require_safe
def import_page(request: Request, pk: int) -> HttpResponse:
    """One import: to be planned, going on, or with what came of it."""
    imported = get_import(request.user, pk)
    if imported.state == _State.DRAFT or ("edit" in request.GET and imported.state in Import.PREPARED):
        return _plan_page(request, imported)
    context = {
        "section": SECTION,
        "imported": imported,
        "tiles": tiles(imported),
        "troubles": troubles(request.user, imported),
        "doing": doing(imported),
        "followed": followed(imported),
        "is_trial": imported.state in {_State.CHECKING, _State.CHECKED},
    }
    is_over = imported.state in {_State.DONE, _State.CANCELLED}
    context["has_after"] = is_over and bool(imported.created) and imported.what != Import.What.EVENTS
    return render_page(request, "web/import.html", context, partial="state")


@require_safe
def import_after(request: Request, pk: int) -> HttpResponse:
    """Show where the new customers stand and what to ask next: after the page, since it looks at many."""
    imported = get_import(request.user, pk)
    context = {
        "section": SECTION,
        "imported": imported,
        "after": after(request.user, imported, request.company.currency),
    }
    return render_page(request, "web/import_after.html", context, partial="after")


def _plan_page(request: Request, imported: Import, refused: str = "", plan: Plan | None = None) -> HttpResponse:
    shown = plan or Plan.of(imported.plan)
    preset = preset_by_key(shown.preset)
    context = {
        "section": SECTION,
        "imported": imported,
        "plan": shown,
        "sample": sample_of(imported),
        "groups": target_groups(shown.what, request.user),
        "columns": columns_of(imported, shown, request.user),
        "match": match_options(shown),
        "kinds": kinds(),
        "whats": Import.What.choices,
        "preset": preset.label.get(current_language()) if preset else "",
        "before": imported_before(request.user, imported),
        "refused": refused,
    }
    return render(request, "web/import_plan.html", context, status=UNPROCESSABLE if refused else 200)


@require_POST
def import_layout(request: Request, pk: int) -> HttpResponse:
    """Read the file again, laid out as the person says."""
    imported = get_import(request.user, pk)
    header = str(request.POST.get("header", "")).strip()
    layout = Layout(
        str(request.POST.get("encoding", "")),
        {"tab": "\t"}.get(str(request.POST.get("separator", "")), str(request.POST.get("separator", ""))),
        int(header) if header.removeprefix("-").isdecimal() and len(header) < len(str(FILE_MAX)) else 0,
        str(request.POST.get("sheet", "")),
    )
    try:
        lay_out(imported=imported, layout=layout, by=request.user)
    except ZhikeError as error:
        return _plan_page(request, imported, said(error))
    return redirect("web:import", pk)


@require_POST
def import_sheet(request: Request, pk: int) -> HttpResponse:
    """Bring in another sheet of the same workbook, as an import of its own."""
    imported = get_import(request.user, pk)
    try:
        made = bring_in_sheet(imported=imported, sheet=str(request.POST.get("sheet", "")), by=request.user)
    except ZhikeError as error:
        return _plan_page(request, imported, said(error))
    return redirect("web:import", made.pk)


@require_POST
def import_plan(request: Request, pk: int) -> HttpResponse:
    """Keep what a person says of the columns, and try the file when that is asked for."""
    imported = get_import(request.user, pk)
    plan = read_plan(request.POST, imported, Plan.of(imported.plan))
    try:
        if plan.what != imported.what:
            plan_as(imported=imported, what=plan.what, by=request.user)
            return redirect("web:import", pk)
        imported = set_plan(imported=imported, plan=plan, by=request.user)
        if "try" in request.POST:
            ask_check(imported=imported, by=request.user)
    except ZhikeError as error:
        return _plan_page(request, imported, said(error), plan)
    return redirect("web:import", pk)


_ACTS = {
    "run": ask_run,
    "pause": ask_pause,
    "resume": ask_take_up,
    "stop": ask_stop,
    "undo": ask_undo,
}


@require_POST
def import_act(request: Request, pk: int, act: str) -> HttpResponse:
    """Let it run, rest, go on, stop, or take it back."""
    _ACTS[act](imported=get_import(request.user, pk), by=request.user)
    return redirect("web:import", pk)


@require_POST
def import_discard(request: Request, pk: int) -> HttpResponse:
    imported = get_import(request.user, pk)
    discard(imported=imported, by=request.user)
    messages.success(request, gettext("%(name)s 已删除") % {"name": imported.file_name})
    return redirect("web:imports")


@require_http_methods(["GET", "HEAD", "POST"])
def import_rows(request: Request, pk: int, verdict: str) -> HttpResponse:
    """Show the rows with one verdict, and take what a person decides about those held for review."""
    imported = get_import(request.user, pk)
    if verdict not in Row.Verdict.values:
        raise NotFound
    if request.method == "POST":
        line, _, choice = str(request.POST.get("decide", "")).partition(":")
        kind, _, customer = choice.partition(":")
        if not line.isdecimal() or (customer and not customer.isdecimal()):
            raise NotFound
        decide(
            imported=imported,
            line=int(line),
            choice=kind,
            by=request.user,
            customer=int(customer) if customer else None,
        )
        return redirect("web:import_rows", pk, verdict)
    rows = rows_of(imported, verdict)
    is_alike = verdict == Row.Verdict.CREATED and ALIKE in request.GET
    if is_alike:
        rows = rows.filter(after__has_key=ALIKE)
    page = key_page(rows, BY_LINE, cursor=request.GET.get("at", ""), size=PAGE_SIZE)
    address = ListAddress(request.GET)
    context = {
        "section": SECTION,
        "imported": imported,
        "verdict": "" if is_alike else verdict,
        "label": LABEL.get(current_language()) if is_alike else verdict_label(verdict),
        "lines": row_lines(request.user, imported, list(page.rows)),
        "tiles": tiles(imported),
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
        "may_decide": verdict == Row.Verdict.REVIEW
        and imported.state in {_State.DONE, _State.CANCELLED, _State.PAUSED}
        and imported.what != Import.What.EVENTS,
    }
    return render(request, "web/import_rows.html", context)


@require_safe
def import_file(request: Request, pk: int, only: str = "") -> HttpResponseBase:
    """Hand out every row's verdict, or the refused rows ready to be corrected."""
    imported = get_import(request.user, pk)
    language = current_language()
    stem = imported.file_name.rpartition(".")[0] or imported.file_name
    name = f"{stem} {verdict_label('rejected') if only else gettext('每行结果')}.csv"
    response = StreamingHttpResponse(
        _csv(verdict_lines(imported, language, only=only)), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or "attachment"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


class _Line:
    """What the csv writer writes to: it hands the line back."""

    def write(self, text: str) -> str:
        return text


def _csv(lines: Iterator[list[str]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff"
    for cells in lines:
        yield writer.writerow(cells)
