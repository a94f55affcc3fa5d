"""What people have done to the doors of other systems, one after the other, and what they find at this one.

There are no tokens for programs, no model-context door and no event streams yet, so nothing is said of them here.
"""

from __future__ import annotations

import json
import re
import statistics
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from time import perf_counter

import pyotp
import pytest
from django.core import mail
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from tests.accounts.keys import Device
from tests.factories import PASSWORD, make_people, make_user
from zhike.accounts.actions.invitations import accept_invitation, invite
from zhike.accounts.actions.passkeys import add_passkey, ask_for_new_passkey
from zhike.accounts.actions.passwords import LinkSpent, reset_password, reset_token
from zhike.accounts.actions.people import change_person, deactivate, reactivate
from zhike.accounts.actions.second_factors import begin_authenticator, confirm_authenticator
from zhike.accounts.models import Role, Session, SignInFailure, User
from zhike.accounts.tasks import mail_invitation, mail_reset_link

pytestmark = pytest.mark.django_db

NEW = "seven quiet herons"
LOCMEM = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}


@pytest.fixture
def mailing(settings):
    """A configured address and a mail server that keeps what it is given."""
    settings.MAILERS, settings.ZHIKE_URL = LOCMEM, "http://crm.example.com"
    mail.outbox = []
    return mail.outbox


def sign_in(client: Client, email: str, password: str = PASSWORD, address: str = "10.0.0.1", **headers):
    return client.post(
        "/sign-in/", {"email": email, "password": password}, REMOTE_ADDR=address, headers=headers or None
    )


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


# --- 1: whose host is in the letter ---


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Host", "Forwarded"])
def test_a_letter_leads_to_the_configured_address_whatever_host_was_named(client, mailing, settings, header):
    user = make_user(email="alice@example.com")
    value = "host=evil.test" if header == "Forwarded" else "evil.test"

    answer = client.post("/password/forgotten/", {"email": user.email}, headers={header: value})

    assert answer.status_code == (400 if header == "Host" else 200)
    mail_reset_link(email=user.email)
    ada = make_user(role=Role.ADMIN)
    invitation, _ = invite(email="new@example.com", name="New", role=Role.SALES, team=None, by=ada)
    mail_invitation(pk=invitation.pk)
    assert len(mailing) == 2
    for letter in mailing:
        assert "evil.test" not in letter.body + letter.subject
        assert re.findall(r"https?://[^/\s]+", letter.body) == ["http://crm.example.com"]


# --- 2: links ---


def test_a_link_in_a_letter_works_once_and_never_stands_in_an_address_that_is_logged(client, mailing):
    user = make_user(email="alice@example.com")
    mail_reset_link(email=user.email)
    path = re.search(r"http://crm.example.com(\S+)", mailing[0].body)[1]

    assert client.get(path)["Location"] == "/password/new/"
    assert client.post("/password/new/", {"password": "12345678"}).status_code == 422
    assert client.post("/password/new/", {"password": NEW})["Location"] == "/sign-in/"

    for again in (client.get(path), Client().get(path), client.get("/password/new/")):
        assert again.status_code == 422
        assert "用过了或者过期了" in again.text
    user.refresh_from_db()
    assert user.check_password(NEW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["reset", "invitation"])
def test_of_many_who_use_a_link_at_once_one_succeeds(kind):
    ada = make_user(role=Role.ADMIN)
    if kind == "reset":
        token = reset_token(make_user())
    else:
        _, token = invite(email="new@example.com", name="New", role=Role.SALES, team=None, by=ada)
    barrier = threading.Barrier(4)

    def use(number: int) -> bool:
        try:
            barrier.wait()
            if kind == "reset":
                reset_password(token=token, password=f"{NEW} {number}")
            else:
                accept_invitation(token=token, name=f"New {number}", password=f"{NEW} {number}")
        except LinkSpent:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [False, False, False, True]
    assert User.objects.count() == 2


