"""Events found by the words that people wrote: notes, what was said in a call, the text of a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db.models import Exists, F, Func, OuterRef, Q, TextField

from zhike.accounts.policy import readable_fields, visible
from zhike.core.text import fold
from zhike.timeline.models import Event, said

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User

WORDS_MAX = 8
QUERY_MAX = 100
# How many of the newest texts are read one by one, how many of those that fit are loaded, and how many compared.
NEWEST, TAKEN, COMPARED = 500, 100, 2_000
_RUNS = re.compile(r"[a-z0-9]{3,}|[^\x00-\x7f]{2,}")


def words(query: str) -> list[str]:
    """Return what is looked for in texts."""
    return fold(query[:QUERY_MAX].replace("\0", "")).split()[:WORDS_MAX]


def pieces(found: Collection[str]) -> list[str]:
    """Return the pieces of these words that the index has; none when they are too short for it."""
    return sorted({piece for word in found for run in _RUNS.findall(word) for piece in _cut(run)})


def _cut(run: str) -> Iterator[str]:
    size = 3 if run.isascii() else 2
    for start in range(len(run) - size + 1):
        yield run[start : start + size]


def find_written(user: User, query: str, *, of: Sequence[int] | None = None, limit: int = 5) -> list[Event]:
    """Return the newest events whose text has all the words, without those that were taken back.

    `of` are the customers of somebody who has few. The newest texts are read one by one, since a common word is
    soon found among them; only a rare one is asked of the index.
    """
    sought = words(query)
    cut = pieces(sought)
    if not cut or "data" not in readable_fields(user, Event):
        return []
    rows = _holding(visible(user, Event), sought)
    if of is not None:
        return _newest(rows.filter(_said(cut, overlap=[f"#{pk}" for pk in of])), limit) if of else []
    latest = Event.objects.filter(data__has_key="text").order_by("-pk").values("pk")[:NEWEST]
    found = _newest(rows.filter(pk__in=latest), limit)
    if len(found) == limit:
        return found
    # Asked by itself: beside the question who sees them, the index might not be asked at all.
    written = Event.objects.filter(data__has_key="text").alias(said=said()).filter(_said(cut)).order_by()
    known = list(written.values_list("pk", flat=True)[:COMPARED])
    return _newest(rows.filter(pk__in=known), limit)


def _said(cut: Sequence[str], overlap: Sequence[str] = ()) -> Q:
    """Return the condition that the index answers: all these pieces, and one of those."""
    found = Q(("said__contains", list(cut)))
    return found & Q(("said__overlap", list(overlap))) if overlap else found


def _holding(events: QuerySet[Event], sought: Sequence[str]) -> QuerySet[Event]:
    text = Func(F("data"), function="zhike_words", output_field=TextField())
    events = events.filter(data__has_key="text").alias(words=text, said=said())
    for word in sought:
        events = events.filter(words__contains=word)
    return events.exclude(Exists(Event.objects.filter(voids=OuterRef("pk")))).order_by()


def _newest(events: QuerySet[Event], limit: int) -> list[Event]:
    found = sorted(events.values_list("occurred_at", "pk")[:TAKEN], reverse=True)[:limit]
    by_pk = Event.objects.select_related("customer").in_bulk([pk for _at, pk in found])
    return [by_pk[pk] for _at, pk in found]
