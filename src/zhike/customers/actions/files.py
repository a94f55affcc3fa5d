"""Writes of files kept with a customer. One that is removed can be brought back for thirty days, then it is forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import require
from zhike.base.clock import now
from zhike.base.inputs import Invalid
from zhike.customers.models import Attachment, Customer
from zhike.customers.stored import forget, put_away, shown_name
from zhike.timeline import actions as timeline
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.files.uploadedfile import UploadedFile

    from zhike.accounts.models import User

MOST = 200
KEPT_FOR = timedelta(days=30)


def attach(
    *, customer: Customer, file: UploadedFile[bytes], by: User | None, form_key: UUID | None = None
) -> Attachment:
    """Keep a file with a customer; the same `form_key` again gives back what it kept."""
    if by is not None:
        require(by, "change", customer)
    stored = put_away(file)
    try:
        found = _attach(customer, shown_name(file.name or ""), stored, by, form_key)
    except BaseException:
        forget(stored.stored_as)
        raise
    if found.stored_as != stored.stored_as:
        forget(stored.stored_as)
    return found


@transaction.atomic
def _attach(
    customer: Customer, name: str, stored: tuple[str, str, int], by: User | None, key: UUID | None
) -> Attachment:
    if by is not None:
        require(by, "change", customer)
    locked, setting = lock_customer(customer.pk, by=by, moment=now())
    made = Attachment.objects.filter(form_key=key, customer=locked).first() if key else None
    if made is not None:
        return made
    if Attachment.objects.filter(customer=locked, removed_at=None).count() >= MOST:
        raise Invalid(f"一位客户最多 {MOST} 个附件", f"at most {MOST} files a customer", path="file")
    stored_as, type_, size = stored
    made = Attachment.objects.create(
        customer=locked,
        name=name,
        stored_as=stored_as,
        type=type_,
        size=size,
        form_key=key,
        added_by=by,
        added_at=setting.now,
    )
    timeline.record(locked, "file.added", by=by, data={"name": name})
    return made


@transaction.atomic
def remove_file(*, attachment: Attachment, by: User | None) -> None:
    """Take a file away from a customer. It lies there for thirty days more, in case."""
    _turn(attachment, by, removed=True)


@transaction.atomic
def restore_file(*, attachment: Attachment, by: User | None) -> None:
    """Bring back a file that was removed."""
    _turn(attachment, by, removed=False)


def _turn(attachment: Attachment, by: User | None, *, removed: bool) -> None:
    if by is not None:
        require(by, "change", attachment)
    locked, setting = lock_customer(attachment.customer_id, by=by, moment=now())
    changed = Attachment.objects.filter(pk=attachment.pk, removed_at__isnull=removed).update(
        removed_at=setting.now if removed else None, removed_by=by if removed else None
    )
    if changed:
        kind = "file.removed" if removed else "file.restored"
        timeline.record(locked, kind, by=by, data={"name": attachment.name})


def forget_removed() -> int:
    """Forget what was removed long ago, on disk first: a row without its file does no harm, a file without its row lasts."""
    gone = Attachment.objects.filter(removed_at__lt=now() - KEPT_FOR)
    names = list(gone.values_list("stored_as", flat=True))
    for name in names:
        forget(name)
    gone.filter(stored_as__in=names).delete()
    return len(names)
