"""What pages of coming in share: where they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django.http import HttpRequest


def safe_next(request: HttpRequest, wanted: str = "", usual: str = "") -> str:
    """Return where to go afterwards: a path of this site, never another's."""
    wanted = wanted or request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else usual or settings.LOGIN_REDIRECT_URL
