"""Who asks: signed tokens (JWT, EdDSA) that a local issuer makes and that every request is checked against (第20条).

A token says who somebody is; what the account may do stands in ``principals.yaml`` and is read at verification, so
that a transfer takes effect on the next request and not when the token ends. A token that does not verify gives no
principal, with a reason: the policy then refuses and the refusal is recorded like any other.

SPEC: RFC 7519 (JWT), RFC 8037 (EdDSA), RFC 7638 (thumbprint as ``kid``), RFC 8176 (``amr``), RFC 8725 (one algorithm,
fixed issuer and audience).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from governance.errors import BadInput
from governance.principals import Principal

AUDIENCE = "sekisho"
_ALGORITHM = "EdDSA"
_TYPE = "JWT"
_MAX_TOKEN = 8 * 1024
_HEADER = frozenset({"alg", "typ", "kid"})
_CLAIMS = ("iss", "aud", "sub", "iat", "nbf", "exp", "roles", "amr")
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_LATEST = 253_402_300_799
"""The last second of the year 9999, in Unix time."""

Unverified = Literal[
    "no-token",
    "malformed",
    "algorithm",
    "unknown-key",
    "forged",
    "foreign-issuer",
    "foreign-audience",
    "claims",
    "not-yet-valid",
    "expired",
    "unknown-account",
    "roles-changed",
]
"""Why a token names no principal. Goes to the log and to the person, and says nothing of the token's content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The outcome of checking a token: a principal, or the reason why there is none."""

    principal: Principal | None
    reason: Unverified | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiredKey:
    """A key that signs no more, and until when what it signed may still count."""

    key: Ed25519PublicKey
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIssuer:
    """The local issuer. An OpenID Connect provider takes its place in production.

    Attributes:
        name: the ``iss`` of its tokens.
        key: its signing key.
        lifetime: how long a token counts.
        retired: key id → key that was replaced.
    """

    name: str
    key: Ed25519PrivateKey
    lifetime: timedelta
    retired: Mapping[str, RetiredKey] = field(default_factory=dict)

    def issue(self, account: Principal, *, now: datetime) -> str:
        """A token for an account whose person has been identified.

        The method of the identification (``amr``) is the account's own: two factors where it has them.
        """
        issued = int(now.timestamp())
        claims = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": account.id,
            "iat": issued,
            "nbf": issued,
            "exp": issued + int(self.lifetime.total_seconds()),
            "roles": sorted(account.roles),
            "amr": ["pwd", "otp", "mfa"] if account.mfa else ["pwd"],
        }
        headers = {"kid": key_id(self.key.public_key()), "typ": _TYPE}
        return jwt.encode(claims, self.key, algorithm=_ALGORITHM, headers=headers)

    def verifier(self, accounts: Mapping[str, Principal], *, now: datetime) -> TokenVerifier:
        """The verifier of this issuer's tokens at a moment."""
        public = self.key.public_key()
        retired = {name: each.key for name, each in self.retired.items() if now < each.until}
        return TokenVerifier(issuer=self.name, keys={**retired, key_id(public): public}, accounts=accounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenVerifier:
    """Checks tokens of one issuer against its public keys and the deployment's accounts.

    Attributes:
        keys: key id → public key; several while keys are being changed.
        accounts: what each account may be, without hats.
    """

    issuer: str
    keys: Mapping[str, Ed25519PublicKey]
    accounts: Mapping[str, Principal]

    def verify(self, token: str | None, *, hat: str | None, now: datetime) -> Verified:
        """The principal that a token names, wearing ``hat``.

        1. the form of a compact token, bounded; 2. the algorithm, before anything is computed; 3. the key by its id;
        4. the signature; 5. issuer and audience; 6. the claims' types; 7. the time, by the deployment's clock;
        8. the account, and that its roles are still those of the token.

        Without a hat the account's roles are all worn: one role is one hat, and whether several may be worn at once is
        the policy's question.
        """
        claims = self._claims(token, now=now)
        if isinstance(claims, str):
            return Verified(principal=None, reason=claims)
        account = self.accounts.get(claims["sub"])  # (8)
        if account is None:
            return Verified(principal=None, reason="unknown-account")
        if sorted(account.roles) != sorted(claims["roles"]):
            return Verified(principal=None, reason="roles-changed")
        hats = (hat,) if hat is not None else account.roles
        principal = replace(account, hats=hats, mfa=account.mfa and "mfa" in claims["amr"])
        return Verified(principal=principal, reason=None)

    def _claims(self, token: str | None, *, now: datetime) -> dict[str, Any] | Unverified:
        if not token:
            return "no-token"
        if len(token) > _MAX_TOKEN or not _COMPACT.fullmatch(token):  # (1)
            return "malformed"
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            return "malformed"
        if (
            header.get("alg") != _ALGORITHM or header.get("typ") != _TYPE or header.keys() - {"alg", "typ", "kid"}
        ):  # (2)
            return "algorithm"
        key = self.keys.get(str(header.get("kid")))  # (3)
        if key is None:
            return "unknown-key"
        try:
            claims = jwt.decode(  # (4), (5)
                token,
                key,
                algorithms=[_ALGORITHM],
                issuer=self.issuer,
                audience=AUDIENCE,
                options={
                    "require": list(_CLAIMS),
                    "strict_aud": True,
                    "verify_sub": False,  # its type is checked below, with the others
                    # By the deployment's clock, below; the library knows only the machine's.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidSignatureError:
            return "forged"
        except jwt.InvalidIssuerError:
            return "foreign-issuer"
        except jwt.InvalidAudienceError:
            return "foreign-audience"
        except jwt.MissingRequiredClaimError:
            return "claims"
        except (jwt.PyJWTError, ValueError, RecursionError):
            return "malformed"
        if not _well_typed(claims):  # (6)
            return "claims"
        moment = now.timestamp()
        if moment < claims["nbf"]:  # (7)
            return "not-yet-valid"
        if moment >= claims["exp"]:
            return "expired"
        return claims


def key_id(key: Ed25519PublicKey) -> str:
    """The JWK thumbprint of a public key (RFC 7638 with RFC 8037's members), the ``kid`` of its tokens."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    member = base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
    document = '{"crv":"Ed25519","kty":"OKP","x":"' + member + '"}'
    return base64.urlsafe_b64encode(hashlib.sha256(document.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def new_signing_key() -> bytes:
    """A fresh Ed25519 private key, PEM (PKCS #8)."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load_signing_key(data: bytes, *, file: str) -> Ed25519PrivateKey:
    """Read a private key.

    Raises:
        BadInput: the bytes are no Ed25519 private key in PEM.
    """
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadInput("key-unreadable", file=file) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput("key-unreadable", file=file)
    return key


def _well_typed(claims: Mapping[str, Any]) -> bool:
    times = (claims["iat"], claims["nbf"], claims["exp"])
    return (
        isinstance(claims["sub"], str)
        and all(isinstance(t, int) and not isinstance(t, bool) and 0 <= t <= _LATEST for t in times)
        and _are_texts(claims["roles"])
        and _are_texts(claims["amr"])
    )


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
