"""What the audit log tells of those who were not let in, and what it keeps to itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import PASSWORD, make_user
from zhike.accounts.actions.invitations import invite, renew_invitation, withdraw_invitation
from zhike.accounts.actions.second_factors import begin_authenticator, confirm_authenticator
from zhike.accounts.models import Role, SignInFailure, User
from zhike.audit.models import Entry

pytestmark = pytest.mark.django_db

TYPED = "my secret words"


def sign_in(email: str, password: str = TYPED, address: str = "10.0.0.1") -> int:
    return Client().post("/sign-in/", {"email": email, "password": password}, REMOTE_ADDR=address).status_code


def told(action: str) -> list[Entry]:
    return list(Entry.objects.filter(action=action).order_by("pk"))


def test_a_wrong_password_is_written_down_with_whose_door_it_was(settings):
    alice = make_user("Alice")
    assert sign_in(alice.email, address="203.0.113.9") == 422

    (entry,) = told("session.refused")
    assert (entry.actor, entry.door, entry.subject_type, entry.subject_id) == (
        None,
        "page",
        "accounts.User",
        str(alice.pk),
    )
    assert {name: entry.data[name] for name in ("why", "address")} == {"why": "password", "address": "203.0.113.9"}


def test_the_log_holds_nothing_of_what_was_typed():
    """Whoever types the password into the field of the name has not written it into the log."""
    for email, password in [("hunter2@example.com", "pass-w0rd"), (TYPED, "x"), ("nobody@example.com", TYPED)]:
        sign_in(email, password)
    text = str(list(Entry.objects.values()))
    assert [word for word in ("hunter2", "pass-w0rd", TYPED, "nobody") if word in text] == []


def test_an_unknown_name_leaves_the_same_behind_as_a_known_one():
    alice = make_user("Alice")
    gone = make_user("Gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    asked = []
    for number, email in enumerate((alice.email, gone.email, "nobody@example.com")):
        with CaptureQueriesContext(connection) as queries:
            assert sign_in(email, address=f"10.0.{number}.1") == 422
        asked.append([query["sql"].split(" ")[0] for query in queries.captured_queries])
    assert asked[0] == asked[1] == asked[2]
    known, former, unknown = told("session.refused")
    assert set(known.data) == set(former.data) == set(unknown.data) == {"why", "name", "address"}
    assert len({len(entry.data["name"]) for entry in (known, former, unknown)}) == 1
    assert (former.subject_id, unknown.subject_id) == (str(gone.pk), "")


def test_tries_of_one_name_are_seen_to_be_that():
    for email in ("a@example.com", "A@example.com ", "b@example.com"):
        sign_in(email)
    first, second, third = (entry.data["name"] for entry in told("session.refused"))
    assert first == second != third


def test_a_lock_out_is_written_down_once_however_long_somebody_goes_on():
    alice = make_user("Alice")
    assert [sign_in(alice.email) for _ in range(30)] == [422] * 8 + [429] * 22
    assert len(told("session.refused")) == 8
    (entry,) = told("session.locked")
    assert (entry.subject_id, entry.data["why"], entry.data["address"]) == (str(alice.pk), "address", "10.0.0.1")

    # Another address that guesses the same name is another lock-out.
    assert [sign_in(alice.email, address="10.0.0.2") for _ in range(10)] == [422] * 8 + [429] * 2
    assert [entry.data["address"] for entry in told("session.locked")] == ["10.0.0.1", "10.0.0.2"]


def test_each_kind_of_lock_out_says_which_it_is():
    for number in range(42):
        sign_in(f"p{number}@example.com")
    for number in range(42):
        sign_in("alice@example.com", address=f"198.51.100.{number}")
    assert [entry.data["why"] for entry in told("session.locked")] == ["from", "name"]


def test_a_refused_code_is_written_down(settings):
    settings.ZHIKE_NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
    alice = make_user("Alice")
    secret = begin_authenticator(user=alice).secret
    confirm_authenticator(user=alice, code=pyotp.TOTP(secret).at(settings.ZHIKE_NOW))
    settings.ZHIKE_NOW += timedelta(minutes=1)
    client = Client()
    client.post("/sign-in/", {"email": alice.email, "password": PASSWORD})
    assert told("session.refused") == []
    client.post("/sign-in/second/", {"code": "000000"})
    assert [(entry.data["why"], entry.subject_id) for entry in told("session.refused")] == [("code", str(alice.pk))]
    assert told("session.opened") == []


def test_refused_passkeys_are_written_down_and_counted_so_that_nobody_fills_the_log():
    def post(address: str) -> int:
        answer = Client().post(
            "/sign-in/passkey/",
            json.dumps({"id": "x"}),
            content_type="application/json",
            headers={"Accept": "application/json"},
            REMOTE_ADDR=address,
        )
        return answer.status_code

    assert [post("10.0.0.1") for _ in range(12)] == [422] * 8 + [429] * 4
    assert [(entry.data["why"], entry.subject_id) for entry in told("session.refused")] == [("passkey", "")] * 8
    assert len(told("session.locked")) == 1
    # What has no name shuts out nobody elsewhere.
    for number in range(50):
        SignInFailure.objects.create(email="passkey", address=f"192.0.2.{number}", at=datetime.now(UTC))
    assert post("10.0.0.2") == 422


def test_a_lost_password_can_be_asked_for_however_many_ask_elsewhere(settings):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    settings.ZHIKE_URL = "http://crm.example.com"
    for number in range(50):
        SignInFailure.objects.create(email="", address=f"192.0.2.{number}", at=datetime.now(UTC))
    assert Client().post("/password/forgotten/", {"email": "a@example.com"}).status_code == 200


def test_a_wrong_present_password_is_written_down():
    alice = make_user("Alice")
    client = Client()
    client.force_login(alice)
    client.post("/settings/security/password/", {"present": TYPED, "password": "seven quiet herons"})
    (entry,) = told("session.refused")
    assert (entry.data["why"], entry.subject_id) == ("present", str(alice.pk))
    assert told("password.changed") == []


def test_an_invitation_that_is_renewed_or_taken_back_is_written_down():
    ada = make_user("Ada", role=Role.ADMIN)
    made, _ = invite(email="new@example.com", name="New", role=Role.SALES, team=None, by=ada)
    _, token = renew_invitation(pk=made.pk, by=ada)
    withdraw_invitation(pk=made.pk, by=ada)
    rows = Entry.objects.filter(subject_type="accounts.Invitation").order_by("pk")
    assert [(row.action, row.actor_id, row.subject_id) for row in rows] == [
        (action, ada.pk, str(made.pk)) for action in ("user.invited", "invitation.renewed", "invitation.withdrawn")
    ]
    assert rows[2].data == {"role": "sales"}
    assert not {token, "new@example.com"} & set(str(list(rows.values())).split("'"))
