"""What the worker does for people who come in, and what it clears away behind them.

A job never carries a token: whoever reads the queue could use it. The worker draws it as it writes the letter.
"""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext, override
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.retry import RetryStrategy

from zhike.accounts.actions.invitations import renew_invitation
from zhike.accounts.actions.passwords import may_mail_reset, reset_token
from zhike.accounts.actions.sessions import clear_away
from zhike.accounts.models import User
from zhike.accounts.queries import company
from zhike.base.errors import NotFound
from zhike.base.mail import send, site
from zhike.base.secrets import fingerprint

AGAIN = RetryStrategy(max_attempts=5, exponential_wait=4)


@app.task(retry=AGAIN, pass_context=False)
def mail_reset_link(email: str) -> bool:
    """Send a link to whoever lost the password, if there is such a person; say whether a letter went."""
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None or not may_mail_reset(user):
        return False
    link = site() + reverse("accounts:reset_link", args=[reset_token(user)])
    with override(user.language):
        subject = gettext("重设 %(company)s 的密码") % {"company": _company()}
        text = gettext(
            "%(name)s：\n\n打开下面的链接，重设密码。链接一小时内有效，只能用一次。\n\n%(link)s\n\n"
            "不是你要的话，不用理会，密码没有变。\n"
        ) % {"name": user.name, "link": link}
        send(user.email, subject, text)
    return True


@app.task(retry=AGAIN, pass_context=False)
def mail_invitation(pk: int) -> bool:
    """Send an invitation with a link of its own; one that was withdrawn meanwhile is not sent."""
    try:
        invitation, token = renew_invitation(pk=pk, by=None)
    except NotFound:
        return False
    link = site() + reverse("accounts:join_link", args=[token])
    with override(invitation.language):
        subject = gettext("加入 %(company)s") % {"company": _company()}
        text = gettext(
            "%(name)s：\n\n%(by)s 请你加入 %(company)s。打开下面的链接，设好密码就能用。链接一小时内有效，只能用一次。\n\n%(link)s\n"
        ) % {
            "name": invitation.name,
            "by": invitation.invited_by.name if invitation.invited_by else "zhike",
            "company": _company(),
            "link": link,
        }
        send(invitation.email, subject, text)
    return True


@app.periodic(cron="40 * * * *")
@app.task(queueing_lock="accounts.clear_away", pass_context=False)
def clear_what_has_run_out(timestamp: int) -> int:
    """Each hour: delete sessions, tries and invitations that no longer count."""
    del timestamp
    return clear_away()


def ask_for_reset_link(email: str) -> None:
    """Have a letter written, whoever that address belongs to: what is done here is the same for all."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        mail_reset_link.configure(queueing_lock=f"accounts.reset.{fingerprint(email)}").defer(email=email)


def ask_for_invitation_letter(pk: int) -> None:
    with suppress(AlreadyEnqueued), transaction.atomic():
        mail_invitation.configure(queueing_lock=f"accounts.invitation.{pk}").defer(pk=pk)


def _company() -> str:
    return company().name or gettext("知客")
