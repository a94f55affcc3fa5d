"""Teams, roles and territories that are taken away: nobody falls out of the company, and nobody sees more for it."""

from __future__ import annotations

import pytest

from tests.factories import PASSWORD, make_customer, make_people, make_team, make_user
from tests.scenes import once
from zhike.accounts.actions.invitations import invite
from zhike.accounts.actions.people import deactivate
from zhike.accounts.actions.roles import copy_role, remove_role
from zhike.accounts.actions.shares import share_record
from zhike.accounts.actions.teams import remove_team
from zhike.accounts.actions.territories import remove_territory, set_territory
from zhike.accounts.models import Invitation, Role, RoleRight, Session, Share, Team, Territory, User
from zhike.accounts.policy import visible
from zhike.accounts.removals import kept_with, on_team
from zhike.assignment.models import Rule
from zhike.audit.models import Entry
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.classification.actions.views import create_view
from zhike.classification.models import SavedView
from zhike.core.text import Text
from zhike.customers.models import Customer
from zhike.notices.models import Channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return once("people", make_people)


def seen(user: User) -> list[str]:
    return sorted(visible(User.objects.get(pk=user.pk), Customer).values_list("name", flat=True))


def entry(action: str) -> Entry:
    return Entry.objects.filter(action=action).latest("pk")


# --- Teams ---


def test_a_team_with_people_stays_until_another_takes_them(people):
    east = people.alice.team
    with pytest.raises(Conflict):
        remove_team(team=east, by=people.ada)
    assert (Team.objects.filter(pk=east.pk).exists(), User.objects.filter(team=east).count()) == (True, 2)
    assert not Entry.objects.filter(action__in=["team.removed", "user.changed"]).exists()


def test_people_invitations_and_views_go_to_the_team_that_is_named_and_the_teams_below_move_up(people):
    east, west = people.alice.team, people.charlie.team
    top, low = make_team("总部"), make_team("东一组")
    Team.objects.filter(pk=east.pk).update(parent=top)
    Team.objects.filter(pk=low.pk).update(parent=east)
    gone = make_user("Gone", team=east)
    deactivate(user=gone, by=people.ada)
    invite(email="new@example.com", name="New", role="sales", team=east, by=people.ada)
    create_view(name="东", where={"everyone": True}, by=people.bob, reach="team")

    remove_team(team=east, by=people.ada, to=west)

    assert not Team.objects.filter(pk=east.pk).exists()
    assert set(User.objects.filter(team=west).values_list("name", flat=True)) == {
        "Alice",
        "Bob",
        "Gone",
        "Charlie",
        "Carol",
    }
    assert (Invitation.objects.get().team, SavedView.objects.get().team) == (west, west)
    low.refresh_from_db()
    assert low.parent == top
    removed = entry("team.removed")
    assert (removed.actor, removed.subject_id) == (people.ada, str(east.pk))
    assert removed.data == {
        "name": east.name,
        "to": west.pk,
        "counts": {"people": 3, "invitations": 1, "others": 1, "below": 1},
    }
    assert Entry.objects.filter(action="user.changed", data__fields=["team_id"]).count() == 3


def test_what_was_shared_with_a_team_is_not_opened_to_the_one_that_takes_over(people):
    hotel = make_customer("酒店", owner=people.ada)
    market = make_customer("市场", owner=people.ada, region="华南")
    east, west = people.alice.team, people.charlie.team
    share_record(row=hotel, by=people.ada, team=east, reason="一起跟")
    south = set_territory(
        territory=None, by=people.ada, name="华南", bounds={"regions": ["华南"]}, users=[], teams=[east]
    )
    assert seen(people.alice) == sorted([hotel.name, market.name])
    assert seen(people.charlie) == []

    remove_team(team=east, by=people.ada, to=west)

    assert (seen(people.alice), seen(people.charlie)) == ([], [])
    assert (Share.objects.count(), list(south.teams.all())) == (0, [])
    ended = entry("share.ended")
    assert (ended.subject_type, ended.subject_id, ended.data) == (
        "customers.Customer",
        str(hotel.pk),
        {"team": east.pk},
    )
    assert entry("team.removed").data["counts"] == {"people": 2, "shares": 1, "territories": 1}


def test_an_empty_team_just_goes(people):
    team = make_team()
    remove_team(team=team, by=people.ada)
    assert not Team.objects.filter(pk=team.pk).exists()


def test_a_team_is_not_handed_to_itself(people):
    with pytest.raises(Invalid):
        remove_team(team=people.alice.team, by=people.ada, to=people.alice.team)
    assert Team.objects.count() == 2


def test_who_may_remove_teams_but_not_change_people_moves_nobody(people):
    role = Role.objects.create(key="office", label_zh="行政", label_en="Office")
    for label in ("accounts.Team", "accounts.User", "customers.Customer"):
        RoleRight.objects.create(role=role, verb="view", object=label, scope="all")
    RoleRight.objects.create(role=role, verb="delete", object="accounts.Team", scope="all")
    clerk, empty = make_user(role="office"), make_team()
    with pytest.raises(Forbidden):
        remove_team(team=people.alice.team, by=clerk, to=people.charlie.team)
    assert User.objects.filter(team=people.alice.team).count() == 2
    remove_team(team=empty, by=clerk)
    for who in (people.bob, people.alice):
        with pytest.raises(Forbidden):
            remove_team(team=people.charlie.team, by=who, to=people.alice.team)
    assert Team.objects.count() == 2


