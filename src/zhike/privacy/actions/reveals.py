"""Writes: somebody who sees a masked value is told it once, for a reason that is written down.

So many a day: the count and the entry are one transaction, one after the other for each person, so that nobody
reads more by asking twice at once. Those who answer for it hear when somebody comes near the end.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from zhike.accounts.policy import access_to, require
from zhike.accounts.queries import company_zone
from zhike.accounts.rights import Access
from zhike.audit.actions import record
from zhike.audit.models import Entry
from zhike.base.clock import today
from zhike.base.errors import NotFound
from zhike.base.inputs import Invalid
from zhike.core.errors import ZhikeError
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.accounts.models import User
    from zhike.customers.models import Contact, Customer

# Codes, not words: what is written down of a reason outlives the person.
REASONS: Mapping[str, Text] = {
    "call": Text("要联系客户", "To reach the customer"),
    "identity": Text("核对身份", "To check who it is"),
    "delivery": Text("送货或上门", "For a delivery or a visit"),
    "complaint": Text("处理投诉或售后", "For a complaint or service"),
    "audit": Text("检查或审计", "For an inspection or audit"),
    "request": Text("办理本人的请求", "At the person's own request"),
}
NEAR = 0.8


class TooManyReveals(ZhikeError):
    """Enough for one day."""

    code = "too_many_reveals"
    status = 429


@transaction.atomic
def reveal(*, row: Customer | Contact, field: str, reason: str, by: User) -> str:
    """Return the value of a field that `by` sees masked, and write down that they were told."""
    require(by, "view", row)
    access = access_to(by, type(row), field)
    if access is Access.HIDDEN:
        raise NotFound
    if reason not in REASONS:
        raise Invalid("请选择为什么要看", "choose why you need it", path="reason")
    value = _value(row, field)
    if access is not Access.MASKED:
        return value
    count = _count(by) + 1
    limit = settings.ZHIKE_REVEALS_A_DAY
    if count > limit:
        raise TooManyReveals(
            f"今天已经看过 {limit} 次原文，明天再看，或者请管理员帮忙。",
            f"{limit} values were revealed to you today. Come back tomorrow, or ask an administrator.",
        )
    data = {"field": field, "reason": reason, "count": count}
    record("field.revealed", by=by, subject=row, data=data)
    if count in {max(1, int(limit * NEAR)), limit}:
        for hook in settings.ZHIKE_ON_REVEALS:
            import_string(hook)(by, count, limit)
    return value


def reveals_today(user: User) -> int:
    """Return how many values this person was told today, by the clock that wrote it down."""
    zone = company_zone()
    midnight = datetime.combine(today(zone), time(), zone)
    return Entry.objects.filter(actor=user.pk, action="field.revealed", at__gte=midnight).count()


def _count(user: User) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('zhike.reveal'), %s)", [user.pk % 2**31])
    return reveals_today(user)


def _value(row: Customer | Contact, field: str) -> str:
    if field.startswith("custom."):
        own: Mapping[str, object] = getattr(row, "custom", {})
        found = own.get(field.removeprefix("custom."))
    else:
        known = {column.name for column in row._meta.concrete_fields if not column.is_relation}
        if field not in known:
            raise NotFound
        found = getattr(row, field)
    return "" if found is None else str(found)
