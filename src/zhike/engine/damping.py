"""Damping over all customers: who has been in a class long enough, and when others will have been.

What the rules give is looked at day by day backwards, each time only for those whose class has not
held long enough yet. Who was in another class meanwhile is left to the core: there are few of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from zhike.core.conditions.resolve import resolve
from zhike.core.dates import add_days
from zhike.engine import facts as engine_facts
from zhike.engine.conditions import expression, first_match, tests_of
from zhike.engine.fading import AHEAD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.core.schemes import Scheme
    from zhike.engine.facts import Ago
    from zhike.engine.polars import Frame

CLASS = "class"
_HOLD, _THEN, _BEGAN = "#hold", "#then", "#began"
_CREATED_ON = "customer.created_on"


def unsettled(frame: Frame, ago: Ago, scheme: Scheme, zone: ZoneInfo) -> Frame:
    """Return (customer) of those whose class of `ago.as_of` has not held as long as it must.

    `frame` has the facts of that day and what the rules give in `computed.<dimension>`.
    """
    column = f"computed.{scheme.dimension}"
    if any(ref.source == "class" for ref in scheme.refs()):
        return frame.select("customer")
    hold_days = {class_.key: class_.hold_days for class_ in scheme.classes}
    frame = frame.select(*_fields(frame, scheme), column).with_columns(_hold(column, hold_days).alias(_HOLD))
    running = frame.filter(nw.col(_HOLD) > 1)
    running = running.join(_began(running, ago), on="customer", how="left")
    broken = frame.head(0).select("customer")
    for back in range(1, max(hold_days.values())):
        day = add_days(ago.as_of, -back)
        # A record that began later has been in its class from its first day on.
        running = running.filter((nw.col(_HOLD) > back) & (nw.col(_BEGAN) <= day).fill_null(value=False))
        if not len(running):
            break
        then = _ruled(running, ago, scheme, day, zone)
        running = running.join(then, on="customer", how="left")
        broken = nw.concat([broken, running.filter(nw.col(_THEN) != nw.col(column)).select("customer")])
        running = running.filter(nw.col(_THEN) == nw.col(column)).drop(_THEN)
    return broken


def _fields(frame: Frame, scheme: Scheme) -> list[str]:
    """Return the columns of fields, which are the same on every day, and whose facts they are."""
    names = {str(ref) for ref in scheme.refs() if ref.source in {"customer", "custom"}} | {_CREATED_ON}
    return ["customer", *(name for name in frame.columns if name.removesuffix("#folded") in names)]


def _hold(column: str, hold_days: Mapping[str, int]) -> nw.Expr:
    held: nw.Expr = nw.lit(1)
    for key, days in hold_days.items():
        if days > 1:
            held = nw.when(nw.col(column) == key).then(nw.lit(days)).otherwise(held)
    return held


def _began(frame: Frame, ago: Ago) -> Frame:
    """Return (customer, #began): the first day of which anything is known, at the latest `ago.as_of`."""
    oldest = ago.frame.filter(engine_facts.is_last("customer"))
    first = oldest.select("customer", engine_facts.days_after(ago.as_of, -nw.col("ago")).alias(_BEGAN))
    found = frame.select(*[name for name in ("customer", _CREATED_ON) if name in frame.columns])
    found = found.join(first, on="customer", how="left")
    days = [nw.col(_BEGAN), *([nw.col(_CREATED_ON)] if _CREATED_ON in frame.columns else [])]
    began = nw.min_horizontal(*days, nw.lit(ago.as_of))
    return found.select("customer", began.alias(_BEGAN))


def _ruled(people: Frame, ago: Ago, scheme: Scheme, day: date, zone: ZoneInfo) -> Frame:
    """Return (customer, #then): what the rules give on another day."""
    facts = engine_facts.needed(tests_of([scheme]))
    frame = engine_facts.build(people.drop(f"computed.{scheme.dimension}"), ago.of(people), facts, day)
    answers = [expression(resolve(c.when, day, zone)) for c in scheme.classes if c.when is not None]
    return frame.select("customer", first_match(scheme, answers).alias(_THEN))


def damped_steps(steps: Frame, frame: Frame, scheme: Scheme) -> Frame:
    """Return (customer, ahead, class) of the classes that are entered, from those that come out.

    `steps` are sorted by customer and day; `frame` has the class of today in `computed.<dimension>`.
    """
    hold_days = {class_.key: class_.hold_days for class_ in scheme.classes}
    entered = (nw.col(AHEAD) + _hold(CLASS, hold_days) - 1).cast(nw.Int32)
    held = steps.filter(engine_facts.is_last("customer") | (entered < nw.col(AHEAD).shift(-1))).with_columns(
        entered.alias(AHEAD)
    )
    now = frame.select("customer", nw.col(f"computed.{scheme.dimension}").alias(_THEN))
    held = held.join(now, on="customer", how="left").sort("customer", AHEAD)
    before = nw.when(engine_facts.is_first("customer")).then(nw.col(_THEN)).otherwise(nw.col(CLASS).shift(1))
    return held.filter(nw.col(CLASS) != before).drop(_THEN)
