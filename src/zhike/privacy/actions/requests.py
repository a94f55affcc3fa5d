"""Writes: what persons ask of us, with the day by which they are owed an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.audit.actions import record
from zhike.base.clock import now, today
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, day, line
from zhike.privacy.models import Request

if TYPE_CHECKING:
    from datetime import date

    from zhike.accounts.models import User
    from zhike.customers.models import Customer


@transaction.atomic
def open_request(  # noqa: PLR0913  one keyword each
    *,
    customer: Customer,
    kind: str,
    by: User | None,
    said: str = "",
    asker: str = Request.Asker.SELF,
    identity: str = "",
    received_on: date | None = None,
) -> Request:
    """Register a request. The clock runs from the day on which it came.

    For anybody but the person themselves it has to say how their right to ask was made sure of.
    """
    if by is not None:
        require(by, "view", customer)
        require(by, "create", Request)
    request = _new(customer, kind, by, said, received_on, asker=asker, identity=identity)
    record(
        "subject.requested",
        by=by,
        subject=customer,
        data={"kind": kind, "asker": request.asker, "due": request.due_on.isoformat()},
    )
    return request


@transaction.atomic
def close_request(*, request: Request, by: User, answer: str, is_declined: bool = False) -> Request:
    """Answer a request. Whoever declines one says why."""
    require(by, "change", request)
    found = Request.objects.select_for_update().get(pk=request.pk)
    if found.state != Request.State.OPEN:
        raise Conflict("这项请求已经办结", "this request is closed already")
    said = line(answer, "answer", Request.TEXT_MAX)
    if is_declined and not said:
        raise Invalid("请写明为什么拒绝", "say why it is declined", path="answer")
    state = Request.State.DECLINED if is_declined else Request.State.DONE
    found.answer, found.state, found.closed_at, found.closed_by = said, state, now(), by
    found.save(update_fields=["answer", "state", "closed_at", "closed_by"])
    record("subject.closed", by=by, subject=found.customer, data={"kind": found.kind, "outcome": state.value})
    return found


def settle_request(*, customer: Customer, kind: str, by: User | None, said: str = "", identity: str = "") -> None:
    """Register what has just been done at somebody's word: the open request of that kind, or one of its own."""
    waiting = Request.objects.filter(customer=customer.pk, kind=kind, state=Request.State.OPEN)
    if waiting.update(state=Request.State.DONE, closed_at=now(), closed_by=by):
        return
    request = _new(customer, kind, by, said, None, identity=identity)
    request.state, request.closed_at, request.closed_by = Request.State.DONE, now(), by
    request.save(update_fields=["state", "closed_at", "closed_by"])


def _new(  # noqa: PLR0913  what stands in the row
    customer: Customer,
    kind: str,
    by: User | None,
    said: str,
    received_on: date | None,
    *,
    asker: str = Request.Asker.SELF,
    identity: str,
) -> Request:
    shown = line(identity, "identity", 200)
    if asker not in Request.Asker.values:
        raise Invalid("请选择是谁提出的", "choose who asks", path="asker")
    if asker != Request.Asker.SELF and not shown:
        raise Invalid(
            "不是本人提出的，请写明怎样核实了身份和关系：委托书、户口本、死亡证明……",
            "somebody else asks: say how identity and right were made sure of, by which document",
            path="identity",
        )
    if kind not in Request.Kind.values:
        raise Invalid("请选择要求", "choose what is asked for", path="kind")
    now_day = today(company_zone())
    received = day(received_on or now_day, "received_on")
    if received > now_day:
        raise Invalid("收到的日期还没有到", "the day of receipt lies ahead", path="received_on")
    return Request.objects.create(
        customer_id=customer.pk,
        kind=kind,
        said=line(said, "said", Request.TEXT_MAX),
        asker=asker,
        identity=shown,
        received_on=received,
        due_on=received + timedelta(days=Request.DAYS),
        created_at=now(),
        by=by,
    )
