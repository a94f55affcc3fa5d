"""Writes of what customers are to one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import require
from zhike.base.clock import now
from zhike.base.inputs import Invalid, line
from zhike.customers.actions.records import record_changes
from zhike.customers.models import Customer, Relation
from zhike.timeline.locks import lock_customer, lock_customers

if TYPE_CHECKING:
    from zhike.accounts.models import User


@transaction.atomic
def relate(*, customer: Customer, other: Customer, kind: str, note: str = "", by: User | None) -> Relation:
    """Say that `customer` is the supplier, partner or referrer of `other`; said again, it takes the new note.

    Both must be seen by `by`, and the timeline of both has it.
    """
    if by is not None:
        require(by, "change", customer)
        require(by, "change", other)
    if kind not in Relation.Kind.values:
        raise Invalid("请选择关系", "choose what they are to one another", path="kind")
    if customer.pk == other.pk:
        raise Invalid("不能和自己有关系", "a customer is not related to itself", path="other")
    words = line(note, "note", Relation.NOTE_MAX)
    if kind == Relation.Kind.PARTNER and customer.pk > other.pk:
        customer, other = other, customer  # partners are partners of one another: one row, whoever says it
    lock_customers([customer.pk, other.pk])
    found, is_new = Relation.objects.get_or_create(customer=customer, other=other, kind=kind, defaults={"note": words})
    if is_new:
        _tell(found, None, words, by)
    elif found.note != words:
        before, found.note = found.note, words
        found.save(update_fields=["note"])
        _tell(found, before, words, by)
    return found


@transaction.atomic
def unrelate(*, relation: Relation, by: User | None) -> None:
    """Take a relation back."""
    if by is not None:
        require(by, "change", relation.customer)
        require(by, "change", relation.other)
    lock_customers([relation.customer_id, relation.other_id])
    found = Relation.objects.filter(pk=relation.pk).first()
    if found is not None:
        found.delete()
        _tell(relation, relation.note, None, by)


def _tell(relation: Relation, before: str | None, after: str | None, by: User | None) -> None:
    """Write it down for both, by their numbers: who reads one of them may not see the other."""
    for own, other, end in (
        (relation.customer_id, relation.other_id, "of"),
        (relation.other_id, relation.customer_id, "by"),
    ):
        customer, _ = lock_customer(own, by=by, moment=now())
        old, new = (
            None if note is None else {"kind": relation.kind, end: other, "note": note} for note in (before, after)
        )
        record_changes(customer, [("relations", old, new)], by, bump=False)
