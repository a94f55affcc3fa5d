"""Whom to contact, for the digest: the day that was agreed, else the day that the customer's classes lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext

from zhike.accounts.policy import visible
from zhike.base.templatetags.zhike import day as near_day
from zhike.customers.models import Customer
from zhike.notices.parts import MOST_LINES, Group, Line, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.notices.parts import Reader


def contacts_due(reader: Reader) -> Iterator[Part]:
    """Give the person's own customers who should have been contacted, and those of today, the longest due first."""
    # Where the day is that of a task, the task says it.
    own = visible(reader.user, Customer).filter(owner=reader.user).exclude(next_contact_on=F("planned_contact_on"))
    # An agreed day wins over the one that the classes lead to, as on the home page.
    due = own.annotate(due=Coalesce("next_contact_on", "facts__contact_due_on"))
    for group, days in ((Group.OVERDUE, Q(due__lt=reader.day)), (Group.TODAY, Q(due=reader.day))):
        rows = due.filter(days)
        total = rows.count()
        if not total:
            continue
        found = rows.order_by("due", "pk").values_list("pk", "name", "due", "next_contact_on")[:MOST_LINES]
        lines = [
            Line(
                name,
                (gettext("约好的联系：%(day)s") if planned else gettext("按类别该联系：%(day)s"))
                % {"day": near_day(day)},
                reverse("web:customer", args=[pk]),
            )
            for pk, name, day, planned in found
        ]
        yield Part(group, lines, total, reverse("web:home"))
