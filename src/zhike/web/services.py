"""The ways in which a class is served, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

METHOD_ICONS: Mapping[str, str] = {
    "call": "phone",
    "visit": "map-pin",
    "message": "message-circle",
    "email": "mail",
}


def method_names() -> Mapping[str, str]:
    return {"call": gettext("电话"), "visit": gettext("拜访"), "message": gettext("消息"), "email": gettext("邮件")}
