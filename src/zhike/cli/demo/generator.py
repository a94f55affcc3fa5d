"""Makes the demo company: the customers known by name, and as many more as are wanted.

The same seed, size and moment give the same company. Each customer has dice of its own, so a smaller
company is the beginning of a larger one.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from zhike.cli.demo import names, phrases
from zhike.cli.demo.company import LIN, PLACES, QINGYUAN, SOURCES_COMPANY, SOURCES_PERSON
from zhike.cli.demo.journal import Journal, Office
from zhike.cli.demo.lives import LIVES
from zhike.cli.demo.records import Demo, DemoContact, DemoCustomer, DemoEvent
from zhike.cli.demo.stories import STORIES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from zhike.cli.demo.company import Place
    from zhike.cli.demo.lives import Life
    from zhike.cli.demo.stories import Story

CUSTOMERS = 2_000
SEED = 20261119
_WEIGHTS = tuple(place.weight for place in PLACES)
_REGION = {place.city: place.region for place in PLACES}
_SATURDAY = 5
BUSY_DAYS = 9  # what is planned sooner would crowd the week


def make_demo(now: datetime, *, customers: int = CUSTOMERS, seed: int = SEED) -> Demo:
    """Return the company as it stands at `now`, a moment in the company's zone."""
    maker = _Maker(now, seed)
    for story in STORIES:
        maker.add_named(story)
    for life in _lives(customers - len(STORIES)):
        maker.add_unnamed(life)
    return Demo(QINGYUAN, tuple(maker.customers), tuple(sorted(maker.events, key=_when)))


def _when(event: DemoEvent) -> tuple[datetime, str]:
    return event.at, event.customer


def _lives(count: int) -> Iterator[Life]:
    """Deal lives by their weights, every one of them among the first few."""
    yield from LIVES[:count]
    total = sum(life.weight for life in LIVES)
    bounds = list(accumulate(life.weight for life in LIVES))
    # Steps of the golden section visit every share evenly, however many are dealt.
    for step in range(count - len(LIVES)):
        point = (step * 0.618033988749895) % 1 * total
        yield next(life for life, bound in zip(LIVES, bounds, strict=True) if point < bound)


class _Maker:
    """Makes one customer after the other."""

    def __init__(self, now: datetime, seed: int) -> None:
        self.now = now
        self.seed = seed
        self.office = Office(now)
        self.names = {story.name for story in STORIES}
        self.customers: list[DemoCustomer] = []
        self.events: list[DemoEvent] = []

    def add_named(self, story: Story) -> None:
        rng = self._dice()
        journal = self._journal(rng, kind=story.kind, owner=story.owner, contacts=story.contacts)
        story.tell(journal)
        customer = DemoCustomer(
            key=journal.key,
            kind=story.kind,
            name=story.name,
            owner=story.owner,
            region=_REGION[story.city],
            city=story.city,
            industry=story.industry,
            source=story.source,
            size=story.size,
            birthday=_birthday(rng) if story.kind == "person" else None,
            created_on=self._created(story.created, journal),
            tags=story.tags,
            phone=names.mobile(rng),
            email=_email(journal.key),
            next_contact_on=_due(self.now, story.next_in),
            contacts=story.contacts,
        )
        self._keep(customer, journal)

    def add_unnamed(self, life: Life) -> None:
        rng = self._dice()
        place = rng.choices(PLACES, _WEIGHTS)[0]
        owner = rng.choice(place.owners)
        who = _person(rng) if rng.randrange(10) < life.persons else self._company(rng, place)
        journal = self._journal(rng, kind=who.kind, owner=owner, contacts=who.contacts)
        created, next_in = life.tell(journal)
        owner = "" if rng.randrange(10) < life.free else owner
        customer = DemoCustomer(
            key=journal.key,
            kind=who.kind,
            name=who.name,
            owner=owner,
            region=place.region,
            city=place.city,
            industry=who.industry,
            source=rng.choice(SOURCES_PERSON if who.kind == "person" else SOURCES_COMPANY),
            size=who.size,
            birthday=_birthday(rng) if who.kind == "person" and journal.chance(0.5) else None,
            created_on=self._created(created, journal),
            tags=tuple(rng.sample(phrases.TAGS, rng.choice((0, 0, 0, 1, 2)))),
            phone=names.mobile(rng),
            email=_email(journal.key),
            next_contact_on=_due(self.now, _spread(next_in, owner, rng)) if owner else None,
            contacts=who.contacts,
        )
        self._keep(customer, journal)

    def _dice(self) -> Random:
        return Random(f"{self.seed}:{len(self.customers)}")  # noqa: S311  a believable company, not a secret

    def _journal(self, rng: Random, *, kind: str, owner: str, contacts: tuple[DemoContact, ...]) -> Journal:
        return Journal(
            f"QY{len(self.customers) + 1:05d}",
            kind=kind,
            owner=owner,
            contacts=tuple(contact.name for contact in contacts),
            office=self.office,
            rng=rng,
        )

    def _keep(self, customer: DemoCustomer, journal: Journal) -> None:
        self.customers.append(customer)
        self.events += journal.events

    def _created(self, ago: int, journal: Journal) -> date:
        """Return the day the record was made: never after the first thing that happened."""
        first = min((event.at for event in journal.events), default=self.now).date()
        return min(self.now.date() - timedelta(days=ago), first)

    def _company(self, rng: Random, place: Place) -> _Who:
        trade = names.trade(rng)
        name = names.company_name(rng, city=place.city, of=trade)
        while name in self.names:
            name = names.company_name(rng, city=place.city, of=trade)
        self.names.add(name)
        contacts = tuple(_contact(rng) for _ in range(rng.choice((1, 1, 2, 3))))
        return _Who("company", name, trade.industry, rng.choice(trade.sizes), contacts)


class _Who(NamedTuple):
    """What a customer is, before anything has happened."""

    kind: str
    name: str
    industry: str = ""
    size: str = ""
    contacts: tuple[DemoContact, ...] = ()


def _person(rng: Random) -> _Who:
    return _Who("person", names.person_name(rng))


def _contact(rng: Random) -> DemoContact:
    title, role = names.title(rng)
    return DemoContact(names.person_name(rng), title, role, names.mobile(rng))


def _email(key: str) -> str:
    return f"{key.lower()}@kehu.example"


def _birthday(rng: Random) -> date:
    return date(rng.randint(1962, 2002), rng.randint(1, 12), rng.randint(1, 28))


def _spread(days: int | None, owner: str, rng: Random) -> int | None:
    """Leave of what is due by today what a salesperson can do in a day; Lin's day is all told by name."""
    share = rng.random()
    if days is None:  # few are forgotten: for them the cadence of their classes speaks up
        return None if share < 0.08 else rng.randint(7, 90)  # noqa: PLR2004  a share
    if days > 0:
        return days if share < 0.4 or days > BUSY_DAYS else days * 4  # noqa: PLR2004  a share
    if owner == LIN or share > 0.3:  # noqa: PLR2004  a share
        return rng.randint(1, 3 * BUSY_DAYS)
    return days if share < 0.12 else 0  # noqa: PLR2004  a share


def _due(now: datetime, days: int | None) -> date | None:
    """Return the day of the next contact; one that would fall on a weekend waits until Monday."""
    if days is None:
        return None
    due = now.date() + timedelta(days=days)
    beyond = due.weekday() - _SATURDAY
    return due + timedelta(days=2 - beyond) if days > 0 and beyond >= 0 else due
