"""Writes of passwords, what makes a good one, and the link by which a lost one is replaced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import get_default_password_validators
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.http import base36_to_int, int_to_base36

from zhike.accounts.models import Session, User
from zhike.audit.actions import record
from zhike.base import clock
from zhike.base.inputs import Invalid
from zhike.core.text import Text

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

PASSWORD_MIN = 8
PASSWORD_MAX = 256
# Not more than one letter to a person in so long, whoever asks for them.
LETTER_EVERY = timedelta(minutes=5)

_WORDS = {
    "password_too_similar": Text("密码和你的姓名或邮箱太像", "the password is too much like your name or e-mail"),
    "password_too_common": Text(
        "这个密码太常见，猜密码的人最先试它；换几个不相干的词连起来",
        "this password is among the first that are guessed; put a few unrelated words together",
    ),
    "password_entirely_numeric": Text(
        "密码不能全是数字，加几个字母", "a password of digits alone is guessed; add letters"
    ),
}


class LinkSpent(Invalid):
    """A link that was used, has run out, or never was."""

    code = "link_spent"

    def __init__(self) -> None:
        super().__init__(
            "这个链接用过了或者过期了，请再要一个。",
            "This link has been used or has expired. Ask for another.",
        )


def checked_password(text: str, user: User) -> str:
    """Return a password that is good enough for this person, or say all that is wrong with it."""
    if not PASSWORD_MIN <= len(text) <= PASSWORD_MAX:
        raise Invalid(
            f"密码要有 {PASSWORD_MIN} 到 {PASSWORD_MAX} 个字符",
            f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters",
            path="password",
        )
    wrong = [words for validator in get_default_password_validators() if (words := _refusal(validator, text, user))]
    if wrong:
        raise Invalid("；".join(words.zh for words in wrong), "; ".join(words.en for words in wrong), path="password")
    return text


def _refusal(validator: object, text: str, user: User) -> Text | None:
    try:
        validator.validate(text, user)  # type: ignore[attr-defined]  # Django's protocol
    except ValidationError as error:
        for code, words in _WORDS.items():
            if error.code == code or any(one.code == code for one in error.error_list):
                return words
        raise
    return None


@transaction.atomic
def change_password(*, user: User, present: str, password: str, keep: str = "") -> User:
    """Change one's own password. Every session ends but the one whose row is `keep`."""
    found = User.objects.select_for_update().get(pk=user.pk)
    if not check_password(present, found.password):
        raise Invalid("现在的密码不对", "the present password is wrong", path="present")
    _store(found, checked_password(password, found), keep)
    record("password.changed", by=found, subject=found, data={"how": "own"})
    return found


@transaction.atomic
def store_password(*, user: User, password: str) -> None:
    """Give a person a password, whoever decided that. Every session ends."""
    found = User.objects.select_for_update().get(pk=user.pk)
    _store(found, checked_password(password, found))
    user.password = found.password


def _store(user: User, password: str, keep: str = "") -> None:
    user.password = make_password(password)
    user.save(update_fields=["password"])
    Session.objects.filter(user=user).exclude(session_key=keep).delete()


class _ResetTokens(PasswordResetTokenGenerator):
    """Tokens that hold for one password, one address and one state of the sessions, for an hour."""

    key_salt = "zhike.accounts.reset"

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        assert isinstance(user, User)
        last = user.last_login.replace(microsecond=0, tzinfo=None) if user.last_login else ""
        return f"{user.pk}:{user.password}:{user.email}:{user.session_version}:{user.is_active}:{last}:{timestamp}"

    def _now(self) -> datetime:
        return clock.now().astimezone(UTC).replace(tzinfo=None)


_tokens = _ResetTokens()


def reset_token(user: User) -> str:
    """Return what a link carries for whoever has lost the password. Nothing of it is stored."""
    return f"{int_to_base36(user.pk)}.{_tokens.make_token(user)}"


def user_of_reset(token: str, *, lock: bool = False) -> User:
    """Return the person for whom a link was made, or raise `LinkSpent`."""
    number, _, rest = token.partition(".")
    try:
        pk = base36_to_int(number)
    except ValueError:
        raise LinkSpent from None
    people = User.objects.filter(is_active=True)
    user = (people.select_for_update() if lock else people).filter(pk=pk).first()
    if user is None or not _tokens.check_token(user, rest):
        raise LinkSpent
    return user


@transaction.atomic
def reset_password(*, token: str, password: str) -> User:
    """Replace a lost password. Of two that use the link at once, one finds it spent."""
    user = user_of_reset(token, lock=True)
    _store(user, checked_password(password, user))
    record("password.changed", by=user, subject=user, data={"how": "link"})
    return user


def may_mail_reset(user: User) -> bool:
    """Say whether a letter may go to this person now, and write down that it goes."""
    moment = clock.now()
    rows = User.objects.filter(pk=user.pk).exclude(reset_mailed_at__gt=moment - LETTER_EVERY)
    return bool(rows.update(reset_mailed_at=moment))
