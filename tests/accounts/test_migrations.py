"""What people were before roles became data, they still are."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from tests.factories import make_user
from zhike.accounts.models import Role, User


def migrate(name: str = "") -> None:
    call_command("migrate", "accounts", *filter(None, [name]), verbosity=0)


@pytest.fixture
def latest():
    """Leave the tables to the other tests as they want them."""
    yield
    call_command("migrate", verbosity=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("latest")
def test_everybody_keeps_the_role_that_was_a_word() -> None:
    people = {make_user(role=role).pk: role for role in ("sales", "manager", "admin")}

    migrate("0002_sign_in_failure")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, role FROM accounts_user")
        assert dict(cursor.fetchall()) == people
    call_command("migrate", verbosity=0)

    assert dict(User.objects.values_list("pk", "role")) == people
    assert Role.objects.filter(is_builtin=True).count() == 7