def test_whatever_points_at_a_team_is_said_in_words():
    """Another model that keeps a team needs words on the page: `web.teams.removal_views` has them."""
    assert {relation.related_model for relation in kept_with(Team)} == {Channel, Rule, SavedView}


# --- Roles ---


@pytest.fixture
def helper(people):
    role = copy_role(role=Role.objects.get(key="sales"), label=Text("助理", "Assistant"), by=people.ada)
    return role, make_user("Helen", role=role.key, team=people.alice.team)


def test_a_role_that_somebody_has_stays_until_another_is_named(people, helper):
    role, helen = helper
    with pytest.raises(Conflict):
        remove_role(role=role, by=people.ada)
    helen.refresh_from_db()
    assert helen.role == role


def test_people_get_the_named_role_and_sign_in_again(client, people, helper):
    role, helen = helper
    client.post("/sign-in/", {"email": helen.email, "password": PASSWORD})
    assert Session.objects.filter(user=helen).count() == 1
    invite(email="new@example.com", name="New", role=role.key, team=None, by=people.ada)

    remove_role(role=role, by=people.ada, to=Role.objects.get(key="service"))

    helen.refresh_from_db()
    assert (helen.role_key, helen.team, Invitation.objects.get().role_id) == ("service", people.alice.team, "service")
    assert Session.objects.filter(user=helen).count() == 0
    assert not Role.objects.filter(key=role.key).exists()
    assert not RoleRight.objects.filter(role=role.key).exists()
    assert entry("role.removed").data == {
        "key": role.key,
        "to": "service",
        "counts": {"people": 1, "invitations": 1},
    }


@pytest.mark.parametrize("key", ["sales", "admin", "auditor"])
def test_a_built_in_role_is_never_removed(people, key):
    with pytest.raises(Forbidden):
        remove_role(role=Role.objects.get(key=key), by=people.ada, to=Role.objects.get(key="service"))
    assert Role.objects.filter(key=key).exists()


def test_nobody_removes_their_own_role_one_above_them_or_gives_one_above_them(people, helper):
    role, helen = helper
    steward = copy_role(role=Role.objects.get(key="sales"), label=Text("人事", "Steward"), by=people.ada)
    for verb, label in [("delete", "accounts.Role"), ("change", "accounts.User"), ("view", "accounts.User")]:
        RoleRight.objects.update_or_create(role=steward, verb=verb, object=label, defaults={"scope": "all"})
    sam = make_user("Sam", role=steward.key)
    sales, admin = Role.objects.get(key="sales"), Role.objects.get(key="admin")
    with pytest.raises(Forbidden):
        remove_role(role=steward, by=sam, to=sales)
    with pytest.raises(Forbidden):
        remove_role(role=role, by=sam, to=admin)
    RoleRight.objects.create(role=role, verb="erase", object="customers.Customer", scope="all")
    with pytest.raises(Forbidden):
        remove_role(role=role, by=User.objects.get(pk=sam.pk), to=sales)
    helen.refresh_from_db()
    assert (helen.role_key, Role.objects.filter(pk__in=[role.pk, steward.pk]).count()) == (role.key, 2)


# --- Territories ---


def test_a_territory_that_somebody_has_goes_only_with_another_named(people):
    make_customer("华南店", owner=people.ada, region="华南")
    make_customer("华北店", owner=people.ada, region="华北")
    south = set_territory(
        territory=None,
        by=people.ada,
        name="华南",
        bounds={"regions": ["华南"]},
        users=[people.charlie],
        teams=[people.alice.team],
    )
    north = set_territory(territory=None, by=people.ada, name="华北", bounds={"regions": ["华北"]}, users=[], teams=[])
    with pytest.raises(Conflict):
        remove_territory(territory=south, by=people.ada)
    with pytest.raises(Invalid):
        remove_territory(territory=south, by=people.ada, to=south)
    assert (seen(people.charlie), Territory.objects.count()) == (["华南店"], 2)

    remove_territory(territory=south, by=people.ada, to=north)

    assert (seen(people.charlie), seen(people.alice)) == (["华北店"], ["华北店"])
    removed = entry("territory.removed")
    assert removed.data == {"name": "华南", "to": north.pk, "counts": {"people": 1, "teams": 1}}


def test_a_territory_that_nobody_has_just_goes_and_only_by_whoever_may(people):
    made = set_territory(territory=None, by=people.ada, name="华南", bounds={"regions": ["华南"]}, users=[], teams=[])
    with pytest.raises(Forbidden):
        remove_territory(territory=made, by=people.bob)
    assert Territory.objects.exists()
    remove_territory(territory=made, by=people.ada)
    assert not Territory.objects.exists()


def test_what_hangs_on_a_team_is_counted(people):
    assert on_team(people.alice.team).counts() == {"people": 2}
    assert not on_team(make_team())
