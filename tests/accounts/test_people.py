"""A colleague's role, and whether they may sign in."""

from __future__ import annotations

import pytest

from tests.factories import make_customer, make_people, make_user
from tests.scenes import once
from zhike.accounts.actions.people import change_person, deactivate, reactivate
from zhike.accounts.models import Role, User
from zhike.accounts.queries import assignable_owners, assignable_roles, with_second_factor
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid
from zhike.customers.actions.customers import create_customer, update_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return once("people", make_people)


def seen(user: User):
    return User.objects.values("name", "role", "team", "is_active", "session_version").get(pk=user.pk)


def test_an_administrator_changes_name_role_and_team(people):
    change_person(user=people.alice, by=people.ada, name=" 李 静 ", role=Role.MANAGER, team=None)
    assert seen(people.alice) == {
        "name": "李 静",
        "role": Role.MANAGER,
        "team": None,
        "is_active": True,
        "session_version": 2,
    }


def test_sessions_go_on_when_the_role_stays(people):
    change_person(user=people.alice, by=people.ada, name="李静", role=Role.SALES, team=None)
    assert seen(people.alice)["session_version"] == 1


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "charlie"])
def test_nobody_else_changes_a_colleague(people, who):
    somebody, before = getattr(people, who), seen(people.alice)
    for attempt in (
        lambda: change_person(user=people.alice, by=somebody, name="X", role=Role.ADMIN, team=None),
        lambda: deactivate(user=people.alice, by=somebody),
        lambda: reactivate(user=people.alice, by=somebody),
    ):
        with pytest.raises((Forbidden, NotFound)):
            attempt()
    assert seen(people.alice) == before


def test_nobody_makes_themselves_less_or_leaves_by_themselves(people):
    before = seen(people.ada)
    with pytest.raises(Forbidden):
        change_person(user=people.ada, by=people.ada, name="Ada", role=Role.SALES, team=None)
    with pytest.raises(Invalid):
        deactivate(user=people.ada, by=people.ada)
    assert seen(people.ada) == before


def test_one_administrator_stays(people):
    eve = make_user("Eve", role=Role.ADMIN)
    deactivate(user=people.ada, by=eve)
    ada = User.objects.get(pk=people.ada.pk)
    with pytest.raises(NotFound):
        deactivate(user=eve, by=ada)
    User.objects.filter(pk=ada.pk).update(is_active=True)
    ada.refresh_from_db()
    User.objects.filter(pk=eve.pk).update(is_active=False)  # as if both had been deactivated at once
    with pytest.raises(Conflict):
        change_person(user=ada, by=eve_that_was(eve), name="Ada", role=Role.SALES, team=None)
    assert seen(ada)["role"] == Role.ADMIN


def eve_that_was(eve: User) -> User:
    """Return her as her own request still has her: read before she was deactivated."""
    return eve


def test_nothing_is_given_to_somebody_who_left(people):
    customer = make_customer(owner=people.bob)
    deactivate(user=people.alice, by=people.ada)

    assert people.alice not in assignable_owners(people.ada)
    alice = User.objects.get(pk=people.alice.pk)
    with pytest.raises(Forbidden):
        update_customer(customer=customer, version=customer.version, by=people.ada, owner=alice)
    with pytest.raises(Forbidden):
        create_customer(name="X", owner=alice, by=people.ada)
    customer.refresh_from_db()
    assert customer.owner == people.bob


def test_whoever_comes_back_has_the_password_they_had(people):
    before = User.objects.get(pk=people.alice.pk).password
    deactivate(user=people.alice, by=people.ada)
    reactivate(user=people.alice, by=people.ada)
    alice = User.objects.get(pk=people.alice.pk)
    assert (alice.password, alice.is_active) == (before, True)


def test_roles_are_given_by_administrators_alone(people):
    every = ["sales", "manager", "marketing", "service", "finance", "auditor", "admin"]
    assert [value for value, _ in assignable_roles(people.ada)] == every
    assert assignable_roles(people.bob) == []


def test_the_list_says_who_has_a_second_factor(people):
    from zhike.accounts.models import Passkey
    from zhike.base.clock import now

    Passkey.objects.create(user=people.bob, name="x", credential_id=b"1", credential=b"1", created_at=now())
    found = with_second_factor(User.objects.filter(pk__in=[people.alice.pk, people.bob.pk]))
    assert dict(found.values_list("name", "is_guarded")) == {"Alice": False, "Bob": True}
