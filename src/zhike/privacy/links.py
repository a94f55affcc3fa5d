"""The link by which a person takes back what they agreed to, without signing in.

It names the customer in a signed word, so that nobody can make one for somebody else. It does not run out: taking
back has to stay as easy as agreeing was. All that it shows is what was agreed to, never who the person is.
"""

from __future__ import annotations

from django.core import signing

from zhike.base.errors import NotFound
from zhike.customers.models import Customer


def _signer() -> signing.Signer:
    return signing.Signer(salt="zhike.privacy.links")


def consent_token(customer: Customer) -> str:
    """Return the word that names this customer in a link."""
    return _signer().sign_object(customer.pk)


def customer_of(token: str) -> Customer:
    """Return the customer whom a link names. Raises `NotFound` for a word of somebody's own making and who is gone."""
    try:
        found = Customer.present.filter(pk=_signer().unsign_object(token)).first()
    except signing.BadSignature:
        found = None
    if found is None:
        raise NotFound(
            "这个链接打不开：请从最近一封邮件或消息里重新点一次，或者直接告诉我们。",
            "This link cannot be opened. Follow it again from our latest letter or message, or just tell us.",
        )
    return found
