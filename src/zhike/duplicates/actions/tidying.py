"""Writes: what is kept of merges goes when its time is over."""

from __future__ import annotations

from django.apps import apps
from django.db import transaction

from zhike.base.clock import now
from zhike.customers.models import Contact, Customer
from zhike.duplicates.models import Merge
from zhike.duplicates.queries import KEPT
from zhike.privacy.personal import CUSTOMER, ERASED
from zhike.timeline.locks import lock_customers

# What a merged record keeps: it is found by these, and leads on.
_LEFT = frozenset({"key", "name", "name_folded", "name_key"})
# What stayed with it since the survivor had the same.
_COPIES = (
    "customers.Reach",
    "customers.Address",
    "customers.Relation",
    "customers.Favourite",
    "customers.SearchText",
    "classification.Shelved",
)


def forget_kept() -> int:
    """Remove what is kept of merges that can no longer be taken back; return how many."""
    over = Merge.objects.filter(kept__isnull=False, at__lte=now() - KEPT).order_by("pk")
    done = 0
    for merge in over:
        done += _forget(merge)
    return done


@transaction.atomic
def _forget(merge: Merge) -> bool:
    """Leave of the merged records what they are found by; of one that was parted meanwhile, everything."""
    lock_customers(merge.merged)
    if not Merge.objects.filter(pk=merge.pk, kept__isnull=False).update(kept=None):
        return False
    gone = list(Customer.objects.filter(pk__in=merge.merged, merged_into__isnull=False).values_list("pk", flat=True))
    for label in _COPIES:
        rule = ERASED[label]
        rows = apps.get_model(label)._default_manager
        rows.filter(**{f"{rule.path}__in": gone}).delete()
        if rule.other:
            rows.filter(**{f"{rule.other}__in": gone}).delete()
    # Who was one with a contact of the survivor; whom the timeline still names stays.
    Contact.objects.filter(customer__in=gone, events=None).delete()
    blank = {name: value for name, value in CUSTOMER.items() if name not in _LEFT}
    Customer.objects.filter(pk__in=gone).update(**blank)
    return True
