"""What a notification says, in the language that is active: in the page, in a letter and in a group alike."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext, gettext_noop, ngettext

from zhike.accounts.policy import visible
from zhike.base.errors import current_language
from zhike.base.templatetags.zhike import day as near_day
from zhike.base.templatetags.zhike import moment
from zhike.classification.models import Notification
from zhike.customers.models import Customer
from zhike.jobs.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook

# Those that hold what somebody said, and how it is passed on.
_SAYING: Mapping[str, str] = {
    Notification.Kind.REVEALS: "%(said)s",
    Notification.Kind.FEEDBACK: gettext_noop("有人觉得判得不准：%(said)s"),
    Notification.Kind.TASK: gettext_noop("给你一项任务：%(said)s"),
    Notification.Kind.MENTIONED: gettext_noop("提到了你：%(said)s"),
}


def names_for(user: User, notifications: Iterable[Notification]) -> dict[int, str]:
    """Return the names of the customers whom these are about, as far as this person still sees them."""
    wanted = {one.customer_id for one in notifications if one.customer_id}
    return dict(visible(user, Customer).filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def title(one: Notification, names: Mapping[int, str]) -> str:
    """Return what it is about: the customer, where it is about one."""
    if one.kind == Notification.Kind.RULES:
        return gettext("规则变了")
    if one.kind == Notification.Kind.REVEALS:
        return gettext("查看原文较多")
    if one.kind == Notification.Kind.RECLAIMED:
        return gettext("回了公海")
    if one.kind == Notification.Kind.ESCALATION:
        return gettext("逾期没有跟进")
    if one.kind == Notification.Kind.TASK and one.customer_id is None:
        return gettext("给你的任务")
    if one.job is not None:
        return kind_of(one.job.kind).label(one.job).get(current_language())
    return names.get(one.customer_id or 0) or gettext("一位已不归你看的客户")


def text(one: Notification) -> str:
    """Return what became of it; empty where the two classes say it."""
    if one.kind in _SAYING:
        return gettext(_SAYING[one.kind]) % {"said": one.text}
    match one.kind:
        case Notification.Kind.JOB if one.job is not None:
            return str(one.job.said.get(current_language(), ""))
        case Notification.Kind.WARNING:
            return gettext("%(day)s将要降级") % {"day": near_day(one.day)}
        case Notification.Kind.ANSWERED:
            return gettext("你的反馈有了答复：%(said)s") % {"said": one.text or gettext("规则会改")}
        case Notification.Kind.RULES:
            size = int(one.text) if one.text.isdecimal() else 0
            return ngettext("动了你 %(n)s 位客户", "动了你 %(n)s 位客户", size) % {"n": f"{size:,}"}
        case Notification.Kind.RECLAIM | Notification.Kind.RECLAIMED:
            return _of_pool(one)
        case Notification.Kind.ESCALATION:
            return _overdue(one)
        case Notification.Kind.PROMISE:
            return gettext("应在 %(moment)s 前联系，还没有人联系") % {
                "moment": moment(datetime.fromisoformat(one.text))
            }
    return ""


def classes(one: Notification, rules: Rulebook) -> str:
    """Return the dimension with both classes as plain text, for where no chips are drawn; empty where it has none."""
    language = current_language()
    scheme = next((scheme for scheme in rules.schemes if scheme.dimension == one.dimension), None)
    if scheme is None:
        return ""
    labels = {found.key: found.label.get(language) for found in scheme.classes}
    ends = [labels[key] for key in (one.from_key, one.to_key) if key in labels]
    return f"{scheme.label.get(language)} {' → '.join(ends)}" if ends else ""


def said(one: Notification, rules: Rulebook) -> str:
    """Return all that it says beside its title, in one line."""
    separator = "；" if current_language() == "zh" else "; "
    return separator.join(part for part in (classes(one, rules), text(one)) if part)


def _overdue(one: Notification) -> str:
    """Say how many things are overdue: of one's own, and of those whom one leads, as the text counts them."""
    own, others = ((int(count) if count.isdecimal() else 0) for count in one.text.partition(" ")[::2])
    said = [ngettext("你有 %(n)s 项跟进逾期", "你有 %(n)s 项跟进逾期", own) % {"n": f"{own:,}"}] if own else []
    if others:
        said.append(ngettext("同事有 %(n)s 项跟进逾期", "同事有 %(n)s 项跟进逾期", others) % {"n": f"{others:,}"})
    return gettext("，").join(said)


def _of_pool(one: Notification) -> str:
    if one.kind == Notification.Kind.RECLAIM:
        return gettext("%(day)s回公海「%(pool)s」，除非跟进") % {"day": near_day(one.day), "pool": one.text}
    count, _space, pool = one.text.partition(" ")
    size = int(count) if count.isdecimal() else 0
    words = ngettext("%(n)s 位客户回了公海「%(pool)s」", "%(n)s 位客户回了公海「%(pool)s」", size)
    return words % {"n": f"{size:,}", "pool": pool}
