"""What every page has in common: errors in words, and nothing personal left in a cache."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers

from zhike.base.errors import Forbidden, NotFound, error_response
from zhike.base.postgres import DatabaseUnavailable
from zhike.base.uploads import FILE_MAX
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

logger = logging.getLogger("zhike")


class ServerError(ZhikeError):
    """A fault of ours. The log has the cause, the person gets a way on."""

    code = "server_error"
    status = 500


class BadRequest(ZhikeError):
    """A request that no page of ours sends."""

    code = "bad_request"


class WrongMethod(ZhikeError):
    """The address of a form, opened as a page: from the address bar, or after signing in again."""

    code = "wrong_method"
    status = 405


class Pages:
    """Keep every page out of caches: each one shows what only this person may see."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


class Errors:
    """Answer the errors that know their own status. All others go on to `server_error`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return _wrong_method(request, response) if isinstance(response, HttpResponseNotAllowed) else response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return error_response(request, error) if isinstance(error, ZhikeError) else None


def _wrong_method(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """Say it in words: the answer of Django's decorators is blank."""
    response = error_response(
        request,
        WrongMethod("这个地址只接收表单，不能直接打开。", "This address only takes a form and cannot be opened."),
    )
    response.headers["Allow"] = refused.headers["Allow"]
    return response


class TooLarge(ZhikeError):
    """More than a browser may send at once."""

    code = "too_large"
    status = 413


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        most = FILE_MAX // 1024 // 1024
        return error_response(
            request, TooLarge(f"文件太大：最多 {most} MB。", f"The file is too large: at most {most} MB.")
        )
    return error_response(request, BadRequest("这个请求不完整。", "This request is malformed."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_response(request, Forbidden())


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_response(request, NotFound())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return error_response(
        request,
        Forbidden(
            "页面已过期，请刷新后再试一次。",
            "This page has expired. Reload it and try again.",
        ),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer whatever nothing else answered. Django calls this while it handles the exception."""
    cause = sys.exc_info()[1]
    if isinstance(cause, (OperationalError, InterfaceError)):
        return error_response(request, database_unavailable())
    return error_response(
        request,
        ServerError(
            "程序出错了，已经记录下来。请稍后再试。",
            "Something went wrong on our side and has been recorded. Please try again later.",
        ),
    )


def database_unavailable() -> DatabaseUnavailable:
    return DatabaseUnavailable(
        "暂时连接不上数据库，请稍后再试。",
        "The database cannot be reached at the moment. Please try again shortly.",
    )
