"""Writes: jobs carried through, step by step.

Whoever carries a job through holds a lock of the database on it, which is free at once however they end. And
every step moves the job's own row from where the step began: if somebody has stopped the job, or another is
ahead, the whole step is taken back. So a job that is run twice, or by two at once, ends where one run ends.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.db.utils import DatabaseError, InterfaceError, OperationalError
from django.utils.module_loading import import_string

from zhike.base.clock import now
from zhike.base.errors import Forbidden
from zhike.core.errors import ZhikeError
from zhike.core.text import Text
from zhike.jobs.actions.auditing import write_down
from zhike.jobs.kinds import Steps, Whole, both, kind_of
from zhike.jobs.models import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger("zhike.jobs")

# A job that was broken off so often without coming forward is given up: somebody has to hear of it.
MOST_ATTEMPTS = 3

_State = Job.State
_BROKEN_OFF = Text(
    f"试了 {MOST_ATTEMPTS} 次，每次都被打断。请管理员看看日志",
    f"it was broken off {MOST_ATTEMPTS} times. An administrator should look at the log",
)
_UNFORESEEN = Text(
    "程序或数据库出了错。请管理员看看日志",
    "the program or the database failed. An administrator should look at the log",
)


class Superseded(Exception):
    """Somebody stopped the job while it ran, or another is ahead."""


def run_job(pk: int) -> None:
    """Carry a job through, unless another does or it has ended. Begun again, it goes on."""
    with _alone(pk) as is_alone:
        if is_alone and _begin(pk):
            while _go_on(pk):
                pass


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    """Hold a job for this connection; the database frees it with the connection."""
    names = ("zhike.jobs", pk % 2**31)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), %s)", names)
        (is_alone,) = cursor.fetchone()
    try:
        yield is_alone
    except BaseException:
        with suppress(DatabaseError):  # what broke off comes first; a broken connection has freed it
            _free(names, is_alone=is_alone)
        raise
    _free(names, is_alone=is_alone)


def _free(names: tuple[str, int], *, is_alone: bool) -> None:
    if is_alone:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", names)


def _begin(pk: int) -> bool:
    """Say whether there is something to do, and write down that it is begun."""
    rows = Job.objects.filter(pk=pk, state__in=Job.OPEN)
    given_up = rows.filter(attempts__gte=MOST_ATTEMPTS).first()
    if given_up is not None:
        _fail(given_up, _BROKEN_OFF)
        return False
    started = Coalesce(F("started_at"), now())
    return bool(rows.update(state=_State.RUNNING, attempts=F("attempts") + 1, started_at=started))


def _go_on(pk: int) -> bool:
    """Do the next step and say whether there is more."""
    job = Job.objects.select_related("owner", "undoes").get(pk=pk)
    if job.state != _State.RUNNING:
        return False
    try:
        return _advance(job)
    except Superseded:
        return False
    except ZhikeError as error:
        _fail(job, Text(error.message("zh"), error.message("en")))
    except (OperationalError, InterfaceError):
        raise  # the database is gone or busy: it goes on when somebody runs it again
    except Exception:  # whatever it is, the page says that it failed
        logger.exception("job %s failed", job)
        _fail(job, _UNFORESEEN)
    return False


def _advance(job: Job) -> bool:
    kind, began = kind_of(job.kind), job.cursor
    if isinstance(kind, Whole):
        _do_as_a_whole(kind, job)
        return False
    assert isinstance(kind, Steps)
    with transaction.atomic():
        _allow(job)
        is_more = kind.step(job)
        if not is_more:
            job.state, job.said = _State.DONE, both(kind.said(job))
        _store(job, began)
    return is_more


def _do_as_a_whole(kind: Whole, job: Job) -> None:
    rows = Job.objects.filter(pk=job.pk, state=_State.RUNNING)

    def progress(done: int, total: int) -> None:
        if not rows.update(done=done, total=total):
            raise Superseded
        job.done, job.total = done, total

    try:
        _allow(job)
        kind.work(job, progress)
        with transaction.atomic():
            job.state, job.said = _State.DONE, both(kind.said(job))
            _store(job, job.cursor)
    except BaseException:
        kind.discard(job)
        raise


def _allow(job: Job) -> None:
    """Ask for the owner's rights as they are now."""
    if not job.owner.is_active:
        raise Forbidden("这件事的主人已经停用", "its owner has been deactivated")
    kind_of(job.kind).allow(job)


_MOVED = (
    "state",
    "cursor",
    "done",
    "total",
    "changed",
    "same",
    "refused",
    "said",
    "file",
    "file_name",
    "expires_at",
    "parameters",
)


def _store(job: Job, began: int) -> None:
    """Move the row from where the step began; whoever finds it elsewhere takes the step back."""
    columns = {name: getattr(job, name) for name in _MOVED}
    if not job.is_open:
        job.finished_at = columns["finished_at"] = now()
    rows = Job.objects.filter(pk=job.pk, state=_State.RUNNING, cursor=began)
    if not rows.update(attempts=0, **columns):
        raise Superseded
    if not job.is_open:
        _tell(job)


@transaction.atomic
def _fail(job: Job, said: Text) -> None:
    moment = now()
    rows = Job.objects.filter(pk=job.pk, state__in=Job.OPEN)
    if rows.update(state=_State.FAILED, said=both(said), finished_at=moment):
        job.state, job.said, job.finished_at = _State.FAILED, both(said), moment
        _tell(job)


def _tell(job: Job) -> None:
    """Write into the audit log what a job did, and let those who listen hear that it has come to an end."""
    write_down(job)
    for hook in settings.ZHIKE_ON_JOB:
        import_string(hook)(job)
