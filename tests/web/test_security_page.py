"""登录和安全: one's own password, second factor and sessions."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from tests.accounts.keys import Device
from tests.factories import PASSWORD
from zhike.accounts.actions.second_factors import has_second_factor
from zhike.accounts.models import Passkey, Session, User
from zhike.base.clock import now

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0 Safari/604.1"


@pytest.fixture
def here(people):
    """Alice, signed in a moment ago at her desk."""
    client = Client(headers={"User-Agent": CHROME})
    client.post("/sign-in/", {"email": people.alice.email, "password": PASSWORD}, REMOTE_ADDR="10.0.0.1")
    return client


def post_json(client: Client, path: str, data: object):
    return client.post(path, json.dumps(data), content_type="application/json", headers={"Accept": "application/json"})


def test_it_lists_where_one_is_signed_in(here, people):
    phone = Client(headers={"User-Agent": WECHAT})
    phone.post("/sign-in/", {"email": people.alice.email, "password": PASSWORD}, REMOTE_ADDR="10.0.0.2")
    bob = Client(headers={"User-Agent": "Firefox/140.0"})
    bob.post("/sign-in/", {"email": people.bob.email, "password": PASSWORD}, REMOTE_ADDR="10.0.0.3")

    page = here.get("/settings/security/").text

    assert "Chrome · Windows" in page
    assert "微信 · iPhone" in page
    assert "10.0.0.2" in page
    assert "Firefox" not in page
    assert page.count("就是这里") == 1


def test_one_or_all_others_are_ended_but_never_somebody_elses(here, people):
    def there():
        client = Client()
        client.post("/sign-in/", {"email": people.alice.email, "password": PASSWORD})
        return client

    phone, tablet = there(), there()
    key = Session.objects.get(session_key=phone.session.row_key).session_key
    bob = Client()
    bob.post("/sign-in/", {"email": people.bob.email, "password": PASSWORD})
    assert bob.post("/settings/security/sessions/end/", {"session": key}).status_code == 404
    assert phone.get("/").status_code == 200
    here.post("/settings/security/sessions/end/", {"session": key})
    assert [client.get("/").status_code for client in (phone, tablet, here)] == [302, 200, 200]
    here.post("/settings/security/sessions/end/")
    assert [client.get("/").status_code for client in (tablet, here, bob)] == [302, 200, 200]


def test_last_seen_is_written_every_few_minutes_and_no_oftener(here, people, settings, django_assert_num_queries):
    settings.ZHIKE_NOW = now() + timedelta(minutes=4)
    here.get("/settings/")
    first = User.objects.get(pk=people.alice.pk).last_seen_at
    settings.ZHIKE_NOW += timedelta(minutes=2)
    here.get("/settings/", REMOTE_ADDR="10.0.0.1")
    assert User.objects.get(pk=people.alice.pk).last_seen_at == settings.ZHIKE_NOW
    assert first != settings.ZHIKE_NOW
    assert Session.objects.get(user=people.alice).last_seen_at == settings.ZHIKE_NOW


def test_the_app_is_set_up_and_the_codes_are_shown_this_once(here, people):
    page = here.get("/settings/security/app/").text
    assert '<svg viewBox="0 0 ' in page
    secret = re.search(r'class="zk-secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    wrong = here.post("/settings/security/app/", {"code": "000000"})
    assert wrong.status_code == 422
    assert secret == re.search(r'class="zk-secret">([A-Z2-7 ]+)<', wrong.text)[1].replace(" ", "")
    codes = re.findall(
        r"<li><code>(.+?)</code>", here.post("/settings/security/app/", {"code": pyotp.TOTP(secret).now()}).text
    )
    assert len(codes) == 10
    again = here.get("/settings/security/").text
    assert "还剩 10 个" in again
    assert not any(code in again for code in codes)
    assert here.get("/settings/security/app/")["Location"] == "/settings/security/"

    other = Client()
    sent = {"email": people.alice.email, "password": PASSWORD, "next": "/classes/"}
    assert other.post("/sign-in/", sent)["Location"] == "/sign-in/second/"
    assert other.post("/sign-in/second/", {"code": codes[0]})["Location"] == "/classes/"
    assert "还剩 9 个" in here.get("/settings/security/").text

    fresh = re.findall(r"<li><code>(.+?)</code>", here.post("/settings/security/codes/").text)
    assert len({*fresh, *codes}) == 20
    here.post("/settings/security/app/remove/")
    assert not has_second_factor(people.alice)


def test_a_passkey_is_added_used_and_removed(here, people):
    device = Device()
    options = post_json(here, "/settings/security/passkeys/ask/", {}).json()
    shown = post_json(here, "/settings/security/passkeys/", device.create(options) | {"name": "办公室电脑"})
    assert shown.status_code == 200
    assert len(re.findall(r"<li><code>", shown.text)) == 10
    assert "<html" not in shown.text
    assert "办公室电脑" in here.get("/settings/security/").text
    options = post_json(here, "/settings/security/passkeys/ask/", {}).json()
    assert len(options["publicKey"]["excludeCredentials"]) == 1
    second = post_json(here, "/settings/security/passkeys/", Device().create(options))
    assert second.json() == {"url": "/settings/security/"}

    guest = Client()
    guest.post("/sign-in/", {"email": people.alice.email, "password": PASSWORD, "next": "/classes/"})
    assert "用通行密钥登录" in guest.get("/sign-in/second/").text
    asked = post_json(guest, "/sign-in/passkey/ask/", {}).json()
    assert len(asked["publicKey"]["allowCredentials"]) == 2
    assert post_json(guest, "/sign-in/passkey/", device.get(asked)).json() == {"url": "/classes/"}
    assert guest.get("/").status_code == 200

    for key in Passkey.objects.all():
        here.post(f"/settings/security/passkeys/{key.pk}/remove/")
    assert not has_second_factor(people.alice)


def test_what_changes_the_way_in_asks_for_the_password_again_after_a_while(here, people, settings):
    settings.ZHIKE_NOW = now() + timedelta(minutes=16)
    assert here.get("/settings/security/app/")["Location"] == (
        "/settings/security/prove/?next=%2Fsettings%2Fsecurity%2Fapp%2F"
    )
    assert post_json(here, "/settings/security/passkeys/ask/", {}).json()["code"] == "proof_wanted"
    assert here.post("/settings/security/codes/")["Location"].startswith("/settings/security/prove/")
    prove = "/settings/security/prove/"
    assert here.post(prove, {"password": "wrong"}).status_code == 422
    assert here.get("/settings/security/app/").status_code == 302
    assert here.post(prove, {"password": PASSWORD, "next": "//evil.test"})["Location"] == "/settings/security/"
    assert here.get("/settings/security/app/").status_code == 200


def test_the_password_is_not_guessed_at_an_open_screen(here):
    sent = {"present": "wrong", "password": "seven quiet herons"}
    statuses = [here.post("/settings/security/password/", sent).status_code for _ in range(9)]
    assert statuses == [422] * 8 + [429]


def test_a_weak_new_password_is_refused_beside_it_and_costs_no_try(here, people):
    for _ in range(10):
        answer = here.post("/settings/security/password/", {"present": PASSWORD, "password": "12345678"})
        assert answer.status_code == 422
    assert "密码不能全是数字" in answer.text
    people.alice.refresh_from_db()
    assert people.alice.check_password(PASSWORD)


def test_ones_zone_is_chosen_among_those_there_are(here, people):
    sent = {"language": "zh-hans", "theme": "auto", "timezone": "America/New_York"}
    assert here.post("/settings/", sent).status_code == 302
    people.alice.refresh_from_db()
    assert people.alice.timezone == "America/New_York"
    with timezone.override("America/New_York"):
        hour = f"{timezone.localtime(now()):%H:}"
    assert f"今天 {hour}" in here.get("/settings/security/").text
    assert here.post("/settings/", {**sent, "timezone": "Mars/Base"}).status_code == 422
    people.alice.refresh_from_db()
    assert people.alice.timezone == "America/New_York"


def test_days_stay_the_companys_for_somebody_elsewhere(here, people, rules, settings):
    from datetime import UTC, datetime

    settings.ZHIKE_NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)  # the 19th in Shanghai, the 18th in New York
    User.objects.filter(pk=people.alice.pk).update(timezone="America/New_York")
    from tests.factories import make_customer

    customer = make_customer("梧桐里", owner=people.alice)
    here.post(f"/customers/{customer.pk}/log/", {"kind": "call", "text": "问了报价", "next_contact_on": "2026-11-19"})
    page = here.get(f"/customers/{customer.pk}/").text
    assert "今天" in page
    assert customer.created_on.isoformat() == "2026-11-19"