def test_an_invitation_gives_what_was_chosen_for_it_whatever_is_sent(client):
    ada = make_user(role=Role.ADMIN)
    _, token = invite(email="new@example.com", name="New", role=Role.SALES, team=None, by=ada)
    client.get(reverse("accounts:join_link", args=[token]))
    client.post("/join/", {"name": "New", "password": NEW, "email": "evil@example.com", "role": "admin", "team": "1"})
    made = User.objects.exclude(pk=ada.pk).get()
    assert (made.email, made.role_key, made.team) == ("new@example.com", Role.SALES, None)
    assert is_in(client)


# --- 3: who is known here ---


def test_known_and_unknown_accounts_get_the_same_answers(client, mailing):
    make_user(email="alice@example.com")
    gone = make_user(email="gone@example.com")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    said = set()
    for email in ("alice@example.com", "nobody@example.com", "gone@example.com"):
        for path, data in (("/sign-in/", {"password": "wrong"}), ("/password/forgotten/", {})):
            answer = Client().post(path, {"email": email, **data})
            text = re.sub(r'value="[^"]{60,}"', "", answer.text.replace(email, "…"))
            said.add((path, answer.status_code, text))
    assert len(said) == 2


def test_a_refusal_costs_one_hash_whoever_was_named(settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["zhike.accounts.hashing.Argon2PasswordHasher"]
    make_user(email="alice@example.com")
    times: dict[str, list[float]] = {"alice@example.com": [], "nobody@example.com": []}
    for number in range(7):  # below the count at which an address is shut out
        for email, taken in times.items():
            client, start = Client(), perf_counter()
            assert sign_in(client, email, "wrong", address=f"10.0.{number}.1").status_code == 422
            taken.append(perf_counter() - start)
    known, unknown = (statistics.median(taken) for taken in times.values())
    assert abs(known - unknown) < max(known, unknown) / 3, times


def test_a_mail_server_that_is_down_changes_no_answer(client, settings):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 1},
        }
    }
    settings.ZHIKE_URL = "http://crm.example.com"
    user = make_user(email="alice@example.com")
    answers = {Client().post("/password/forgotten/", {"email": e}).status_code for e in (user.email, "x@example.com")}
    assert answers == {200}
    with pytest.raises(OSError, match="refused"):  # the worker tries again later
        mail_reset_link(email=user.email)


# --- 4: sessions end ---


def two_sessions(user: User) -> tuple[Client, Client]:
    first, second = Client(), Client()
    for client in (first, second):
        assert sign_in(client, user.email).status_code == 302
        assert is_in(client)
    return first, second


@pytest.mark.parametrize("what", ["deactivated", "role lowered", "password set by an administrator", "ended"])
def test_every_session_ends_with_the_next_request(what):
    from zhike.accounts.actions import set_password
    from zhike.accounts.actions.sessions import end_sessions

    people = make_people()
    sessions = two_sessions(people.bob)
    bob = User.objects.get(pk=people.bob.pk)
    match what:
        case "deactivated":
            deactivate(user=bob, by=people.ada)
        case "role lowered":
            change_person(user=bob, by=people.ada, name="Bob", role=Role.SALES, team=bob.team)
        case "ended":
            assert end_sessions(user=bob, by=people.ada) == 2
        case _:
            set_password(user=bob, password=NEW, by=people.ada)
    assert [is_in(client) for client in sessions] == [False, False]
    assert Session.objects.filter(user=bob).count() == 0


def test_a_session_does_not_come_back_with_the_person():
    people = make_people()
    first, _ = two_sessions(people.alice)
    kept = Session.objects.filter(user=people.alice).first()
    deactivate(user=people.alice, by=people.ada)
    kept.save(force_insert=True)  # as a request that was under way would write it
    assert not is_in(first)
    reactivate(user=people.alice, by=people.ada)
    assert not is_in(first)


def test_a_new_password_keeps_only_the_session_that_changed_it():
    alice = make_user("Alice")
    here, elsewhere = two_sessions(alice)
    key = here.cookies["zhike_session"].value
    answer = here.post("/settings/security/password/", {"present": PASSWORD, "password": NEW})
    assert answer["Location"] == "/settings/security/"
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert here.cookies["zhike_session"].value != key
    assert Session.objects.filter(user=alice).count() == 1


