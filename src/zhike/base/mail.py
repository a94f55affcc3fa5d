"""Letters to people, and the addresses in them.

What is sent to somebody leads to the configured address of this installation, never to a host that a
request named. Where no mail server is configured nothing is sent, and pages say so.
"""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, mailers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest


# From this number on a mail server means that trying again is no use.
PERMANENT = 500


def can_mail() -> bool:
    """Say whether letters can be sent: to a server, with links to a known address."""
    return bool(settings.MAILERS and settings.ZHIKE_URL)


def send(to: str, subject: str, text: str, *, attached: tuple[str, bytes, str] | None = None) -> None:
    """Send a letter; `attached` is a file to it: name, content and type."""
    letter = EmailMessage(subject, text, to=[to])
    if attached is not None:
        letter.attach(*attached)
    letter.send()


class NotTaken(Exception):
    """The server has certainly not taken the letter; with `again` it may take it later."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.again = again


def send_once(to: str, subject: str, text: str, html: str, headers: Mapping[str, str]) -> None:
    """Send a letter that may not go out twice.

    `NotTaken` says that it did not go out. Whatever else is raised came when the server may have taken it already.
    """
    letter = EmailMultiAlternatives(subject, text, to=[to], headers=dict(headers))
    letter.attach_alternative(html, "text/html")
    mailer = mailers.default
    try:
        mailer.open()
    except OSError as error:  # SMTPException is one
        raise NotTaken(_said(error), again=True) from error
    try:
        mailer.send_messages([letter])
    except SMTPRecipientsRefused as error:
        codes = [code for code, _words in error.recipients.values()]
        raise NotTaken(_said(error), again=all(code < PERMANENT for code in codes)) from error
    except (SMTPSenderRefused, SMTPDataError) as error:
        raise NotTaken(_said(error), again=error.smtp_code < PERMANENT) from error
    finally:
        mailer.close()


def _said(error: OSError) -> str:
    """Return what went wrong without what a server may have written about the letter."""
    code = f" {error.smtp_code}" if isinstance(error, SMTPResponseException) else ""
    return f"{type(error).__name__}{code}"


def site() -> str:
    """Return the configured address, without a slash at its end."""
    return settings.ZHIKE_URL.rstrip("/")


def site_of(request: HttpRequest) -> str:
    """Return the configured address; else the one by which this person came, whose host Django has checked."""
    return site() or f"{request.scheme}://{request.get_host()}"
