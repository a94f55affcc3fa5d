"""Drafts: begun, edited, given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.policy import can, require
from zhike.base.errors import Conflict, NotFound, current_language
from zhike.base.inputs import Invalid, json_body
from zhike.classification.actions.drafts import discard_draft, save_draft, start_draft
from zhike.classification.candidates import draft_problems
from zhike.classification.models import Scheme
from zhike.classification.queries import draft_of, fixed_by_class, get_dimension
from zhike.core.errors import ZhikeError
from zhike.web.classes.editor import editor_data, saved_line, sentences
from zhike.web.classes.impact import LARGEST, RANDOM, read_impact
from zhike.web.classes.side import class_list, label_of
from zhike.web.classes.trial import trial_context
from zhike.web.classes.views import studio
from zhike.web.classes.words import class_icons, look_names, owner_names, tone_names
from zhike.web.conditions.text import Problem, place, read_text, write_text
from zhike.web.services import method_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from zhike.classification.models import SchemeVersion
    from zhike.web.request import Request

# What a draft may be, with some air for how a script writes it.
MOST_BYTES = 900_000
DEEPEST = 90
UNPROCESSABLE = 422


def get_draft(request: Request, dimension: str) -> SchemeVersion:
    """Return the draft of a dimension, or raise `NotFound`."""
    draft = draft_of(request.user, get_dimension(request.user, dimension))
    if draft is None:
        raise NotFound(
            "这个维度没有草稿：可能刚刚发布，或者放弃了。",
            "This dimension has no draft: it may just have been published or given up.",
        )
    return draft


@require_http_methods(["GET", "HEAD", "POST"])
def draft_page(request: Request, dimension: str) -> HttpResponse:
    """Show a draft, and save what is edited: as data by the editor, as text by the form."""
    draft = get_draft(request, dimension)
    if request.method != "POST":
        return render(request, "web/draft.html", _context(request, draft))
    require(request.user, "change", Scheme)
    return _save_data(request, draft) if request.content_type == "application/json" else _save_text(request, draft)


def _context(request: Request, draft: SchemeVersion) -> dict[str, object]:
    problems = _problems(draft)
    fixed = fixed_by_class(request.user, draft.scheme.dimension)
    return {
        **studio(request, draft.scheme),
        "tab": "draft",
        "draft": draft,
        "may_edit": can(request.user, "change", Scheme),
        "saved": saved_line(draft),
        "problems": problems,
        "draft_classes": _classes(draft, sentences(draft, request.company.currency)),
        "text": write_text(draft.data),
        "editor": editor_data(draft, request.user, request.company.currency, fixed, problems),
        "tones": tone_names().items(),
        "looks": look_names().items(),
        "owners": owner_names().items(),
        "methods": method_names().items(),
        "icons": class_icons(),
        **trial_context(request, draft),
        **read_impact(draft, request, sample=RANDOM if request.GET.get("sample") == RANDOM else LARGEST),
    }


def _classes(draft: SchemeVersion, said: list[str]) -> list[dict[str, str]]:
    """Return what the classes are called and who belongs to them."""
    language = current_language()
    listed = class_list(cast("Mapping[str, object]", draft.data))
    return [
        {"label": label_of(class_, language), "sentence": sentence}
        for class_, sentence in zip(listed, said, strict=True)
    ]


def _save_data(request: Request, draft: SchemeVersion) -> HttpResponse:
    sent = json_body(request, most=MOST_BYTES, deepest=DEEPEST)
    data, moved, revision = sent.get("data"), sent.get("moved", {}), sent.get("revision")
    if not isinstance(data, dict) or not isinstance(revision, int) or not _is_words(moved):
        raise Invalid("这一页已经过时，请重新打开再保存", "this page is out of date: open it again", path="data")
    try:
        saved = save_draft(
            draft=draft, data=data, revision=revision, by=request.user, moved=cast("Mapping[str, str]", moved)
        )
    except Conflict as error:
        return _conflict(request, draft, error)
    return JsonResponse(_saved(saved, request))


def _saved(draft: SchemeVersion, request: Request) -> dict[str, object]:
    return {
        "revision": draft.revision,
        "saved": saved_line(draft),
        "sentences": sentences(draft, request.company.currency),
        "problems": _problems(draft),
    }


def _problems(draft: SchemeVersion) -> list[dict[str, str]]:
    language = current_language()
    return [{"path": p.path, "message": p.zh if language == "zh" else p.en} for p in draft_problems(draft)]


def _is_words(moved: object) -> bool:
    return isinstance(moved, dict) and all(isinstance(item, str) for pair in moved.items() for item in pair)


def _conflict(request: Request, draft: SchemeVersion, error: Conflict) -> HttpResponse:
    """Say who was first and when, so that nobody overwrites it unseen."""
    found = draft_of(request.user, draft.scheme)
    message = error.message(current_language())
    who = saved_line(found) if found is not None else ""
    return JsonResponse({"code": error.code, "message": message, "saved": who}, status=error.status)


def _save_text(request: Request, draft: SchemeVersion) -> HttpResponse:
    language, text = current_language(), request.POST.get("text", "").replace("\r\n", "\n")
    problems: list[Problem] = []
    status = UNPROCESSABLE
    try:
        data = read_text(text)
        revision = request.POST.get("revision", "")
        if not (isinstance(data, dict) and revision.isascii() and revision.isdigit()):
            raise Invalid("草稿应为一个对象", "a draft is an object", path="")
        saved = save_draft(draft=draft, data=data, revision=int(revision[:9]), by=request.user)
    except ZhikeError as error:
        problems, status = [place(error, text, language)], error.status
    else:
        problems = [place(error, text, language) for error in draft_problems(saved)]
        if not problems:
            messages.success(request, gettext("草稿已保存"))
            return redirect("web:draft", draft.scheme.dimension)
    draft.refresh_from_db()
    context = _context(request, draft) | {"text": text, "text_problems": problems}
    return render(request, "web/draft.html", context, status=status)


@require_POST
def draft_start(request: Request, dimension: str) -> HttpResponse:
    get_dimension(request.user, dimension)
    start_draft(dimension=dimension, by=request.user)
    return redirect("web:draft", dimension)


@require_POST
def draft_discard(request: Request, dimension: str) -> HttpResponse:
    require(request.user, "change", Scheme)
    draft = get_draft(request, dimension)
    discard_draft(draft=draft, by=request.user)
    messages.success(request, gettext("草稿 v%(number)d 已放弃") % {"number": draft.number})
    if Scheme.objects.filter(dimension=dimension).exists():
        return redirect("web:dimension", dimension)
    return redirect("web:classes")
