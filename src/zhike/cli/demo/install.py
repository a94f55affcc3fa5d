"""Writes the demo company into an empty installation, through the same bulk actions as an import.

The eighteen months are placed one past day after the other, as they would have been at the time, so
that every customer has a history of classes.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from zhike.cli.demo.company import CHEN, CURRENCY, QINGYUAN, SALES, TIMEZONE, WANG
from zhike.cli.demo.decisions import STEPS, Desk
from zhike.cli.demo.work import begin_plans, give_chores, remember_tasks
from zhike.core.dates import day_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.cli.demo.company import Firm
    from zhike.cli.demo.records import Demo, DemoCustomer, DemoEvent
    from zhike.timeline.rows import NewEvent

    type Progress = Callable[[str, int, int], None]

SOURCE = "demo"
# So many days before today everyone was looked at: closer together of late.
LOOKS = (*range(540, 179, -45), 150, 120, 90, 60, 30, 14, 7, 3, 1)
# What a company writes before it classifies natural persons.
EVENING = timedelta(hours=18, minutes=20)


class _Ids(NamedTuple):
    """Where the rows of the demo have gone."""

    customers: Mapping[str, int]
    contacts: Mapping[tuple[int, str], int]


def install_demo(demo: Demo, *, today: date, password: str, language: str, progress: Progress) -> None:
    """Write people, rules, customers and events, and place everyone along the way. All of it or nothing."""
    from django.db import transaction  # noqa: PLC0415

    from zhike.classification.actions.packs import install_pack  # noqa: PLC0415
    from zhike.privacy.actions.assessments import file_assessment  # noqa: PLC0415
    from zhike.privacy.assessment_draft import DRAFT  # noqa: PLC0415
    from zhike.timeline.actions import record_many  # noqa: PLC0415

    with transaction.atomic():
        users = _people(demo.firm, password, language)
        install_pack(pack=demo.firm.pack, by=None)
        file_assessment(by=None, **{name: text.get("en" if language == "en" else "zh") for name, text in DRAFT.items()})
        ids = _customers(demo, users)
        progress("customers", len(demo.customers), len(demo.customers))
        record_many(
            _events(demo.events, ids, users),
            by=None,
            place=False,
            progress=lambda done, total: progress("events", done, total),
        )
        _history(demo, ids, users, today, progress)


def _people(firm: Firm, password: str, language: str) -> dict[str, User]:
    from zhike.accounts import actions  # noqa: PLC0415
    from zhike.accounts.actions.teams import change_team  # noqa: PLC0415
    from zhike.accounts.actions.territories import set_territory  # noqa: PLC0415

    actions.set_company(by=None, name=firm.name, timezone=TIMEZONE, currency=CURRENCY)
    above = actions.add_team(name=SALES, by=None)
    teams = {name: actions.add_team(name=name, by=None, parent=above) for name in firm.teams}
    people = {
        person.email: actions.add_user(
            email=person.email,
            name=person.name,
            role=person.role,
            team=teams.get(person.team),
            password=password,
            language=language,
            by=None,
        )
        for person in firm.people
    }
    for person in firm.people:
        if person.role == "manager":
            team = teams[person.team]
            change_team(team=team, by=None, name=team.name, parent=above, leader=people[person.email])
    if firm.pack == QINGYUAN.pack:
        who = [people[WANG]]
        bounds = {"regions": ["西南"]}
        set_territory(territory=None, by=people[CHEN], name="西南", bounds=bounds, users=who, teams=[])
    return people


def _customers(demo: Demo, users: Mapping[str, User]) -> _Ids:
    from zhike.customers.bulk import NewContact, add_contacts, save_customers  # noqa: PLC0415

    rows = [_columns(customer) | {"owner": users.get(customer.owner)} for customer in demo.customers]
    saved = save_customers(rows, by=None, source=SOURCE)
    assert not saved.refused, saved.refused[0]
    contacts = [
        NewContact(
            customer_id=saved.ids[customer.key],
            name=contact.name,
            title=contact.title,
            phone=contact.phone,
            email="",
            role=contact.role,
        )
        for customer in demo.customers
        for contact in customer.contacts
    ]
    made = add_contacts(contacts, by=None)
    return _Ids(saved.ids, {(contact.customer_id, contact.name): contact.pk for contact in made})


def _columns(customer: DemoCustomer) -> dict[str, object]:
    """Return what a customer's record says; people and owner are written apart."""
    apart = {"owner", "contacts"}
    return {f.name: getattr(customer, f.name) for f in fields(customer) if f.name not in apart}


def _events(events: Sequence[DemoEvent], ids: _Ids, users: Mapping[str, User]) -> Iterator[NewEvent]:
    from zhike.timeline.rows import NewEvent  # noqa: PLC0415

    for number, event in enumerate(events):
        customer = ids.customers[event.customer]
        yield NewEvent(
            customer_id=customer,
            contact_id=ids.contacts.get((customer, event.contact)),
            kind=event.kind,
            occurred_at=event.at,
            actor_id=users[event.by].pk if event.by else None,
            channel=event.channel,
            source=SOURCE,
            amount=event.amount,
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            data=event.data,
            key=str(number),
        )


def _history(demo: Demo, ids: _Ids, users: Mapping[str, User], today: date, progress: Progress) -> None:
    """Place on past days those whose classes may have moved since the day before them, and everyone today.

    Between the days people decide what they decided then. Only of today's changes is anybody told:
    months of notifications would be no welcome.
    """
    from zhike.classification.actions.warnings import raise_warnings  # noqa: PLC0415
    from zhike.classification.batch import place_customers  # noqa: PLC0415
    from zhike.classification.store import Why  # noqa: PLC0415
    from zhike.followups.actions.advice import count_pairs  # noqa: PLC0415
    from zhike.followups.actions.ladder import climb  # noqa: PLC0415

    before = date.min
    for done, ago in enumerate(LOOKS, start=1):
        day = today - timedelta(days=ago)
        moved = {event.customer for event in demo.events if before < event.at.date() <= day}
        moved |= {c.key for c in demo.customers if before < c.created_on <= day}
        place_customers({ids.customers[key] for key in moved} | _flipped(day), as_of=day)
        if demo.firm == QINGYUAN:
            _decisions(ago, day, users)
        progress("history", done, len(LOOKS) + 1)
        before = day
    place_customers(ids.customers.values(), why=Why.CLOCK)
    raise_warnings()
    remember_tasks(demo.events, ids.customers, users, today)
    begin_plans(ids.customers.values(), today)
    give_chores(demo.firm, users, today)
    count_pairs()
    climb(today)
    progress("history", len(LOOKS) + 1, len(LOOKS) + 1)


def _decisions(ago: int, day: date, users: Mapping[str, User]) -> None:
    """Let people decide what they decided on the evening of that day."""
    from zhike.base import clock  # noqa: PLC0415

    with clock.at(day_start(day, ZoneInfo(TIMEZONE)) + EVENING):
        desk = Desk(users, day)
        for step in STEPS.get(ago, ()):
            desk.tell(step)


def _flipped(day: date) -> set[int]:
    """Return the customers whose class changes by the clock up to the end of this day."""
    from zhike.classification.models import Placement  # noqa: PLC0415

    until = day_start(day + timedelta(days=1), ZoneInfo(TIMEZONE))
    return set(Placement.objects.filter(next_flip_at__lt=until).values_list("customer_id", flat=True))
