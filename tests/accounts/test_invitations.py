"""A link that makes one address one person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import make_people, make_team, make_user
from zhike.accounts.actions.invitations import (
    accept_invitation,
    invitation_of,
    invite,
    renew_invitation,
    withdraw_invitation,
)
from zhike.accounts.actions.passwords import LinkSpent
from zhike.accounts.actions.sessions import clear_away
from zhike.accounts.models import Invitation, Role, User
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid
from zhike.base.secrets import fingerprint

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
PASSWORD = "seven quiet herons"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = NOW


@pytest.fixture
def ada():
    return make_user("Ada", role=Role.ADMIN)


def asked(ada: User, **given):
    return invite(**{"email": "Sun@Example.com", "name": "孙悦", "role": Role.SALES, "team": None, "by": ada, **given})


def test_whoever_opens_the_link_becomes_what_was_chosen_for_them(ada):
    team = make_team()
    _, token = asked(ada, role=Role.MANAGER, team=team)

    user = accept_invitation(token=token, name="孙小悦", password=PASSWORD)

    assert (user.email, user.name, user.role_key, user.team) == ("sun@example.com", "孙小悦", Role.MANAGER, team)
    assert user.check_password(PASSWORD)
    assert Invitation.objects.count() == 0
    with pytest.raises(LinkSpent):
        accept_invitation(token=token, name="孙悦", password=PASSWORD)


def test_of_the_token_there_is_only_the_digest(ada):
    made, token = asked(ada)
    assert made.digest == fingerprint(token)
    assert token not in str(Invitation.objects.values().get())


def test_it_lives_for_an_hour(ada, settings):
    _, token = asked(ada)
    settings.ZHIKE_NOW = NOW + timedelta(minutes=59)
    assert invitation_of(token)
    settings.ZHIKE_NOW = NOW + timedelta(minutes=60)
    with pytest.raises(LinkSpent):
        accept_invitation(token=token, name="孙悦", password=PASSWORD)
    assert User.objects.count() == 1


def test_a_new_link_ends_the_former_and_withdrawing_ends_both(ada):
    made, first = asked(ada)
    _, second = renew_invitation(pk=made.pk, by=ada)
    with pytest.raises(LinkSpent):
        invitation_of(first)
    assert invitation_of(second) == made
    assert withdraw_invitation(pk=made.pk, by=ada) == "sun@example.com"
    with pytest.raises(LinkSpent):
        invitation_of(second)
    with pytest.raises(NotFound):
        withdraw_invitation(pk=made.pk, by=ada)


def test_inviting_again_changes_the_one_invitation(ada):
    _, first = asked(ada)
    _, second = asked(ada, role=Role.MANAGER)
    with pytest.raises(LinkSpent):
        invitation_of(first)
    assert (invitation_of(second).role_id, Invitation.objects.count()) == (Role.MANAGER, 1)


def test_a_member_is_not_invited(ada):
    make_user(email="sun@example.com")
    with pytest.raises(Conflict):
        asked(ada)
    assert Invitation.objects.count() == 0


def test_an_address_that_joined_otherwise_meanwhile_makes_no_second_person(ada):
    _, token = asked(ada)
    make_user(email="sun@example.com")
    with pytest.raises(LinkSpent):
        accept_invitation(token=token, name="孙悦", password=PASSWORD)
    assert User.objects.count() == 2


def test_a_bad_password_spends_nothing(ada):
    _, token = asked(ada)
    with pytest.raises(Invalid):
        accept_invitation(token=token, name="孙悦", password="12345678")
    assert accept_invitation(token=token, name="孙悦", password=PASSWORD)


def test_only_administrators_invite():
    people = make_people()
    made, token = asked(people.ada)
    for somebody in (people.alice, people.bob, people.carol):
        with pytest.raises(Forbidden):
            asked(somebody, email="x@example.com")
        with pytest.raises(Forbidden):
            renew_invitation(pk=made.pk, by=somebody)
        with pytest.raises(Forbidden):
            withdraw_invitation(pk=made.pk, by=somebody)
    assert invitation_of(token) == made
    with pytest.raises(Invalid):
        asked(people.ada, role="king")


def test_what_ran_out_long_ago_is_cleared_away(ada, settings):
    asked(ada)
    settings.ZHIKE_NOW = NOW + timedelta(days=89)
    clear_away()
    assert Invitation.objects.count() == 1
    settings.ZHIKE_NOW = NOW + timedelta(days=91)
    clear_away()
    assert Invitation.objects.count() == 0
