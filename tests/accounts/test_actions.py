"""People and the company."""

from __future__ import annotations

import pytest

from tests.factories import PASSWORD, make_people, make_team, make_user
from zhike.accounts.actions import add_user, change_preferences, set_company, set_password
from zhike.accounts.models import Company, Role, User
from zhike.accounts.queries import assignable_owners, company
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid

pytestmark = pytest.mark.django_db


def test_user_is_known_by_the_lower_case_address():
    user = add_user(email=" Alice@Example.COM ", name="Alice", password=PASSWORD, by=None)

    assert user.email == "alice@example.com"
    assert User.objects.get_by_natural_key("ALICE@example.com") == user
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"email": "nobody"}, "email"),
        ({"name": " "}, "name"),
        ({"password": "short"}, "password"),
        ({"role": "king"}, "role"),
        ({"language": "fr"}, "language"),
    ],
)
def test_user_that_cannot_be(given, path):
    with pytest.raises(Invalid) as caught:
        add_user(**{"email": "a@example.com", "name": "A", "password": PASSWORD, "by": None, **given})

    assert caught.value.path == path
    assert User.objects.count() == 0


def test_address_is_taken_once():
    make_user(email="a@example.com")

    with pytest.raises(Conflict):
        add_user(email="A@example.com", name="A", password=PASSWORD, by=None)

    assert User.objects.count() == 1


def test_only_admins_add_people():
    people = make_people()

    with pytest.raises(Forbidden):
        add_user(email="x@example.com", name="X", password=PASSWORD, by=people.bob)

    assert add_user(email="x@example.com", name="X", password=PASSWORD, by=people.ada).role_key == Role.SALES


def test_preferences_are_kept():
    user = make_user()

    change_preferences(user=user, theme="dark")
    change_preferences(user=user, language="en")

    user.refresh_from_db()
    assert (user.language, user.theme) == ("en", "dark")


def test_password_of_another_is_the_admins_to_set():
    people = make_people()

    with pytest.raises(Forbidden):
        set_password(user=people.alice, password="new password", by=people.bob)
    set_password(user=people.alice, password="new password", by=people.alice)

    people.alice.refresh_from_db()
    assert people.alice.check_password("new password")


def test_company_has_defaults_and_one_row():
    assert (str(company().zone), company().currency) == ("Asia/Shanghai", "CNY")

    set_company(by=None, name="清源水科技", timezone="Europe/London", currency="GBP")

    assert Company.objects.count() == 1
    assert (company().name, str(company().zone)) == ("清源水科技", "Europe/London")
    with pytest.raises(Invalid):
        set_company(by=None, timezone="Mars/Base")


def test_customers_are_given_within_the_team():
    people = make_people()
    lone = make_user(role=Role.MANAGER)

    assert set(assignable_owners(people.bob)) == {people.alice, people.bob}
    assert set(assignable_owners(people.alice)) == {people.alice}
    assert set(assignable_owners(lone)) == {lone}
    assert people.charlie in assignable_owners(people.ada)
    assert make_team("同名") == make_team("同名")


def test_zone_is_the_installations_until_the_company_chooses(settings):
    settings.TIME_ZONE = "Europe/London"
    set_company(by=None, name="A")

    assert str(company().zone) == "Europe/London"
    set_company(by=None, timezone="Asia/Tokyo")
    assert str(company().zone) == "Asia/Tokyo"
