"""What is compared of a customer, and how often each value stands in the whole list."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from zhike.core.duplicates.companies import Company
    from zhike.core.duplicates.people import Person

# A list shorter than this is weighed as if it had so many records: few are no reason to believe more.
LIST_MIN = 1_000


@dataclass(frozen=True, slots=True)
class Record:
    """One customer, folded and taken apart; `id` is whatever the caller knows it by. What is not known is empty.

    `numbers` are those that belong to one holder, such as 统一社会信用代码. `people` are the person that the customer
    is, or the contacts of a company. `phones` are digits without 86, `birthday` is yyyymmdd.
    """

    id: int
    name: str = ""
    company: Company | None = None
    people: tuple[Person, ...] = ()
    numbers: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    birthday: str = ""
    city: str = ""
    address: str = ""

    def values(self) -> Iterator[tuple[str, str]]:
        """Yield the values whose frequency decides what it means to have them in common."""
        yield from (("number", value) for value in self.numbers)
        yield from (("phone", value) for value in self.phones)
        for value in self.emails:
            yield "email", value
            yield "domain", value.partition("@")[2]
        if self.company is not None:
            yield "core", self.company.core
            if self.company.brand:
                yield "brand", self.company.brand
            yield from (("word", word) for word in set(self.company.words))
        for person in self.people:
            if person.is_chinese:
                yield "person", person.text
            else:
                yield from (("person", word) for word in set(person.words))
        for kind, value in (("birthday", self.birthday), ("city", self.city), ("address", self.address)):
            if value:
                yield kind, value


@dataclass(frozen=True)
class Counts:
    """How many records there are and how many of them have a value; a value that is not counted is had by two."""

    size: int
    found: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def log(self) -> float:
        return math.log2(max(self.size, LIST_MIN))

    def others(self, kind: str, value: str) -> int:
        """Return how many records have a value besides the one that is compared: at least the other one."""
        return max(1, self.found.get((kind, value), 2) - 1)


def count(records: Iterable[Record]) -> Counts:
    # One table for each kind: a pair as the key of every value would cost more memory than the records.
    found: dict[str, dict[str, int]] = {}
    size = 0
    for record in records:
        size += 1
        for kind, value in set(record.values()):
            values = found.setdefault(kind, {})
            values[value] = values.get(value, 0) + 1
    return Counts(
        size,
        {
            (kind, value): number
            for kind, values in found.items()
            for value, number in values.items()
            if number > 2  # noqa: PLR2004  as `others` has it
        },
    )
