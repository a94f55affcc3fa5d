"""How one hears of things: by which ways, when, and of which classes."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import can
from zhike.accounts.queries import company_zone
from zhike.base.clock import now
from zhike.base.errors import current_language
from zhike.base.forms import tell
from zhike.base.mail import can_mail
from zhike.classification.actions.notifications import choose_notification
from zhike.classification.inbox import wanted_classes
from zhike.classification.models import Notification
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.notices.actions.preferences import choose_ways, set_rhythm
from zhike.notices.hours import quiet_ends
from zhike.notices.kinds import Ways
from zhike.notices.models import Channel
from zhike.notices.queries import channels, last_digest, rhythm_of, ways
from zhike.web.chips import class_chip
from zhike.web.notifications.forms import RhythmForm
from zhike.web.notifications.lines import KIND_ICONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.rules import Rulebook
    from zhike.web.request import Request


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether one hears of customers who enter a class."""

    value: str
    chip: Chip
    is_on: bool


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of notification, and by which ways it comes."""

    kind: str
    label: str
    icon: str
    ways: Ways


@require_http_methods(["GET", "HEAD", "POST"])
def notification_settings(request: Request) -> HttpResponse:
    user, rules = request.user, rulebook()
    what = request.POST.get("do", "classes") if request.method == "POST" else ""
    form = RhythmForm(request.POST if what == "rhythm" else None, rhythm=rhythm_of(user))
    status: int = HTTPStatus.OK
    match what:
        case "rhythm":
            status = _save_rhythm(user, form)
        case "ways":
            choose_ways(user=user, chosen=_given_ways(request))
        case "classes":
            _save_classes(user, rules, set(request.POST.getlist("wanted")))
    if what and status == HTTPStatus.OK:
        messages.success(request, gettext("通知设置已保存"))
        return redirect("web:notification_settings")
    found, rhythm = ways(user), rhythm_of(user)
    ends = quiet_ends(now(), rhythm.quiet_from, rhythm.quiet_until, user.zone or company_zone())
    context = {
        "section": "settings",
        "rows": [
            KindRow(str(kind), str(label), KIND_ICONS[kind], found[kind]) for kind, label in Notification.Kind.choices
        ],
        "form": form,
        "quiet_until": ends if ends > now() else None,
        "can_mail": can_mail(),
        "last": last_digest(user),
        "may_channel": can(user, "change", Channel),
        "channels": channels(user).filter(user=user) if can(user, "change", Channel) else [],
        "dimensions": _dimensions(user, rules),
    }
    return render(request, "web/notification_settings.html", context, status=status)


def _given_ways(request: Request) -> dict[str, Ways]:
    """Return every kind with its boxes; a box that is not sent is empty."""
    on = {name: set(request.POST.getlist(name)) for name in Ways._fields}
    return {kind: Ways(**{name: kind in on[name] for name in Ways._fields}) for kind in Notification.Kind.values}


def _save_rhythm(user: User, form: RhythmForm) -> int:
    if not form.is_valid():
        return HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        set_rhythm(user=user, **form.given())
    except ZhikeError as error:
        tell(form, error)
        return error.status
    return HTTPStatus.OK


def _save_classes(user: User, rules: Rulebook, given: set[str]) -> None:
    for (dimension, key), is_on in wanted_classes(user, rules).items():
        if is_on != (f"{dimension}.{key}" in given):
            choose_notification(user=user, dimension=dimension, class_key=key, wanted=not is_on)


def _dimensions(user: User, rules: Rulebook) -> Sequence[tuple[str, list[Switch]]]:
    wanted, language = wanted_classes(user, rules), current_language()
    return [
        (
            scheme.label.get(language),
            [
                Switch(
                    f"{scheme.dimension}.{class_.key}",
                    class_chip(scheme, class_.key, language),
                    wanted[scheme.dimension, class_.key],
                )
                for class_ in scheme.classes
            ],
        )
        for scheme in rules.schemes
    ]
