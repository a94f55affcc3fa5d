"""What the digest by e-mail tells of tasks: one's own that are due, and what is overdue with those whom one leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from zhike.accounts.policy import visible
from zhike.customers.models import Customer
from zhike.followups.queries.ladder import about, unsettled
from zhike.followups.queries.tasks import due_of, overdue_of
from zhike.notices.parts import MOST_LINES, Group, Line, Part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from zhike.followups.models import Task
    from zhike.notices.parts import Reader


def tasks_due(reader: Reader) -> Iterator[Part]:
    """Give what the person should have done, and what is due today, in the order of their list."""
    for group, rows in (
        (Group.OVERDUE, overdue_of(reader.user, reader.user, reader.day)),
        (Group.TODAY, due_of(reader.user, reader.user, reader.day)),
    ):
        total = rows.count()
        if total:
            yield Part(group, [_line(task, reader.day) for task in rows[:MOST_LINES]], total, reverse("web:home"))


def _line(task: Task, day: date) -> Line:
    late = (day - task.due_on).days
    parts = [
        task.get_kind_display(),
        task.name if task.customer else "",
        task.due_at.strftime("%H:%M") if task.due_at and not late else "",
        _late(late) if late > 0 else "",
    ]
    path = reverse("web:customer", args=[task.customer_id]) if task.customer_id else reverse("web:home")
    return Line(task.customer.name if task.customer else task.name, " · ".join(filter(None, parts)), path)


def told_of_others(reader: Reader) -> Iterator[Part]:
    """Give what the ladder told this person since the last digest of others and is still overdue, the longest first."""
    rows = unsettled(reader.user).filter(at__gt=reader.since).exclude(owner=reader.user)
    total = rows.count()
    if not total:
        return
    found = list(rows.select_related("task__customer", "task__plan", "customer", "owner")[:MOST_LINES])
    ids = {one.pk for one in map(about, found) if one is not None}
    names = dict(visible(reader.user, Customer).filter(pk__in=ids).values_list("pk", "name"))
    everything = reverse("web:escalations")
    lines = []
    for row in found:
        customer = about(row)
        known = names.get(customer.pk) if customer else None
        name = known or (row.task.name if row.task and not customer else gettext("一位已不归你看的客户"))
        text = gettext("%(owner)s：%(said)s") % {"owner": row.owner.name, "said": _late((reader.day - row.due_on).days)}
        path = reverse("web:customer", args=[customer.pk]) if customer and known else everything
        lines.append(Line(name, text, path))
    yield Part(Group.ESCALATIONS, lines, total, everything)


def _late(days: int) -> str:
    return ngettext("逾期 %(n)s 天", "逾期 %(n)s 天", days) % {"n": days}
