"""The few htmx headers that the server reads and writes.

A view renders one template; when htmx asks for a part of the page, the same view with the same
context renders the named partial of that template. Without JavaScript the whole page comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.cache import patch_vary_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse

HTTP_NO_CONTENT = 204
REDIRECTS = range(300, 304)


def wants_partial(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a part; a history restore asks for the whole page."""
    return request.headers.get("HX-Request-Type") == "partial"


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object],
    *,
    partial: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the page, or its partial for htmx. One address has two answers, hence `Vary`."""
    if partial and wants_partial(request):
        template = f"{template}#{partial}"
    response = render(request, template, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request-Type"])
    return response


def retarget(response: HttpResponse, target: str, swap: str = "outerHTML") -> HttpResponse:
    """Let htmx put this answer elsewhere than the request said."""
    response.headers["HX-Retarget"] = target
    response.headers["HX-Reswap"] = swap
    return response


class HtmxRedirectMiddleware:
    """Let a redirect of an htmx request move the whole page.

    `fetch` would follow it unseen and put, say, the sign-in page into a table cell.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.headers.get("HX-Request") and response.status_code in REDIRECTS:
            response.headers["HX-Redirect"] = response.headers["Location"]
            del response.headers["Location"]
            response.status_code = HTTP_NO_CONTENT
        return response
