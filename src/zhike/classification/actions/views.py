"""Writes: views that people keep, what stands at their side, the columns that they choose."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import transaction
from django.db.models import Max

from zhike.accounts.policy import require
from zhike.accounts.sharing import Reach
from zhike.base.clock import now
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid, line, plain
from zhike.classification.actions.drafts import forget_what_nobody_reads
from zhike.classification.consents import with_consents
from zhike.classification.models import KeptMetric, ListColumns, SavedView, ViewPin
from zhike.classification.rules import rulebook
from zhike.classification.saved_views import document, metrics_in
from zhike.core.conditions.nodes import refs
from zhike.core.conditions.parse import parse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from zhike.accounts.models import User

MAX_BYTES = 60_000
MAX_DEPTH = 80
MOST_COLUMNS = 300
MOST_PINS = 30
NARROWEST, WIDEST = 48, 800


class Laid(TypedDict, total=False):
    """How the list of a view is laid out."""

    columns: list[dict[str, object]]
    sort: str
    group: str
    layout: str


@transaction.atomic
def create_view(
    *,
    name: str,
    where: object,
    by: User,
    reach: str = Reach.MINE,
    pinned: bool = False,
    form_key: UUID | None = None,
    **laid: Unpack[Laid],
) -> SavedView:
    """Keep a view. The same `form_key` again gives the first one back."""
    require(by, "create", SavedView)
    found = SavedView.objects.filter(form_key=form_key, owner=by).first() if form_key else None
    if found is not None:
        return found
    shared = _shared(reach, by)
    view = SavedView.objects.create(
        name=_name(name),
        owner=by,
        updated_by=by,
        where=_condition(where),
        form_key=form_key,
        **shared,
        **_laid(laid),
    )
    keep_what_views_read(view)
    if pinned:
        pin_view(view=view, by=by)
    return view


def _name(name: str) -> str:
    return line(name, "name", SavedView.NAME_MAX, required=True)


def _shared(reach: str, by: User) -> dict[str, object]:
    """Return the columns that say with whom a view is shared, if this person may share it so."""
    if reach == Reach.TEAM and by.team_id is None:
        raise Invalid("你不在任何小组里，分享不了给本组", "you are in no team to share it with", path="reach")
    if reach == Reach.EVERYONE:
        require(by, "publish", SavedView)
    return {"reach": Reach(reach), "team_id": by.team_id if reach == Reach.TEAM else None}


def _condition(where: object) -> dict[str, object]:
    """Return a condition as it is stored. It must be right, its quantiles with their numbers."""
    data = plain(where, deepest=MAX_DEPTH, path="where")
    if len(json.dumps(data, ensure_ascii=False)) > MAX_BYTES:
        raise Invalid(f"条件太长：最多 {MAX_BYTES:,} 字节", f"too long: at most {MAX_BYTES:,} bytes", path="where")
    parse(data, with_consents(rulebook().fields), "where")
    return document(data)


def _laid(laid: Laid) -> dict[str, object]:
    columns: dict[str, object] = dict(laid)
    if "columns" in laid:
        columns["columns"] = clean_columns(laid["columns"])
    if "layout" in laid:
        columns["layout"] = SavedView.Layout(laid["layout"])
    return columns


def clean_columns(columns: object) -> list[dict[str, object]]:
    """Return chosen columns as they are stored: each once, with a width that can be seen or none."""
    if not isinstance(columns, list) or len(columns) > MOST_COLUMNS:
        raise Invalid(f"最多 {MOST_COLUMNS} 列", f"at most {MOST_COLUMNS} columns", path="columns")
    found: dict[str, dict[str, object]] = {}
    for item in columns:
        key = item.get("key") if isinstance(item, dict) else None
        if not isinstance(key, str) or not key:
            raise Invalid("列读不懂", "a column cannot be read", path="columns")
        width = item.get("width")
        if isinstance(width, bool) or not isinstance(width, int | None):
            raise Invalid("列宽应为整数", "the width of a column is a whole number", path="columns")
        kept = None if width is None else min(max(width, NARROWEST), WIDEST)
        found.setdefault(line(key, "columns", 120), {"key": line(key, "columns", 120), "width": kept})
    return list(found.values())


@transaction.atomic
def change_view(*, view: SavedView, version: int, by: User, where: object, **laid: Unpack[Laid]) -> SavedView:
    """Make a view show what stands now: another condition, other columns, another order."""
    locked = _locked(view, version, by)
    locked.where = _condition(where)
    for name, value in _laid(laid).items():
        setattr(locked, name, value)
    _save(locked, by)
    ListColumns.objects.filter(user=by, view=view).delete()
    keep_what_views_read(locked)
    forget_what_nobody_reads()
    return locked


@transaction.atomic
def rename_view(*, view: SavedView, version: int, by: User, name: str, reach: str) -> SavedView:
    """Give a view another name and share it with others, or with fewer."""
    locked = _locked(view, version, by)
    locked.name = _name(name)
    if reach != locked.reach:
        if reach == Reach.MINE and locked.owner_id != by.pk:
            raise Forbidden(
                "别人建的视图不能收成只给自己用，复制一份吧",
                "A view that somebody else made cannot become yours alone: make a copy",
            )
        for column, value in _shared(reach, by).items():
            setattr(locked, column, value)
    _save(locked, by)
    return locked


def _locked(view: SavedView, version: int, by: User) -> SavedView:
    """Return the row as it stands, if this person may change it and saw it so."""
    require(by, "change", view)
    locked = SavedView.objects.select_for_update(of=("self",)).select_related("updated_by").get(pk=view.pk)
    if locked.version != version:
        who = locked.updated_by.name
        raise Conflict(f"{who} 刚改过这个视图，看清楚再保存", f"{who} has just changed this view: look at it again")
    return locked


def _save(view: SavedView, by: User) -> None:
    view.version += 1
    view.updated_by, view.updated_at = by, now()
    view.save()


@transaction.atomic
def copy_view(*, view: SavedView, by: User, name: str) -> SavedView:
    """Make a view of one's own out of one that one sees."""
    require(by, "view", view)
    require(by, "create", SavedView)
    made = SavedView.objects.create(
        name=_name(name[: SavedView.NAME_MAX]),
        owner=by,
        updated_by=by,
        where=view.where,
        columns=view.columns,
        sort=view.sort,
        group=view.group,
        layout=view.layout,
    )
    pin_view(view=made, by=by)
    return made


