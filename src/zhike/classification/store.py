"""How placements are written: what changed, and one `class.changed` event for each change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zhike.core.dates import day_start
from zhike.core.facts import value_to_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from zhike.classification.rules import Rulebook
    from zhike.core.facts import Ref, Value
    from zhike.core.schemes import Scheme


class Standing(NamedTuple):
    """What is stored of one customer in one dimension; the flip in whole seconds since 1970."""

    class_key: str
    version: int
    next_flip_at: int | None
    undetermined: bool


class Decision(NamedTuple):
    """What the rules say of one customer in one dimension, and when time alone changes it."""

    dimension: str
    class_key: str
    next_day: date | None
    undetermined: bool


def local_midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else day_start(day, zone)


def reason(scheme: Scheme, values: Mapping[Ref, Value], as_of: date, *, undetermined: bool) -> dict[str, object]:
    """Return the values that the scheme saw: enough to write the explanation again.

    `undetermined`: the class is the default only for want of data.
    """
    seen = {str(ref): value_to_json(values[ref]) for ref in sorted(scheme.refs(), key=str)}
    return {"as_of": as_of.isoformat(), "values": seen, "undetermined": undetermined}


def change_data(
    dimension: str, old: str, new: str, rules: Rulebook, why: Mapping[str, object], cause: int | None
) -> dict[str, object]:
    """Return the data of a `class.changed` event. `cause` is the event that brought it about."""
    data: dict[str, object] = {
        "dimension": dimension,
        "from": old,
        "to": new,
        "source": "rule",
        "version": rules.versions[dimension].number,
        "reason": why,
    }
    return data if cause is None else {**data, "cause": cause}
