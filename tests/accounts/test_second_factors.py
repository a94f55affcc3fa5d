"""The app that shows codes, the codes for a bad day, and passkeys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from tests.accounts.keys import Device
from tests.factories import make_people, make_user
from zhike.accounts.actions.passkeys import (
    PasskeyRefused,
    add_passkey,
    ask_for_new_passkey,
    ask_for_passkey,
    remove_passkey,
    take_passkey,
)
from zhike.accounts.actions.second_factors import (
    begin_authenticator,
    confirm_authenticator,
    draw_recovery_codes,
    has_second_factor,
    remove_authenticator,
    reset_second_factor,
    take_second_factor,
)
from zhike.accounts.models import Authenticator, Passkey, RecoveryCode, User
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 19, 2, 0, 7, tzinfo=UTC)
SITE = "http://testserver"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = NOW


def code(secret: str, moment: datetime = NOW) -> str:
    return pyotp.TOTP(secret).at(moment)


def guarded() -> tuple[User, str, list[str]]:
    """Return somebody with an app in use, its secret and their recovery codes."""
    user = make_user()
    secret = begin_authenticator(user=user).secret
    return user, secret, confirm_authenticator(user=user, code=code(secret))


def with_passkey(user: User, device: Device | None = None) -> tuple[Device, list[str]]:
    device = device or Device()
    asked = ask_for_new_passkey(user=user, site=SITE)
    codes = add_passkey(user=user, site=SITE, state=asked.state, answer=device.create(asked.options), name="电脑")
    return device, codes


def test_the_app_counts_once_it_has_shown_a_right_code():
    user = make_user()
    setup = begin_authenticator(user=user)
    assert setup.secret == begin_authenticator(user=user).secret
    assert setup.uri.startswith("otpauth://totp/")
    assert not has_second_factor(user)

    with pytest.raises(Invalid) as caught:
        confirm_authenticator(user=user, code="000000")
    assert caught.value.path == "code"
    assert not has_second_factor(user)

    codes = confirm_authenticator(user=user, code=code(setup.secret))
    assert has_second_factor(user)
    assert len(set(codes)) == 10
    with pytest.raises(Invalid):
        begin_authenticator(user=user)


def test_the_secret_and_the_recovery_codes_are_not_in_the_database():
    user, secret, codes = guarded()
    stored = Authenticator.objects.get(user=user).secret
    assert secret not in stored
    kept = set(RecoveryCode.objects.filter(user=user).values_list("digest", flat=True))
    assert len(kept) == 10
    assert not kept & {*codes, *(one.replace("-", "") for one in codes)}


@pytest.mark.parametrize(
    ("seconds", "taken"), [(-60, False), (-30, False), (0, False), (30, True), (60, False), (90, False)]
)
def test_a_code_counts_within_half_a_minute_of_its_time_and_never_again(seconds, taken):
    """At 0 it is the one that confirmed the app."""
    user, secret, _ = guarded()
    assert take_second_factor(user=user, code=code(secret, NOW + timedelta(seconds=seconds))) is taken
    assert not take_second_factor(user=user, code=code(secret, NOW + timedelta(seconds=seconds)))


def test_an_earlier_code_does_not_count_after_a_later_one(settings):
    user, secret, _ = guarded()
    settings.ZHIKE_NOW = NOW + timedelta(minutes=5)
    later = settings.ZHIKE_NOW + timedelta(seconds=30)
    assert take_second_factor(user=user, code=code(secret, later))
    assert not take_second_factor(user=user, code=code(secret, settings.ZHIKE_NOW))


@pytest.mark.parametrize("given", ["", " ", "12345", "1234567", "abcdef", "１２３４５６", "٠١٢٣٤٥", "\x00", "-" * 40])
def test_what_is_no_code_is_refused(given):
    user, _, _ = guarded()
    assert not take_second_factor(user=user, code=given)


def test_a_recovery_code_counts_once_however_it_is_typed():
    user, _, codes = guarded()
    assert take_second_factor(user=user, code=f" {codes[0].upper().replace('-', ' ')} ")
    assert not take_second_factor(user=user, code=codes[0])
    assert not take_second_factor(user=make_user(), code=codes[1])


def test_new_recovery_codes_end_the_former_ones():
    user, _, codes = guarded()
    fresh = draw_recovery_codes(user=user)
    assert not take_second_factor(user=user, code=codes[0])
    assert take_second_factor(user=user, code=fresh[0])


def test_without_a_second_factor_no_recovery_code_is_left():
    user, _, codes = guarded()
    remove_authenticator(user=user)
    assert RecoveryCode.objects.count() == 0
    assert not take_second_factor(user=user, code=codes[0])


def test_a_passkey_says_who_it_is():
    user = make_user()
    device, codes = with_passkey(user)
    assert len(codes) == 10
    assert has_second_factor(user)
    asked = ask_for_passkey(site=SITE)
    assert asked.options["publicKey"].get("allowCredentials") is None

    assert take_passkey(site=SITE, state=asked.state, answer=device.get(asked.options)) == user
    assert Passkey.objects.get().sign_count == 1
    assert Passkey.objects.get().last_used_at == NOW


def refusals(user: User, device: Device):
    """Yield a name, the state and an answer that must not be taken."""
    asked = ask_for_passkey(site=SITE)
    yield "nothing was asked", None, device.get(asked.options)
    yield "another challenge", ask_for_passkey(site=SITE).state, device.get(asked.options)
    yield "nobody at the device", asked.state, device.get(asked.options, verified=False)
    yield "unknown key", asked.state, Device().get(asked.options)
    stranger = Device()
    stranger.id = device.id
    yield "another key under the same name", asked.state, stranger.get(asked.options)
    elsewhere = Device(site="http://evil.test")
    elsewhere.id, elsewhere.key = device.id, device.key
    yield "asked by another site", asked.state, elsewhere.get(asked.options)
    yield "nothing", asked.state, {}
    yield "nonsense", asked.state, {"rawId": 5, "response": []}


def test_whatever_does_not_prove_the_passkey_is_one_answer():
    user = make_user()
    device, _ = with_passkey(user)
    tried = []
    for name, state, answer in refusals(user, device):
        with pytest.raises(PasskeyRefused):
            take_passkey(site=SITE, state=state, answer=answer)
        tried.append(name)
    assert len(tried) == 8
    assert Passkey.objects.get().last_used_at is None


def test_a_copy_of_a_passkey_is_noticed_by_its_count():
    device, _ = with_passkey(make_user())
    for _ in range(3):
        asked = ask_for_passkey(site=SITE)
        take_passkey(site=SITE, state=asked.state, answer=device.get(asked.options))
    device.count = 1  # as it was when it was copied
    asked = ask_for_passkey(site=SITE)
    with pytest.raises(PasskeyRefused):
        take_passkey(site=SITE, state=asked.state, answer=device.get(asked.options))


def test_a_passkey_without_a_count_is_taken_again_and_again():
    user = make_user()
    device, _ = with_passkey(user)
    for _ in range(2):
        asked = ask_for_passkey(site=SITE)
        assert take_passkey(site=SITE, state=asked.state, answer=device.get(asked.options, counts=False)) == user


def test_somebody_elses_passkey_does_not_complete_my_password():
    alice, bob = make_user(), make_user()
    device, _ = with_passkey(bob)
    with_passkey(alice)
    asked = ask_for_passkey(site=SITE, user=alice)
    assert len(asked.options["publicKey"]["allowCredentials"]) == 1
    with pytest.raises(PasskeyRefused):
        take_passkey(site=SITE, state=asked.state, answer=device.get(asked.options), user=alice)


def test_somebody_who_left_is_not_let_in_by_a_passkey():
    user = make_user()
    device, _ = with_passkey(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    asked = ask_for_passkey(site=SITE)
    with pytest.raises(PasskeyRefused):
        take_passkey(site=SITE, state=asked.state, answer=device.get(asked.options))


def test_a_passkey_is_registered_once_and_only_by_whoever_was_asked():
    user = make_user()
    device, _ = with_passkey(user)
    with pytest.raises(Conflict):
        with_passkey(make_user(), device)
    asked = ask_for_new_passkey(user=user, site=SITE)
    for state, answer in (
        (asked.state, Device().create(asked.options, verified=False)),
        (ask_for_new_passkey(user=user, site=SITE).state, Device().create(asked.options)),
        (asked.state, {}),
        (None, Device().create(asked.options)),
    ):
        with pytest.raises(Invalid):
            add_passkey(user=user, site=SITE, state=state, answer=answer, name="")
    assert Passkey.objects.count() == 1


def test_ones_own_passkey_alone_is_removed():
    alice, bob = make_user(), make_user()
    with_passkey(alice)
    pk = Passkey.objects.get().pk
    with pytest.raises(NotFound):
        remove_passkey(user=bob, pk=pk)
    remove_passkey(user=alice, pk=pk)
    assert (Passkey.objects.count(), RecoveryCode.objects.count(), has_second_factor(alice)) == (0, 0, False)


def test_an_administrator_clears_what_was_lost_and_nobody_else():
    people = make_people()
    with_passkey(people.alice)
    with pytest.raises(Forbidden):
        reset_second_factor(user=people.alice, by=people.bob)
    with pytest.raises(NotFound):
        reset_second_factor(user=people.alice, by=people.carol)
    assert has_second_factor(people.alice)
    reset_second_factor(user=people.alice, by=people.ada)
    assert not has_second_factor(people.alice)
    assert RecoveryCode.objects.count() == 0
