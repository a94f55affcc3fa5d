"""A device that keeps passkeys, in software: what a browser would send for it."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Device:
    """One passkey. `verified=False`: nobody showed a finger or typed a PIN."""

    def __init__(self, site: str = "http://testserver", host: str = "testserver") -> None:
        self.site, self.host = site, host
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.count = 0

    def create(self, options: dict[str, Any], *, verified: bool = True) -> dict[str, Any]:
        data = AttestedCredentialData.create(
            Aaguid(bytes(16)), self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        flags = PRESENT | ATTESTED | (VERIFIED if verified else 0)
        made = AuthenticatorData.create(self._rp(), flags, self.count, bytes(data))
        client = self._client("webauthn.create", options["publicKey"]["challenge"])
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(bytes(AttestationObject.create("none", made, {}))),
            }
        )

    def get(self, options: dict[str, Any], *, verified: bool = True, counts: bool = True) -> dict[str, Any]:
        self.count += counts
        made = AuthenticatorData.create(self._rp(), PRESENT | (VERIFIED if verified else 0), self.count)
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        signature = self.key.sign(bytes(made) + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(bytes(made)),
                "signature": websafe_encode(signature),
            }
        )

    def _rp(self) -> bytes:
        return hashlib.sha256(self.host.encode()).digest()

    def _client(self, kind: str, challenge: str) -> bytes:
        assert websafe_decode(challenge)
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.site}).encode()

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
