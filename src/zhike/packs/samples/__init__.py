"""A small believable company for each shipped pack, told in days before a given day.

A file lists lives; each name in a life is a customer who leads it, with dice of their own, so the
same day always gives the same company and a further customer changes no other. In a value a list
of two whole numbers is a range, any other list a choice; ``{days: n}`` is a date so many days ahead.
An event happens `ago` days before, and then `every` so many days `until` that many before; with
`share` only some have it. Whatever else stands there is the event's data. Amounts are minor units.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from zhike.core.text import Text
from zhike.packs import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    type Raw = Mapping[str, Any]

FOLDER = Path(__file__).parent
DAYS = 548  # 18 months
_TIMING = {"kind", "ago", "every", "until", "share", "amount"}
_WHOLE_YEAR = 365


class SampleEvent(NamedTuple):
    """One thing that happened to a customer of a sample."""

    kind: str
    day: date
    amount: int | None
    data: Mapping[str, object]


class SampleContact(NamedTuple):
    """A person at a customer of a sample."""

    name: str
    title: str
    role: str


@dataclass(frozen=True, slots=True)
class SampleCustomer:
    """A customer of a sample as it stands on that day, with what happened, oldest first."""

    key: str
    kind: str
    name: str
    region: str
    city: str
    industry: str
    size: str
    source: str
    birthday: date | None
    created_on: date
    tags: tuple[str, ...]
    custom: Mapping[str, object]
    next_contact_on: date | None
    contacts: tuple[SampleContact, ...]
    events: tuple[SampleEvent, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A company that uses a pack."""

    pack: str
    company: Text
    domain: str
    customers: tuple[SampleCustomer, ...]


def sampled() -> list[str]:
    """Return the names of the packs that have a sample."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load_sample(pack: str, today: date) -> Sample:
    """Return the company of a shipped pack as it stands on a day."""
    data = cast("Raw", read_yaml((FOLDER / f"{pack}.yaml").read_bytes(), pack))
    company = data["company"]
    customers = tuple(_customers(data, pack, today))
    return Sample(pack, Text(company["zh"], company["en"]), data["domain"], customers)


def _customers(data: Raw, pack: str, today: date) -> Iterator[SampleCustomer]:
    number = 0
    for life in data["lives"]:
        for name in life["names"]:
            number += 1
            teller = _Teller(Random(f"{pack}:{name}"), today)  # noqa: S311  a believable company, not a secret
            yield teller.customer(f"{data['prefix']}{number:03d}", name, {**data["everyone"], **life})


class _Teller:
    """Tells one customer's life with their own dice."""

    def __init__(self, rng: Random, today: date) -> None:
        self._rng = rng
        self._today = today

    def customer(self, key: str, name: str, life: Raw) -> SampleCustomer:
        city, region = self._rng.choice(life["places"])
        events = sorted((e for raw in life.get("events", ()) for e in self._events(raw)), key=lambda event: event.day)
        created = self._ago(self._number(life["created"]))
        return SampleCustomer(
            key=key,
            kind=life["kind"],
            name=name,
            region=region,
            city=city,
            industry=str(self._value(life.get("industry", ""))),
            size=str(self._value(life.get("size", ""))),
            source=str(self._value(life["sources"])),
            birthday=self._birthday(life["age"]) if "age" in life else None,
            created_on=min([created, *(event.day for event in events)]),
            tags=tuple(life.get("tags", ())),
            custom={field: self._value(raw) for field, raw in life.get("custom", {}).items()},
            next_contact_on=self._ago(-self._number(life["next"])) if "next" in life else None,
            contacts=self._contacts(life.get("contacts")),
            events=tuple(events),
        )

    def _events(self, raw: Raw) -> Iterator[SampleEvent]:
        if self._rng.random() >= raw.get("share", 1):
            return
        ago = self._number(raw["ago"])
        until = raw.get("until", ago)
        while ago >= until:
            amount = self._amount(raw["amount"]) if "amount" in raw else None
            data = {name: self._value(value) for name, value in raw.items() if name not in _TIMING}
            yield SampleEvent(raw["kind"], self._ago(ago), amount, data)
            ago -= self._number(raw.get("every", DAYS))

    def _contacts(self, raw: Raw | None) -> tuple[SampleContact, ...]:
        if raw is None:
            return ()
        names = self._rng.sample(raw["names"], self._rng.choice((1, 1, 2)))
        posts = self._rng.sample(raw["posts"], len(names))
        return tuple(SampleContact(name, *post) for name, post in zip(names, posts, strict=True))

    def _birthday(self, age: object) -> date:
        """Return a birthday of somebody who is of that age today."""
        years = self._number(age)
        last = date(self._today.year - years, self._today.month, min(self._today.day, 28))
        return last - timedelta(days=self._rng.randrange(1, _WHOLE_YEAR - 1))

    def _amount(self, raw: object) -> int:
        """Return an amount; of a range, one that a price list could hold."""
        amount = self._number(raw)
        step = 10 ** max(0, len(str(amount)) - 2) if _is_range(raw) else 1
        return amount // step * step

    def _number(self, raw: object) -> int:
        value = self._value(raw)
        assert isinstance(value, int), raw
        return value

    def _value(self, raw: object) -> object:
        match raw:
            case {"days": days}:
                return self._ago(-self._number(days))
            case list() if _is_range(raw):
                return self._rng.randint(*cast("list[int]", raw))
            case list():
                return self._rng.choice(raw)
            case _:
                return raw

    def _ago(self, days: int) -> date:
        return self._today - timedelta(days=days)


def _is_range(raw: object) -> bool:
    return isinstance(raw, list) and len(raw) == 2 and all(isinstance(item, int) for item in raw)  # noqa: PLR2004
