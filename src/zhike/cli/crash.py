"""What is said and kept when a command fails in a way nobody foresaw."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from zhike.cli.language import say


def report() -> str:
    """Keep the traceback of the exception being handled and return the sentence for the person."""
    text = traceback.format_exc()
    if os.environ.get("ZHIKE_DEBUG"):
        return text
    error = sys.exception()
    cause = f"{type(error).__name__}: {error}".partition("\n")[0]
    path = _keep(text)
    return say(
        f"程序出错了：{cause}\n详细记录在 {path}，报告问题时请附上。",
        f"Something went wrong: {cause}\nThe details are in {path}; please attach them to a report.",
    )


def _keep(text: str) -> Path:
    entry = f"\n{datetime.now(UTC).isoformat()}\n{text}"
    try:
        from zhike.base.home import home  # noqa: PLC0415

        path = home() / "error.log"
        with path.open("a", encoding="utf-8") as log:
            log.write(entry)
    except Exception:  # noqa: BLE001  a full or foreign disk must not hide the first error
        path = Path(tempfile.gettempdir()) / "zhike-error.log"
        path.write_text(entry, encoding="utf-8")
    return path
