"""Whose intent just rose, with the events that show it.

A rise is a change of class in the dimension of intent to a higher rank within the last seven days, of customers who
are still at least as high. What shows it are the signals of the seven days that end with the change: what they looked at
most, how often, what they asked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from zhike.accounts.policy import redacted, visible
from zhike.accounts.queries import company_zone
from zhike.base.paging import Count
from zhike.base.templatetags.zhike import number
from zhike.classification.queries import class_changes, moves_of, standings_of
from zhike.core.dates import day_start
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.timeline.kinds import KINDS, Group
from zhike.timeline.models import Event
from zhike.timeline.queries import voided
from zhike.web.chips import class_chip
from zhike.web.evidence import evidence
from zhike.web.home.doing import DOING_ICONS, doing_names
from zhike.web.home.queries import INTENT, rises

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from zhike.base.chips import Chip
    from zhike.classification.rules import Rulebook
    from zhike.core.conditions.describe import Writer
    from zhike.core.schemes import Scheme
    from zhike.web.home.whose import Whose

DAYS = 7
SHOWN = 4
MOST = 100
SPARK_DAYS = 14
# Of a customer so many signals are read: who looks at more than that is shown no better by the rest.
MOST_SIGNALS = 400
SIGNALS = (
    *(key for key, kind in KINDS.items() if kind.group is Group.SIGNAL),
    "call.received",
    "message.received",
    "email.replied",
    "exhibition.visited",
    "seminar.attended",
)


@dataclass(frozen=True, slots=True)
class Riser:
    """A customer whose intent rose, the days of signals (the last is today), and how to be in touch."""

    customer: Customer
    before: Chip
    after: Chip
    shows: str
    at: datetime
    days: Sequence[int]
    method: str
    icon: str
    method_name: str


@dataclass(frozen=True, slots=True)
class Rising:
    """The newest and highest, and how many there are."""

    risers: Sequence[Riser]
    size: Count
    dimension: str
    classes: Sequence[str]


def rising(whose: Whose, rules: Rulebook, writer: Writer, today: date) -> Rising | None:
    """Return whose intent rose; None where no rules in force tell intent."""
    scheme = next((one for one in rules.schemes if one.dimension == INTENT), None)
    if scheme is None:
        return None
    first = today - timedelta(days=DAYS - 1)
    # The moment besides the day: it ends the walk back through the changes of everybody.
    rows = moves_of(class_changes(whose.user)).filter(
        rises(rules) & Q(dimension=INTENT), day__gte=first, occurred_at__gte=day_start(first, company_zone())
    )
    if whose.person is not None:
        rows = rows.filter(customer__owner=whose.person)
    newest: dict[int, Event] = {}
    read = list(rows.order_by("-occurred_at", "-pk")[: MOST + 1])
    for event in read:
        newest.setdefault(event.customer_id, event)
    still = _still(whose, scheme, newest)
    ranks = {one.key: one.rank or 0 for one in scheme.classes}
    still.sort(key=lambda event: (-ranks[str(event.data["to"])], -event.occurred_at.timestamp(), -event.pk))
    return Rising(
        risers=_drawn(whose, still[:SHOWN], scheme, rules, writer, today),
        size=Count(len(still), len(read) > MOST),
        dimension=INTENT,
        classes=[one.key for one in scheme.classes if ranks[one.key] > min(ranks.values(), default=0)],
    )


def _still(whose: Whose, scheme: Scheme, newest: dict[int, Event]) -> list[Event]:
    """Leave out those who have fallen again since."""
    standings = standings_of(whose.user, newest)

    def holds(event: Event) -> bool:
        standing = standings.get(event.customer_id, {}).get(INTENT)
        return standing is not None and not scheme.is_demotion(str(event.data["to"]), standing.class_key)

    return [event for event in newest.values() if holds(event)]


def _drawn(
    whose: Whose, events: Sequence[Event], scheme: Scheme, rules: Rulebook, writer: Writer, today: date
) -> list[Riser]:
    ids = [event.customer_id for event in events]
    loaded = visible(whose.user, Customer).filter(pk__in=ids).select_related("owner").defer(*SEARCH_COLUMNS)
    customers = {one.pk: redacted(whose.user, one) for one in loaded}
    signals = signals_of(whose, ids, today)
    names = doing_names()
    found = []
    for event in events:
        if event.customer_id not in customers:
            continue
        theirs = signals.get(event.customer_id, [])
        class_ = next((one for one in scheme.classes if one.key == event.data.get("to")), None)
        method = class_.service.methods[0] if class_ and class_.service.methods else "call"
        ruled = evidence(event.data, rules, writer, timezone.get_current_timezone())
        first = event.day - timedelta(days=DAYS - 1)
        days = Counter(one.day for one in theirs)
        found.append(
            Riser(
                customer=customers[event.customer_id],
                before=class_chip(scheme, str(event.data.get("from")), writer.language),
                after=class_chip(scheme, str(event.data.get("to")), writer.language),
                shows=told([one for one in theirs if first <= one.day], writer) or ruled,
                at=event.occurred_at,
                days=[days[today - timedelta(days=back)] for back in range(SPARK_DAYS - 1, -1, -1)],
                method=method,
                icon=DOING_ICONS[method],
                method_name=names[method],
            )
        )
    return found


def signals_of(whose: Whose, ids: Iterable[int], today: date) -> dict[int, list[Event]]:
    """Return what each of these customers did by themselves in the last days, newest first."""
    rows = visible(whose.user, Event).filter(
        customer__in=list(ids), kind__in=SIGNALS, day__range=(today - timedelta(days=SPARK_DAYS - 1), today)
    )
    rows = rows.exclude(pk__in=voided()).order_by("-day", "-occurred_at", "-pk")
    found: dict[int, list[Event]] = {}
    for event in rows[: MOST_SIGNALS * SHOWN]:
        found.setdefault(event.customer_id, []).append(event)
    return found


def told(events: Sequence[Event], writer: Writer) -> str:
    """Say in a line what they did: what they looked at most, what they asked, and what else how often."""
    said: list[str] = []
    pages = Counter(
        str(event.data.get("title") or event.data.get("url") or "") for event in events if event.kind == "page.viewed"
    )
    pages.pop("", None)
    if pages:
        title, times = min(pages.items(), key=lambda one: (-one[1], one[0]))
        days = _span(
            event.day for event in events if event.data.get("title") == title or event.data.get("url") == title
        )
        said.append(
            gettext("%(days)s 天内 %(n)s 次看「%(title)s」") % {"days": days, "n": number(times), "title": title}
            if times > 1
            else gettext("看了「%(title)s」") % {"title": title}
        )
    asked = next((event for event in events if event.kind in {"inquiry.received", "form.submitted"}), None)
    if asked is not None:
        title = str(asked.data.get("title") or asked.data.get("form") or "")
        kind = KINDS[asked.kind].label.get(writer.language)
        said.append(gettext("%(kind)s「%(title)s」") % {"kind": kind, "title": title} if title else kind)
    others = Counter(
        event.kind for event in events if event.kind not in {"page.viewed", "inquiry.received", "form.submitted"}
    )
    for kind, times in sorted(others.items(), key=lambda one: (-one[1], one[0]))[: max(0, 2 - len(said))]:
        words = ngettext("%(kind)s %(n)s 次", "%(kind)s %(n)s 次", times)
        said.append(words % {"kind": KINDS[kind].label.get(writer.language), "n": number(times)})
    return gettext("，").join(said)


def _span(days: Iterable[date]) -> int:
    known = sorted(days)
    return (known[-1] - known[0]).days + 1 if known else 1
