"""What leaves the house as a file is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.audit.actions import record

if TYPE_CHECKING:
    from zhike.accounts.models import User


def exported(what: str, *, by: User, rows: int | None = None, dimension: str | None = None) -> None:
    """Write down that a person has taken a file, and how much is in it."""
    record("file.exported", by=by, data={"what": what, "rows": rows, "dimension": dimension})
