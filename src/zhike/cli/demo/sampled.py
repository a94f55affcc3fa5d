"""The small company of a shipped pack as a demo: the same people look after its customers."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import cycle
from random import Random
from typing import TYPE_CHECKING

from zhike.cli.demo import names
from zhike.cli.demo.company import EAST, LIN, PEOPLE, QINGYUAN, WANG, ZHAO, ZHOU, Firm
from zhike.cli.demo.records import Demo, DemoContact, DemoCustomer, DemoEvent
from zhike.core.errors import ZhikeError, suggestion
from zhike.packs.samples import load_sample, sampled
from zhike.timeline.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from zhike.packs.samples import Sample, SampleCustomer

_OPENS, _MINUTES = 9 * 60, 9 * 60
_TEAMS = {EAST: "一组", "": ""}
_OWNERS = (LIN, WANG, LIN, ZHAO, ZHOU)


class NoSample(ZhikeError):
    """A pack that has no company to show."""

    code = "no_sample"
    status = 404


def check_sampled(pack: str) -> None:
    """Refuse a pack that has no company to show."""
    if pack not in sampled():
        zh, en = suggestion(pack, sampled())
        raise NoSample(
            f"没有 {pack} 的示范公司，有：{'、'.join(sampled())}。{zh}",
            f"There is no demo company for {pack}; there are {', '.join(sampled())}.{en}",
        )


def firm_of(pack: str, day: date) -> Firm:
    """Return whose demo shows a pack."""
    return QINGYUAN if pack == QINGYUAN.pack else _firm(load_sample(pack, day))


def make_sampled(pack: str, now: datetime) -> Demo:
    """Return the company of a pack as it stands at a moment in the company's zone."""
    sample = load_sample(pack, now.date())
    customers: list[DemoCustomer] = []
    events: list[DemoEvent] = []
    owners = cycle(_OWNERS)
    for customer in sample.customers:
        owner = _address(next(owners), sample) if customer.events else ""
        rng = Random(customer.key)  # noqa: S311  a believable company, not a secret
        customers.append(_customer(customer, owner, rng))
        events += _events(customer, owner, now, rng)
    return Demo(_firm(sample), tuple(customers), tuple(sorted(events, key=lambda event: (event.at, event.customer))))


def _firm(sample: Sample) -> Firm:
    people = tuple(
        person._replace(email=_address(person.email, sample), team=_TEAMS.get(person.team, "二组")) for person in PEOPLE
    )
    return Firm(sample.company.zh, sample.pack, people)


def _address(email: str, sample: Sample) -> str:
    return f"{email.partition('@')[0]}@{sample.domain}"


def _customer(customer: SampleCustomer, owner: str, rng: Random) -> DemoCustomer:
    return DemoCustomer(
        key=customer.key,
        kind=customer.kind,
        name=customer.name,
        owner=owner,
        region=customer.region,
        city=customer.city,
        industry=customer.industry,
        source=customer.source,
        size=customer.size,
        birthday=customer.birthday,
        created_on=customer.created_on,
        tags=customer.tags,
        phone=names.mobile(rng),
        email=f"{customer.key.lower()}@kehu.example",
        next_contact_on=customer.next_contact_on,
        contacts=tuple(DemoContact(*contact, names.mobile(rng)) for contact in customer.contacts),
        custom=customer.custom,
    )


def _events(customer: SampleCustomer, owner: str, now: datetime, rng: Random) -> Iterator[DemoEvent]:
    """Give each event an hour of its day, none before the one that is told before it, none in the future."""
    last = datetime.combine(customer.created_on, time(), now.tzinfo)
    contact = customer.contacts[0].name if customer.contacts else ""
    for event in customer.events:
        midnight = datetime.combine(event.day, time(), now.tzinfo)
        moment = midnight + timedelta(minutes=_OPENS + rng.randrange(_MINUTES))
        last = min(max(moment, last + timedelta(minutes=6)), now)
        ours = KINDS[event.kind].direction != "inbound"
        yield DemoEvent(
            customer.key,
            event.kind,
            last,
            by=owner if ours else "",
            contact=contact,
            amount=event.amount,
            data=event.data,
        )
