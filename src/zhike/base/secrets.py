"""Secrets that have to be read again, as ciphertext: a copy of the database alone does not tell them.

The key follows from the installation's secret. After that was changed, what is there is still read
with the former one (ZHIKE_SECRET_KEY_OLD).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import digest

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from zhike.core.errors import ZhikeError


class SecretUnreadable(ZhikeError):
    """What was stored was written with a secret that this installation does not have."""

    code = "secret_unreadable"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            "这里保存的密钥读不出来：ZHIKE_SECRET_KEY 换过了，请把旧的写进 ZHIKE_SECRET_KEY_OLD。",
            "A stored secret cannot be read: ZHIKE_SECRET_KEY was changed. Put the former one in ZHIKE_SECRET_KEY_OLD.",
        )


def seal(text: str) -> str:
    """Return the text as ciphertext."""
    return _cipher().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the text, or raise `SecretUnreadable`."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable from error


def fingerprint(token: str) -> str:
    """Return the digest under which a token that was drawn at random is known."""
    return sha256(token.encode()).hexdigest()


def _cipher() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(urlsafe_b64encode(digest(key.encode(), b"zhike.secrets", "sha256"))) for key in secrets])
