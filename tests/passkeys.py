"""A passkey as a browser makes it, without a browser."""

from __future__ import annotations

import json
import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

HOST = "testserver"
FLAGS = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT


def new_passkey(client: Client) -> str:
    """What the form is sent as `credential`, after the page that asks for it was opened."""
    challenge = client.session["mfa.webauthn.state"]["challenge"]
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    key = AttestedCredentialData.create(Aaguid.NONE, secrets.token_bytes(16), public)
    made = AuthenticatorData.create(sha256(HOST.encode()), FLAGS, 0, bytes(key))
    told = CollectedClientData.create(CollectedClientData.TYPE.CREATE, challenge, f"http://{HOST}")
    response = {
        "clientDataJSON": websafe_encode(told),
        "attestationObject": websafe_encode(AttestationObject.create("none", made, {})),
    }
    name = websafe_encode(key.credential_id)
    return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
