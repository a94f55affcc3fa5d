"""Letters to people, and the addresses in them.

What is sent to somebody leads to the configured address of this installation, never to a host that a
request named. Where no mail server is configured nothing is sent, and pages say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage

if TYPE_CHECKING:
    from django.http import HttpRequest


def can_mail() -> bool:
    """Say whether letters can be sent: to a server, with links to a known address."""
    return bool(settings.MAILERS and settings.ZHIKE_URL)


def send(to: str, subject: str, text: str) -> None:
    EmailMessage(subject, text, to=[to]).send()


def site() -> str:
    """Return the configured address, without a slash at its end."""
    return settings.ZHIKE_URL.rstrip("/")


def site_of(request: HttpRequest) -> str:
    """Return the configured address; else the one by which this person came, whose host Django has checked."""
    return site() or f"{request.scheme}://{request.get_host()}"
