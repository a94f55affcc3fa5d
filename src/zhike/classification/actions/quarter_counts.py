"""Writes: quarters counted, at once or in the background, with progress.

Whoever counts a quarter holds a lock of the database on it: no two count the same one, and one whose counter
was killed is free at once, however that ended. A count is begun again after a crash, and stops between two
scorecards when somebody has stopped it. Findings are replaced only by findings.
"""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.base.clock import now, today
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid
from zhike.classification.models import QuarterCount, QuarterReview
from zhike.classification.quarters import findings
from zhike.core.dates import local_day
from zhike.core.errors import ZhikeError
from zhike.core.quarters import Quarter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.classification.quarters import Findings

logger = logging.getLogger("zhike.classification")

# A count that was broken off so often, say for want of memory, is given up: somebody has to hear of it.
MOST_ATTEMPTS = 3

_State = QuarterCount.State
_BROKEN_OFF = {
    "zh": f"统计了 {MOST_ATTEMPTS} 次，每次都被打断，可能是内存不够。请管理员看看日志",
    "en": f"it was broken off {MOST_ATTEMPTS} times, perhaps for want of memory. An administrator should look at the log",
}
_UNFORESEEN = {
    "zh": "程序或数据库出了错。请管理员看看日志",
    "en": "the program or the database failed. An administrator should look at the log",
}


class Superseded(Exception):
    """Somebody stopped the count while it ran."""


@transaction.atomic
def ask_quarter_count(*, quarter: Quarter, by: User) -> QuarterCount:
    """Have a quarter counted; one that waits or runs already does for both.

    Everybody may ask for what is not there yet. To count again what was counted today is for leaders.
    """
    require(by, "create", QuarterCount)
    moment = now()
    day = local_day(moment, company_zone())
    if quarter.period.first > day:
        raise Invalid(f"{quarter} 还没有开始", f"{quarter} has not begun", path="quarter")
    if QuarterReview.objects.filter(quarter=str(quarter), closed_at__isnull=False).exists():
        raise Conflict(f"{quarter} 已经定稿，数字不再变", f"{quarter} is closed: its figures stay as they are")
    _, is_new = QuarterCount.objects.get_or_create(quarter=str(quarter), defaults={"asked_at": moment})
    count = QuarterCount.objects.select_for_update().get(quarter=str(quarter))
    if is_new or count.is_open:
        return count
    if count.state == _State.DONE and count.as_of == day:
        require(by, "change", QuarterCount)
    count.state, count.asked_at, count.problem = _State.WAITING, moment, {}
    count.attempts = count.done = count.total = 0
    count.save(update_fields=["state", "asked_at", "problem", "attempts", "done", "total"])
    return count


def cancel_quarter_count(*, quarter: Quarter, by: User) -> None:
    """Stop a count. What was counted before stays."""
    require(by, "change", QuarterCount)
    if not _open(quarter).update(state=_State.CANCELLED):
        raise Conflict("这次统计已经结束，没有什么可停的", "this count has ended already: there is nothing to stop")


def count_waiting_quarters() -> int:
    """Count every quarter for which somebody asked, and those that a crash left behind."""
    waiting = QuarterCount.objects.filter(state__in=QuarterCount.OPEN).order_by("asked_at", "pk")
    quarters = list(waiting.values_list("quarter", flat=True))
    for quarter in quarters:
        count_quarter(Quarter.parse(quarter))
    return len(quarters)


def count_quarter(quarter: Quarter, *, wait: bool = False) -> None:
    """Count a quarter for which somebody asked, unless another does; `wait` for that one to end."""
    with _alone(quarter, wait=wait) as is_alone:
        while is_alone and _begin(quarter):
            _count(quarter)


@contextmanager
def _alone(quarter: Quarter, *, wait: bool) -> Iterator[bool]:
    """Hold a quarter for this connection; the database frees it with the connection."""
    names = ("zhike.quarters", 10 * quarter.first.year + quarter.number)
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s), %s), true", names)
        else:
            cursor.execute("SELECT NULL, pg_try_advisory_lock(hashtext(%s), %s)", names)
        (_, is_alone) = cursor.fetchone()
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", names)


def _open(quarter: Quarter) -> QuerySet[QuarterCount]:
    return QuarterCount.objects.filter(quarter=str(quarter), state__in=QuarterCount.OPEN)


def _begin(quarter: Quarter) -> bool:
    """Say whether there is something to count, and write down that it is begun."""
    _open(quarter).filter(attempts__gte=MOST_ATTEMPTS).update(state=_State.FAILED, problem=_BROKEN_OFF)
    begun = {"state": _State.RUNNING, "attempts": F("attempts") + 1, "done": 0, "total": 0}
    return bool(_open(quarter).update(**begun))


def _count(quarter: Quarter) -> None:
    rows = QuarterCount.objects.filter(quarter=str(quarter), state=_State.RUNNING)

    def progress(done: int, total: int) -> None:
        if not rows.update(done=done, total=total):
            raise Superseded

    day = today(company_zone())
    try:
        found = findings(quarter, day, progress)
    except Superseded:
        pass
    except ZhikeError as error:
        rows.update(state=_State.FAILED, problem={"zh": error.message("zh"), "en": error.message("en")})
    except Exception:  # whatever it is, the page says that it failed
        logger.exception("the count of %s failed", quarter)
        rows.update(state=_State.FAILED, problem=_UNFORESEEN)
    else:
        _keep(quarter, found, day)


@transaction.atomic
def _keep(quarter: Quarter, found: Findings, day: date) -> None:
    """Store findings, unless the count was stopped meanwhile."""
    rows = QuarterCount.objects.select_for_update().filter(quarter=str(quarter), state=_State.RUNNING)
    for count in rows:
        data = json.loads(json.dumps(found.to_json()))  # as it will be read again
        if _figures(data) != _figures(count.findings):
            count.version += 1
        count.state, count.findings, count.as_of, count.done = _State.DONE, data, day, count.total
        count.save(update_fields=["state", "findings", "as_of", "done", "version"])


def _figures(data: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in data.items() if key != "counted_at"}
