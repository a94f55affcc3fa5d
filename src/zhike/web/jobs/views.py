"""A person's jobs: the list, one with its progress, stopping it, taking it back, and fetching its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhike.audit import actions as audit
from zhike.base.errors import NotFound
from zhike.base.htmx import render_page
from zhike.base.paging import Order, key_page
from zhike.jobs.actions.jobs import cancel_job, undo_job
from zhike.jobs.files import folder
from zhike.jobs.kinds import kind_of
from zhike.jobs.queries import get_job, jobs
from zhike.jobs.tasks import start
from zhike.web.customers.screen import ListAddress
from zhike.web.jobs.rows import line, may_undo, refusals

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from zhike.jobs.models import Job
    from zhike.web.request import Request

PAGE_SIZE = 30
NEWEST_FIRST = Order("created_at", descending=True)


@require_safe
def job_list(request: Request) -> HttpResponse:
    page = key_page(
        jobs(request.user),
        NEWEST_FIRST,
        cursor=request.GET.get("at", ""),
        size=PAGE_SIZE,
        columns=lambda rows: rows.select_related("undoes"),
    )
    address = ListAddress(request.GET)
    context = {
        "section": "jobs",
        "lines": [line(job) for job in page.rows],
        "is_any_open": any(job.is_open for job in page.rows),
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
    }
    return render_page(request, "web/jobs.html", context, partial="list")


@require_safe
def job_page(request: Request, pk: int) -> HttpResponse:
    job = get_job(request.user, pk)
    context = {
        "section": "jobs",
        "line": line(job),
        "job": job,
        "may_undo": may_undo(job),
        "refusals": refusals(request.user, job) if job.refused else [],
        "undone": [line(one) for one in job.undone_by.order_by("pk")],
    }
    return render_page(request, "web/job.html", context, partial="state")


@require_POST
def job_cancel(request: Request, pk: int) -> HttpResponse:
    cancel_job(job=get_job(request.user, pk), by=request.user)
    messages.success(request, gettext("已停止，做完的留着"))
    return redirect("web:job", pk)


@require_POST
def job_undo(request: Request, pk: int) -> HttpResponse:
    undone = start(undo_job(job=get_job(request.user, pk), by=request.user))
    return ended(request, undone, back=_back(request, undone))


def ended(request: Request, job: Job, *, back: str) -> HttpResponse:
    """Say what came of a job and lead back; to its own page where there is more to say, or it goes on."""
    found = line(job)
    if job.is_open or job.state != job.State.DONE or job.refused:
        return redirect("web:job", job.pk)
    may = may_undo(job)
    context = {"said": found.said, "job": job, "may_undo": may, "back": back, "has_file": found.has_file}
    # A file that is still to be fetched does not fade away.
    tags = "stays" if found.has_file else ""
    messages.success(request, render_to_string("web/job_toast.html", context, request=request), extra_tags=tags)
    return redirect(back)


def _back(request: Request, job: Job) -> str:
    given = request.POST.get("back", "")
    is_ours = given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return given if is_ours else reverse("web:job", args=[job.pk])


@require_safe
def job_file(request: Request, pk: int) -> HttpResponseBase:
    """Give the result to whoever asked for it, if they still may have it."""
    job = get_job(request.user, pk)
    if not line(job).has_file:
        raise NotFound(
            "这个文件已经过期，或者还没做好；要的话再导出一次",
            "This file has expired or is not ready yet: export it again",
        )
    kind = kind_of(job.kind)
    kind.allow(job)
    try:
        content = (folder() / job.file).open("rb")
    except FileNotFoundError:
        raise NotFound("这个文件已经删掉了，再导出一次", "This file is gone: export it again") from None
    type_ = TYPES[job.file_name.rpartition(".")[2]]
    response = FileResponse(content, as_attachment=True, filename=job.file_name, content_type=type_)
    data = {"what": job.kind, "rows": job.parameters.get("rows")}
    audit.record("file.fetched", by=request.user, subject=kind.subject(job), data=data)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
