"""What a browser says it is, in two words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import Promise

# The first that is found counts: many call themselves Chrome or Safari as well.
_BROWSERS: Mapping[str, str | Promise] = {
    "wxwork": _("企业微信"),
    "MicroMessenger": _("微信"),
    "DingTalk": _("钉钉"),
    "Lark": _("飞书"),
    "Edg": "Edge",
    "OPR/": "Opera",
    "QQBrowser": _("QQ 浏览器"),
    "QIHU": "360",
    "HuaweiBrowser": _("华为浏览器"),
    "MiuiBrowser": _("小米浏览器"),
    "Firefox/": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS: Mapping[str, str | Promise] = {
    "HarmonyOS": "HarmonyOS",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
_PHONES = frozenset({"iPhone", "Android", "HarmonyOS", "iPad"})


def device(agent: str) -> str:
    """Return 「Chrome · Windows」."""
    parts = [_first(agent, _BROWSERS), system(agent)]
    return " · ".join(part for part in parts if part) or gettext("没有说明的设备")


def is_phone(agent: str) -> bool:
    return system(agent) in _PHONES


def system(agent: str) -> str:
    return _first(agent, _SYSTEMS)


def _first(agent: str, names: Mapping[str, str | Promise]) -> str:
    return next((str(name) for mark, name in names.items() if mark in agent), "")
