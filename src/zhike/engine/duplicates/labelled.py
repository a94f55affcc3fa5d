"""Lists of which it is known who is who: read by a mapping of columns, searched, and counted against the truth."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from zhike.core.duplicates.evidence import SAME
from zhike.core.duplicates.records import count
from zhike.engine.duplicates.comparing import compare
from zhike.engine.duplicates.groups import groups_of
from zhike.engine.duplicates.reading import read_record
from zhike.engine.duplicates.searching import search
from zhike.engine.errors import FileError
from zhike.engine.files import open_table
from zhike.engine.polars import LINE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from zhike.core.duplicates.records import Record

    type Row = dict[str, str]
    type Pairs = set[tuple[int, int]]

# What a column can be; several columns of one part are read one after the other.
PARTS = ("company", "person", "number", "phone", "email", "birthday", "city", "address")
_MANY = frozenset({"number", "phone", "email"})
_YES = frozenset({"1", "true", "yes", "match", "是"})


@dataclass(slots=True)
class Measured:
    """How well a search did: pairs it found, pairs there are, pairs in both; `reached` came to be compared at all."""

    found: int
    true: int
    right: int
    wrong: list[tuple[int, int]] = field(default_factory=list)
    missed: list[tuple[int, int]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


class Labelled(NamedTuple):
    """A list and the pairs of places in it that are one."""

    records: Sequence[Record]
    truth: Pairs


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a file as text by column."""
    rows: list[Row] = []
    for piece in open_table(path).pieces():
        frame = piece.read().frame
        rows += [{name: str(value or "") for name, value in row.items()} for row in frame.drop(LINE).rows(named=True)]
    return rows


def record_of(place: int, row: Mapping[str, str], mapping: Mapping[str, str], prefix: str = "") -> Record:
    """Return the record of a row: `mapping` says which column is which part."""
    given: dict[str, list[str]] = {}
    for column, part in mapping.items():
        if value := row.get(prefix + column, "").strip(" '`"):
            given.setdefault(part, []).append(value)
    joined = {part: " ".join(values) for part, values in given.items()}
    return read_record(
        place,
        company=joined.get("company", ""),
        people=[joined["person"]] if "person" in joined else (),
        numbers=given.get("number", ()),
        phones=given.get("phone", ()),
        emails=given.get("email", ()),
        birthday=joined.get("birthday", ""),
        city=joined.get("city", ""),
        address=joined.get("address", ""),
    )


def require_columns(rows: Sequence[Row], columns: Iterable[str], path: Path) -> None:
    """Raise `FileError` for a column that the file does not have."""
    missing = [column for column in columns if rows and column not in rows[0]]
    if missing:
        have = "、".join(rows[0])
        raise FileError(
            f"没有这一列：{missing[0]}。有的列：{have}。",
            f"there is no column {missing[0]}; there are {have}.",
            path=path.name,
        )


def pairs_in_groups(names: Iterable[str]) -> Pairs:
    """Return the pairs of places that have one name; an empty name is nobody's."""
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if name:
            groups.setdefault(name, []).append(place)
    return {pair for group in groups.values() for pair in combinations(group, 2)}


def group_by(pattern: str, names: Iterable[str]) -> list[str]:
    """Return what an expression finds in each name: its first group, or all of it."""
    seeking = re.compile(pattern)
    hits = [seeking.search(name) for name in names]
    return [(hit[1] if seeking.groups else hit[0]) if hit else "" for hit in hits]


def read_truth(path: Path, ids: Sequence[str]) -> Pairs:
    """Return the pairs of a file: CSV of two columns of ids, or JSON: a list of pairs or {"duplicate_pairs": […]}."""
    places = {name: place for place, name in enumerate(ids)}
    if path.suffix == ".json":
        told = json.loads(path.read_text(encoding="utf-8"))
        given = told["duplicate_pairs"] if isinstance(told, dict) else told
    else:
        given = [list(row.values())[:2] for row in read_rows(path)]
    unknown = [name for pair in given for name in pair if name not in places]
    if unknown:
        raise FileError(
            f"名单里没有这个编号：{unknown[0]}。", f"the list has no row with the id {unknown[0]}.", path=path.name
        )
    return {(min(pair), max(pair)) for pair in ((places[one], places[other]) for one, other in given)}


def measure(labelled: Labelled, *, least: float = SAME, joined: bool = False) -> Measured:
    """Search a list and count; with `joined` whoever is one with the same third is one too."""
    found = {(pair.low, pair.high) for pair in search(labelled.records, least=least)}
    return tally(pairs_joined(found) if joined else found, labelled.truth)


def measure_pairs(pairs: Sequence[tuple[Record, Record]], labels: Sequence[str], *, least: float = SAME) -> Measured:
    """Compare pairs that somebody has put together, and count against their labels."""
    counts = count(record for pair in pairs for record in pair)
    found = {(at, at) for at, pair in enumerate(pairs) if compare(*pair, counts).score >= least}
    return tally(found, {(at, at) for at, label in enumerate(labels) if label.strip().casefold() in _YES})


def tally(found: Pairs, truth: Pairs) -> Measured:
    right = found & truth
    return Measured(len(found), len(truth), len(right), sorted(found - truth), sorted(truth - found))


def pairs_joined(pairs: Collection[tuple[int, int]]) -> Pairs:
    """Return all pairs within the groups that these pairs make."""
    return {pair for group in groups_of(pairs) for pair in combinations(group, 2)}
