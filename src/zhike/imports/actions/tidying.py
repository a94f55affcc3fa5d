"""Writes: what goes when its time is over, or with a person who is forgotten."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from zhike.base.clock import now
from zhike.imports.models import Import, Row
from zhike.imports.spool import folder, forget

if TYPE_CHECKING:
    from zhike.accounts.models import User

# So long an import can be taken back and its verdicts be fetched; one that never began goes sooner.
KEPT, UNUSED = timedelta(days=30), timedelta(days=3)
_ORPHANED = timedelta(days=1)


def remove_old() -> int:
    """Remove the files and verdicts of old imports, and imports that never began; return how many."""
    drafts = Import.objects.filter(state__in=Import.PREPARED, created_at__lt=now() - UNUSED)
    over = Import.objects.filter(created_at__lt=now() - KEPT).exclude(state__in=Import.OPEN)
    # A log that was brought in as a whole has verdicts and no file here.
    over = over.filter(~Q(stored_as="") | Exists(Row.objects.filter(imported=OuterRef("pk"))))
    removed = 0
    for one in [*drafts]:
        forget(one.stored_as)
        one.delete()
        removed += 1
    for one in over:
        _forget_file(one)
        one.rows.all().delete()
        removed += 1
    known = set(Import.objects.exclude(stored_as="").values_list("stored_as", flat=True))
    for path in folder().iterdir():
        age = now().timestamp() - path.stat().st_mtime
        if path.name.split(".")[0] not in known and age > _ORPHANED.total_seconds():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _forget_file(one: Import) -> None:
    stored_as = one.stored_as
    Import.objects.filter(pk=one.pk).update(stored_as="", profile={})
    transaction.on_commit(partial(forget, stored_as))


def forget_person(customer: int, by: User | None) -> None:
    """Remove the files in which somebody stands who is forgotten, and what rows keep of them."""
    del by
    rows = Row.objects.filter(customer=customer)
    for one in Import.objects.filter(pk__in=rows.values("imported")).exclude(stored_as=""):
        _forget_file(one)
    rows.update(before={}, after={}, said={})
