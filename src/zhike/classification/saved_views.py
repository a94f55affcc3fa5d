"""Saved views read: what their conditions mean today, and whom they show.

A view outlives the fields and classes that it names. What can no longer be read is told apart from
the rest, so that a page can say so and still show what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zhike.accounts.models import User
from zhike.accounts.policy import visible
from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.base.errors import NotFound
from zhike.base.paging import capped_count
from zhike.classification.condition_q import condition_q
from zhike.classification.models import KeptMetric, ListColumns, SavedView, ViewPin
from zhike.core.conditions.nodes import EVERYONE, refs
from zhike.core.conditions.parse import MAX_DEPTH, VERSION, each_test, parse
from zhike.core.errors import ConditionError
from zhike.core.packs import base_fields
from zhike.customers.models import Customer
from zhike.customers.readable import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from django.db.models import Q

    from zhike.base.paging import Count
    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import FieldSet, Ref

type Data = Mapping[str, Any]
ALL: Data = {"everyone": True}
WHERE = "where"


@dataclass(frozen=True, slots=True)
class ReadCondition:
    """A condition that was read as far as it can be: `data` is what was read, `problems` what was left out."""

    data: Data
    node: Node
    problems: Sequence[ConditionError] = ()

    @property
    def refs(self) -> frozenset[Ref]:
        return refs(self.node)


EVERYBODY = ReadCondition(ALL, EVERYONE)


def document(data: object) -> dict[str, object]:
    """Return a condition in the form in which it is stored."""
    return {"version": VERSION, WHERE: data}


def where_of(view: SavedView) -> Data:
    """Return the condition of a view as data."""
    stored = view.where
    where = stored.get(WHERE) if isinstance(stored, Mapping) and stored.get("version") == VERSION else None
    return where if isinstance(where, Mapping) else ALL


def read_condition(data: object, fields: FieldSet) -> ReadCondition:
    """Read a condition and leave out the tests that cannot be read, and every group that this empties."""
    try:
        whole = parse(data, fields, WHERE)
    except ConditionError:
        pass
    else:
        return ReadCondition(data, whole)  # type: ignore[arg-type]  # only a mapping can be read
    problems: list[ConditionError] = []
    kept = _readable(data, fields, WHERE, problems, 0)
    if kept is None:
        return ReadCondition(ALL, EVERYONE, problems)
    return ReadCondition(kept, parse(kept, fields, WHERE), problems)


def _readable(data: object, fields: FieldSet, path: str, problems: list[ConditionError], depth: int) -> Data | None:
    form = next((name for name in ("all", "any") if isinstance(data, Mapping) and name in data), "")
    if form and isinstance(data, Mapping) and isinstance(data[form], list) and depth < MAX_DEPTH:
        inner = [
            _readable(item, fields, f"{path}.{form}[{index}]", problems, depth + 1)
            for index, item in enumerate(data[form])
        ]
        kept = [item for item in inner if item is not None]
        return {form: kept} if kept else None
    if isinstance(data, Mapping) and "not" in data and depth < MAX_DEPTH:
        # Half of what is denied would deny something else.
        before = len(problems)
        inside = _readable(data["not"], fields, f"{path}.not", problems, depth + 1)
        return data if inside is not None and len(problems) == before else None
    try:
        parse(data, fields, path)
    except ConditionError as error:
        problems.append(error)
        return None
    return data  # type: ignore[return-value]  # only a mapping can be read


def matching(node: Node, zone: ZoneInfo | None = None) -> Q:
    """Return the condition as it reads today, to filter customers by. `zone` is the company's."""
    zone = zone or company_zone()
    return condition_q(node, today(zone), zone)


def views_of(user: User) -> list[SavedView]:
    """Return the views that this person sees: those they have pinned in their order, then the others by name."""
    places = dict(ViewPin.objects.filter(user=user).values_list("view", "position"))
    views = visible(user, SavedView).select_related("owner", "team")
    for view in (found := list(views)):
        view.is_pinned = view.pk in places
    return sorted(found, key=lambda view: (places.get(view.pk, 1_000_000), view.name, view.pk))


def pinned_views(user: User) -> list[SavedView]:
    """Return the views at this person's side, in one query."""
    return list(visible(user, SavedView).filter(pins__user=user).order_by("pins__position", "pk"))


def open_view(user: User, pk: int) -> SavedView:
    """Return a view with its owner, or raise `NotFound`."""
    view = visible(user, SavedView).select_related("owner", "team", "updated_by").filter(pk=pk).first()
    if view is None:
        raise NotFound
    return view


def count_view(user: User, view: SavedView, fields: FieldSet) -> Count:
    """Count whom a view shows to this person, up to the limit of counts."""
    condition = read_condition(where_of(view), readable(user, fields))
    return capped_count(visible(user, Customer).filter(matching(condition.node)))


def chosen_columns(user: User, view: SavedView | None) -> object:
    """Return the columns that this person chose for a view, or for the list without one; None for none."""
    return ListColumns.objects.filter(user=user, view=view).values_list("columns", flat=True).first()


def pinned_by_others(view: SavedView, user: User) -> list[str]:
    """Return the names of the colleagues who have a view at their side."""
    people = User.objects.filter(pk__in=view.pins.exclude(user=user).values("user"))
    return list(people.order_by("name").values_list("name", flat=True))


def metrics_of_views() -> set[str]:
    """Return the metrics that views read, as they are kept."""
    return {
        name for view in SavedView.objects.only(WHERE) for name in metrics_in(_tests(where_of(view), base_fields()))
    }


def metrics_in(wanted: Iterable[Ref]) -> set[str]:
    return {str(ref) for ref in wanted if ref.source == "metric"}


def being_filled(metrics: set[str]) -> KeptMetric | None:
    """Return one of these metrics that is not counted for everybody yet, with how far that is."""
    return KeptMetric.objects.filter(ref__in=metrics, complete=False).order_by("pk").first() if metrics else None


def _tests(data: Data, fields: FieldSet) -> Iterator[Ref]:
    """Yield the facts that the tests of a condition read, whatever else is wrong with it."""
    for path, item in each_test(data, WHERE):
        with suppress(ConditionError):
            yield from refs(parse(item, fields, path))
