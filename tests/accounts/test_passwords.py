"""What makes a password good enough, and how a lost one is replaced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import PASSWORD, make_user
from zhike.accounts.actions.passwords import (
    LinkSpent,
    change_password,
    may_mail_reset,
    reset_password,
    reset_token,
    store_password,
    user_of_reset,
)
from zhike.accounts.actions.sessions import end_all
from zhike.accounts.models import User
from zhike.base.inputs import Invalid

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
NEW = "seven quiet herons"


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "密码要有 8 到 256 个字符"),
        ("x" * 257, "密码要有 8 到 256 个字符"),
        ("password123", "这个密码太常见，猜密码的人最先试它；换几个不相干的词连起来"),
        ("wanglei1", "密码和你的姓名或邮箱太像"),
        ("8675309246810", "密码不能全是数字，加几个字母"),
    ],
)
def test_a_bad_password_is_refused_in_words_and_the_old_one_stays(password, said):
    user = make_user("Wang", email="wanglei@example.com")

    with pytest.raises(Invalid) as caught:
        store_password(user=user, password=password)

    assert caught.value.path == "password"
    assert caught.value.zh == said
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(Invalid) as caught:
        store_password(user=make_user(), password="12345678")

    assert caught.value.en == (
        "this password is among the first that are guessed; put a few unrelated words together; "
        "a password of digits alone is guessed; add letters"
    )


def test_ones_own_password_takes_the_present_one():
    user = make_user()

    with pytest.raises(Invalid) as caught:
        change_password(user=user, present="wrong", password=NEW)
    assert caught.value.path == "present"
    user.refresh_from_db()
    assert user.check_password(PASSWORD)

    change_password(user=user, present=PASSWORD, password=NEW)
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_argon2_keeps_it(settings):
    settings.PASSWORD_HASHERS = ["zhike.accounts.hashing.Argon2PasswordHasher"]
    user = make_user()
    store_password(user=user, password=NEW)
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda user: reset_password(token=reset_token(user), password="another fine day"),
        lambda user: change_password(user=user, present=PASSWORD, password="another fine day"),
        lambda user: User.objects.filter(pk=user.pk).update(email="new@example.com"),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: User.objects.filter(pk=user.pk).update(last_login=NOW),
        end_all,
    ],
    ids=["used", "password changed", "e-mail changed", "deactivated", "signed in", "sessions ended"],
)
def test_a_link_is_spent_by_whatever_happens_meanwhile(meanwhile):
    user = make_user()
    token = reset_token(user)
    assert user_of_reset(token) == user
    meanwhile(user)
    before = User.objects.get(pk=user.pk).password

    with pytest.raises(LinkSpent):
        reset_password(token=token, password=NEW)

    assert User.objects.get(pk=user.pk).password == before


def test_a_link_lives_for_an_hour(settings):
    settings.ZHIKE_NOW = NOW
    token = reset_token(make_user())
    settings.ZHIKE_NOW = NOW + timedelta(minutes=60)
    assert user_of_reset(token)
    settings.ZHIKE_NOW = NOW + timedelta(minutes=61)
    with pytest.raises(LinkSpent):
        user_of_reset(token)


@pytest.mark.parametrize("token", ["", ".", "1", "1.", "zz.abc-def", "-1.a-b", "1.\x00", "9" * 40 + ".a-b"])
def test_a_link_that_nobody_made_opens_nothing(token):
    with pytest.raises(LinkSpent):
        user_of_reset(token)


def test_a_deleted_persons_link_does_not_open_the_next_persons_account():
    first = make_user(email="li@example.com")
    token = reset_token(first)
    first.delete()
    make_user(email="li@example.com")
    with pytest.raises(LinkSpent):
        user_of_reset(token)


def test_one_letter_in_five_minutes(settings):
    settings.ZHIKE_NOW = NOW
    user = make_user()
    assert [may_mail_reset(user), may_mail_reset(user)] == [True, False]
    settings.ZHIKE_NOW = NOW + timedelta(minutes=5)
    assert may_mail_reset(user)
