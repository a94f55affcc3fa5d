"""Locks on customers, in one place so that their order is visible.

Whoever writes an event of a customer holds the lock on that customer's row before anything is
read; many customers are locked in the order of their ids. So two events at once for one customer
are placed one after the other, and nobody waits in a circle.

The one statement here is written by hand: it runs for every event and reads, beside the customer,
all that recording needs to know.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.db.models import JSONField

from zhike.accounts.models import Company, User
from zhike.accounts.policy import sees_owner
from zhike.base.errors import Conflict, NotFound
from zhike.timeline.models import Event
from zhike.timeline.rows import Setting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import Field, Model

    from zhike.customers.models import Customer


class MergedAway(Conflict):
    """The record was merged into another one: whoever still had it open has come too late."""

    def __init__(self) -> None:
        super().__init__(
            "这位客户刚被合并到另一条记录，这里没有保存。请打开合并后的记录再改",
            "This customer has just been merged into another record, and nothing was saved here: "
            "open the record that remains and change it there",
        )


class Locked(NamedTuple):
    """A customer whose row is locked until the end of the transaction, with its owner loaded."""

    customer: Customer
    setting: Setting


def lock_customer(pk: int, *, by: User | None, moment: datetime) -> Locked:
    """Lock the customer, or raise `NotFound` when there is none that `by` may see, `MergedAway` when it is another one now."""
    statement, names, owner_names = _statement()
    with connection.cursor() as cursor:
        cursor.execute(statement, [pk])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    customer: Customer = customer_model().from_db(connection.alias, names, row[: len(names)])  # type: ignore[assignment]
    if customer.deleted_at is not None and customer.merged_into_id is None:
        raise NotFound
    owner_row = row[len(names) : len(names) + len(owner_names)]
    owner = User.from_db(connection.alias, owner_names, owner_row) if customer.owner_id else None
    if by is not None and not sees_owner(by, owner, customer):
        raise NotFound
    if customer.merged_into_id is not None:
        raise MergedAway
    customer.owner = owner
    zone, currency = row[-2:]
    ours = Company(timezone=zone or "", currency=currency or Company().currency)
    return Locked(customer, Setting(ours.zone, ours.currency, moment))


def lock_customers(ids: Iterable[int]) -> None:
    """Lock customers in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE) l",
            [sorted(ids)],
        )


def customer_model() -> type[Model]:
    """Return the model of customers, which this layer may not import."""
    model = Event._meta.get_field("customer").related_model
    assert isinstance(model, type)
    return model


@cache
def _statement() -> tuple[str, list[str], list[str]]:
    """Return the locking statement and the attributes that its columns fill."""
    fields = list(customer_model()._meta.concrete_fields)
    owner_fields = list(User._meta.concrete_fields)
    columns = [*(_column("c", field) for field in fields), *(_column("u", field) for field in owner_fields)]
    statement = (
        f"SELECT {', '.join(columns)}, m.timezone, m.currency FROM customers_customer c "  # noqa: S608  names of models
        "LEFT JOIN accounts_user u ON u.id = c.owner_id LEFT JOIN accounts_company m ON m.id = 1 "
        "WHERE c.id = %s FOR NO KEY UPDATE OF c"
    )
    return statement, [field.attname for field in fields], [field.attname for field in owner_fields]


def _column(table: str, field: Field[object, object]) -> str:
    column = f'{table}."{field.column}"'
    return f"{column}::json" if isinstance(field, JSONField) else column
