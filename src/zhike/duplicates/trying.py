"""Reads: whom the new customers of a file may be, told of a trial before anything is written. `ZHIKE_ON_TRIED` names this.

Few are looked up one by one, as while somebody types; many are compared in one search together with everybody.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from zhike.core.duplicates.evidence import LIKELY
from zhike.customers.followed import Likely
from zhike.customers.models import Reach
from zhike.duplicates.candidates import look_up
from zhike.duplicates.reading import CREDIT, read_everybody, record_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from zhike.core.duplicates.records import Record
    from zhike.customers.actions.imported import Record as Imported

# More are compared in one search over everybody, which takes less time then.
FEW = 300
# Of a longer file so many new customers are compared: they are held in memory beside everybody.
MOST = 100_000


def likely_in_file(made: Iterable[Imported]) -> list[Likely]:
    """Return the rows whose new customer is probably somebody who is there, or the customer of a row before it."""
    # A record of the file is known by its line, negative: ids are those who are there.
    records = [_record(one) for one in islice(made, MOST)]
    found: dict[int, list[tuple[float, int]]] = {}
    for line, other, score in _pairs(records):
        found.setdefault(line, []).append((score, other))
    return [_likely(line, others) for line, others in sorted(found.items())]


def _likely(line: int, others: list[tuple[float, int]]) -> Likely:
    ordered = [other for _, other in sorted(others, key=lambda one: (-one[0], abs(one[1])))]
    return Likely(line, tuple(one for one in ordered if one > 0), tuple(-one for one in ordered if one < 0))


def _pairs(records: Sequence[Record]) -> Iterator[tuple[int, int, float]]:
    """Yield line, who it may be, score. Of two rows of the file the later one is the likeness."""
    from zhike.engine.duplicates.searching import search  # noqa: PLC0415  it brings the frames

    known: list[Record] = []
    if len(records) <= FEW:
        for one in records:
            for who, comparison in look_up(replace(one, id=0), least=LIKELY):
                yield -one.id, who, comparison.score
    else:
        known += read_everybody()
    for low, high, comparison in search([*known, *records], least=LIKELY, with_keys=True, since=len(known)):
        yield -low, high, comparison.score


def _record(one: Imported) -> Record:
    """Return a customer that is not stored as it is compared."""
    customer, people = one.customer, [person.contact for person in one.people]
    phones = [customer.phone, *(contact.phone for contact in people)]
    emails = [customer.email, *(contact.email for contact in people)]
    kinds = {Reach.Kind.PHONE: phones, Reach.Kind.EMAIL: emails}
    for reach in [*one.reaches, *(row for person in one.people for row in person.reaches)]:
        kinds.get(Reach.Kind(reach.kind), []).append(reach.value)
    return record_of(
        -one.line,
        kind=customer.kind,
        name=customer.name,
        contacts=[contact.name for contact in people],
        phones=[value for value in phones if value],
        emails=[value for value in emails if value],
        birthday=customer.birthday.strftime("%Y%m%d") if customer.birthday else "",
        city=customer.city,
        credit_code=customer.custom.get(CREDIT),
    )
