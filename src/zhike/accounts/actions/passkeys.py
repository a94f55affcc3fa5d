"""Writes of passkeys. A passkey is both factors at once: the device, and the finger, face or PIN that opens it.

What is asked of the browser and what it answers follow WebAuthn; the state between the two is kept in
the session by the caller and is good once.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from zhike.accounts.actions.second_factors import first_recovery_codes, forget_codes_without_factor
from zhike.accounts.models import Passkey, User
from zhike.accounts.sign_in import SignInRefused
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid, line

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger("zhike.accounts")

MOST = 20


class Asked(NamedTuple):
    """What the browser is asked, and what must be kept until it answers."""

    options: dict[str, Any]
    state: dict[str, Any]


class PasskeyRefused(SignInRefused):
    """The browser's answer proves nothing."""

    code = "passkey_refused"

    def __init__(self) -> None:
        super().__init__(
            "这把通行密钥没有通过，再试一次，或者用密码登录。",
            "This passkey was not accepted. Try again, or sign in with the password.",
        )


def ask_for_new_passkey(*, user: User, site: str) -> Asked:
    """Ask the browser for a new passkey of this person."""
    known = [_credential(row) for row in Passkey.objects.filter(user=user)]
    if len(known) >= MOST:
        raise Conflict(f"最多 {MOST} 把通行密钥，先删掉一把", f"at most {MOST} passkeys: remove one first")
    entity = PublicKeyCredentialUserEntity(id=f"zhike:{user.pk}".encode(), name=user.email, display_name=user.name)
    options, state = _server(site).register_begin(
        entity,
        known,
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Asked(dict(options), state)


@transaction.atomic
def add_passkey(*, user: User, site: str, state: object, answer: Mapping[str, Any], name: str) -> list[str]:
    """Keep the public half of the passkey that the browser made; return recovery codes where there were none."""
    try:
        made = _server(site).register_complete(state, RegistrationResponse.from_dict(answer)).credential_data
    except Exception as error:
        # Whatever a browser sends, and whatever the library says of it, is one answer.
        logger.info("a new passkey was refused: %s", type(error).__name__)
        raise Invalid(
            "浏览器没有建好通行密钥，再试一次", "the browser did not make a passkey: try again", path="name"
        ) from error
    assert made is not None
    row = Passkey(
        user=user,
        name=line(name, "name", Passkey.NAME_MAX) or gettext("知客"),
        credential_id=made.credential_id,
        credential=bytes(made),
        created_at=now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("这把通行密钥已经登记过", "this passkey is registered already") from error
    record("factor.added", by=user, subject=user, data={"kind": "passkey"})
    return first_recovery_codes(user)


def ask_for_passkey(*, site: str, user: User | None = None) -> Asked:
    """Ask the browser to prove one of its passkeys; of one person, once it is known who that is."""
    known = None if user is None else [_credential(row) for row in Passkey.objects.filter(user=user)]
    options, state = _server(site).authenticate_begin(known, user_verification=UserVerificationRequirement.REQUIRED)
    return Asked(dict(options), state)


@transaction.atomic
def take_passkey(*, site: str, state: object, answer: Mapping[str, Any], user: User | None = None) -> User:
    """Return the person whose passkey this is, or raise `PasskeyRefused`."""
    try:
        given = AuthenticationResponse.from_dict(answer)
        rows = Passkey.objects.filter(user__is_active=True) if user is None else Passkey.objects.filter(user=user)
        row = rows.select_related("user").select_for_update(of=("self",)).get(credential_id=given.raw_id)
        _server(site).authenticate_complete(state, [_credential(row)], given)
        count = given.response.authenticator_data.counter
    except Exception as error:
        # Whatever a stranger sends, and whatever the library says of it, is one answer.
        logger.info("a passkey was refused: %s", type(error).__name__)
        raise PasskeyRefused from error
    # A count that does not grow is a copy of the key. Many keep no count at all.
    if count and not Passkey.objects.filter(pk=row.pk, sign_count__lt=count).update(sign_count=count):
        logger.warning("passkey %s counts backwards: it may have been copied", row.pk)
        raise PasskeyRefused
    Passkey.objects.filter(pk=row.pk).update(last_used_at=now())
    return row.user


@transaction.atomic
def remove_passkey(*, user: User, pk: int) -> None:
    """Take one's own passkey away; with the last second factor the recovery codes go too."""
    if not Passkey.objects.filter(user=user, pk=pk).delete()[0]:
        raise NotFound
    record("factor.removed", by=user, subject=user, data={"kind": "passkey"})
    forget_codes_without_factor(user)


def _server(site: str) -> Fido2Server:
    """Return the server for one address: a passkey made there is good there and nowhere else."""
    host = urlsplit(site).hostname or ""
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=host, name=gettext("知客")), verify_origin=lambda origin: origin == site
    )


def _credential(row: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(row.credential))
