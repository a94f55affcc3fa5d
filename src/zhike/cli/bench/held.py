"""How much memory a process holds."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def most_held() -> float:
    """Return the most memory that this process has held, in megabytes.

    On Linux it is asked of the process itself: what `getrusage` says there includes what its parent held when it began.
    """
    if _STATUS.exists():
        lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines() if ":" in line)
        return int(lines["VmHWM"].split()[0]) / 1024
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / (2**20 if sys.platform == "darwin" else 2**10)


def forget_most_held() -> None:
    """Let the most be counted from what is held now, where the system can do that."""
    if _FORGET.exists():
        _FORGET.write_text("5")
