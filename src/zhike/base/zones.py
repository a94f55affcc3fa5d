"""In which zone this person reads the time of day.

Days are the company's, since classes and plans go by them; moments are shown where the person is.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

_shown: ContextVar[tzinfo | None] = ContextVar("_shown", default=None)


def shown_zone() -> tzinfo:
    """Return the person's zone; where nobody chose one, the company's, which is the current one."""
    return _shown.get() or timezone.get_current_timezone()


def shown(moment: datetime) -> datetime:
    """Return the moment as the person's clock has it."""
    return moment.astimezone(shown_zone())


@contextmanager
def show_in(zone: tzinfo | None) -> Iterator[None]:
    """Show moments in a zone for as long as the block runs."""
    token = _shown.set(zone)
    try:
        yield
    finally:
        _shown.reset(token)
