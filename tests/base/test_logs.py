"""A database that is away takes one line of the log; any other error keeps its traceback."""

from __future__ import annotations

import logging

import psycopg
import pytest
from django.db import OperationalError

from zhike.base.logs import DatabaseAway

REFUSED = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: Connection refused'
DOWN = psycopg.OperationalError(f"{REFUSED}\n\tIs the server running on that host?")


def logged(error: Exception, cause: Exception | None = None) -> str:
    error.__cause__ = cause
    seen = (type(error), error, None)
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Unavailable:\n%s", ("/",), seen)
    assert DatabaseAway().filter(record)
    return logging.Formatter("%(message)s").format(record)


@pytest.mark.parametrize(
    ("error", "cause", "reason"),
    [
        (OperationalError("away"), DOWN, REFUSED),
        (DOWN, None, REFUSED),
        (psycopg.errors.AdminShutdown("terminating connection"), None, "terminating connection"),
        (psycopg.errors.CannotConnectNow(""), None, "CannotConnectNow"),
    ],
)
def test_a_database_that_is_away_is_one_line(error, cause, reason):
    assert logged(error, cause) == f"Unavailable: / ({reason})"


@pytest.mark.parametrize(
    "error", [psycopg.errors.DeadlockDetected("deadlock"), psycopg.errors.DiskFull("full"), ValueError("a bug")]
)
def test_any_other_error_keeps_its_traceback(error):
    said = logged(error)
    assert said.startswith("Unavailable:\n/\n")
    assert said.endswith(f"{type(error).__name__}: {error}")


def test_an_error_that_came_while_one_was_handled_is_not_taken_for_it():
    error = ValueError("a bug")
    error.__context__ = DOWN
    assert "ValueError: a bug" in logged(error)
