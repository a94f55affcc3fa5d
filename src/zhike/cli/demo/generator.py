"""Makes the demo company: the customers known by name, and as many more as are wanted.

The same seed, size and moment give the same company. Each customer has dice of its own, so a smaller
company is the beginning of a larger one.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from zhike.cli.demo import names, phrases
from zhike.cli.demo.company import LIN, PLACES, SOURCES_COMPANY, SOURCES_PERSON
from zhike.cli.demo.journal import Journal
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


def make_demo(now: datetime, *, customers: int = CUSTOMERS, seed: int = SEED) -> Demo:
    """Return the company as it stands at `now`, a moment in the company's zone."""
    taken: set[str] = set()
    made = [_named(number, story, now, seed, taken) for number, story in enumerate(STORIES, start=1)]
    for number, life in enumerate(_lives(customers - len(STORIES)), start=len(STORIES) + 1):
        made.append(_unnamed(number, life, now, seed, taken))
    events = sorted((event for _, told in made for event in told), key=_when)
    return Demo(tuple(customer for customer, _ in made), tuple(events))


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


def _named(
    number: int, story: Story, now: datetime, seed: int, taken: set[str]
) -> tuple[DemoCustomer, list[DemoEvent]]:
    rng = Random(f"{seed}:{number}")  # noqa: S311  a believable company, not a secret
    journal = Journal(
        _key(number),
        kind=story.kind,
        owner=story.owner,
        contacts=tuple(contact.name for contact in story.contacts),
        now=now,
        rng=rng,
    )
    story.tell(journal)
    taken.add(story.name)
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
        created_on=_created(now, story.created, journal.events),
        tags=story.tags,
        phone=names.mobile(rng),
        email=_email(journal.key),
        next_contact_on=_due(now, story.next_in),
        contacts=story.contacts,
    )
    return customer, journal.events


def _unnamed(
    number: int, life: Life, now: datetime, seed: int, taken: set[str]
) -> tuple[DemoCustomer, list[DemoEvent]]:
    rng = Random(f"{seed}:{number}")  # noqa: S311  as above
    kind = "person" if rng.randrange(10) < life.persons else "company"
    place = rng.choices(PLACES, _WEIGHTS)[0]
    owner = rng.choice(place.owners) or ("" if life.key in {"untouched", "asking", "browsing"} else place.owners[0])
    name, industry, size, contacts = _person(rng) if kind == "person" else _company(rng, place, taken)
    journal = Journal(_key(number), kind=kind, owner=owner, contacts=tuple(c.name for c in contacts), now=now, rng=rng)
    created, next_in = life.tell(journal)
    customer = DemoCustomer(
        key=journal.key,
        kind=kind,
        name=name,
        owner=owner,
        region=place.region,
        city=place.city,
        industry=industry,
        source=rng.choice(SOURCES_PERSON if kind == "person" else SOURCES_COMPANY),
        size=size,
        birthday=_birthday(rng) if kind == "person" and rng.random() < 0.5 else None,  # noqa: PLR2004  a share
        created_on=_created(now, created, journal.events),
        tags=tuple(rng.sample(phrases.TAGS, rng.choice((0, 0, 0, 1, 2)))),
        phone=names.mobile(rng),
        email=_email(journal.key),
        next_contact_on=_due(now, _spread(next_in, owner, rng)) if owner else None,
        contacts=contacts,
    )
    return customer, journal.events


def _person(rng: Random) -> tuple[str, str, str, tuple[DemoContact, ...]]:
    return names.person_name(rng), "", "", ()


def _company(rng: Random, place: Place, taken: set[str]) -> tuple[str, str, str, tuple[DemoContact, ...]]:
    trade = names.trade(rng)
    name = names.company_name(rng, city=place.city, of=trade)
    while name in taken:
        name = names.company_name(rng, city=place.city, of=trade)
    taken.add(name)
    contacts = tuple(_contact(rng) for _ in range(rng.choice((1, 1, 2, 3))))
    return name, trade.industry, rng.choice(trade.sizes), contacts


def _contact(rng: Random) -> DemoContact:
    title, role = names.title(rng)
    return DemoContact(names.person_name(rng), title, role, names.mobile(rng))


def _key(number: int) -> str:
    return f"QY{number:05d}"


def _email(key: str) -> str:
    return f"{key.lower()}@kehu.example"


def _birthday(rng: Random) -> date:
    return date(rng.randint(1962, 2002), rng.randint(1, 12), rng.randint(1, 28))


def _created(now: datetime, ago: int, events: list[DemoEvent]) -> date:
    """Return the day the record was made: never after the first thing that happened."""
    first = min((event.at for event in events), default=now).date()
    return min(now.date() - timedelta(days=ago), first)


def _spread(days: int | None, owner: str, rng: Random) -> int | None:
    """Leave of what is due by today what a salesperson can do in a day; Lin's day is all told by name."""
    share = rng.random()
    if days is None:  # few are forgotten: for them the cadence of their classes speaks up
        return None if share < 0.04 else rng.randint(7, 90)  # noqa: PLR2004  a share
    if days > 0:
        return days
    if owner == LIN or share > 0.3:  # noqa: PLR2004  a share
        return rng.randint(1, 9)
    return days if share < 0.12 else 0  # noqa: PLR2004  a share


def _due(now: datetime, days: int | None) -> date | None:
    """Return the day of the next contact; one that would fall on a weekend waits until Monday."""
    if days is None:
        return None
    due = now.date() + timedelta(days=days)
    beyond = due.weekday() - _SATURDAY
    return due + timedelta(days=2 - beyond) if days > 0 and beyond >= 0 else due
