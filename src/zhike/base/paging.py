"""Pages by key, not by number: the hundredth page costs what the first costs.

A cursor names the last row of the page that the reader comes from: the value that the list is
sorted by, the primary key, and how many rows lie before. It is data from outside, so anything
unreadable is refused in words.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, Value

from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

COUNT_LIMIT = 10_000
# Beyond this cost, by the planner's reckoning some tens of milliseconds, a count comes after the page.
DEAR = 3_000.0


class CursorError(ZhikeError):
    """An address with a page mark that nobody wrote."""

    code = "bad_cursor"
    status = 400


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by one column, nulls last in both directions, then by primary key.

    Between the two, rows of one value may go by another column, `then`, that is never null.
    """

    field: str
    descending: bool = False
    nullable: bool = False
    then: str = ""


class Cursor(NamedTuple):
    """The row from which to read on: forwards, or backwards towards the first page."""

    value: object
    pk: int
    before: int  # rows before the page that this cursor opens
    backwards: bool = False
    second: object = None  # what `Order.then` is of that row

    def encode(self) -> str:
        parts = self if self.second is not None else self[:-1]
        text = json.dumps(parts, default=_iso, separators=(",", ":"), ensure_ascii=False)
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        try:
            data = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            value, pk, before, backwards, *others = data
            if any(isinstance(one, str) and not _can_be_stored(one) for one in (value, *others)):
                raise _bad_cursor()
            return cls(value, int(pk), max(0, int(before)), bool(backwards), *others[:1])
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise _bad_cursor() from error


@dataclass(frozen=True, slots=True)
class Page[M: Model]:
    """Some rows and the cursors of the pages on both sides, empty at the ends."""

    rows: Sequence[M]
    first: int  # number of the first row, from 1
    next: str = ""
    previous: str = ""

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


class Count(NamedTuple):
    """A number of rows that is not counted beyond the limit: 「10,000+」."""

    value: int
    capped: bool

    def __bool__(self) -> bool:
        return self.value > 0

    def __str__(self) -> str:
        return f"{self.value:,}{'+' if self.capped else ''}"


def capped_count(queryset: QuerySet[Any], limit: int = COUNT_LIMIT) -> Count:
    """Count the rows, but stop counting at the limit."""
    # Where no column is asked for, an index alone can answer.
    found = queryset.order_by().values(one=Value(1))[: limit + 1].count()
    return Count(min(found, limit), found > limit)


def capped_counts(querysets: Iterable[QuerySet[Any]], limit: int = COUNT_LIMIT) -> list[Count]:
    """Count the rows of each, up to the limit, by one query for all of them."""
    parts: list[str] = []
    values: list[Any] = []
    for queryset in querysets:
        try:
            sql, given = queryset.order_by().values(one=Value(1))[: limit + 1].query.sql_with_params()
        except EmptyResultSet:
            sql, given = "SELECT 1 LIMIT 0", ()
        parts.append(f"(SELECT count(*) FROM ({sql}) counted)")  # noqa: S608  what Django wrote
        values += given
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        found = cursor.fetchone()
    return [Count(min(size, limit), size > limit) for size in found]


def count_soon(queryset: QuerySet[Any], limit: int = COUNT_LIMIT) -> Count | None:
    """Count the rows where the planner takes that for quick work; None where nobody should wait for it."""
    found = queryset.order_by().values(one=Value(1))[: limit + 1]
    plan = json.loads(found.explain(format="json"))[0]["Plan"]
    return capped_count(queryset, limit) if plan["Total Cost"] < DEAR else None


def key_page[M: Model](
    queryset: QuerySet[M],
    order: Order,
    *,
    cursor: str = "",
    size: int = 50,
    columns: Callable[[QuerySet[M]], QuerySet[M]] = QuerySet.all,
) -> Page[M]:
    """Return the page that the cursor opens; the first page without one.

    `columns` adds what is shown of a row. The rows are found without it: those that are sorted
    and thrown away should not have been joined with anything.
    """
    at = Cursor.decode(cursor) if cursor else None
    backwards = bool(at and at.backwards)
    if at:
        queryset = _beyond(queryset, order, at)
    ordering = _ordering(order, reverse=backwards)
    found = queryset.order_by(*ordering)[: size + 1]
    # As an array they are found before anything is joined with them, however much is shown of a row.
    is_found = Func(
        F("pk"),
        ArraySubquery(found.values("pk")),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
    shown = columns(queryset.model._default_manager.filter(is_found))
    named = {"sorted_by": F(order.field), **({"then_by": F(order.then)} if order.then else {})}
    rows = list(shown.annotate(**named).order_by(*ordering))
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    before = at.before if at else 0
    if backwards:
        before = max(0, before - len(rows)) if more else 0
    has_next, has_previous = (True, more) if backwards else (more, at is not None)
    return Page(
        rows,
        first=before + 1,
        next=_cursor(rows[-1], before + len(rows)) if rows and has_next else "",
        previous=_cursor(rows[0], before, backwards=True) if rows and has_previous else "",
    )


def _cursor(row: Model, before: int, *, backwards: bool = False) -> str:
    value: object = row.sorted_by  # type: ignore[attr-defined]  # an annotation
    return Cursor(value, row.pk, before, backwards, getattr(row, "then_by", None)).encode()


def _ordering(order: Order, *, reverse: bool) -> tuple[Any, ...]:
    descending = order.descending != reverse
    column, rest = F(order.field), [F(name) for name in (order.then, "pk") if name]
    # Where there are no nulls, saying where they go would only hide the index from the planner.
    nulls: dict[str, Any] = {("nulls_first" if reverse else "nulls_last"): True} if order.nullable else {}
    if descending:
        return (column.desc(**nulls), *(one.desc() for one in rest))
    return (column.asc(**nulls), *(one.asc() for one in rest))


def _beyond[M: Model](queryset: QuerySet[M], order: Order, at: Cursor) -> QuerySet[M]:
    """Keep the rows on the far side of the cursor, in the order that it reads in."""
    step = "lt" if order.descending != at.backwards else "gt"
    name = order.field
    further_key = Q(**{f"pk__{step}": at.pk})
    try:
        if order.then:
            if at.second is None:
                raise _bad_cursor()
            further_key = Q(**{f"{order.then}__{step}": at.second}) | (Q(**{order.then: at.second}) & further_key)
        if at.value is None:
            if not order.nullable:
                raise _bad_cursor()
            beyond = Q(**{f"{name}__isnull": True}) & further_key
            if at.backwards:
                beyond |= Q(**{f"{name}__isnull": False})
        else:
            # The outer bound alone can be read from an index; the inner breaks ties.
            further = Q(**{f"{name}__{step}e": at.value}) & (Q(**{f"{name}__{step}": at.value}) | further_key)
            beyond = further
            if order.nullable and not at.backwards:
                beyond |= Q(**{f"{name}__isnull": True})
        return queryset.filter(beyond)
    except (ValidationError, ValueError, TypeError, OverflowError) as error:
        raise _bad_cursor() from error


def _can_be_stored(text: str) -> bool:
    """Tell whether the database takes this text at all: it refuses NUL and half a character."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _iso(value: date) -> str:
    """Write a day or an instant in full: a microsecond less would name another row."""
    return value.isoformat()


def _bad_cursor() -> CursorError:
    return CursorError(
        "这个页码读不懂，从第一页开始看吧。", "This page mark cannot be read. Start from the first page."
    )
