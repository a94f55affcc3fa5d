"""Writes of second factors: the app that shows codes, the codes for a bad day, and their loss."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, NamedTuple

import pyotp
from django.db import transaction
from django.utils.translation import gettext

from zhike.accounts.models import Authenticator, Passkey, RecoveryCode, Session, User
from zhike.accounts.queries import company
from zhike.accounts.roles import require_charge
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.inputs import Invalid
from zhike.base.secrets import fingerprint, seal, unseal

if TYPE_CHECKING:
    from datetime import datetime

STEP = 30  # seconds, as every app has it
RECOVERY_CODES = 10
# No letters that are taken for digits; sixteen of them are 80 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4

_DIGITS = re.compile(r"\d{6}", re.ASCII)


class Setup(NamedTuple):
    """What the app is told: the secret, and the address that the QR code holds."""

    secret: str
    uri: str


def begin_authenticator(*, user: User) -> Setup:
    """Return the secret of an app that is being set up, the same until it is confirmed."""
    found = Authenticator.objects.filter(user=user).first()
    if found is not None and found.confirmed_at is not None:
        raise Invalid("已经有一个验证器，先停用它", "there is an authenticator app already: remove it first")
    if found is None:
        secret = pyotp.random_base32()
        Authenticator.objects.get_or_create(user=user, defaults={"secret": seal(secret), "created_at": now()})
        found = Authenticator.objects.get(user=user)
    secret = unseal(found.secret)
    issuer = company().name or gettext("知客")
    return Setup(secret, pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=user.email, issuer_name=issuer))


@transaction.atomic
def confirm_authenticator(*, user: User, code: str) -> list[str]:
    """Put the app in use once it shows the right code; return new recovery codes where there were none."""
    found = Authenticator.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if found is None:
        raise Invalid("这一步已经做过，或者要从头开始", "this was done already, or has to begin again", path="code")
    if not _take_code(found, code):
        raise Invalid(
            "验证码不对：看看手机的时间准不准，再输一次新的",
            "wrong code: see that the telephone's clock is right, and type the next one",
            path="code",
        )
    found.confirmed_at = now()
    found.save(update_fields=["confirmed_at"])
    record("factor.added", by=user, subject=user, data={"kind": "app"})
    return first_recovery_codes(user)


def first_recovery_codes(user: User) -> list[str]:
    """Draw recovery codes for somebody who has none."""
    return [] if RecoveryCode.objects.filter(user=user, used_at=None).exists() else draw_recovery_codes(user=user)


@transaction.atomic
def draw_recovery_codes(*, user: User) -> list[str]:
    """Draw new recovery codes; the former ones end. They are told this once."""
    User.objects.select_for_update().get(pk=user.pk)
    codes = [_draw() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, digest=fingerprint(_bare(code))) for code in codes])
    record("factor.added", by=user, subject=user, data={"kind": "recovery"})
    return codes


def take_second_factor(*, user: User, code: str) -> bool:
    """Say whether this is a code of the person's app or one for a bad day, and let it count no more."""
    found = Authenticator.objects.filter(user=user, confirmed_at__isnull=False).first()
    if found is not None and _take_code(found, code):
        return True
    rows = RecoveryCode.objects.filter(user=user, digest=fingerprint(_bare(code)), used_at=None)
    return bool(has_second_factor(user) and rows.update(used_at=now()))


def _take_code(found: Authenticator, code: str) -> bool:
    """Take the code of this half minute or of the one before or after, unless a later one was taken."""
    given = "".join(code.split())
    if not _DIGITS.fullmatch(given):
        return False
    totp, step = pyotp.TOTP(unseal(found.secret), interval=STEP), _step(now())
    for at in (step, step - 1, step + 1):
        if pyotp.utils.strings_equal(given, totp.at(at * STEP)):
            rows = Authenticator.objects.filter(pk=found.pk, secret=found.secret, last_step__lt=at)
            return bool(rows.update(last_step=at))
    return False


def has_second_factor(user: User) -> bool:
    """Say whether the password alone does not let this person in."""
    app = Authenticator.objects.filter(user=user, confirmed_at__isnull=False).values("pk")
    return bool(app.union(Passkey.objects.filter(user=user).values("pk")).exists())


@transaction.atomic
def remove_authenticator(*, user: User) -> None:
    """Take the app away; with the last second factor the recovery codes go too."""
    if Authenticator.objects.filter(user=user).delete()[0]:
        record("factor.removed", by=user, subject=user, data={"kind": "app"})
    forget_codes_without_factor(user)


def forget_codes_without_factor(user: User) -> None:
    if not has_second_factor(user):
        RecoveryCode.objects.filter(user=user).delete()


@transaction.atomic
def reset_second_factor(*, user: User, by: User) -> None:
    """Let somebody who lost the second factor in by the password alone. Every session of theirs ends."""
    require_charge(by, user)
    for model in (Authenticator, Passkey, RecoveryCode, Session):
        model._default_manager.filter(user=user).delete()
    record("factor.removed", by=by, subject=user, data={"kind": "all"})


def _step(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP


def _draw() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def _bare(code: str) -> str:
    return re.sub(r"[\s-]", "", code).casefold()
