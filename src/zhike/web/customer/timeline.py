"""The timeline of a customer: days, entries, and how many there are of each group."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.utils.translation import gettext, ngettext

from zhike.accounts.policy import field_access, get_visible, visible
from zhike.base.errors import current_language
from zhike.base.templatetags.zhike import money, number, seconds
from zhike.core.errors import ZhikeError
from zhike.customers.actions.notes import NOTE, may_edit_note, may_void_note
from zhike.customers.display import BESIDE
from zhike.followups.models import Task
from zhike.followups.words import told_of_plan
from zhike.pools.owners import by_pool
from zhike.timeline.kinds import GROUPS, KINDS, Group
from zhike.timeline.models import Event
from zhike.timeline.queries import timeline
from zhike.web.assigned import assigned_by
from zhike.web.customer.class_entries import ClassTeller
from zhike.web.customer.entries import Entry, is_voided
from zhike.web.customer.forms import RESULTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from zhike.accounts.models import User
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


# Of the records that were merged, what is told, and the field that it was.
_MERGED = {"from": "name", "key": "key"}


class GroupError(ZhikeError):
    """A group of events that does not exist."""

    code = "bad_group"
    status = 400


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


def read_timeline(  # noqa: PLR0913  one keyword each
    user: User,
    customer_id: int,
    *,
    group: Group | None,
    before: int | None,
    rules: Rulebook,
    writer: Writer,
    until: date | None = None,
) -> Timeline:
    """Return the newest entries, those before the event `before`, or those of the days until a past one."""
    events = timeline(user, customer_id, group=group)
    if until is not None:
        events = events.filter(day__lte=until)
    if before is not None:
        at = get_visible(user, Event, pk=before, customer=customer_id)
        earlier = Q(day__lt=at.day) | Q(occurred_at__lt=at.occurred_at) | Q(occurred_at=at.occurred_at, pk__lt=at.pk)
        events = events.filter(earlier, day__lte=at.day)
    page = list(events[: PAGE_SIZE + 1])
    shown, more = page[:PAGE_SIZE], len(page) > PAGE_SIZE
    _redact(user, shown)
    tabs = _tabs(user, customer_id, group, writer.language, until)
    classes = ClassTeller(rules, writer, shown)
    return Timeline(
        days=_days(shown, classes, writer, user),
        tabs=tabs,
        group=group or "",
        older=shown[-1].pk if more else None,
        older_count=events.count() - PAGE_SIZE if more else 0,
    )


def _redact(user: User, events: Iterable[Event]) -> None:
    """Leave of the changes of fields what this person may read; the events are for this page alone."""
    access = field_access(user, Event._meta.get_field("customer").related_model)
    if not access.is_limited:
        return
    for event in events:
        if event.kind == "owner.changed" and not access.reads("owner"):
            event.data = {**event.data, "from": None, "to": None}
        if event.kind == "customer.merged":
            event.data = {**event.data, **{end: None for end, of in _MERGED.items() if not access.reads(of)}}
        if isinstance(event.data.get("changes"), list):
            event.data = {**event.data, "changes": access.changes(event.data["changes"])}


def _tabs(user: User, customer_id: int, active: Group | None, language: Language, until: date | None) -> list[Tab]:
    """Count the kinds once and sum them to groups; empty groups have no tab."""
    counted = visible(user, Event).filter(customer=customer_id).exclude(kind="event.voided")
    corrections = Count("pk", filter=Q(kind=NOTE, data__has_key="replaces"))
    if until is not None:
        counted = counted.filter(day__lte=until)
    sizes: dict[Group, int] = dict.fromkeys(GROUPS, 0)
    for kind, size in counted.values_list("kind").annotate(size=Count("pk") - corrections).order_by():
        sizes[KINDS[kind].group if kind in KINDS else Group.RECORD] += size
    everything = Tab("", gettext("全部"), sum(sizes.values()), active is None)
    groups = [
        Tab(group.value, GROUPS[group].get(language), size, group is active)
        for group, size in sizes.items()
        if size or group is active
    ]
    return [everything, *groups]


def _days(events: Iterable[Event], classes: ClassTeller, writer: Writer, reader: User) -> list[Day]:
    told = (event for event in events if not classes.is_told_elsewhere(event))
    return [
        Day(day, list(_entries(found, classes, writer, reader)))
        for day, found in groupby(told, key=lambda event: event.day)
    ]


def _entries(events: Iterable[Event], classes: ClassTeller, writer: Writer, reader: User) -> Iterator[Entry]:
    """Yield the entries of a day; pages that one person read one after the other are one entry."""
    for visit, found in groupby(events, key=_visit):
        if visit is None:
            for event in found:
                yield classes.entry(event) or _entry(event, writer, reader)
        else:
            yield _visit_entry(list(found), writer, reader)


def _visit(event: Event) -> tuple[int | None] | None:
    return (event.contact_id,) if event.kind == "page.viewed" and not is_voided(event) else None


def _entry(event: Event, writer: Writer, reader: User) -> Entry:
    kind = KINDS.get(event.kind)
    label = kind.label.get(writer.language) if kind else event.kind
    is_talk = kind is not None and kind.group is Group.CONTACT
    who = event.contact.name if event.contact else ""
    return Entry(
        icon=kind.icon if kind else "note",
        tone=TONES[kind.group] if kind else "ink",
        title=f"{label} {who}".strip() if is_talk else label,
        facts=list(dict.fromkeys([*_facts(event), *([who] if who and not is_talk else [])])),
        text=_words(event.data),
        amount=_amount(event, writer.currency),
        who=event.actor.name if event.actor else "",
        at=event.occurred_at,
        is_voided=is_voided(event),
        pk=event.pk,
        is_edited="replaces" in event.data,
        may_edit=not is_voided(event) and (may_edit_note(event, reader) or may_void_note(event, reader)),
    )


def _visit_entry(events: Sequence[Event], writer: Writer, reader: User) -> Entry:
    """Return one entry for pages that were read in a row, told in the order of reading."""
    if len(events) == 1:
        return _entry(events[0], writer, reader)
    latest = events[0]
    stayed = sum(int(event.data.get("seconds") or 0) for event in events)
    who = latest.contact.name if latest.contact else ""
    spent = gettext("停留 %(time)s") % {"time": seconds(stayed)} if stayed else ""
    titles = [str(event.data.get("title") or event.data.get("url") or "") for event in reversed(events)]
    return Entry(
        icon=KINDS["page.viewed"].icon,
        tone=TONES[Group.SIGNAL],
        title=ngettext("浏览 %(n)s 个页面", "浏览 %(n)s 个页面", len(events)) % {"n": len(events)},
        facts=[fact for fact in (spent, who) if fact],
        text="",
        amount="",
        who="",
        at=latest.occurred_at,
        is_voided=False,
        trail=[title for title, _ in groupby(title for title in titles if title)],
    )


def _facts(event: Event) -> list[str]:
    """Return the small facts after the title."""
    data = event.data
    if event.kind.startswith("plan."):
        return [words.get(current_language()) for words in told_of_plan(event.kind, data)]
    found = [
        str(data[name]) for name in ("number", "title", "subject", "product", "place", "form", "name") if data.get(name)
    ]
    if data.get("quantity"):
        found.append(f"× {number(data['quantity'])}")
    if data.get("minutes"):
        found.append(gettext("%(n)s 分钟") % {"n": number(data["minutes"])})
    if data.get("seconds"):
        found.append(gettext("停留 %(time)s") % {"time": seconds(int(data["seconds"]))})
    if data.get("score") is not None:
        found.append(gettext("%(score)s 分") % {"score": data["score"]})
    if data.get("points"):
        found.append(gettext("%(n)s 积分") % {"n": number(data["points"])})
    if data.get("result"):
        found.append(_result(str(data["result"])))
    if data.get("reason") and isinstance(data["reason"], str):
        found.append(data["reason"])
    if event.kind == "customer.updated":
        # Before and after may tell of customers whom this reader does not see.
        fields = dict.fromkeys(change["field"] for change in data.get("changes", ()))
        found += [str(BESIDE[name]) for name in fields if name in BESIDE]
    return found + _ends(event)


def _ends(event: Event) -> list[str]:
    """Return from whom to whom: of owners, and of records that were merged."""
    data = event.data
    match event.kind:
        case "customer.merged":
            return [str(data[name]) for name in _MERGED if data.get(name)]
        case "owner.changed":
            ends = f"{data.get('from') or '—'} → {data.get('to') or '—'}"
            return [ends, *filter(None, [assigned_by(data)]), *by_pool(data, current_language())]
        case _:
            return []


def _words(data: dict[str, Any]) -> str:
    """Return what was written down, and below it the customer's own words."""
    said = str(data.get("said") or "")
    parts = [str(data.get("text") or ""), gettext("「%(said)s」") % {"said": said} if said else ""]
    return "\n".join(part for part in parts if part)


def _result(text: str) -> str:
    if text in Task.Outcome.values:
        return str(Task.Outcome(text).label)
    return gettext(text) if text in RESULTS else text


def _amount(event: Event, ours: str) -> str:
    """Return the amount in its own currency, with what it is in the company's beside it."""
    if event.amount is None:
        return ""
    own = money(event.amount, event.currency or ours)
    if not event.currency or event.currency == ours or event.base_amount is None:
        return own
    return gettext("%(amount)s（%(base)s）") % {"amount": own, "base": money(event.base_amount, ours)}
