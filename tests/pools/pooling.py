"""Makes the pools that tests speak of, through the actions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from zhike.base.errors import Conflict
from zhike.pools.actions.hand_back import enter
from zhike.pools.actions.settings import set_pool
from zhike.pools.locks import lock_owned
from zhike.pools.models import Pool, Reason, Stay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.accounts.models import User
    from zhike.customers.models import Customer

HIGH = {"field": "class.value", "op": "eq", "value": "high"}
EAST = {"field": "customer.region", "op": "eq", "value": "华东"}


def make_pool(by: User, name: str = "东海", **given: Any) -> Pool:
    usual = {
        "condition": None,
        "quota": None,
        "protection_days": 0,
        "rank_by": "",
        "shown": ["region", "city", "phone"],
        "is_closed": False,
        "users": [],
        "teams": [],
        "limits": {},
    }
    return set_pool(pool=None, version=0, by=by, name=name, **{**usual, **given})


def put_in(pool: Pool, *customers: Customer) -> None:
    """Put customers into a pool as the program itself does it."""
    with transaction.atomic():
        owners = lock_owned(customer.pk for customer in customers)
        enter(pool, owners, way=dict.fromkeys(owners, Stay.Way.GIVEN), by=None)


@contextmanager
def refused(said: str) -> Iterator[None]:
    """Expect a conflict that tells people this."""
    with pytest.raises(Conflict) as refusal:
        yield
    assert (refusal.value.status, refusal.value.zh) == (409, said)


def reason() -> Reason:
    return Reason.objects.order_by("position").first()
