"""The jobs that people ask for: a file tried, carried out, paused, taken up, stopped, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import require
from zhike.base.errors import Conflict
from zhike.customers.models import Customer
from zhike.imports.actions.files import check_prepared, locked
from zhike.imports.actions.plans import check_plan
from zhike.imports.actions.running import begin, pause, stop, take_up
from zhike.imports.actions.undoing import begin_undo
from zhike.imports.models import Import
from zhike.imports.plans import Plan
from zhike.jobs.actions.jobs import ask_job, cancel_job
from zhike.jobs.tasks import start

if TYPE_CHECKING:
    from zhike.accounts.models import User
    from zhike.jobs.models import Job

_State = Import.State


def _ask(imported: Import, kind: str, by: User, total: int) -> Job:
    """Ask for a job about an import, and let no other carry it any more."""
    parameters = {"import": imported.pk, "name": imported.file_name}
    job = ask_job(kind=kind, by=by, parameters=parameters, expected=total)
    Import.objects.filter(pk=imported.pk).update(job=job)
    return job


def ask_check(*, imported: Import, by: User) -> Job:
    """Try a file, at once when it is small."""
    with transaction.atomic():
        require(by, "import", Customer)
        found = locked(imported)
        check_prepared(found)
        check_plan(Plan.of(found.plan), found.columns, by=by)
        Import.objects.filter(pk=found.pk).update(state=_State.CHECKING)
        job = _ask(found, "import_check", by, found.total)
    return start(job)


def ask_run(*, imported: Import, by: User) -> Job:
    """Carry a file out, at once when it is small."""
    with transaction.atomic():
        found = begin(imported=imported, by=by)
        job = _ask(found, "import", by, found.total)
    return start(job)


def ask_pause(*, imported: Import, by: User) -> None:
    require(by, "import", Customer)
    pause(imported=imported)


def ask_take_up(*, imported: Import, by: User) -> Job:
    """Let it go on, whether somebody paused it or it was broken off."""
    with transaction.atomic():
        require(by, "import", Customer)
        if imported.state == _State.RUNNING and imported.job is not None and imported.job.is_open:
            raise Conflict("它正在进行", "it is going on")
        found = take_up(imported=imported)
        job = _ask(found, "import", by, found.total)
    return start(job)


def ask_stop(*, imported: Import, by: User) -> None:
    """Stop an import, and the job that carries it."""
    with transaction.atomic():
        require(by, "import", Customer)
        found = locked(imported)
        if found.state == _State.CHECKING:
            Import.objects.filter(pk=found.pk).update(state=_State.DRAFT)
            found.rows.all().delete()
        else:
            stop(imported=found)
        if found.job is not None and found.job.is_open and found.job.owner_id == by.pk:
            cancel_job(job=found.job, by=by)


def ask_undo(*, imported: Import, by: User) -> Job:
    """Take an import back, at once when it is small."""
    with transaction.atomic():
        found = begin_undo(imported=imported, by=by)
        size = found.created + found.updated
        job = _ask(found, "import_undo", by, size)
    return start(job)
