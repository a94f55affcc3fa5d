"""Writes: by which ways and when a person hears of things. Everybody says it of themselves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.base.inputs import Invalid
from zhike.classification.models import Notification
from zhike.notices.hours import is_quiet
from zhike.notices.kinds import Ways, usual
from zhike.notices.models import Preference, Rhythm
from zhike.notices.parts import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import time

    from zhike.accounts.models import User


@transaction.atomic
def choose_ways(*, user: User, chosen: Mapping[str, Ways]) -> None:
    """Say by which ways these kinds reach the person. What is as usual is not written down, so it follows the program."""
    if unknown := set(chosen).difference(Notification.Kind.values):
        raise Invalid(f"没有这种通知：{min(unknown)}", f"there is no such notification: {min(unknown)}")
    as_usual = [kind for kind, ways in chosen.items() if ways == usual(kind)]
    Preference.objects.filter(user=user, kind__in=as_usual).delete()
    Preference.objects.bulk_create(
        (Preference(user=user, kind=kind, **ways._asdict()) for kind, ways in chosen.items() if kind not in as_usual),
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["page", "digest", "channel"],
    )


def set_rhythm(
    *,
    user: User,
    digest: str,
    digest_at: time,
    quiet_from: time | None,
    quiet_until: time | None,
    left_out: Iterable[str] = (),
) -> Rhythm:
    """Say when the person is told of things."""
    if digest not in Rhythm.Days.values:
        raise Invalid("没有这个选择", "there is no such choice", path="digest")
    check_quiet(quiet_from, quiet_until)
    if digest != Rhythm.Days.OFF and is_quiet(digest_at, quiet_from, quiet_until):
        raise Invalid(
            "这个时刻在免打扰的时段里，信发不出去",
            "this lies in the quiet hours, when nothing is sent",
            path="digest_at",
        )
    found, _is_new = Rhythm.objects.update_or_create(
        user=user,
        defaults={
            "digest": digest,
            "digest_at": digest_at.replace(second=0, microsecond=0),
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "left_out": sorted(set(left_out) & set(Group)),
        },
    )
    return found


def check_quiet(start: time | None, end: time | None) -> None:
    """Refuse quiet hours of which one end is missing, and those that would never end."""
    if (start is None) is not (end is None):
        raise Invalid(
            "免打扰的起止要都写，或者都空着", "fill in both ends of the quiet hours, or neither", path="quiet_until"
        )
    if start is not None and start == end:
        raise Invalid("免打扰不能从头到尾一整天", "quiet hours cannot be the whole day", path="quiet_until")
