"""Why a customer belongs to somebody, in words: told from what the event has kept, never worked out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.assignment.choosing import ONLY
from zhike.assignment.models import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping


def assigned_by(data: Mapping[str, object]) -> str:
    """Return 「由规则『华东高价值』分配：轮流」, or nothing where no rule decided."""
    if not data.get("rule"):
        return ""
    words = [_how(str(data.get("how", "")))]
    if data.get("owned") is not None:
        words.append(_load(data))
    if data.get("instead"):
        words.append(gettext("代 %(name)s（不在）") % {"name": data["instead"]})
    return gettext("由规则『%(rule)s』分配：%(how)s") % {"rule": data["rule"], "how": gettext("，").join(words)}


def _how(method: str) -> str:
    return {
        Rule.Method.TURNS: gettext("轮流"),
        Rule.Method.LOAD: gettext("余量最多"),
        Rule.Method.SENIOR: gettext("级别最高"),
        ONLY: gettext("只有这个人"),
    }.get(method, method)


def _load(data: Mapping[str, object]) -> str:
    if data.get("most") is None:
        return gettext("当时有 %(owned)s 位") % {"owned": data["owned"]}
    return gettext("当时有 %(owned)s 位，最多 %(most)s 位") % {"owned": data["owned"], "most": data["most"]}
