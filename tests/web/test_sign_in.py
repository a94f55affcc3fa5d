from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import PASSWORD, make_user
from zhike.accounts.models import SignInFailure, User
from zhike.accounts.sign_in import TRIES_PAIR

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return make_user("Alice", email="alice@example.com")


def sign_in(client: Client, *, email="alice@example.com", password=PASSWORD, address="10.0.0.1", **more):
    return client.post("/sign-in/", {"email": email, "password": password, **more}, REMOTE_ADDR=address)


def test_it_shows_the_form_to_strangers(client):
    response = client.get("/sign-in/")
    assert response.status_code == 200
    assert 'autocomplete="current-password"' in response.text


def test_it_lets_in_and_leads_to_the_home_page(client, alice):
    response = sign_in(client, email=" Alice@Example.com ")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_it_leads_back_to_the_page_that_was_asked_for(client, alice):
    assert client.get("/customers/?q=a")["Location"] == "/sign-in/?next=/customers/%3Fq%3Da"
    assert sign_in(client, next="/customers/?q=a")["Location"] == "/customers/?q=a"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"])
def test_it_never_leads_to_another_site(client, alice, elsewhere):
    assert sign_in(client, next=elsewhere)["Location"] == "/"


def test_someone_signed_in_goes_straight_on(client, alice):
    client.force_login(alice)
    assert client.get("/sign-in/?next=/classes/")["Location"] == "/classes/"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("a\x00b", "wrong"),
        ("", PASSWORD),
        ("alice@example.com", ""),
    ],
)
def test_wrong_input_is_refused_in_words(client, alice, email, password):
    response = sign_in(client, email=email, password=password)
    assert response.status_code == 422
    assert 'class="zk-error"' in response.text or "邮箱或密码不对。" in response.text
    assert "_auth_user_id" not in client.session


def test_someone_who_left_is_refused(client, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert sign_in(client).status_code == 422


def test_guessing_ends_even_with_the_right_password(client, alice):
    for _ in range(TRIES_PAIR):
        assert sign_in(client, password="wrong").status_code == 422
    response = sign_in(client)
    assert response.status_code == 429
    assert "15 分钟后再试" in response.text
    assert "_auth_user_id" not in client.session


def test_guessing_from_elsewhere_does_not_lock_the_owner_out(client, alice):
    for _ in range(TRIES_PAIR):
        sign_in(client, password="wrong", address="10.9.9.9")
    assert sign_in(client).status_code == 302


def test_old_failures_do_not_count(client, alice, settings):
    from datetime import UTC, datetime, timedelta

    settings.ZHIKE_NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
    for _ in range(TRIES_PAIR):
        sign_in(client, password="wrong")
    settings.ZHIKE_NOW += timedelta(minutes=16)
    assert sign_in(client).status_code == 302
    assert SignInFailure.objects.count() == 0


def test_signing_out_takes_a_post(client, alice):
    client.force_login(alice)
    assert client.get("/sign-out/").status_code == 405
    assert "_auth_user_id" in client.session
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_a_stranger_switches_the_language(client, alice):
    response = client.post("/language/", {"language": "en", "next": "/sign-in/"})
    assert response["Location"] == "/sign-in/"
    assert "Sign in" in client.get("/sign-in/").text


def test_the_language_chosen_before_signing_in_stays(client, alice):
    client.post("/language/", {"language": "en", "next": "/sign-in/"})
    sign_in(client)
    alice.refresh_from_db()
    assert alice.language == "en"


def test_the_browser_decides_for_a_stranger_who_chose_nothing(client):
    assert "Sign in" in client.get("/sign-in/", headers={"Accept-Language": "en-GB"}).text
    assert "登录" in client.get("/sign-in/", headers={"Accept-Language": "zh-CN"}).text


def test_forms_are_closed_to_other_sites(alice):
    strict = Client(enforce_csrf_checks=True)
    response = sign_in(strict)
    assert response.status_code == 403
    assert "页面已过期" in response.text
