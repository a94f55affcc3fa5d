"""What the log says of a database that is away: one line with the reason, not a traceback for every request."""

from __future__ import annotations

import logging
from typing import override

import psycopg

# Classes of SQLSTATE in which the server lets nobody in or sends everybody away.
_AWAY = ("08", "57P")


class DatabaseAway(logging.Filter):
    """Put the reason in place of the traceback; whatever else went wrong keeps its own."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        reason = lost_connection(error)
        if reason:
            record.msg, record.args = "%s (%s)", (" ".join(record.getMessage().split()), reason)
            record.exc_info = record.exc_text = None
        return True


def lost_connection(error: BaseException | None) -> str:
    """Return the server's reason if this error came of a connection that is lost or was never made, else ""."""
    while error is not None:
        if isinstance(error, psycopg.OperationalError) and (error.sqlstate or "08").startswith(_AWAY):
            return reason_of(error)
        error = error.__cause__
    return ""


def reason_of(error: BaseException) -> str:
    """Return the line of a database's error that says why; those that begin with a tab are hints."""
    lines = [line for line in str(error).splitlines() if line and not line.startswith("\t")]
    return lines[-1] if lines else type(error).__name__
