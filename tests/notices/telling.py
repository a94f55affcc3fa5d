"""Notifications, bots and a mail server, for tests of who hears of what and when."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from zhike.base.clock import now
from zhike.classification.models import Notification
from zhike.notices.actions.channels import save_channel

SHANGHAI = ZoneInfo("Asia/Shanghai")
LOCMEM = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
SITE = "https://crm.example.com"
HOOK = "https://oapi.dingtalk.com/robot/send?access_token=hush"


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    """Return a moment that is written by the clock of a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def tell(user, kind="rules", **given) -> Notification:
    return Notification.objects.create(user=user, kind=kind, **{"text": "3", "created_at": now(), **given})


def typed(**given):
    """Return what is typed of a bot."""
    return {
        "kind": "dingtalk",
        "name": "华东群",
        "address": HOOK,
        "secret": "",
        "clears_secret": False,
        "shows_names": False,
        "kinds": [],
        "language": "zh-hans",
        "quiet_from": None,
        "quiet_until": None,
        **given,
    }


def make_channel(by, *, team=None, **given):
    return save_channel(given=typed(**given), by=by, team=team)
