"""Writes: classes that a person sets for many customers at once, and takes back.

What `overrides` does for one, set-wise: in one transaction, each with its event, placed again together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Q

from zhike.accounts.policy import require
from zhike.base.inputs import line
from zhike.classification.actions.overrides import NOT_PLACED, Expiry, known_class, last_day
from zhike.classification.models import Override, Placement
from zhike.core.dates import local_day
from zhike.core.text import Text
from zhike.customers.actions.many import CHANGED_SINCE, event, lock_doable
from zhike.jobs.kinds import SAME, Outcome, refused
from zhike.timeline.actions import bulk_setting, copy_events, place_set_wise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from zhike.accounts.models import User
    from zhike.jobs.models import Item
    from zhike.timeline.rows import Row, Setting


class Decided(NamedTuple):
    """A class that a person sets, why and until when."""

    dimension: str
    class_key: str
    reason: str
    expires_on: Expiry


@transaction.atomic
def override_many(*, ids: Iterable[int], decided: Decided, by: User) -> dict[int, Outcome]:
    """Set the class of many customers. Where this person has set it so already it is left."""
    require(by, "create", Override)
    setting = bulk_setting()
    scheme = known_class(decided.dimension, decided.class_key)
    until = last_day(scheme, decided.expires_on, local_day(setting.now, setting.zone))
    said = line(decided.reason, "reason", Override.REASON_MAX, required=True)
    locked = [customer.pk for customer in lock_doable(ids, by, "change")]
    placed = {p.customer_id: p for p in Placement.objects.filter(customer__in=locked, dimension=decided.dimension)}
    held = _held(locked, decided.dimension)
    found: dict[int, Outcome] = {}
    wanted: list[int] = []
    for pk in locked:
        now = held.get(pk)
        if pk not in placed:
            found[pk] = refused(NOT_PLACED)
        elif now and (now.class_key, now.reason, now.expires_on, now.by_id) == (decided.class_key, said, until, by.pk):
            found[pk] = SAME
        else:
            wanted.append(pk)
    _end([held[pk].pk for pk in wanted if pk in held], Override.End.REPLACED, by, setting)
    made = Override.objects.bulk_create(
        Override(
            customer_id=pk,
            dimension=decided.dimension,
            class_key=decided.class_key,
            was_key=placed[pk].computed_key,
            version_id=placed[pk].version_id,
            reason=said,
            by=by,
            created_at=setting.now,
            expires_on=until,
        )
        for pk in wanted
    )
    _tell([_told(one, placed[one.customer_id].class_key, by, setting) for one in made])
    for one in made:
        before = held.get(one.customer_id)
        found[one.customer_id] = Outcome("changed", {"override": before.pk if before else None}, {"override": one.pk})
    return found


@transaction.atomic
def take_back_overrides(*, items: Sequence[Item], by: User) -> dict[int, Outcome]:
    """Give classes back to what held before: an earlier override that has not run out, else the rules."""
    require(by, "change", Override)
    setting = bulk_setting()
    day = local_day(setting.now, setting.zone)
    by_id = {item.target: item for item in items}
    locked = [customer.pk for customer in lock_doable(by_id, by, "change")]
    ours = Override.objects.in_bulk([by_id[pk].after["override"] for pk in locked])
    earlier = Override.objects.filter(Q(expires_on=None) | Q(expires_on__gt=day), end=Override.End.REPLACED)
    before = earlier.in_bulk([old for pk in locked if (old := by_id[pk].before.get("override"))])
    found: dict[int, Outcome] = {}
    ended: list[Override] = []
    for pk in locked:
        one = ours.get(by_id[pk].after["override"])
        if one is None or one.ended_at is not None:
            found[pk] = refused(CHANGED_SINCE)
            continue
        ended.append(one)
        found[pk] = Outcome("changed")
    again = {one.customer_id: before.get(by_id[one.customer_id].before.get("override")) for one in ended}
    _end([one.pk for one in ended], Override.End.LIFTED, by, setting)
    reopened = [one.pk for one in again.values() if one is not None]
    Override.objects.filter(pk__in=reopened).update(ended_at=None, ended_by=None, end="")
    _tell([_returned(one, again[one.customer_id], by, setting) for one in ended])
    return found


def _held(ids: Sequence[int], dimension: str) -> Mapping[int, Override]:
    return {o.customer_id: o for o in Override.objects.filter(customer__in=ids, dimension=dimension, ended_at=None)}


def _end(ids: Sequence[int], end: str, by: User, setting: Setting) -> None:
    Override.objects.filter(pk__in=ids).update(ended_at=setting.now, ended_by=by, end=end)


def _tell(rows: Sequence[Row]) -> None:
    if rows:
        copy_events(rows)
        place_set_wise([row.customer_id for row in rows])


def _told(made: Override, before: str, by: User, setting: Setting) -> Row:
    data = {
        "dimension": made.dimension,
        "from": before,
        "to": made.class_key,
        "until": _iso(made.expires_on),
        "text": made.reason,
    }
    return event(made.customer_id, "class.overridden", data, by, setting)


def _returned(ended: Override, again: Override | None, by: User, setting: Setting) -> Row:
    if again is not None:
        return _told(again, ended.class_key, by, setting)
    data = {"dimension": ended.dimension, "from": ended.class_key, "to": ""}
    return event(ended.customer_id, "class.overridden", data, by, setting)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def said_of(decided: Decided) -> Text:
    """Return the class that is set, as people call it."""
    scheme = known_class(decided.dimension, decided.class_key)
    label = scheme.get(decided.class_key).label
    return Text(f"{scheme.label.zh}：{label.zh}", f"{scheme.label.en}: {label.en}")
