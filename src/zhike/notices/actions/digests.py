"""Writes: digests begun and sent, one a person and day.

A row of the day is written before its letter is, and no two can be: so two workers, a clock that is set back and a worker
that was away send one letter. Which letter it is, is put together when it goes, never kept.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.models import User
from zhike.accounts.queries import company_zone
from zhike.assignment.queries import absences_on, capacities_of
from zhike.assignment.working_days import is_worked
from zhike.base.clock import now
from zhike.base.mail import NotTaken, can_mail, send_once, site
from zhike.notices.digest import letter
from zhike.notices.hours import is_quiet
from zhike.notices.models import Digest, Rhythm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from zhike.notices.digest import Letter

logger = logging.getLogger("zhike.notices")

WAITS = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2))


def send_digests() -> int:
    """Begin the digests whose hour has come and send those that wait; return how many letters went.

    Without a mail server nothing is begun, so that nobody is told later that a digest went.
    """
    if not can_mail():
        return 0
    begin_digests()
    sent = 0
    while (found := _claim()) is not None:
        sent += _send(*found)
    return sent


def begin_digests() -> None:
    """Write the row of the day for everybody whose hour has come, where no other worker was sooner."""
    at = now()
    waiting = [Digest(user_id=pk, day=day, created_at=at, next_at=at) for pk, day in _due(at)]
    Digest.objects.bulk_create(waiting, ignore_conflicts=True)


def _due(at: datetime) -> list[tuple[int, date]]:
    """Return whose hour has come and has brought no digest yet, with the day by their own calendar."""
    company = company_zone()
    people = list(User.objects.filter(is_active=True).order_by("pk"))
    rhythms = {row.user_id: row for row in Rhythm.objects.filter(user__in=people)}
    near = [at.date() + timedelta(days=away) for away in (-1, 0, 1)]
    begun = set(Digest.objects.filter(day__in=near).values_list("user", "day"))
    found: dict[date, list[int]] = {}
    always = set()
    for person in people:
        rhythm = rhythms.get(person.pk) or Rhythm(user=person)
        local = at.astimezone(person.zone or company)
        if (
            rhythm.digest == Rhythm.Days.OFF
            or local.time() < rhythm.digest_at
            or is_quiet(local.time(), rhythm.quiet_from, rhythm.quiet_until)
            or (person.pk, local.date()) in begun
        ):
            continue
        found.setdefault(local.date(), []).append(person.pk)
        if rhythm.digest == Rhythm.Days.DAILY:
            always.add(person.pk)
    return [(pk, day) for day, ids in found.items() for pk in ids if pk in always or pk in _at_work(day, ids)]


def _at_work(day: date, people: Sequence[int]) -> set[int]:
    """Return who of these people works on a day and is not away."""
    away = absences_on(day, people)
    return {
        pk
        for pk, said in capacities_of(people).items()
        if pk not in away and is_worked(day, said.weekdays, keeps_holidays=said.keeps_holidays)
    }


@transaction.atomic
def _claim() -> tuple[Digest, Letter | None] | None:
    """Take the next that waits and put its letter together; None when none waits.

    From here on it is not begun again, whatever happens.
    """
    waiting = Digest.objects.filter(state=Digest.State.WAITING, next_at__lte=now()).order_by("next_at", "pk")
    row = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("user").first()
    if row is None:
        return None
    made, row.state = None, Digest.State.EMPTY
    if _still_wanted(row):
        try:
            with transaction.atomic():
                made = letter(row.user, row.day)
        except Exception:  # one whose letter cannot be made must not keep the letters of all others
            logger.exception("no digest could be made for person %s", row.user_id)
            row.state = Digest.State.FAILED
    if made:
        row.state = Digest.State.SENDING
    row.lines = made.lines if made else 0
    row.attempts += 1
    row.next_at = None
    row.save(update_fields=["state", "lines", "attempts", "next_at"])
    return row, made


def _still_wanted(row: Digest) -> bool:
    """Say whether the person is still here and the day has not gone by meanwhile."""
    local = now().astimezone(row.user.zone or company_zone())
    return row.user.is_active and local.date() == row.day


def _send(row: Digest, made: Letter | None) -> bool:
    if made is None:
        return False
    settings_page = f"{site()}/settings/notifications/"
    headers = {"Auto-Submitted": "auto-generated", "List-Unsubscribe": f"<{settings_page}>"}
    try:
        send_once(row.user.email, made.subject, made.text, made.html, headers)
    except NotTaken as error:
        logger.warning("the digest of person %s was not taken: %s", row.user_id, error)
        row.state, row.next_at = Digest.State.FAILED, None
        if error.again and row.attempts <= len(WAITS):
            row.state, row.next_at = Digest.State.WAITING, now() + WAITS[row.attempts - 1]
    except OSError as error:
        logger.warning("nobody knows whether the digest of person %s went: %s", row.user_id, type(error).__name__)
        row.state = Digest.State.FAILED
    else:
        row.state, row.sent_at = Digest.State.SENT, now()
    row.save(update_fields=["state", "next_at", "sent_at"])
    return row.state == Digest.State.SENT
