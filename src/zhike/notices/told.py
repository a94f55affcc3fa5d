"""What the rules and people have brought up, for the digest: promises, classes to review, other notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from zhike.accounts.policy import visible
from zhike.assignment.promises import BROKEN, OPEN, promises
from zhike.base.clock import now
from zhike.base.errors import current_language
from zhike.base.templatetags.zhike import moment
from zhike.classification.inbox import open_reviews
from zhike.classification.models import Notification
from zhike.notices.parts import MOST_LINES, Group, Line, Part
from zhike.notices.queries import ways
from zhike.notices.words import names_for, said, title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from zhike.assignment.models import Promise
    from zhike.classification.models import Review
    from zhike.classification.rules import Rulebook
    from zhike.notices.parts import Reader


def open_promises(reader: Reader) -> Iterator[Part]:
    """Give the customers of their own whom nobody has been in touch with yet, the broken promises first."""
    rows = promises(reader.user, BROKEN) | promises(reader.user, OPEN)
    yield from _promises(Group.PROMISES, rows.filter(customer__owner=reader.user))


def escalated_promises(reader: Reader) -> Iterator[Part]:
    """Give the broken promises of others' customers of which this person was told since the last digest."""
    told = Notification.objects.filter(
        user=reader.user, kind=Notification.Kind.PROMISE, created_at__gt=reader.since
    ).exclude(customer__owner=reader.user)
    rows = promises(reader.user, BROKEN).filter(customer__in=told.values("customer"))
    yield from _promises(Group.ESCALATIONS, rows)


def _promises(group: Group, rows: QuerySet[Promise]) -> Iterator[Part]:
    total = rows.count()
    if not total:
        return
    at = now()
    lines = []
    for row in rows.select_related("customer__owner").order_by("due_at", "pk")[:MOST_LINES]:
        words = gettext("应在 %(moment)s 前联系，还没有人联系") if row.due_at <= at else gettext("最晚 %(moment)s 联系")
        text = words % {"moment": moment(row.due_at)}
        if group is Group.ESCALATIONS and row.customer.owner:
            text = gettext("%(owner)s：%(said)s") % {"owner": row.customer.owner.name, "said": text}
        lines.append(Line(row.customer.name, text, reverse("web:customer", args=[row.customer_id])))
    yield Part(group, lines, total, reverse("web:promises"))


def classes_to_review(reader: Reader) -> Iterator[Part]:
    """Give what waits for this person to decide about classes, the oldest first."""
    rows = open_reviews(reader.user, mine=True)
    total = rows.count()
    if total:
        found = rows.select_related("customer").order_by("created_at", "pk")[:MOST_LINES]
        lines = [Line(row.customer.name, _of_review(row, reader.rules), reverse("web:reviews")) for row in found]
        yield Part(Group.REVIEWS, lines, total, reverse("web:reviews"))


def _of_review(row: Review, rules: Rulebook) -> str:
    language = current_language()
    scheme = next((one for one in rules.schemes if one.dimension == row.dimension), None)
    labels = {one.key: one.label.get(language) for one in scheme.classes} if scheme else {}
    ends = [labels[key] for key in (row.from_key, row.to_key) if key in labels]
    parts = [row.get_kind_display(), scheme.label.get(language) if scheme else "", " → ".join(ends)]
    return " ".join(part for part in parts if part)


def other_news(reader: Reader) -> Iterator[Part]:
    """Give what they have not read of the kinds that they want in the digest, the newest first."""
    wanted = [kind for kind, found in ways(reader.user).items() if found.digest]
    rows = visible(reader.user, Notification).filter(
        user=reader.user, read_at=None, kind__in=wanted, created_at__gt=reader.since
    )
    total = rows.count()
    if total:
        found = list(rows.select_related("job__undoes").order_by("-created_at", "-pk")[:MOST_LINES])
        names = names_for(reader.user, found)
        at = reverse("web:notifications")
        lines = [Line(title(one, names), said(one, reader.rules), at) for one in found]
        yield Part(Group.NEWS, lines, total, at)
