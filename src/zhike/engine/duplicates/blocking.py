"""Which pairs of a list are worth comparing: those that have a key in common. Never all with all.

A key that many have, such as a surname or a street, is no reason to compare all of them with each other: of such
a block each record is compared with its neighbours in the order of names.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import polars as pl

from zhike.engine.duplicates.reading import spell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zhike.core.duplicates.companies import Company
    from zhike.core.duplicates.people import Person
    from zhike.core.duplicates.records import Record

# A block of more records is not compared all with all; then with so many neighbours.
BLOCK_MAX, NEIGHBOURS = 30, 3
CHUNK = 10_000
_STEM = 2
_WORD_START = 3
_LOCAL_MIN = 4
_DAY = 4


def keys_of(record: Record) -> Iterator[str]:
    """Yield the keys of a record, each with a letter in front that says of which kind it is."""
    yield from (f"n{number}" for number in record.numbers)
    yield from (f"p{phone}" for phone in record.phones)
    for email in record.emails:
        local = email.partition("@")[0]
        yield f"l{local}" if len(local) >= _LOCAL_MIN else f"e{email}"
    if record.company is not None:
        yield from _of_company(record.company, record.city)
    for person in record.people:
        yield from _of_person(person, record)
    if record.birthday:
        yield f"d{record.birthday}"
    if record.address:
        # The house and the beginning of the street, whatever stands behind.
        yield f"a{' '.join(record.address.split()[:_STEM])}" if " " in record.address else f"a{record.address}"


def _of_company(company: Company, city: str) -> Iterator[str]:
    if company.words:
        yield f"c{company.core}"
        yield from (f"w{word}" for word in company.words)
        yield from (f"v{word[:_WORD_START]} {city}" for word in company.words)
        return
    yield f"c{company.core}"
    yield f"b{company.brand}"
    yield f"y{''.join(spell(company.brand))}"
    yield f"s{company.brand[:_STEM]} {city or company.region}"


def _of_person(person: Person, record: Record) -> Iterator[str]:
    # Letters in alphabetical order are the same for Zhang Weiqiang and Wei Qiang Zhang.
    letters = "".join(sorted("".join(person.words)))
    if person.is_chinese:
        yield f"m{person.text}"
    yield f"q{letters}"
    for word in person.words if not person.is_chinese else ():
        yield f"f{word[:_WORD_START]} {record.birthday[:_DAY]}" if record.birthday else f"f{word}"
        if record.birthday:
            yield f"g{word[:_WORD_START]} {record.birthday[_DAY:]}"
        if record.city:
            yield f"h{word} {record.city}"


def pairs_of(records: Sequence[Record]) -> pl.DataFrame:
    """Return the pairs to compare as places in the list: columns `a` and `b`, a < b, each pair once."""
    order = sorted(range(len(records)), key=lambda place: (records[place].name, _named(records[place])))
    rank = array("I", bytes(4 * len(records)))
    for number, place in enumerate(order):
        rank[place] = number
    frame = pl.concat([*_hashed(records), _NO_KEYS]).with_columns(size=pl.len().over("key"))
    frame = frame.filter(pl.col("size") > 1).with_columns(
        rank=pl.Series(rank, dtype=pl.UInt32).gather(frame.filter(pl.col("size") > 1)["place"])
    )
    found = [_within(part) for part in frame.partition_by("kind")]
    return pl.concat(found or [_NO_PAIRS]).unique().sort("a", "b")


def _hashed(records: Sequence[Record]) -> Iterator[pl.DataFrame]:
    """Yield the keys as numbers, some thousands of records at a time: as text they would fill the memory."""
    for start in range(0, len(records), CHUNK):
        places, keys = array("I"), list[str]()
        for place in range(start, min(start + CHUNK, len(records))):
            found = set(keys_of(records[place]))
            places.extend([place] * len(found))
            keys += found
        frame = pl.DataFrame({"place": pl.Series(places, dtype=pl.UInt32), "key": pl.Series(keys, dtype=pl.String)})
        yield frame.select("place", kind=pl.col("key").str.head(1), key=pl.col("key").hash())


def _named(record: Record) -> tuple[str, ...]:
    return tuple(sorted(record.people[0].words)) if record.people else ()


_NO_KEYS = pl.DataFrame(schema={"place": pl.UInt32, "kind": pl.String, "key": pl.UInt64})
_NO_PAIRS = pl.DataFrame(schema={"a": pl.UInt32, "b": pl.UInt32})


def _within(keys: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs within the blocks of one kind of key."""
    small = keys.filter(pl.col("size") <= BLOCK_MAX).select("key", a="place")
    pairs = small.join(small.rename({"a": "b"}), on="key").filter(pl.col("a") < pl.col("b")).select("a", "b")
    large = keys.filter(pl.col("size") > BLOCK_MAX).sort("key", "rank")
    near = [
        large.select(a="place", b=pl.col("place").shift(-step).over("key")).drop_nulls()
        for step in range(1, NEIGHBOURS + 1)
    ]
    ordered = [part.select(a=pl.min_horizontal("a", "b"), b=pl.max_horizontal("a", "b")) for part in near]
    return pl.concat([pairs, *ordered]).unique()
