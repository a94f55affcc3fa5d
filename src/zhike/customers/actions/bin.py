"""Writes: customers put into the bin, fetched back, and removed for good when their time there is over.

In the bin a customer is behind no door any more, and stands in no class; `ZHIKE_ON_BINNED` are told. What
happened to it stays, unseen, until it is removed with everything about it.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from zhike.accounts.policy import binned, require
from zhike.base.clock import now
from zhike.customers.actions.many import event, lock_doable, store_columns
from zhike.customers.actions.search import make_findable
from zhike.customers.merged import absorbed
from zhike.customers.models import Attachment, Contact, Customer
from zhike.customers.stored import forget
from zhike.jobs.actions.tidying import forget_targets
from zhike.jobs.kinds import Outcome
from zhike.timeline.actions import bulk_setting, copy_events, place_set_wise
from zhike.timeline.sealing import rewriting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.accounts.models import User

# So long a customer lies in the bin.
IN_BIN = timedelta(days=30)
CHUNK = 200


@transaction.atomic
def delete_many(*, ids: Iterable[int], by: User) -> dict[int, Outcome]:
    """Put customers into the bin."""
    require(by, "delete", Customer)
    setting = bulk_setting()
    found = lock_doable(ids, by, "delete")
    for customer in found:
        customer.deleted_at, customer.deleted_by = setting.now, by
        customer.version += 1
        customer.updated_at = setting.now
    if found:
        store_columns(found, ["deleted_at", "deleted_by"])
        copy_events([event(c.pk, "customer.deleted", {"version": c.version}, by, setting) for c in found])
        gone = [customer.pk for customer in found]
        for hook in settings.ZHIKE_ON_BINNED:
            import_string(hook)(gone)
    at = setting.now.isoformat()
    return {customer.pk: Outcome("changed", {"deleted_at": None}, {"deleted_at": at}) for customer in found}


@transaction.atomic
def restore_many(*, ids: Iterable[int], by: User) -> dict[int, Outcome]:
    """Fetch customers back from the bin, where they stood, and place them by what has become of the rules since."""
    require(by, "delete", Customer)
    setting = bulk_setting()
    rows = binned(by, Customer).filter(pk__in=list(ids)).order_by("pk")
    found = list(rows.select_for_update(of=("self",), no_key=True))
    for customer in found:
        customer.deleted_at = customer.deleted_by = None
        customer.version += 1
        customer.updated_at = setting.now
    if found:
        store_columns(found, ["deleted_at", "deleted_by"])
        copy_events([event(c.pk, "customer.restored", {"version": c.version}, by, setting) for c in found])
        back = [customer.pk for customer in found]
        for hook in settings.ZHIKE_ON_RESTORED:
            import_string(hook)(back)
        place_set_wise(back)
    return {customer.pk: Outcome("changed") for customer in found}


def remove_for_good() -> int:
    """Remove the customers whose time in the bin is over, with all that was kept about them; return how many."""
    over = Customer.objects.filter(deleted_at__lte=now() - IN_BIN, merged_into=None).order_by("pk")
    ids = list(over.values_list("pk", flat=True))
    for chunk in batched(ids, CHUNK):
        _remove(chunk)
    return len(ids)


@transaction.atomic
def _remove(ids: Sequence[int]) -> None:
    """Remove customers, unless somebody has fetched them back meanwhile."""
    over = Customer.objects.filter(pk__in=ids, deleted_at__lte=now() - IN_BIN, merged_into=None).order_by("pk")
    remove_with_all(list(over.select_for_update(of=("self",)).values_list("pk", flat=True)))


def remove_with_all(locked: Sequence[int]) -> None:
    """Remove customers, whom the caller has locked, with all that was kept about them and about who was merged into them."""
    locked = [*locked, *(pk for merged in absorbed(locked).values() for pk in merged)]
    with rewriting(locked, why="removed"):
        _delete_events("customer_id", locked)
    forget_targets(locked)
    for stored_as in Attachment.objects.filter(customer__in=locked).values_list("stored_as", flat=True):
        transaction.on_commit(partial(forget, stored_as))
    Customer.objects.filter(pk__in=locked).delete()


def remove_contacts(contacts: Sequence[Contact]) -> None:
    """Remove contacts whose customers the caller has locked, with what the timeline tells of them."""
    ids = [contact.pk for contact in contacts]
    customers = {contact.customer_id for contact in contacts}
    with rewriting(customers, why="removed"):
        _delete_events("contact_id", ids)
    Contact.objects.filter(pk__in=ids).delete()
    make_findable(customers)


def _delete_events(column: str, ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM timeline_event WHERE {column} = ANY(%s)", [list(ids)])  # noqa: S608  our own columns