@transaction.atomic
def delete_view(*, view: SavedView, by: User) -> None:
    """Take a view away, for everybody who uses it."""
    require(by, "change", view)
    view.delete()
    forget_what_nobody_reads()


@transaction.atomic
def pin_view(*, view: SavedView, by: User) -> None:
    """Keep a view at this person's side, last."""
    require(by, "view", view)
    pins = ViewPin.objects.filter(user=by)
    if pins.filter(view=view).exists():
        return
    if pins.count() >= MOST_PINS:
        raise Invalid(
            f"最多钉 {MOST_PINS} 个视图，先取下一个", f"at most {MOST_PINS} views can be pinned: take one down first"
        )
    last = pins.aggregate(last=Max("position"))["last"]
    ViewPin.objects.create(user=by, view=view, position=0 if last is None else last + 1)


@transaction.atomic
def unpin_view(*, view: SavedView, by: User) -> None:
    require(by, "view", view)
    ViewPin.objects.filter(user=by, view=view).delete()


@transaction.atomic
def order_pins(*, views: Sequence[int], by: User) -> None:
    """Put the pins in this order; those not named follow as they were."""
    require(by, "view", SavedView)
    pins = {pin.view_id: pin for pin in ViewPin.objects.select_for_update().filter(user=by).order_by("position")}
    order = [*(pk for pk in dict.fromkeys(views) if pk in pins), *(pk for pk in pins if pk not in set(views))]
    for position, pk in enumerate(order):
        ViewPin.objects.filter(pk=pins[pk].pk).update(position=position)


@transaction.atomic
def choose_columns(*, view: SavedView | None, columns: object, by: User) -> None:
    """Remember the columns that this person wants in a list; none for the usual ones."""
    require(by, "view", SavedView if view is None else view)
    kept = clean_columns(columns)
    if kept:
        ListColumns.objects.update_or_create(user=by, view=view, defaults={"columns": kept})
    else:
        forget_columns(view=view, by=by)


def forget_columns(*, view: SavedView | None, by: User) -> None:
    ListColumns.objects.filter(user=by, view=view).delete()


def keep_what_views_read(view: SavedView) -> None:
    """Have the metrics kept that a view reads and the rules in force do not."""
    rules = rulebook()
    new = metrics_in(refs(parse(view.where["where"], with_consents(rules.fields), "where"))) - set(
        map(str, rules.metrics)
    )
    KeptMetric.objects.bulk_create([KeptMetric(ref=ref) for ref in sorted(new)], ignore_conflicts=True)
