"""Writes: what goes when its time is over: files that nobody may fetch any more, and old jobs."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from zhike.base.clock import now
from zhike.jobs.actions.jobs import KEPT
from zhike.jobs.files import folder
from zhike.jobs.kinds import kinds_with_rows
from zhike.jobs.models import Item, Job

if TYPE_CHECKING:
    from collections.abc import Iterable

# A file that no job names is one that is being written, or was when its writer was killed.
ORPHANED = timedelta(days=1)


def remove_expired() -> int:
    """Remove the files whose time is over, and those that no job knows; return how many."""
    removed = 0
    for job in Job.objects.exclude(file="").filter(expires_at__lte=now()):
        (folder() / job.file).unlink(missing_ok=True)
        Job.objects.filter(pk=job.pk).update(file="")
        removed += 1
    known = set(Job.objects.exclude(file="").values_list("file", flat=True))
    for path in folder().iterdir():
        age = now().timestamp() - path.stat().st_mtime
        if path.name not in known and age > ORPHANED.total_seconds():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def remove_old() -> int:
    """Remove the jobs that can no longer be taken back; return how many."""
    old = Job.objects.filter(created_at__lt=now() - KEPT, file="").exclude(state__in=Job.OPEN)
    ids = list(old.values_list("pk", flat=True))
    Item.objects.filter(job__in=ids).delete()
    Job.objects.filter(undoes__in=ids).exclude(pk__in=ids).update(undoes=None)
    Job.objects.filter(pk__in=ids).delete()
    return len(ids)


def forget_files() -> int:
    """Remove every file that is still to be fetched: somebody stands in one of them who is forgotten."""
    found = list(Job.objects.exclude(file="").values_list("file", flat=True))
    Job.objects.exclude(file="").update(file="", expires_at=now())
    for name in found:
        transaction.on_commit(partial((folder() / name).unlink, missing_ok=True))
    return len(found)


def forget_words(words: Iterable[str]) -> None:
    """Remove finished jobs in whose parameters one of these words stands: a search, a picked name."""
    finished = Job.objects.exclude(state__in=Job.OPEN).annotate(text=Cast("parameters", TextField()))
    for word in words:
        ids = list(finished.filter(text__contains=json.dumps(word)[1:-1]).values_list("pk", flat=True))
        ids += list(finished.filter(text__contains=word).values_list("pk", flat=True))
        Item.objects.filter(job__in=ids).delete()
        Job.objects.filter(undoes__in=ids).update(undoes=None)
        Job.objects.filter(pk__in=ids).delete()


def forget_targets(targets: Iterable[int]) -> None:
    """Forget what jobs keep of rows that are removed for good."""
    Item.objects.filter(target__in=list(targets), job__kind__in=kinds_with_rows()).delete()
