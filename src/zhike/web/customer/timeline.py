"""The timeline of a customer: days, entries, and how many there are of each group."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext

from zhike.accounts.policy import get_visible, visible
from zhike.base.templatetags.zhike import money, number
from zhike.core.errors import ZhikeError
from zhike.timeline.kinds import GROUPS, KINDS, Group
from zhike.timeline.models import Event
from zhike.timeline.queries import timeline
from zhike.web.chips import class_chip
from zhike.web.evidence import evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.rules import Rulebook
    from zhike.core.conditions.describe import Writer
    from zhike.core.text import Language

PAGE_SIZE = 30
TONES: dict[Group, str] = {
    Group.CONTACT: "azurite",
    Group.SIGNAL: "cinnabar",
    Group.TRADE: "malachite",
    Group.SERVICE: "ochre",
    Group.CLASS: "wisteria",
    Group.RECORD: "ink",
}


class GroupError(ZhikeError):
    """A group of events that does not exist."""

    code = "bad_group"
    status = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as people read it."""

    icon: str
    tone: str
    title: str
    facts: Sequence[str]
    text: str
    amount: str
    who: str
    at: datetime
    is_voided: bool
    dimension: str = ""
    before: Chip | None = None
    after: Chip | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day."""

    day: date
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Tab:
    """One group above the timeline, with its number of entries."""

    key: str
    label: str
    count: int
    active: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """A stretch of the timeline, newest first; `older` opens the next."""

    days: Sequence[Day]
    tabs: Sequence[Tab]
    group: str
    older: int | None
    older_count: int


def read_group(name: str) -> Group | None:
    if not name:
        return None
    if name not in list(Group):
        raise GroupError(f"动态里没有「{name[:20]}」这一类。", f"The timeline has no group {name[:20]}.")
    return Group(name)


def read_timeline(
    user: User, customer_id: int, *, group: Group | None, before: int | None, rules: Rulebook, writer: Writer
) -> Timeline:
    """Return the newest entries, or those before the event `before`."""
    events = timeline(user, customer_id, group=group)
    if before is not None:
        at = get_visible(user, Event, pk=before, customer=customer_id)
        earlier = Q(day__lt=at.day) | Q(occurred_at__lt=at.occurred_at) | Q(occurred_at=at.occurred_at, pk__lt=at.pk)
        events = events.filter(earlier, day__lte=at.day)
    page = list(events[: PAGE_SIZE + 1])
    shown, more = page[:PAGE_SIZE], len(page) > PAGE_SIZE
    tabs = _tabs(user, customer_id, group, writer.language)
    return Timeline(
        days=_days(shown, rules, writer),
        tabs=tabs,
        group=group or "",
        older=shown[-1].pk if more else None,
        older_count=events.count() - PAGE_SIZE if more else 0,
    )


def _tabs(user: User, customer_id: int, active: Group | None, language: Language) -> list[Tab]:
    """Count the kinds once and sum them to groups; empty groups have no tab."""
    counted = visible(user, Event).filter(customer=customer_id).exclude(kind="event.voided")
    sizes: dict[Group, int] = dict.fromkeys(GROUPS, 0)
    for kind, size in counted.values_list("kind").annotate(size=Count("pk")).order_by():
        sizes[KINDS[kind].group if kind in KINDS else Group.RECORD] += size
    everything = Tab("", gettext("全部"), sum(sizes.values()), active is None)
    groups = [
        Tab(group.value, GROUPS[group].get(language), size, group is active)
        for group, size in sizes.items()
        if size or group is active
    ]
    return [everything, *groups]


def _days(events: Iterable[Event], rules: Rulebook, writer: Writer) -> list[Day]:
    return [
        Day(day, [_entry(event, rules, writer) for event in found])
        for day, found in groupby(events, key=lambda event: event.day)
    ]


def _entry(event: Event, rules: Rulebook, writer: Writer) -> Entry:
    kind = KINDS.get(event.kind)
    language = writer.language
    shared = Entry(
        icon=kind.icon if kind else "note",
        tone=TONES[kind.group] if kind else "ink",
        title=_title(event, kind.label.get(language) if kind else event.kind),
        facts=_facts(event),
        text=str(event.data.get("text") or ""),
        amount=money(event.amount, event.currency or writer.currency) if event.amount is not None else "",
        who=event.actor.name if event.actor else "",
        at=event.occurred_at,
        is_voided=bool(getattr(event, "is_voided", False)),
    )
    if event.kind != "class.changed":
        return shared
    return _class_entry(event, shared, rules, writer)


def _class_entry(event: Event, shared: Entry, rules: Rulebook, writer: Writer) -> Entry:
    try:
        scheme = rules.scheme(str(event.data.get("dimension")))
    except KeyError:
        return shared
    after = class_chip(scheme, str(event.data.get("to")), writer.language, source=str(event.data.get("source")))
    return Entry(
        icon="arrows-exchange",
        tone=after.tone,
        title=scheme.label.get(writer.language),
        facts=(),
        text="",
        amount="",
        who=shared.who,
        at=shared.at,
        is_voided=shared.is_voided,
        dimension=scheme.dimension,
        before=class_chip(scheme, str(event.data.get("from")), writer.language),
        after=after,
        evidence=evidence(event.data, rules, writer, timezone.get_current_timezone()),  # type: ignore[arg-type]
    )


def _title(event: Event, label: str) -> str:
    """Return the kind with what it is about: a person, a number or a heading."""
    about = event.contact.name if event.contact else event.data.get("number") or ""
    return f"{label} {about}".strip()


def _facts(event: Event) -> list[str]:
    """Return the small facts after the title."""
    data = event.data
    found = [str(data[name]) for name in ("title", "subject", "product", "place", "form") if data.get(name)]
    if data.get("quantity"):
        found.append(f"× {number(data['quantity'])}")
    if data.get("minutes"):
        found.append(gettext("%(n)s 分钟") % {"n": number(data["minutes"])})
    if data.get("seconds"):
        found.append(gettext("停留 %(n)s 秒") % {"n": number(data["seconds"])})
    if data.get("score") is not None:
        found.append(gettext("%(score)s 分") % {"score": data["score"]})
    if data.get("points"):
        found.append(gettext("%(n)s 积分") % {"n": number(data["points"])})
    if data.get("result"):
        found.append(str(data["result"]))
    if data.get("reason") and isinstance(data["reason"], str):
        found.append(data["reason"])
    if event.kind == "owner.changed":
        found.append(f"{data.get('from') or '—'} → {data.get('to') or '—'}")
    return found
