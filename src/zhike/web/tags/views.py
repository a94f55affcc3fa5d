"""The dictionary of tags: which there are, how many customers carry each, and what one of them means."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import can, get_visible, require, visible
from zhike.base.errors import Conflict, current_language
from zhike.base.forms import VersionForm, tell
from zhike.base.paging import COUNT_LIMIT
from zhike.classification.actions.tags import merge_tag, schemes_with_tag, update_tag
from zhike.core.errors import ZhikeError
from zhike.customers.actions.tags import retire_tag
from zhike.customers.models import Tag
from zhike.customers.tags import shown_name, tag_counts
from zhike.jobs.tasks import start
from zhike.web.tags.forms import MergeForm, TagForm
from zhike.web.tags.kinds import are_many, ask_merge, ask_rename, is_renamed

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@dataclass(frozen=True, slots=True)
class Row:
    """A tag with the number of customers that this person sees carry it."""

    tag: Tag
    name: str
    size: int

    @property
    def is_more(self) -> bool:
        return self.size > COUNT_LIMIT


@require_safe
def tag_list(request: Request) -> HttpResponse:
    sizes, language = tag_counts(request.user), current_language()
    tags = visible(request.user, Tag).select_related("owner")
    rows = [Row(tag, shown_name(tag, language), sizes.get(tag.name_folded, 0)) for tag in tags]
    rows.sort(key=lambda row: (row.tag.retired_at is not None, -row.size, row.tag.name_folded))
    context = {"section": "settings", "rows": rows, "may_change": can(request.user, "change", Tag), "most": COUNT_LIMIT}
    return render(request, "web/tags.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def tag_page(request: Request, pk: int) -> HttpResponse:
    require(request.user, "change", Tag)
    tag = get_visible(request.user, Tag, pk=pk)
    may_rename = can(request.user, "merge", Tag)
    form = TagForm(request.POST or None, tag=tag, by=request.user, may_rename=may_rename)
    version = VersionForm(request.POST or None, initial={"version": tag.version})
    context = _context(request, tag, form=form, hidden=version)
    if request.method != "POST":
        return render(request, "web/tag.html", context)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and version.is_valid():
        try:
            given = form.cleaned_data
            if is_renamed(tag, given.get("name", tag.name)) and are_many(tag):
                return redirect(
                    "web:job", start(ask_rename(tag=tag, by=request.user, **version.cleaned_data, **given)).pk
                )
            update_tag(tag=tag, by=request.user, **version.cleaned_data, **given)
        except ZhikeError as error:
            tell(form, error)
            status = error.status
            context["conflict"] = isinstance(error, Conflict)
        else:
            messages.success(request, gettext("标签已保存"))
            return redirect("web:tags")
    return render(request, "web/tag.html", context, status=status)


@require_POST
def tag_merge(request: Request, pk: int) -> HttpResponse:
    require(request.user, "merge", Tag)
    tag = get_visible(request.user, Tag, pk=pk)
    form, version = MergeForm(request.POST, tag=tag), VersionForm(request.POST)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and version.is_valid():
        into = form.cleaned_data["into"]
        try:
            if are_many(tag):
                job = start(ask_merge(tag=tag, into=into, by=request.user, **version.cleaned_data))
                return redirect("web:job", job.pk)
            size = merge_tag(tag=tag, into=into, by=request.user, **version.cleaned_data)
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            said = ngettext("已并入，改了 %(n)s 位客户", "已并入，改了 %(n)s 位客户", size)
            messages.success(request, said % {"n": f"{size:,}"})
            return redirect("web:tags")
    context = _context(request, tag, merge=form)
    return render(request, "web/tag.html", context, status=status)


@require_POST
def tag_retire(request: Request, pk: int) -> HttpResponse:
    tag = get_visible(request.user, Tag, pk=pk)
    retired = "again" not in request.POST
    retire_tag(tag=tag, retired=retired, by=request.user)
    messages.success(request, gettext("已停用，带着它的客户不变") if retired else gettext("又可以用了"))
    return redirect("web:tags")


def _context(
    request: Request,
    tag: Tag,
    *,
    form: TagForm | None = None,
    hidden: VersionForm | None = None,
    merge: MergeForm | None = None,
) -> dict[str, object]:
    may_rename = can(request.user, "merge", Tag)
    return {
        "section": "settings",
        "tag": tag,
        "form": form or TagForm(tag=tag, by=request.user, may_rename=may_rename),
        "hidden": hidden or VersionForm(initial={"version": tag.version}),
        "merge": merge or MergeForm(tag=tag),
        "may_merge": may_rename,
        "size": tag_counts(request.user).get(tag.name_folded, 0),
        "schemes": [scheme.label.get(current_language()) for scheme in schemes_with_tag(tag.name)],
    }