# --- 5: guessing ---


def test_an_address_that_guesses_is_shut_out_whatever_it_says_of_itself(settings):
    alice = make_user()
    statuses = [
        sign_in(Client(), alice.email, "wrong", **{"X-Forwarded-For": f"203.0.113.{number}"}).status_code
        for number in range(50)
    ]
    assert statuses == [422] * 8 + [429] * 42


def test_behind_a_proxy_only_its_own_word_counts(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    alice = make_user()
    statuses = [
        sign_in(Client(), alice.email, "wrong", **{"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.7"}).status_code
        for n in range(50)
    ]
    assert statuses == [422] * 8 + [429] * 42


def test_a_list_of_people_is_not_tried_from_one_address():
    statuses = [sign_in(Client(), f"p{number}@example.com", "wrong").status_code for number in range(50)]
    assert statuses == [422] * 40 + [429] * 10


def test_an_account_is_not_tried_from_everywhere_and_its_owner_is_not_shut_out_for_long(settings):
    settings.ZHIKE_NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
    alice, here = make_user(), Client()
    sign_in(here, alice.email, address="10.0.0.1")

    statuses = [
        sign_in(Client(), alice.email, "wrong", address=f"198.51.100.{number}").status_code for number in range(50)
    ]

    assert statuses == [422] * 40 + [429] * 10
    # Where she is signed in already she gets in at once, elsewhere after a quarter of an hour at the latest.
    assert sign_in(Client(), alice.email, address="10.0.0.1").status_code == 302
    assert sign_in(Client(), alice.email, address="10.7.7.7").status_code == 429
    settings.ZHIKE_NOW += timedelta(minutes=15, seconds=1)
    assert sign_in(Client(), alice.email, address="10.7.7.7").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_are_not_more_than_many_one_after_the_other():
    alice = make_user()
    barrier = threading.Barrier(16)

    def guess(number: int) -> int:
        try:
            barrier.wait()
            return sign_in(Client(), alice.email, f"wrong {number}").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        answered = list(pool.map(guess, range(16))).count(422)
    assert answered <= 8


# --- 6: the second factor ---


@pytest.fixture
def guarded(settings):
    """Somebody with an app, the password of whom is known, and a client that has given it."""
    settings.ZHIKE_NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
    user = make_user(email="alice@example.com")
    secret = begin_authenticator(user=user).secret
    confirm_authenticator(user=user, code=pyotp.TOTP(secret).at(settings.ZHIKE_NOW))
    settings.ZHIKE_NOW += timedelta(minutes=1)
    client = Client()
    assert sign_in(client, user.email)["Location"] == "/sign-in/second/"
    return user, secret, client


@pytest.mark.parametrize(
    "sent",
    [{}, {"code": ""}, {"code": "null"}, {"code": "000000"}, {"otp": "123456"}, {"code": "True"}, {"code": ["", ""]}],
    ids=str,
)
def test_without_the_code_nobody_is_in(guarded, sent):
    _, _, client = guarded
    assert client.post("/sign-in/second/", sent).status_code == 422
    assert not is_in(client)
    assert client.get("/customers/")["Location"] == "/sign-in/?next=/customers/"


def test_an_expired_code_and_one_that_was_used_are_refused(guarded, settings):
    user, secret, client = guarded
    totp = pyotp.TOTP(secret)
    assert (
        client.post("/sign-in/second/", {"code": totp.at(settings.ZHIKE_NOW - timedelta(minutes=2))}).status_code == 422
    )
    code = totp.at(settings.ZHIKE_NOW)
    assert client.post("/sign-in/second/", {"code": code})["Location"] == "/"
    assert is_in(client)

    other = Client()
    sign_in(other, user.email)
    assert other.post("/sign-in/second/", {"code": code}).status_code == 422
    assert not is_in(other)


def test_the_code_of_one_person_does_not_complete_the_password_of_another(guarded, settings):
    _, secret, _ = guarded
    bob = make_user(email="bob@example.com")
    bobs = begin_authenticator(user=bob).secret
    confirm_authenticator(user=bob, code=pyotp.TOTP(bobs).at(settings.ZHIKE_NOW))
    client = Client()
    sign_in(client, bob.email)
    assert client.post("/sign-in/second/", {"code": pyotp.TOTP(secret).at(settings.ZHIKE_NOW)}).status_code == 422
    assert not is_in(client)


def test_codes_are_not_guessed_and_the_password_again_does_not_help(guarded):
    user, _, client = guarded
    statuses = []
    for _ in range(12):
        sign_in(client, user.email)
        statuses.append(client.post("/sign-in/second/", {"code": "000000"}, REMOTE_ADDR="10.0.0.1").status_code)
    assert statuses[:8] == [422] * 8
    assert 422 not in statuses[8:]
    assert not is_in(client)


def test_the_step_between_lasts_ten_minutes_and_one_password(guarded, settings):
    user, secret, client = guarded
    settings.ZHIKE_NOW += timedelta(minutes=11)
    code = {"code": pyotp.TOTP(secret).at(settings.ZHIKE_NOW)}
    assert client.post("/sign-in/second/", code)["Location"] == "/sign-in/"
    sign_in(client, user.email)
    from zhike.accounts.actions import set_password

    set_password(user=user, password=NEW, by=None)
    assert client.post("/sign-in/second/", code)["Location"] == "/sign-in/"
    assert not is_in(client)


def test_a_reset_password_does_not_skip_the_second_factor(guarded):
    user, _, _ = guarded
    client = Client()
    client.get(reverse("accounts:reset_link", args=[reset_token(User.objects.get(pk=user.pk))]))
    client.post("/password/new/", {"password": NEW})
    assert not is_in(client)
    assert sign_in(client, user.email, NEW)["Location"] == "/sign-in/second/"


def test_a_passkey_is_asked_for_anew_each_time(client, settings):
    settings.ZHIKE_URL = ""
    alice, device = make_user(), Device()
    asked = ask_for_new_passkey(user=alice, site="http://testserver")
    add_passkey(user=alice, site="http://testserver", state=asked.state, answer=device.create(asked.options), name="")

    def post(path: str, data: object, who: Client):
        return who.post(path, json.dumps(data), content_type="application/json", headers={"Accept": "application/json"})

    options = post("/sign-in/passkey/ask/", {}, client).json()
    answer = device.get(options)
    assert post("/sign-in/passkey/", answer, Client()).status_code == 422  # nobody asked there
    assert post("/sign-in/passkey/", answer | {"next": "//evil.test"}, client).json() == {"url": "/"}
    assert is_in(client)
    client.post("/sign-out/")
    refused = post("/sign-in/passkey/", answer, client)
    assert (refused.status_code, refused.json()["code"]) == (422, "passkey_refused")
    assert not is_in(client)


# --- 7: the cookie ---


def test_a_session_gets_another_key_when_somebody_signs_in(client):
    alice = make_user()
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["zhike_session"] = session.session_key
    answer = sign_in(client, alice.email)
    cookie = answer.cookies["zhike_session"]
    assert cookie.value != session.session_key
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    planted = Client()
    planted.cookies["zhike_session"] = session.session_key
    assert not is_in(planted)


def test_over_https_the_cookies_are_secure(settings, client):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    answer = sign_in(client, make_user().email)
    for name in ("zhike_session", "zhike_csrf"):
        assert (answer.cookies[name]["secure"], answer.cookies[name]["samesite"]) == (True, "Lax"), name


def test_signing_out_kills_the_session_on_the_server(client):
    sign_in(client, make_user().email)
    stolen = Client()
    stolen.cookies["zhike_session"] = client.cookies["zhike_session"].value
    assert is_in(stolen)
    client.post("/sign-out/")
    assert not is_in(stolen)
    assert Session.objects.count() == 0


# --- 8: the first person ---


@pytest.mark.parametrize("path", ["/setup", "/setup/", "/install/", "/register/", "/sign-up/", "/signup/", "/admin/"])
@pytest.mark.parametrize("headers", [{}, {"X-Requested-With": "XMLHttpRequest"}, {"HX-Request": "true"}])
def test_there_is_no_page_that_makes_the_first_administrator(client, path, headers):
    for count in (0, 1):
        answer = client.post(path, {"email": "a@example.com", "password": NEW}, headers=headers)
        assert answer.status_code in {302, 404}, path
        assert answer.headers.get("Location", "/sign-in/").startswith("/sign-in/")
        assert User.objects.count() == count
        if not count:
            make_user(role=Role.ADMIN)
    client.force_login(User.objects.get())
    assert client.post(path, headers=headers).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_who_begin_at_once_one_is_the_administrator():
    from zhike.accounts.actions import add_first_or_next

    barrier = threading.Barrier(2)

    def add(number: int) -> str:
        try:
            barrier.wait()
            return add_first_or_next(email=f"p{number}@example.com", name="P", password=NEW).role_key
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, range(2))) == [Role.ADMIN, Role.SALES]


