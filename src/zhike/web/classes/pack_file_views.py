"""分类包 from a file: what it would do here, and putting it in force.

Nothing is kept of a file until it is put in force: the page that says what it would do sends it along again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import require
from zhike.base.errors import current_language
from zhike.base.inputs import Invalid
from zhike.classification.models import Scheme
from zhike.core.errors import ZhikeError
from zhike.core.packs import parse_pack
from zhike.customers.facts import custom_fields
from zhike.customers.models import Customer
from zhike.packs import MAX_BYTES, read_file
from zhike.web.classes.pack_plan import plan
from zhike.web.classes.pack_views import install, pack_cards
from zhike.web.classes.views import studio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from zhike.core.packs import Pack
    from zhike.web.request import Request

NAME_MAX = 80


@dataclass(frozen=True, slots=True)
class Sent:
    """A pack that was sent as a file: its text, and what was read from it."""

    name: str
    text: str
    data: Mapping[str, object]
    pack: Pack


@require_http_methods(["GET", "HEAD", "POST"])
def pack_file(request: Request) -> HttpResponse:
    """Say what putting the pack of a file in force replaces; once that was looked at, do it.

    The file is not kept: who comes back to the address chooses it again.
    """
    require(request.user, "publish", Scheme)
    if request.method != "POST":
        return redirect("web:packs")
    language = current_language()
    try:
        sent = _read(request)
    except ZhikeError as refused:
        context = {**pack_cards(request), "error": refused.message(language)}
        return render(request, "web/packs.html", context, status=422)
    error, status = "", 200
    if "seen" in request.POST:
        try:
            return install(request, sent.data)
        except ZhikeError as refused:
            error, status = refused.message(language), refused.status
    context = {
        **studio(request),
        "at": "packs",
        "card": {"label": sent.pack.label.get(language) or sent.pack.key},
        "file": sent,
        "plan": plan(sent.pack, sent.data, language),
        "error": error,
        "customers": Customer.present.count(),
    }
    return render(request, "web/pack_install.html", context, status=status)


def _read(request: Request) -> Sent:
    file = request.FILES.get("file")
    if file is None and "text" not in request.POST:
        raise Invalid("请选择一个分类包文件", "choose the file of a pack", path="file")
    name = str((file.name if file else request.POST.get("name")) or "")[:NAME_MAX]
    raw = file.read(MAX_BYTES + 1) if file else request.POST["text"].encode()
    data = cast("Mapping[str, object]", read_file(raw, name))
    text = raw.decode("utf-8-sig")
    return Sent(name or gettext("文件"), text, data, parse_pack(data, custom_fields()))
