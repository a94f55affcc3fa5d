"""Writes about people: what they can take on, and when they are away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.models import User
from zhike.accounts.policy import require
from zhike.assignment.actions.queue import ask_again
from zhike.assignment.models import Absence, Capacity
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, line
from zhike.base.inputs import day as plausible
from zhike.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

MOST_CUSTOMERS = 100_000
LAST_WEEKDAY = 7
LONGEST_DAYS = 366


@transaction.atomic
def set_capacity(  # noqa: PLR0913  one keyword each
    *,
    person: User,
    most: int | None,
    weekdays: Iterable[int],
    keeps_holidays: bool,
    level: int,
    skills: Iterable[str],
    by: User,
) -> Capacity:
    """Say what a colleague can take on."""
    require(by, "change", Capacity)
    require(by, "view", person)
    _lock(person)
    found = Capacity.objects.filter(user=person).first() or Capacity(user=person)
    if most is not None and not 0 <= most <= MOST_CUSTOMERS:
        raise Invalid(f"应为 0 到 {MOST_CUSTOMERS:,} 之间的整数", f"must be from 0 to {MOST_CUSTOMERS:,}", path="most")
    if level not in Capacity.Level.values:
        raise Invalid("没有这个级别", "there is no such level", path="level")
    found.most, found.keeps_holidays, found.level = most, keeps_holidays, level
    found.weekdays = _weekdays(weekdays)
    found.skills = _skills(skills)
    found.save()
    require(by, "change", found)  # asked of the row: whose it may be decides
    fields = ["most", "weekdays", "keeps_holidays", "level", "skills"]
    record("capacity.changed", by=by, subject=person, data={"fields": fields})
    ask_again()
    return found


def _weekdays(given: Iterable[int]) -> list[int]:
    found = sorted(set(given))
    if not found:
        raise Invalid("至少选一天", "choose at least one day", path="weekdays")
    if found[0] < 1 or found[-1] > LAST_WEEKDAY:
        raise Invalid("没有这一天", "there is no such day", path="weekdays")
    return found


def _skills(given: Iterable[str]) -> list[str]:
    """Return skills as rules compare them: the same one however it is written."""
    lines = (line(one, "skills", Capacity.SKILL_MAX) for one in given)
    found = list({fold(one): one for one in lines if one}.values())
    if len(found) > Capacity.MOST_SKILLS:
        raise Invalid(f"最多 {Capacity.MOST_SKILLS} 项", f"at most {Capacity.MOST_SKILLS}", path="skills")
    return found


@transaction.atomic
def add_absence(
    *, person: User, first_day: date, last_day: date, stand_in: User | None, note: str, by: User
) -> Absence:
    """Write down that somebody is away. Two absences of one person share no day."""
    require(by, "change", Absence)
    require(by, "view", person)
    _lock(person)
    given = Absence(
        user=person,
        first_day=plausible(first_day, "first_day"),
        last_day=plausible(last_day, "last_day"),
        stand_in=stand_in,
        note=line(note, "note", Absence.NOTE_MAX),
        by=by,
        created_at=now(),
    )
    _check(given)
    given.save()
    require(by, "change", given)
    record("absence.added", by=by, subject=person, data=_told(given))
    ask_again()
    return given


@transaction.atomic
def remove_absence(*, absence: Absence, by: User) -> None:
    """Take an absence back: the person is there after all."""
    require(by, "change", absence)
    found = Absence.objects.select_for_update().filter(pk=absence.pk).select_related("user").first()
    if found is None:
        return
    record("absence.removed", by=by, subject=found.user, data=_told(found))
    found.delete()
    ask_again()


def _check(given: Absence) -> None:
    if given.last_day < given.first_day:
        raise Invalid("结束的日子在开始以前", "ends before it begins", path="last_day")
    if (given.last_day - given.first_day).days >= LONGEST_DAYS:
        raise Invalid(
            "一次最多一年：更久的话请停用或交接", "a year at most: hand over what takes longer", path="last_day"
        )
    if given.stand_in is not None and given.stand_in.pk == given.user_id:
        raise Invalid("代理人要是另一个人", "somebody else has to stand in", path="stand_in")
    if given.stand_in is not None and not User.objects.filter(pk=given.stand_in.pk, is_active=True).exists():
        raise Invalid("代理人已经停用，请选别人", "who stands in has been deactivated: choose another", path="stand_in")
    others = Absence.objects.filter(user=given.user_id, first_day__lte=given.last_day, last_day__gte=given.first_day)
    if other := others.order_by("first_day").first():
        days = f"{other.first_day}–{other.last_day}"
        raise Conflict(f"和 {days} 的休假重叠", f"overlaps the absence of {days}", path="first_day")


def _told(absence: Absence) -> dict[str, object]:
    """Return what the log keeps: the days, and who stands in. Why somebody is away is their affair."""
    return {
        "from": absence.first_day.isoformat(),
        "until": absence.last_day.isoformat(),
        "to": absence.stand_in_id,
    }


def _lock(person: User) -> None:
    """Let two who say something about one person go one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