# --- 9: what a copy of the database, a log or an error page tells ---


def test_a_copy_of_the_database_opens_nothing(client, mailing, settings, caplog):
    settings.PASSWORD_HASHERS = ["zhike.accounts.hashing.Argon2PasswordHasher"]
    settings.ZHIKE_NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
    ada = make_user("Ada", role=Role.ADMIN)
    secret = begin_authenticator(user=ada).secret
    codes = confirm_authenticator(user=ada, code=pyotp.TOTP(secret).at(settings.ZHIKE_NOW))
    client.force_login(ada)
    client.post("/settings/people/invite/", {"email": "new@example.com", "name": "New", "role": "sales"})
    bob = make_user("Bob")
    stranger = Client()
    stranger.post("/password/forgotten/", {"email": bob.email})
    _, invited = invite(email="x@example.com", name="X", role=Role.SALES, team=None, by=ada)
    guest = Client()
    guest.get(reverse("accounts:join_link", args=[invited]))
    guest.post("/join/", {"name": "X", "password": "1"})
    reset = reset_token(User.objects.get(pk=bob.pk))
    lost = Client()
    lost.get(reverse("accounts:reset_link", args=[reset]))
    lost.post("/password/new/", {"password": "1"})

    dump = StringIO()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            dump.writelines(row[0] + "\n" for row in cursor.fetchall())
    text = dump.getvalue() + caplog.text
    assert "new@example.com" in text  # the dump is one
    decoded = " ".join(str(row.get_decoded()) for row in Session.objects.all())
    for name, value in {
        "password": PASSWORD,
        "secret of the app": secret,
        "recovery code": codes[0],
        "token of an invitation": invited,
        "token of a reset": reset,
        "its working half": reset.rpartition("-")[2],
        "key of a session": client.cookies["zhike_session"].value,
        "key of a guest's session": guest.cookies["zhike_session"].value,
    }.items():
        assert value not in text, name
        assert value not in decoded, name


def test_an_error_page_tells_no_secret(client, monkeypatch):
    from zhike.accounts.views import entrance

    def broken(**_given: object) -> User:
        raise RuntimeError("out of order")

    monkeypatch.setattr(entrance, "identify", broken)
    client.raise_request_exception = False
    answer = sign_in(client, "alice@example.com", "my secret words")
    assert answer.status_code == 500
    assert "my secret words" not in answer.text
    assert "out of order" not in answer.text


def test_failures_are_forgotten_once_they_no_longer_count(settings):
    from zhike.accounts.actions.sessions import clear_away

    settings.ZHIKE_NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
    sign_in(Client(), "alice@example.com", "wrong")
    assert SignInFailure.objects.count() == 1
    settings.ZHIKE_NOW += timedelta(minutes=16)
    clear_away()
    assert SignInFailure.objects.count() == 0
