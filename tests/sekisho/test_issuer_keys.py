"""Replacing the key of the local issuer: tokens run out, or end at once, and nothing that is no key is one."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from governance.errors import BadInput
from sekisho.deployment import Deployment
from sekisho.identity import Unverified
from sekisho.issuer_keys import rotate


def replaced(city: Path, *, at_once: bool = False) -> tuple[Deployment, str]:
    """The deployment after a change of its key, and a token of before."""
    deployment = Deployment.load(city)
    token = deployment.issuer.issue(deployment.principals["center"], now=deployment.clock())
    rotate(deployment.layout, deployment.settings, now=deployment.clock(), at_once=at_once)
    return Deployment.load(city), token


def reason(deployment: Deployment, token: str) -> Unverified | None:
    """Why a token names nobody."""
    return deployment.identify(token, hat="controller").reason


def test_tokens_of_the_old_key_count_until_they_end(new_city: Path) -> None:
    """And new ones are signed by the new key; the old private key is nowhere any more."""
    before = Deployment.load(new_city)
    old_pem = before.layout.issuer_key.read_bytes()
    deployment, token = replaced(new_city)
    new = deployment.issuer.issue(deployment.principals["center"], now=deployment.clock())
    assert reason(deployment, token) is None
    assert reason(deployment, new) is None
    assert reason(before, new) == "unknown-key"
    assert all(file.read_bytes() != old_pem for file in deployment.layout.issuer_key.parent.iterdir())
    end = deployment.clock() + deployment.settings.token_lifetime
    assert reason(Deployment.load(new_city, now=end - timedelta(seconds=1)), token) is None
    # The key goes with the last token that it could have signed.
    assert reason(Deployment.load(new_city, now=end), token) == "unknown-key"


def test_a_key_that_others_may_know_ends_at_once(new_city: Path) -> None:
    """No token of it counts, whoever holds it and whatever it says."""
    deployment, token = replaced(new_city, at_once=True)
    assert reason(deployment, token) == "unknown-key"


def test_a_key_may_be_replaced_again_and_again(new_city: Path) -> None:
    """Each keeps its own term."""
    _, first = replaced(new_city)
    deployment, second = replaced(new_city)
    assert [reason(deployment, token) for token in (first, second)] == [None, None]
    assert len(deployment.issuer.retired) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document | {"public": "00"},
        lambda document: document | {"until": "2023-10-01T09:00:00"},
        lambda document: document | {"until": 7},
        lambda document: {"public": document["public"]},
        lambda document: [document],
    ],
    ids=["no key", "no offset", "no date", "no term", "a list"],
)
def test_what_is_no_retired_key_is_refused(new_city: Path, spoil: object) -> None:
    """A file that somebody wrote by hand opens nothing."""
    deployment, _ = replaced(new_city)
    (file,) = deployment.layout.issuer_key.parent.glob("*.retired.json")
    file.write_text(json.dumps(spoil(json.loads(file.read_text()))))  # type: ignore[operator]
    with pytest.raises(BadInput) as caught:
        Deployment.load(new_city)
    assert caught.value.code == "key-unreadable"


def test_a_retired_key_that_others_can_write_is_refused(new_city: Path) -> None:
    """Whoever can put a public key there could sign for anybody."""
    deployment, _ = replaced(new_city)
    (file,) = deployment.layout.issuer_key.parent.glob("*.retired.json")
    file.chmod(0o620)
    with pytest.raises(BadInput) as caught:
        Deployment.load(new_city)
    assert caught.value.code == "key-file-open"
