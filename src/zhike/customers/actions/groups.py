"""Writes of the tree of companies: who belongs to whom, and nobody to himself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from zhike.accounts.policy import require
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid
from zhike.customers.actions.records import record_changes
from zhike.customers.models import Customer
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from zhike.accounts.models import User

DEEPEST = 20
# Of two who hang themselves below each other at once, one waits and is refused.
_LOCK = 7_190_001


@transaction.atomic
def set_parent(*, customer: Customer, parent: Customer | None, version: int, by: User | None) -> Customer:
    """Let a company belong to another one, or to none. The parent is one that `by` sees."""
    if by is not None:
        require(by, "change", customer)
        if parent is not None:
            require(by, "view", parent)
    lock_tree()
    found, _ = lock_customer(customer.pk, by=by, moment=now())
    old, new = found.parent_id, parent.pk if parent else None
    if old == new:
        return found
    if found.version != version:
        raise Conflict(
            "这位客户刚被别人改过，请先看最新内容再保存",
            "This customer has been changed meanwhile: look at it again before you save",
        )
    if parent is not None:
        _check(found, Customer.objects.get(pk=parent.pk))  # as it stands now that nobody else changes the tree
    Customer.objects.filter(pk=found.pk).update(parent=parent)
    found.parent_id = new
    # By their numbers: whoever reads this later may not be one who sees them.
    record_changes(found, [("parent", old, new)], by)
    return found


def lock_tree() -> None:
    """Let nobody else change who belongs to whom, until the transaction ends. Before any customer is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _check(customer: Customer, parent: Customer) -> None:
    if Customer.Kind.PERSON in {customer.kind, parent.kind}:
        raise Invalid("只有企业有上下级", "only companies have a parent", path="other")
    if parent.pk == customer.pk:
        raise Invalid("公司不能是自己的上级", "a company cannot be its own parent", path="other")
    above = parent
    for _ in range(DEEPEST):
        if above.parent_id is None:
            return
        above = Customer.objects.only("parent").get(pk=above.parent_id)
        if above.pk == customer.pk:
            raise Invalid(
                f"{parent.name}本来就在{customer.name}下面，不能反过来做上级",
                f"{parent.name} already belongs to {customer.name} and cannot be its parent",
                path="other",
            )
    raise Invalid(f"最多 {DEEPEST} 级", f"at most {DEEPEST} levels", path="other")
