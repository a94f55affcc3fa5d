"""A newer edition of the pack in force: looked at, and merged into the company's own rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.policy import can, require, visible
from zhike.base.errors import NotFound, current_language
from zhike.base.htmx import render_page
from zhike.classification.actions.editions import adopt_edition
from zhike.classification.editions import merging, own_words, read_edition
from zhike.classification.models import Scheme
from zhike.classification.packs import present_pack
from zhike.classification.tasks import ask_for, carry_publications_through
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.packs import load_pack, shipped
from zhike.packs.writing import write_yaml
from zhike.web.classes.edition import grouped, outcome, questions
from zhike.web.classes.views import studio
from zhike.web.exported import exported

if TYPE_CHECKING:
    from django.http import QueryDict

    from zhike.classification.editions import Edition, Words
    from zhike.web.request import Request

# A choice is sent as 「word.<path>」.
WORD = "word."


@require_http_methods(["GET", "HEAD", "POST"])
def pack_edition(request: Request, pack: str) -> HttpResponse:
    """Show what the newer edition changes and what it comes to with the choices made; merge it."""
    if pack not in shipped():
        raise NotFound
    require(request.user, "publish" if request.method == "POST" else "change", Scheme)
    running = merging()
    if running is not None:
        return redirect("web:publication", running.pk)
    sent = request.POST if request.method == "POST" else request.GET
    error, status = "", 200
    if request.method == "POST":
        try:
            return _adopt(request)
        except ZhikeError as refused:
            error, status = refused.message(current_language()), refused.status
    context = {**studio(request), "at": "packs", "name": pack, "error": error, **_shown(request, pack, sent)}
    if "edition" not in context and not context["unreadable"] and not error:
        return redirect("web:pack", pack)
    return render_page(request, "web/edition.html", context, partial="outcome", status=status)


def _adopt(request: Request) -> HttpResponse:
    publication = adopt_edition(words=_words(request.POST), seen=request.POST.get("seen", ""), by=request.user)
    if publication is None:
        messages.success(request, gettext("已合并，规则没有变化"))
        return redirect("web:packs")
    ask_for(carry_publications_through)
    return redirect("web:publication", publication.pk)


def _words(sent: QueryDict) -> Words:
    return cast("Words", {name.removeprefix(WORD): word for name, word in sent.items() if name.startswith(WORD)})


def _shown(request: Request, pack: str, sent: QueryDict) -> dict[str, object]:
    """Return what the page shows; `unreadable` says why nothing can be compared."""
    language = current_language()
    context: dict[str, object] = {"label": load_pack(pack).label.get(language), "unreadable": ""}
    try:
        edition = read_edition()
    except ZhikeError as error:
        return context | {"unreadable": error.message(language)}
    if edition is None or edition.original.key != pack:
        return context
    return context | _told(request, edition, own_words(_words(sent).items(), edition.conflicts))


def _told(request: Request, edition: Edition, words: Words) -> dict[str, object]:
    language = current_language()
    return {
        "edition": edition,
        "questions": questions(edition, words, language),
        "words": words,
        "brought": grouped(edition.brought(), edition, language),
        "kept": grouped(edition.kept(), edition, language),
        "outcome": outcome(edition, words, request.user, language),
        "customers": visible(request.user, Customer).count(),
        "may_publish": can(request.user, "publish", Scheme),
    }


@require_safe
def pack_export(request: Request) -> HttpResponse:
    """Give the rules in force as a pack's file."""
    data = present_pack()
    exported("pack", by=request.user)
    response = HttpResponse(write_yaml(data), content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{data["pack"]}.yaml"'
    return response
