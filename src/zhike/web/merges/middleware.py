"""Addresses of records that were merged into others lead to who they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext

from zhike.accounts.models import User
from zhike.accounts.policy import visible
from zhike.base.errors import NotFound, error_response
from zhike.customers.merged import survivors
from zhike.customers.models import Customer
from zhike.timeline.locks import MergedAway

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

_OF_CUSTOMER = "customers/<int:pk>/"


class Forwarding:
    """Lead whoever asks for a merged record to the one that remains, if they may see that; else nothing is found.

    What somebody sends to the old record is not sent on: they are told, and nothing is written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        match = request.resolver_match
        if not isinstance(error, NotFound) or match is None or not match.route.startswith(_OF_CUSTOMER):
            return None
        pk = match.kwargs["pk"]
        user = request.user
        now = survivors([pk]).get(pk) if isinstance(user, User) else None
        if now is None or not visible(user, Customer).filter(pk=now).exists():
            return None
        if request.method not in {"GET", "HEAD"}:
            return error_response(request, MergedAway())
        messages.info(request, gettext("你要找的那条记录已经合并到这位客户"))
        return redirect("web:customer", now)
