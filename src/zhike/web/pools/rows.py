"""The customers of a pool as rows and as a card: with no more of them than the pool shows before the claim."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.utils.html import format_html
from django.utils.translation import gettext

from zhike.base.errors import current_language
from zhike.base.inputs import Invalid
from zhike.base.templatetags.zhike import moment
from zhike.classification.models import Placement
from zhike.classification.queries import standings_in
from zhike.classification.rules import rulebook
from zhike.core.text import fold
from zhike.pools.queries import MASKED, access_in, classes_in, protected_until
from zhike.web.chips import Chips
from zhike.web.customers.columns import FIELDS, NAME, Cell, Column, drawable, known_columns, width_of
from zhike.web.customers.filters import Filter
from zhike.web.customers.rows import Drawing, Row, draw_rows
from zhike.web.customers.screen import Head
from zhike.web.request import local_today

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet
    from django.http import QueryDict

    from zhike.accounts.models import User
    from zhike.core.text import Language
    from zhike.pools.models import Pool, Stay
    from zhike.pools.queries import Room

SEARCH, OF = "q", "of"
LONGEST = 100
POOLED, WHY = "pooled", "why"
PICK = 44


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What of a pool is looked at: names with `text` in them, and one class; `classes` to choose from."""

    text: str
    dimension: str
    class_key: str
    classes: Sequence[tuple[str, list[tuple[str, str, bool]]]]

    def __bool__(self) -> bool:
        return bool(self.text or self.class_key)


def read_narrowed(query: QueryDict) -> Narrowed:
    """Read what of a pool the address means, or say that there is no such class."""
    language = current_language()
    text = " ".join(query.get(SEARCH, "").replace("\0", "").split())[:LONGEST]
    chosen = query.get(OF, "")
    dimension, _dot, key = chosen.partition(".")
    classes = [
        (
            scheme.label.get(language),
            [
                (f"{scheme.dimension}.{one.key}", one.label.get(language), chosen == f"{scheme.dimension}.{one.key}")
                for one in scheme.classes
            ],
        )
        for scheme in rulebook().schemes
    ]
    if chosen and not any(is_chosen for _label, listed in classes for _, _, is_chosen in listed):
        raise Invalid(f"没有 {chosen[:60]} 这一类", f"there is no class {chosen[:60]}", path=OF)
    return Narrowed(text, dimension, key, classes)


def filtered(stays: QuerySet[Stay], narrowed: Narrowed) -> QuerySet[Stay]:
    """Keep the stays that are looked at. Names alone are searched: all else a member may not know yet."""
    if narrowed.text:
        stays = stays.filter(customer__name_folded__contains=fold(narrowed.text))
    if narrowed.class_key:
        of_class = Placement.objects.filter(
            customer=OuterRef("customer"), dimension=narrowed.dimension, class_key=narrowed.class_key
        )
        stays = stays.filter(Exists(of_class))
    return stays


def draw(user: User, pool: Pool, stays: Sequence[Stay]) -> dict[str, object]:
    """Return the heads and rows of one page of a pool."""
    by = _drawing(user, pool)
    ids = [stay.customer_id for stay in stays]
    standings = standings_in(classes_in(user, ids))
    guarded = protected_until(user, pool, ids)
    rows = draw_rows([stay.customer for stay in stays], standings, access_in(user, pool), by)
    more = [
        drawable(Column(POOLED, gettext("进公海"), "pool", width=112)),
        drawable(Column(WHY, gettext("怎么来的"), "pool", width=168)),
    ]
    heads = [Head(column) for column in [*by.columns, *more]]
    sized = [(head, width_of(head.column, by.language)) for head in heads]
    return {
        "rows": [
            _row(row, stay, more, is_guarded=stay.customer_id in guarded) for row, stay in zip(rows, stays, strict=True)
        ],
        "sized": sized,
        "width": sum(width for _head, width in sized) + PICK,
    }


def _row(row: Row, stay: Stay, more: Sequence[Column], *, is_guarded: bool) -> Row:
    entered = format_html('<time title="{}">{}</time>', stay.entered_at.isoformat(), moment(stay.entered_at))
    why = gettext("保护期") if is_guarded else how(stay)
    pooled = [Cell(more[0], entered), Cell(more[1], why, is_quiet=True)]
    return replace(row, cells=[*row.cells, *pooled])


def how(stay: Stay) -> str:
    """Return how a customer came into the pool, and why."""
    said = [str(stay.get_way_display())]
    if stay.reason is not None:
        said.append(stay.reason.label)
    elif stay.rule is not None:
        said.append(stay.rule.name)
    return " · ".join(said)


def _drawing(user: User, pool: Pool) -> Drawing:
    language: Language = current_language()
    rules = rulebook()
    access = access_in(user, pool)
    known = known_columns(rules, user, language)
    columns = [
        replace(column, does="", sort="")
        for column in known.values()
        if column.group == "class" or _is_shown(column, pool)
    ]
    return Drawing(
        rules,
        [one for one in columns if one.group == "class" or access.knows(_name(one))],
        Filter((), ""),
        language,
        local_today(),
    )


def _name(column: Column) -> str:
    """Return the field that a column shows, as the policy names it."""
    return FIELDS.get(column.key, column.key)


def _is_shown(column: Column, pool: Pool) -> bool:
    return column.key == NAME or _name(column) in pool.shown


def card(user: User, pool: Pool, stay: Stay) -> dict[str, object]:
    """Return what the card of one customer shows before the claim."""
    by = _drawing(user, pool)
    access = access_in(user, pool)
    standings = standings_in(classes_in(user, [stay.customer_id]))
    (row,) = draw_rows([stay.customer], standings, access, by)
    chips = Chips(by.rules, by.language).of(standings.get(stay.customer_id, {}))
    cells = [cell for cell in row.cells if cell.column.group != "class"]
    return {
        "customer": row.customer,
        "chips": [chip for chip in chips if chip],
        "cells": cells,
        "stay": stay,
        "how": how(stay),
        "hidden": not any(name in pool.shown for name in MASKED),
    }


@dataclass(frozen=True, slots=True)
class Held:
    """How many of a class one owns, of how many."""

    label: str
    owned: int
    most: int


def limits(rooms: Iterable[Room]) -> list[Held]:
    """Return what room a person has, as people read it."""
    language = current_language()
    labels = {
        (scheme.dimension, one.key): one.label.get(language) for scheme in rulebook().schemes for one in scheme.classes
    }
    return [
        Held(labels.get((r.limit.dimension, r.limit.class_key), r.limit.class_key), r.owned, r.limit.most)
        for r in rooms
    ]
