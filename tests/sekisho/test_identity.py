"""Tokens: what verifies names a principal, everything else names none and says why."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import BadInput
from governance.principals import Principal
from sekisho.identity import TokenIssuer, TokenVerifier, key_id, load_signing_key, new_signing_key

NOW = datetime(2023, 10, 1, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def account(name: str = "center", **changes: Any) -> Principal:
    values: dict[str, Any] = {
        "id": name,
        "roles": ("controller", "user"),
        "hats": (),
        "organ": "mayor",
        "post": "staff",
        "department": None,
        "oath": True,
        "training_until": "2024-03-31",
        "dv_cleared": False,
        "mfa": True,
    }
    return Principal(**{**values, **changes})


ACCOUNTS: Mapping[str, Principal] = {"center": account(), "auditor": account("auditor", roles=("auditor",))}
ISSUER = TokenIssuer(name="sekisho:test", key=KEY, lifetime=timedelta(hours=12))
VERIFIER = ISSUER.verifier(ACCOUNTS, now=NOW)
TOKEN = ISSUER.issue(ACCOUNTS["center"], now=NOW)


def claims(**changes: Any) -> dict[str, Any]:
    issued = int(NOW.timestamp())
    values = {
        "iss": "sekisho:test",
        "aud": "sekisho",
        "sub": "center",
        "iat": issued,
        "nbf": issued,
        "exp": issued + 3600,
        "roles": ["controller", "user"],
        "amr": ["pwd", "mfa"],
        **changes,
    }
    return {name: value for name, value in values.items() if value is not ...}


def signed(key: Ed25519PrivateKey = KEY, *, headers: dict[str, Any] | None = None, **changes: Any) -> str:
    return jwt.encode(
        claims(**changes), key, algorithm="EdDSA", headers={"kid": key_id(KEY.public_key()), **(headers or {})}
    )


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def crafted(header: object, payload: object, signature: bytes) -> str:
    return ".".join((b64(json.dumps(header).encode()), b64(json.dumps(payload).encode()), b64(signature)))


def hs256_with_the_public_key() -> str:
    """The classic confusion: the public key used as a shared secret."""
    header = b64(json.dumps({"alg": "HS256", "typ": "JWT", "kid": key_id(KEY.public_key())}).encode())
    body = f"{header}.{b64(json.dumps(claims()).encode())}"
    secret = KEY.public_key().public_bytes_raw()
    return f"{body}.{b64(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


def test_an_issued_token_names_its_account() -> None:
    """A token that the issuer made verifies and gives the account's principal with the hat that was put on."""
    verified = VERIFIER.verify(TOKEN, hat="user", now=NOW)
    assert verified.reason is None
    assert verified.principal == account(hats=("user",))


def test_without_a_hat_all_roles_are_worn() -> None:
    """Whether two hats may be worn at once is left to the policy: the principal then shows both."""
    principal = VERIFIER.verify(TOKEN, hat=None, now=NOW).principal
    assert principal is not None
    assert principal.hats == ("controller", "user")


def test_a_hat_that_is_not_the_accounts_reaches_the_policy() -> None:
    """Python does not judge hats: a foreign one is shown to the policy as it was asked for."""
    principal = VERIFIER.verify(TOKEN, hat="cpo", now=NOW).principal
    assert principal is not None
    assert principal.hats == ("cpo",)
    assert principal.roles == ("controller", "user")


def test_two_factors_need_the_account_and_the_session() -> None:
    """The principal counts as identified by two factors only where both the session and the account say so."""
    principal = VERIFIER.verify(signed(amr=["pwd"]), hat="user", now=NOW).principal
    assert principal is not None
    assert not principal.mfa
    one_factor = TokenVerifier(
        issuer="sekisho:test", keys=VERIFIER.keys, accounts={"center": account(mfa=False)}
    ).verify(TOKEN, hat="user", now=NOW)
    assert one_factor.principal is not None
    assert not one_factor.principal.mfa


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        pytest.param(None, "no-token", id="none"),
        pytest.param("", "no-token", id="empty"),
        pytest.param("x", "malformed", id="one-part"),
        pytest.param("a.b", "malformed", id="two-parts"),
        pytest.param("a.b.c.d", "malformed", id="four-parts"),
        pytest.param(TOKEN + "\n", "malformed", id="newline"),
        pytest.param("é." + TOKEN.split(".", 1)[1], "malformed", id="not-ascii"),
        pytest.param("A" * 9000 + ".b.c", "malformed", id="too-long"),
        pytest.param(crafted(["EdDSA"], claims(), b""), "malformed", id="header-is-a-list"),
        pytest.param(crafted({"alg": "none", "typ": "JWT"}, claims(), b"x"), "algorithm", id="alg-none"),
        pytest.param(crafted({"typ": "JWT"}, claims(), b"x"), "algorithm", id="no-alg"),
        pytest.param(hs256_with_the_public_key(), "algorithm", id="hs256"),
        pytest.param(signed(headers={"jku": "file:keys"}), "algorithm", id="key-of-the-senders-choice"),
        pytest.param(signed(headers={"crit": ["exp"]}), "malformed", id="critical-extension"),
        pytest.param(signed(headers={"kid": "other"}), "unknown-key", id="unknown-kid"),
        pytest.param(crafted({"alg": "EdDSA", "typ": "JWT"}, claims(), b"x"), "unknown-key", id="no-kid"),
        pytest.param(signed(OTHER_KEY), "forged", id="other-key"),
        pytest.param(TOKEN.rsplit(".", 1)[0] + "." + b64(bytes(64)), "forged", id="zero-signature"),
        pytest.param(signed(iss="sekisho:other"), "foreign-issuer", id="issuer"),
        pytest.param(signed(iss=...), "claims", id="no-issuer"),
        pytest.param(signed(aud="elsewhere"), "foreign-audience", id="audience"),
        pytest.param(signed(aud=["sekisho", "elsewhere"]), "foreign-audience", id="several-audiences"),
        pytest.param(signed(sub=...), "claims", id="no-subject"),
        pytest.param(signed(exp=...), "claims", id="no-end"),
        pytest.param(signed(exp="9999999999"), "claims", id="end-is-text"),
        pytest.param(signed(exp=True), "claims", id="end-is-a-boolean"),
        pytest.param(signed(exp=1e300), "claims", id="end-is-a-fraction"),
        pytest.param(signed(exp=10**30), "claims", id="end-beyond-all-years"),
        pytest.param(signed(sub=7), "claims", id="subject-is-a-number"),
        pytest.param(signed(roles="user"), "claims", id="roles-are-text"),
        pytest.param(signed(roles=...), "claims", id="no-roles"),
        pytest.param(signed(amr=[1]), "claims", id="methods-are-numbers"),
        pytest.param(signed(nbf=int(NOW.timestamp()) + 1), "not-yet-valid", id="tomorrow"),
        pytest.param(signed(exp=int(NOW.timestamp())), "expired", id="ends-now"),
        pytest.param(signed(sub="nobody"), "unknown-account", id="unknown-account"),
        pytest.param(signed(roles=["controller"]), "roles-changed", id="fewer-roles"),
        pytest.param(signed(roles=["controller", "user", "cpo"]), "roles-changed", id="more-roles"),
    ],
)
def test_a_token_that_does_not_verify_names_no_principal(token: str | None, reason: str) -> None:
    """Each way in which a token can be wrong gives no principal and its own reason."""
    verified = VERIFIER.verify(token, hat="user", now=NOW)
    assert verified.principal is None
    assert verified.reason == reason


