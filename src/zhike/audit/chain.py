"""The chain worked out again, and where it first breaks.

Each entry's hash is the SHA-256 of a canonical text of its columns and the hash of the entry before.
Numbers follow one another without a gap. What cannot be seen from the chain alone is that its end was
cut off: for that, keep the last number and hash somewhere else and name them to the check.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

CHUNK = 20_000

# The same text as the trigger of the first migration hashes.
TEXT = (
    "jsonb_build_array(number, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), actor_id, door, action, "
    "subject_type, subject_id, data, previous)::text"
)
_HASH = f"encode(sha256(convert_to({TEXT}, 'UTF8')), 'hex')"
_CHUNK = (
    "SELECT number, previous, hash, " + _HASH + " FROM audit_entry WHERE number > %s ORDER BY number LIMIT %s"  # noqa: S608  our own columns
)


class Head(NamedTuple):
    """The last entry of the chain, or of a part of it; number 0 before the first."""

    number: int
    hash: str


class Break(NamedTuple):
    """The first entry that does not fit, and what is wrong with it."""

    number: int
    what: str  # changed, missing, unlinked, cut


class Chain(NamedTuple):
    """What was found."""

    head: Head
    broken: Break | None


def read_chain(expected: Head | None = None) -> Chain:
    """Follow the chain from its first entry. `expected` is an entry that must be on it."""
    last, seen = Head(0, ""), expected is None
    while rows := _rows(last.number):
        for number, previous, stored, computed in rows:
            if number != last.number + 1:
                return Chain(last, Break(last.number + 1, "missing"))
            if previous != last.hash:
                return Chain(last, Break(number, "unlinked"))
            if stored != computed:
                return Chain(last, Break(number, "changed"))
            last = Head(number, stored)
            if expected is not None and number == expected.number:
                if stored != expected.hash:
                    return Chain(last, Break(number, "changed"))
                seen = True
    return Chain(last, None if seen or expected is None else Break(last.number + 1, "cut"))


def _rows(after: int) -> list[tuple[int, str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_CHUNK, [after, CHUNK])
        return [(number, previous, stored, computed) for number, previous, stored, computed in cursor.fetchall()]
