"""Writes: a person is forgotten.

What is left is a row without a person and events with kind, day and amount, so that the figures of the company
stay. All of it is one transaction; the ledger outside of the database is written after it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils.module_loading import import_string

from zhike.accounts.policy import require
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.customers.merged import absorbed
from zhike.customers.models import Attachment, Customer, Tag
from zhike.customers.stored import forget
from zhike.jobs.actions.tidying import forget_files, forget_targets, forget_words
from zhike.privacy.ledger import digest_of, identifier, unapplied, write_ledger
from zhike.privacy.models import Deletion
from zhike.privacy.personal import CUSTOMER, ERASED, EVENTS, FILES, IDENTIFIERS
from zhike.privacy.queries import rows_of
from zhike.timeline.actions import bulk_setting
from zhike.timeline.kinds import KINDS, Erase
from zhike.timeline.locks import lock_customer, lock_customers
from zhike.timeline.models import Event
from zhike.timeline.sealing import rewriting

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.timeline.rows import Setting

# Noon of the day: when it was within the day is the person's.
_FORGET = """
UPDATE timeline_event SET contact_id = NULL, channel = '', key = '', subject_id = '',
       occurred_at = (day + TIME '12:00') AT TIME ZONE %s,
       data = (SELECT coalesce(jsonb_object_agg(d.key, d.value), '{}') FROM jsonb_each(data) d WHERE d.key = ANY(%s))
 WHERE customer_id = %s AND kind = %s
"""


@transaction.atomic
def erase_customer(
    *, customer: Customer, by: User | None, seen: int | None = None, is_replayed: bool = False
) -> Deletion:
    """Forget a customer: a person, or a company with the persons at it. `seen` is the version that was looked at.

    The records that were merged into this one are of the same person and are forgotten with it.
    """
    if by is not None:
        require(by, "erase", customer)
    merged = absorbed([customer.pk]).get(customer.pk, [])
    lock_customers([customer.pk, *merged])
    if is_replayed and customer.merged_into_id is not None:
        found, setting = customer, bulk_setting()
    else:
        found, setting = lock_customer(customer.pk, by=by, moment=now())
    if found.erased_at is not None:
        raise Conflict("这位客户已经抹去", "this customer is erased already")
    if seen is not None and seen != found.version:
        raise Conflict("这位客户刚被改过，再看一眼再抹去", "this customer was changed meanwhile: look again")
    for one in Customer.objects.filter(pk__in=merged, erased_at=None).order_by("pk"):
        _erase(one, setting, by, is_replayed=is_replayed)
    return _erase(found, setting, by, is_replayed=is_replayed)


def _erase(found: Customer, setting: Setting, by: User | None, *, is_replayed: bool) -> Deletion:
    deletion = Deletion.objects.create(
        record=found.pk,
        digest=digest_of(found),
        identifiers=_identifiers(found.pk),
        erased_at=setting.now,
        by=by,
    )
    counts: dict[str, int] = {FILES: forget_files()}  # before the jobs that name them go
    forget_targets([found.pk])
    forget_words([word for word in (found.name, found.phone, found.email, found.key) if word])
    with rewriting([found.pk], why="erased"):
        counts[EVENTS] = _forget_events(found.pk, setting.zone)
    for hook in settings.ZHIKE_ON_ERASE:
        import_string(hook)(found.pk, by)
    for label in ERASED:
        counts[label] = _forget_rows(label, found.pk, setting.now)
    counts["customers.Tag"] = _forget_tags(found)
    data = {"counts": {label: count for label, count in counts.items() if count}, "ledger": deletion.pk}
    record("subject.erased", by=by, subject=found, data=data | ({"replayed": True} if is_replayed else {}))
    transaction.on_commit(write_ledger)
    return deletion


def reapply_deletions(progress: Callable[[int, int], None] | None = None) -> int:
    """Erase again whom the ledger names and a restored database still knows; return how many."""
    write_ledger()
    lines = unapplied()
    done = 0
    for number, line in enumerate(lines, start=1):
        customer = Customer.objects.filter(pk=line.record, erased_at=None).first()
        if customer is not None and digest_of(customer) == line.digest:
            erase_customer(customer=customer, by=None, is_replayed=True)
            done += 1
        if progress is not None:
            progress(number, len(lines))
    return done


def _forget_events(customer: int, zone: ZoneInfo) -> int:
    kinds = list(Event.objects.filter(customer=customer).order_by("kind").values_list("kind", flat=True).distinct())
    count = 0
    with connection.cursor() as cursor:
        for name in kinds:
            kind = KINDS.get(name)
            kept = [key for key, column in kind.data.items() if column.erase is Erase.KEEP] if kind else []
            cursor.execute(_FORGET, [zone.key, kept, customer, name])
            count += cursor.rowcount
    return count


def _forget_tags(customer: Customer) -> int:
    """Take words out of the dictionary that nobody else bears and nobody has explained: they speak of this one alone."""
    borne = Customer.objects.filter(tags_folded__contains=[OuterRef("name_folded")])
    alone = Tag.objects.filter(name_folded__in=customer.tags_folded, definition="").exclude(Exists(borne))
    return alone.delete()[0]


def _forget_rows(label: str, customer: int, moment: datetime) -> int:
    rule, rows = ERASED[label], rows_of(label, customer)
    if rule.goes:
        _remove_files(rows)
        return rows.delete()[1].get(label, 0)
    if rule.blank is CUSTOMER:
        return rows.update(**CUSTOMER, no_profiling=True, erased_at=moment, updated_at=moment, version=F("version") + 1)
    return rows.update(**rule.blank or {})


def _remove_files(rows: QuerySet[Any]) -> None:
    """Take the files of rows that go from the disk, once they are gone."""
    if rows.model is Attachment:
        for stored_as in rows.values_list("stored_as", flat=True):
            transaction.on_commit(partial(forget, stored_as))


def _identifiers(customer: int) -> list[str]:
    found = {
        value
        for label, columns in IDENTIFIERS.items()
        for row in rows_of(label, customer).values_list(*columns)
        for value in row
        if value
    }
    return sorted(identifier(value) for value in found)