def test_a_token_ends_by_the_deployments_clock() -> None:
    """The same token counts within its lifetime and not after it, whatever the machine's clock says."""
    last = NOW + timedelta(hours=12) - timedelta(seconds=1)
    assert VERIFIER.verify(TOKEN, hat="user", now=last).principal is not None
    assert VERIFIER.verify(TOKEN, hat="user", now=NOW + timedelta(hours=12)).reason == "expired"
    assert VERIFIER.verify(TOKEN, hat="user", now=NOW - timedelta(seconds=1)).reason == "not-yet-valid"


@pytest.mark.fuzz
@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{1,60}\.[A-Za-z0-9_-]{1,60}\.[A-Za-z0-9_-]{1,60}"))
def test_arbitrary_text_never_names_a_principal(text: str) -> None:
    """Whatever the text, the verifier answers with a reason and raises nothing."""
    verified = VERIFIER.verify(text, hat="user", now=NOW)
    assert verified.principal is None
    assert verified.reason is not None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.fuzz
@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "sub", "iat", "nbf", "exp", "roles", "amr", "crit"]), _JSON, max_size=4
    )
)
def test_signed_claims_of_any_shape_raise_nothing(changes: dict[str, Any]) -> None:
    """Even claims that the right key has signed may have any shape: the answer is a principal's claims, or a reason."""
    body = ".".join(
        b64(json.dumps(part).encode())
        for part in ({"alg": "EdDSA", "typ": "JWT", "kid": key_id(KEY.public_key())}, {**claims(), **changes})
    )
    verified = VERIFIER.verify(f"{body}.{b64(KEY.sign(body.encode()))}", hat="user", now=NOW)
    assert (verified.principal is None) == (verified.reason is not None)
    if verified.principal is not None:
        assert verified.principal.id == changes.get("sub", "center")


@pytest.mark.fuzz
@given(st.integers(min_value=0, max_value=len(TOKEN) - 1), st.integers(min_value=1, max_value=127))
def test_no_single_changed_character_verifies_as_another_account(position: int, offset: int) -> None:
    """A token with one character changed names nobody, or (where the change encodes the same bytes) the same person."""
    changed = TOKEN[:position] + chr((ord(TOKEN[position]) + offset) % 128) + TOKEN[position + 1 :]
    principal = VERIFIER.verify(changed, hat="user", now=NOW).principal
    assert principal in (None, account(hats=("user",)))


def test_the_key_id_is_the_jwk_thumbprint() -> None:
    """RFC 8037's own example key has the thumbprint that the RFC prints (appendix A.3)."""
    private = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    public = Ed25519PrivateKey.from_private_bytes(private).public_key()
    assert key_id(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_signing_key_survives_its_file() -> None:
    """A key that was made is read back as the same key."""
    data = new_signing_key()
    assert load_signing_key(data, file="k").public_key() == load_signing_key(data, file="k").public_key()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a key",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        # An X25519 key: a private key, but not one that signs.
        b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n",
    ],
    ids=["empty", "text", "broken", "other-algorithm"],
)
def test_what_is_no_signing_key_is_refused(data: bytes) -> None:
    """A key file of another kind ends in one clear error that names the file."""
    with pytest.raises(BadInput) as caught:
        load_signing_key(data, file="keys/issuer.pem")
    assert caught.value.code == "key-unreadable"
    assert "keys/issuer.pem" in caught.value.text("ja")
