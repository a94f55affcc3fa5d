"""Sharing one record until a day, and territories."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.factories import make_customer, make_people, make_team, make_user
from tests.scenes import once
from zhike.accounts.actions.shares import end_share, share_record
from zhike.accounts.actions.teams import change_team
from zhike.accounts.actions.territories import set_territory
from zhike.accounts.models import Role, Share, Team, User
from zhike.accounts.policy import can, visible
from zhike.accounts.queries import who_sees
from zhike.base import clock
from zhike.base.errors import Forbidden, NotFound
from zhike.base.inputs import Invalid
from zhike.customers.actions.contacts import add_contact
from zhike.customers.actions.customers import update_customer
from zhike.customers.actions.log import log_contact
from zhike.customers.models import Contact, Customer
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)


@pytest.fixture
def people():
    return once("people", make_people)


def again(user: User) -> User:
    """The same person at their next request."""
    return User.objects.get(pk=user.pk)


def test_a_share_ends_by_itself_at_midnight_where_the_company_is(people):
    customer = make_customer(owner=people.alice)
    with clock.at(NOON):
        share_record(row=customer, by=people.alice, user=people.charlie, until=date(2026, 7, 2), reason="度假")

    for moment, sees in [
        (datetime(2026, 7, 2, 15, 59, 59, tzinfo=UTC), True),  # 23:59:59 in Shanghai
        (datetime(2026, 7, 2, 16, 0, tzinfo=UTC), False),
    ]:
        with clock.at(moment):
            charlie = again(people.charlie)
            assert can(charlie, "view", customer) is sees
            assert visible(charlie, Event).filter(customer=customer).exists() is sees


def test_what_is_shared_to_be_read_is_not_changed(people):
    """Every way to write is refused, and nothing is changed by it."""
    customer = make_customer(owner=people.alice, phone="13800138000")
    contact = add_contact(customer=customer, by=None, name="沈一帆")
    share_record(row=customer, by=people.alice, user=people.charlie, reason="看看")
    charlie = again(people.charlie)
    before = (Customer.objects.values().get(), list(Contact.objects.values()), Event.objects.count())

    attempts = [
        lambda: update_customer(customer=customer, version=1, by=charlie, city="北京"),
        lambda: add_contact(customer=customer, by=charlie, name="新人"),
        lambda: log_contact(customer=customer, kind="note", text="记一笔", by=charlie),
        lambda: share_record(row=customer, by=charlie, user=people.carol, reason="转手"),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden):
            attempt()

    assert can(charlie, "view", contact)
    assert (Customer.objects.values().get(), list(Contact.objects.values()), Event.objects.count()) == before


def test_what_a_helper_adds_the_owner_sees(people):
    customer = make_customer(owner=people.alice)
    share_record(row=customer, by=people.alice, team=people.charlie.team, may_write=True, reason="一起跟")

    event = log_contact(customer=customer, kind="note", text="打过电话了", by=again(people.charlie))

    assert can(people.alice, "view", event)


def test_a_foreign_record_is_shared_by_nobody_who_does_not_see_it(people):
    customer = make_customer(owner=people.alice)

    with pytest.raises(NotFound):
        share_record(row=customer, by=people.charlie, user=people.charlie, reason="想看")
    with pytest.raises(Forbidden):
        share_record(row=customer, by=make_user(role=Role.AUDITOR), user=people.charlie, reason="想看")

    assert not Share.objects.exists()


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"reason": " "}, "reason"),
        ({"until": date(2026, 6, 30)}, "until"),
        ({"user": None}, "whom"),
    ],
)
def test_a_share_that_cannot_be(people, given, path):
    customer = make_customer(owner=people.alice)

    with clock.at(NOON), pytest.raises(Invalid) as caught:
        share_record(**{"row": customer, "by": people.alice, "user": people.charlie, "reason": "看看", **given})

    assert caught.value.path == path
    assert not Share.objects.exists()


def test_a_share_is_taken_back_by_whoever_may_share(people):
    customer = make_customer(owner=people.alice)
    share = share_record(row=customer, by=people.alice, user=people.charlie, reason="看看")

    with pytest.raises(Forbidden):
        end_share(share=share, by=again(people.charlie))
    end_share(share=share, by=people.bob)

    assert not can(again(people.charlie), "view", customer)
    share.refresh_from_db()
    assert share.ended_by == people.bob


def test_a_territory_gives_what_lies_in_it_to_be_seen_and_changed(people):
    hotel = make_customer(owner=people.alice, region="华东", industry="酒店")
    school = make_customer(owner=None, city="上海", industry="学校")
    make_customer(owner=people.alice, region="华北", industry="酒店")
    set_territory(
        territory=None,
        by=people.ada,
        name="华东",
        bounds={"regions": ["华东"], "cities": ["上海"]},
        users=[people.charlie],
        teams=[],
    )

    charlie = again(people.charlie)
    assert set(visible(charlie, Customer)) == {hotel, school}
    assert can(charlie, "change", hotel)

    set_territory(
        territory=people.charlie.territories.get(),
        by=people.ada,
        name="华东酒店",
        bounds={"regions": ["华东"], "cities": ["上海"], "industries": ["酒店"]},
        users=[people.charlie],
        teams=[],
    )
    assert set(visible(again(people.charlie), Customer)) == {hotel}


def test_a_manager_sees_the_teams_below_and_a_leader_the_team_led(people):
    top = make_team("直销部")
    for team in Team.objects.exclude(pk=top.pk):
        change_team(team=team, by=people.ada, name=team.name, parent=top, leader=None)
    head = make_user(role=Role.MANAGER, team=top)
    customer = make_customer(owner=people.charlie)

    assert can(head, "view", customer)
    assert not can(people.bob, "view", customer)

    west = people.charlie.team
    change_team(team=west, by=people.ada, name=west.name, parent=top, leader=people.bob)
    assert can(again(people.bob), "view", customer)


def test_a_team_never_hangs_below_itself(people):
    top = make_team("直销部")
    east = people.alice.team
    change_team(team=east, by=people.ada, name=east.name, parent=top, leader=None)

    with pytest.raises(Invalid):
        change_team(team=top, by=people.ada, name=top.name, parent=east, leader=None)

    assert Team.objects.get(pk=top.pk).parent is None


def test_who_sees_a_customer_is_told_with_the_reason(people, django_assert_num_queries):
    customer = make_customer(owner=people.alice)
    share_record(row=customer, by=people.alice, user=people.charlie, reason="看看")
    make_user(role=Role.AUDITOR)

    with django_assert_num_queries(2):
        found = who_sees(customer, customer.owner_id)

    told = {seer.user.name: [ground.kind for ground in seer.grounds] for seer in found}
    assert told.pop("Ada") == ["all"]
    assert told.pop("Alice") == ["owner"]
    assert told.pop("Bob") == ["tree"]
    assert told.pop("Charlie") == ["share"]
    assert list(told.values()) == [["all"]]


def test_of_many_that_are_changed_at_once_those_stay_that_are_only_to_be_read(people):
    from zhike.classification.actions.overrides_many import Decided, override_many
    from zhike.classification.actions.packs import install_pack
    from zhike.classification.models import Override

    install_pack(pack="general", by=None)
    own, shared = make_customer(owner=people.charlie), make_customer(owner=people.alice)
    share_record(row=shared, by=people.alice, user=people.charlie, reason="看看")

    found = override_many(
        ids=[own.pk, shared.pk], decided=Decided("value", "high", "老客户", "usual"), by=again(people.charlie)
    )

    assert {pk: one.state for pk, one in found.items()} == {own.pk: "changed"}
    assert [override.customer_id for override in Override.objects.all()] == [own.pk]
