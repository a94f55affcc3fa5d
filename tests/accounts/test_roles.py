"""Own roles, and that nobody gives rights away that they do not have."""

from __future__ import annotations

import pytest

from tests.factories import PASSWORD, make_people, make_user
from tests.scenes import once
from zhike.accounts.actions import add_user, set_password
from zhike.accounts.actions.roles import change_role, copy_role
from zhike.accounts.grants import VERBS
from zhike.accounts.models import FieldRight, Role, RoleRight, User
from zhike.accounts.policy import rights_of, rights_of_role
from zhike.accounts.rights import Access, Rights, Scope
from zhike.accounts.roles import may_grant
from zhike.base.errors import Forbidden
from zhike.base.inputs import Invalid
from zhike.core.text import Text

pytestmark = pytest.mark.django_db

CUSTOMER = "customers.Customer"
HELPER = Text("助理", "Assistant")


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def steward():
    """Somebody who manages people and roles, and of customers sees their own alone."""
    role = Role.objects.create(key="steward", label_zh="人事", label_en="Steward")
    for verb, label, scope in [
        ("view", CUSTOMER, "own"),
        ("change", CUSTOMER, "own"),
        ("create", "accounts.User", "all"),
        ("change", "accounts.User", "all"),
        ("view", "accounts.User", "all"),
        ("create", "accounts.Role", "all"),
        ("change", "accounts.Role", "all"),
    ]:
        RoleRight.objects.create(role=role, verb=verb, object=label, scope=scope)
    FieldRight.objects.create(role=role, object=CUSTOMER, field="phone", access="masked")
    return make_user(role="steward")


def helper_role(**fields: str) -> Role:
    role = Role.objects.create(key="helper", label_zh="助理", label_en="Assistant")
    RoleRight.objects.create(role=role, verb="view", object=CUSTOMER, scope="own")
    for name, access in {"phone": "masked", **fields}.items():
        FieldRight.objects.create(role=role, object=CUSTOMER, field=name, access=access)
    return role


def test_a_copy_may_what_the_other_may_and_is_changed_without_it(people):
    sales = Role.objects.get(key="sales")
    made = copy_role(role=sales, label=HELPER, by=people.ada)

    assert (made.key, str(made), made.is_builtin) == ("own_1", "助理", False)
    assert rights_of_role(made.key) == rights_of_role("sales")

    rights = Rights({("view", CUSTOMER): Scope.TEAM}, {(CUSTOMER, "phone"): Access.MASKED})
    change_role(role=made, by=people.ada, label=HELPER, rights=rights)

    assert rights_of_role(made.key) == rights
    assert rights_of_role("sales").scope("view", CUSTOMER) is Scope.OWN


def test_a_role_that_comes_with_the_program_never_changes(people):
    with pytest.raises(Forbidden):
        change_role(role=Role.objects.get(key="sales"), by=people.ada, label=HELPER, rights=Rights())

    assert not RoleRight.objects.exists()


@pytest.mark.parametrize(
    "rights",
    [
        Rights({("view", CUSTOMER): Scope.TEAM}, {(CUSTOMER, "phone"): Access.MASKED}),
        Rights({("export", CUSTOMER): Scope.OWN}, {(CUSTOMER, "phone"): Access.MASKED}),
        Rights({("view", CUSTOMER): Scope.OWN}),  # with telephones in full
        Rights({("view", CUSTOMER): Scope.OWN}, {(CUSTOMER, "phone"): Access.READ}),
    ],
)
def test_nobody_grants_a_right_that_they_lack(steward, rights):
    role = helper_role()
    before = rights_of_role("helper")

    with pytest.raises(Forbidden):
        change_role(role=role, by=steward, label=HELPER, rights=rights)

    assert rights_of_role("helper") == before


def test_nobody_edits_their_own_role(steward, people):
    role = Role.objects.get(key="steward")
    before = rights_of_role("steward")

    with pytest.raises(Forbidden):
        change_role(role=role, by=steward, label=HELPER, rights=Rights())
    assert rights_of_role("steward") == before

    change_role(role=role, by=people.ada, label=HELPER, rights=Rights())
    assert rights_of_role("steward") == Rights()


def test_nobody_copies_or_gives_a_role_above_their_own(steward):
    with pytest.raises(Forbidden):
        copy_role(role=Role.objects.get(key="admin"), label=HELPER, by=steward)
    with pytest.raises(Forbidden):
        add_user(email="x@example.com", name="X", password=PASSWORD, by=steward, role="admin")

    assert not Role.objects.filter(key="own_1").exists()
    assert not User.objects.filter(email="x@example.com").exists()


def test_nobody_takes_over_somebody_above_them_by_their_password(steward, people):
    before = User.objects.get(pk=people.ada.pk).password

    with pytest.raises(Forbidden):
        set_password(user=people.ada, password="taken over now", by=steward)

    assert User.objects.get(pk=people.ada.pk).password == before


def test_a_role_within_their_own_they_may_give(steward):
    helper_role()

    assert may_grant(steward, "helper")
    assert add_user(email="x@example.com", name="X", password=PASSWORD, by=steward, role="helper").role_key == "helper"


def test_a_right_that_does_not_exist_is_refused(people):
    role = helper_role()

    with pytest.raises(Invalid):
        change_role(role=role, by=people.ada, label=HELPER, rights=Rights({("burn", CUSTOMER): Scope.OWN}))

    assert ("burn", CUSTOMER) not in VERBS
    assert rights_of_role("helper").scope("view", CUSTOMER) is Scope.OWN


def test_an_administrator_covers_every_role_and_nobody_else_covers_theirs():
    roles = [role.key for role in Role.objects.all()]

    assert [key for key in roles if not rights_of_role("admin").covers(rights_of_role(key))] == []
    assert [key for key in roles if rights_of_role(key).covers(rights_of_role("admin"))] == ["admin"]


def test_rights_are_asked_for_once(django_assert_num_queries):
    helper_role()
    helper = make_user(role="helper")

    with django_assert_num_queries(2):
        for _ in range(3):
            assert rights_of(helper).scope("view", CUSTOMER) is Scope.OWN
