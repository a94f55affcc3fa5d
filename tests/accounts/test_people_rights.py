"""Whoever looks after colleagues rises no higher by it, and all they do is written down."""

from __future__ import annotations

import pytest

from tests.factories import PASSWORD, make_people, make_user
from tests.scenes import once
from zhike.accounts.actions import set_password
from zhike.accounts.actions.invitations import accept_invitation, invite, renew_invitation
from zhike.accounts.actions.people import change_person, deactivate, reactivate
from zhike.accounts.actions.second_factors import reset_second_factor
from zhike.accounts.actions.sessions import end_sessions
from zhike.accounts.models import Invitation, Role, RoleRight, User
from zhike.accounts.queries import assignable_roles
from zhike.audit.models import Entry
from zhike.base.errors import Forbidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def keeper():
    """Somebody whose role is to look after people, and no more."""
    role = Role.objects.create(key="own_1", label_zh="人事", label_en="People", position=9)
    rights = [("view", "customers.Customer"), ("view", "accounts.User"), ("create", "accounts.User")]
    rights.append(("change", "accounts.User"))
    RoleRight.objects.bulk_create(RoleRight(role=role, verb=verb, object=label, scope="all") for verb, label in rights)
    return make_user("Kim", role="own_1")


def rows():
    return list(User.objects.order_by("pk").values()), list(Invitation.objects.order_by("pk").values())


def told():
    return list(Entry.objects.order_by("pk").values_list("action", "actor_id", "subject_id"))


def test_nobody_gives_invites_or_takes_a_role_that_exceeds_their_own(people, keeper):
    invite(email="x@example.com", name="X", role="admin", team=None, by=people.ada)
    pk = Invitation.objects.get().pk
    before, log = rows(), told()
    ada = people.ada
    for attempt in (
        lambda: invite(email="y@example.com", name="Y", role="admin", team=None, by=keeper),
        lambda: invite(email="y@example.com", name="Y", role="sales", team=None, by=keeper),
        lambda: renew_invitation(pk=pk, by=keeper),
        lambda: change_person(user=keeper, by=keeper, name="Kim", role="admin", team=None),
        lambda: change_person(user=people.alice, by=keeper, name="A", role="admin", team=None),
        lambda: change_person(user=ada, by=keeper, name="A", role="own_1", team=None),
        lambda: change_person(user=ada, by=keeper, name="A", role="admin", team=None),
        lambda: set_password(user=ada, password=PASSWORD, by=keeper),
        lambda: reset_second_factor(user=ada, by=keeper),
        lambda: end_sessions(user=ada, by=keeper),
        lambda: deactivate(user=ada, by=keeper),
        lambda: reactivate(user=ada, by=keeper),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert (rows(), told()) == (before, log)
    assert [value for value, _ in assignable_roles(keeper)] == ["own_1"]


def test_no_link_to_the_password_of_somebody_with_more_rights(people, keeper, client):
    client.force_login(keeper)
    response = client.post(f"/settings/people/{people.ada.pk}/password/")
    assert response.status_code == 403
    assert "/reset/" not in response.content.decode()


def test_a_colleague_of_the_same_rights_is_looked_after(keeper):
    other = make_user("Lou", role="own_1")
    change_person(user=other, by=keeper, name="Lou Lou", role="own_1", team=None)
    deactivate(user=other, by=keeper)
    other.refresh_from_db()
    assert (other.name, other.is_active) == ("Lou Lou", False)


def test_what_is_done_about_people_is_written_down(people):
    alice, ada = people.alice, people.ada
    made, token = invite(email="x@example.com", name="X", role="sales", team=None, by=ada)
    new = accept_invitation(token=token, name="X", password=PASSWORD)
    change_person(user=alice, by=ada, name="Alice B", role="manager", team=None)
    deactivate(user=alice, by=ada)
    reactivate(user=alice, by=ada)

    assert told()[-5:] == [
        ("user.invited", ada.pk, str(made.pk)),
        ("user.added", new.pk, str(new.pk)),
        ("user.changed", ada.pk, str(alice.pk)),
        ("user.deactivated", ada.pk, str(alice.pk)),
        ("user.activated", ada.pk, str(alice.pk)),
    ]
    changed = Entry.objects.get(action="user.changed").data
    assert changed == {
        "fields": ["name", "role_id", "team_id"],
        "before": {"role_id": "sales", "team_id": people.bob.team_id},
        "after": {"role_id": "manager", "team_id": None},
    }
