"""What is overdue as pages draw it: for whom, whose, how far it has come up, and who else could do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from zhike.accounts.policy import doable, redacted, visible
from zhike.base.templatetags.zhike import day as near_day
from zhike.customers.models import Customer
from zhike.followups.models import Escalation, Task
from zhike.followups.queries.ladder import about, is_still_theirs, proposals, reached

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from zhike.accounts.models import User

STEPS: Mapping[int, Promise | str] = {1: _("提醒了负责人"), 2: _("告诉了主管"), 3: _("告诉了主管的主管")}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing overdue. `customer` and `task` are None where this person does not see them.

    `owner` is whose it is now, `before` whose it was when it was told, if that is another. `became` says what became
    of what is settled. `to` is who could do it instead, `act` where that is done, for whoever may.
    """

    escalation: Escalation
    customer: Customer | None
    task: Task | None
    owner: User | None
    before: User | None
    days: int
    step: Promise | str
    at: datetime
    became: str
    to: User | None
    act: str


def with_escalation_columns(rows: QuerySet[Escalation]) -> QuerySet[Escalation]:
    """Load what is drawn of what is overdue."""
    return rows.select_related("task__customer__owner", "task__owner", "task__plan", "customer__owner", "owner__team")


def make_rows(user: User, escalations: Sequence[Escalation], today: date, *, is_open: bool = True) -> list[Row]:
    """Turn escalations that were loaded `with_escalation_columns` into rows.

    The number of queries grows with the people who are asked whether they could help, not with the rows.
    """
    customers = {one.pk: one for one in map(about, escalations) if one is not None}
    tasks = [one.task_id for one in escalations if one.task_id]
    seen = {one.pk: redacted(user, one) for one in visible(user, Customer).filter(pk__in=customers)}
    seen_tasks = set(visible(user, Task).filter(pk__in=tasks).values_list("pk", flat=True))
    far = reached(escalations)
    could = proposals(user, escalations, today) if is_open else {}
    acts = _acts(user, [one for one in escalations if one.pk in could])
    found = []
    for one in escalations:
        customer = about(one)
        task = one.task if one.task_id in seen_tasks else None
        to = could.get(one.pk)
        found.append(
            Row(
                escalation=one,
                customer=seen.get(customer.pk) if customer else None,
                task=task,
                owner=one.task.owner if one.task else customer.owner if customer else None,
                before=None if is_still_theirs(one) else one.owner,
                days=(today - one.due_on).days,
                step=STEPS[far[one.pk].step],
                at=far[one.pk].at,
                became="" if is_open else _became(one),
                to=to,
                act=f"{acts[one.pk]}to={to.pk}" if to and one.pk in acts else "",
            )
        )
    return found


def _acts(user: User, escalations: Sequence[Escalation]) -> dict[int, str]:
    """Return where what this person may give to somebody else is given: a task, or the customer whom nobody contacted."""
    if not escalations:
        return {}
    tasks = {one.task_id for one in escalations if one.task_id}
    customers = {one.customer_id for one in escalations if one.customer_id and not one.task_id}
    may_task = set(doable(user, "change", Task).filter(pk__in=tasks).values_list("pk", flat=True))
    may_customer = set(doable(user, "assign", Customer).filter(pk__in=customers).values_list("pk", flat=True))
    found = {}
    for one in escalations:
        if one.task_id in may_task:
            found[one.pk] = f"{reverse('web:task_delegate', args=[one.task_id])}?back=overdue&"
        elif not one.task_id and one.customer_id in may_customer:
            found[one.pk] = f"{reverse('web:bulk_assign')}?customer={one.customer_id}&"
    return found


def _became(one: Escalation) -> str:
    """Say what became of something that is overdue no more."""
    task, customer = one.task, one.customer
    if task is None:
        if customer is None or customer.deleted_at is not None:
            return gettext("客户不在了")
        if customer.next_contact_on and customer.next_contact_on > one.due_on:
            return gettext("下次联系改到 %(day)s") % {"day": near_day(customer.next_contact_on)}
        return gettext("不再约着")
    match task.state:
        case Task.State.DONE if task.done_at is not None:
            late = (timezone.localtime(task.done_at).date() - one.due_on).days
            return ngettext("做完了，晚了 %(n)s 天", "做完了，晚了 %(n)s 天", late) % {"n": late}
        case Task.State.DROPPED:
            return gettext("取消了")
        case Task.State.SHELVED:
            return gettext("客户在回收站")
    return gettext("改到 %(day)s") % {"day": near_day(task.shown_on)}
