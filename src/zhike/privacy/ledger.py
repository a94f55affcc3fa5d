"""The ledger of deletions outside of the database, so that a backup that is older than a deletion does not undo it.

One line a deletion, in a file beside the data. It holds a row's number, keyed hashes and a day: nothing of the person.
Copy it to wherever a backup is restored.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.crypto import salted_hmac

from zhike.privacy.models import Deletion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zhike.customers.models import Customer

_SALT = "zhike.privacy.ledger"


@dataclass(frozen=True, slots=True)
class Line:
    """One deletion as the file has it."""

    record: int
    digest: str
    identifiers: list[str]
    erased_at: str


def ledger_file() -> Path:
    file: Path = settings.ZHIKE_LEDGER
    return file


def digest_of(customer: Customer) -> str:
    """Return what tells this row from another that may come to have the same number. It needs no secret."""
    return salted_hmac(_SALT, f"{customer.pk}|{customer.created_at.isoformat()}", "", algorithm="sha256").hexdigest()


def identifier(text: str) -> str:
    """Return the keyed hash of a telephone number, an address or a key."""
    return salted_hmac(_SALT, text.strip().casefold(), algorithm="sha256").hexdigest()


def read_ledger() -> Iterator[Line]:
    """Return what the file says; a line that was cut off by a crash is left out."""
    file = ledger_file()
    if not file.exists():
        return
    for text in file.read_text(encoding="utf-8").splitlines():
        try:
            yield Line(**json.loads(text))
        except (ValueError, TypeError):
            continue


def write_ledger() -> int:
    """Write the deletions that the file does not have yet; return how many."""
    known = {line.digest for line in read_ledger()}
    missing = [row for row in Deletion.objects.order_by("pk") if row.digest not in known]
    if missing:
        file = ledger_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        is_whole = not file.exists() or file.read_bytes().endswith(b"\n") or not file.stat().st_size
        with file.open("a", encoding="utf-8") as out:
            out.write("" if is_whole else "\n")
            for row in missing:
                line = Line(row.record, row.digest, row.identifiers, row.erased_at.isoformat())
                out.write(json.dumps(asdict(line)) + "\n")
    return len(missing)


def unapplied() -> list[Line]:
    """Return the deletions that the file knows and this database does not: it was restored from before them."""
    lines = {line.digest: line for line in read_ledger()}
    for digest in Deletion.objects.filter(digest__in=list(lines)).values_list("digest", flat=True):
        del lines[digest]
    return list(lines.values())
