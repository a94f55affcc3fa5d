"""Errors of the pages, and the one answer to each: a page, an htmx fragment or JSON.

The template `base/error.html`, with its partial `fragment`, gets `status`, `title` and `message`. It is
rendered without the request: whoever asks for the user asks the database, which may be what is broken.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from zhike.base.htmx import wants_partial
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from django.http import HttpRequest

    from zhike.core.text import Language


class NotFound(ZhikeError):
    """It does not exist, or this person must not learn that it does."""

    code = "not_found"
    status = 404

    def __init__(
        self,
        zh: str = "没有找到这个页面或记录，它可能已被移走，或者不归你查看。",
        en: str = "This page or record was not found. It may have moved, or is not yours to see.",
    ) -> None:
        super().__init__(zh, en)


class Forbidden(ZhikeError):
    """Seen it may be, but this may not be done to it."""

    code = "forbidden"
    status = 403

    def __init__(
        self,
        zh: str = "你没有权限这样做。",
        en: str = "You do not have the right to do this.",
        *,
        path: str = "",
    ) -> None:
        super().__init__(zh, en, path=path)


class Conflict(ZhikeError):
    """Somebody else was there first."""

    code = "conflict"
    status = 409


def current_language() -> Language:
    """Return the language of this request as the core names it."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def error_response(request: HttpRequest, error: ZhikeError) -> HttpResponse:
    """Answer a person, or a program that asked for JSON, with what the error says."""
    message = error.message(current_language())
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"code": error.code, "message": message}, status=error.status)
    context = {"status": error.status, "title": _title(error.status), "message": message}
    template = "base/error.html#fragment" if wants_partial(request) else "base/error.html"
    return HttpResponse(render_to_string(template, context), status=error.status)


def _title(status: int) -> str:
    match status:
        case HTTPStatus.FORBIDDEN:
            return gettext("没有权限")
        case HTTPStatus.NOT_FOUND:
            return gettext("没有找到")
        case HTTPStatus.CONFLICT:
            return gettext("有人抢先了一步")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return gettext("暂时无法使用")
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return gettext("出错了")
        case _:
            return gettext("无法完成")
