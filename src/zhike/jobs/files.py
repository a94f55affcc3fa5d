"""Where the results of jobs are kept: under random names, outside of whatever is served."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from pathlib import Path


def folder() -> Path:
    """Return the folder, closed to other users of the machine."""
    path: Path = settings.MEDIA_ROOT / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def new_name() -> str:
    return secrets.token_hex(24)
