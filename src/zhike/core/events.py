"""What the core knows of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Event(NamedTuple):
    """What metrics know of an event: amounts in minor units of the base currency."""

    kind: str
    day: date
    amount: int = 0
    data: Mapping[str, object] = {}
