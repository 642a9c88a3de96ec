"""Makes a folder with settings, guideline, catalogue and accounts into a deployment: keys, store, ledger, tokens."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from audit.keys import generate_key
from audit.ledger import Ledger
from connectors.suspensions import create_list
from governance.errors import BadInput
from governance.load_catalogue import load_catalogue
from governance.load_guideline import load_guideline
from governance.load_principals import load_principals
from masking.keys import create_master
from policies.open_engine import open_engine
from sekisho.approval_store import ApprovalStore
from sekisho.identity import new_signing_key
from sekisho.key_files import write_key_file
from sekisho.layout import Layout
from sekisho.registration_store import RegistrationStore
from sekisho.settings import load_settings

if TYPE_CHECKING:
    from sekisho.deployment import Deployment


def establish(folder: Path, *, now: datetime | None = None) -> None:
    """Make what a new deployment needs and only it may have.

    Args:
        folder: with ``deployment.yaml``, guideline, catalogue, templates, accounts and the departments' sources.
        now: the moment of the ledger's first entry, for a demo whose story begins before its clock's moment.

    Raises:
        BadInput: something of it exists already; keys and ledgers are never replaced.
    """
    layout, settings = Layout(folder), load_settings(folder)
    if layout.ledger.exists():
        raise BadInput("file-exists", file=layout.name_of(layout.ledger))
    catalogue, guideline = load_catalogue(layout.catalogue), load_guideline(layout.guideline)
    write_key_file(layout.issuer_key, new_signing_key(), file=layout.name_of(layout.issuer_key))
    write_key_file(layout.digest_key, f"{secrets.token_hex(32)}\n".encode(), file=layout.name_of(layout.digest_key))
    create_master(layout.master_key)
    create_list(layout.departments)
    ApprovalStore.create(layout.store)
    RegistrationStore.create(layout.store)
    signer = generate_key(layout.ledger_key, name=settings.ledger_origin)
    generate_key(layout.package_key, name=package_key_name(settings.ledger_origin))
    with open_engine(settings.engine, catalogue, guideline) as policy:
        policy_digest = policy.digest
    genesis = {
        "time": (now or settings.clock()()).isoformat(timespec="seconds"),
        "deployment": settings.name,
        "demo": settings.demo,
        "guideline_version": guideline.version,
        "policy_digest": policy_digest,
    }
    Ledger.create(layout.ledger, signer=signer, origin=settings.ledger_origin, genesis=genesis).close()


def package_key_name(origin: str) -> str:
    """The name of the key that signs packages, of the deployment whose ledger has this origin."""
    return f"{origin}/packages"


def issue_tokens(folder: Path) -> None:
    """Issue every account a token and keep it, as a demo does; in production a person signs in for one."""
    from sekisho.deployment import Deployment

    deployment = Deployment.load(folder)
    for account in load_principals(deployment.layout.principals):
        issue_token(deployment, account)


def issue_token(deployment: Deployment, account: str) -> datetime:
    """Issue an account a token and keep it, in the place of an earlier one.

    Returns:
        Until when it counts.

    Raises:
        BadInput: there is no such account, or the token cannot be kept.
    """
    if account not in deployment.principals:
        raise BadInput("token-no-account")
    now = deployment.clock()
    path = deployment.layout.token(account)
    token = deployment.issuer.issue(deployment.principals[account], now=now)
    path.unlink(missing_ok=True)
    write_key_file(path, f"{token}\n".encode("ascii"), file=deployment.layout.name_of(path))
    return now + deployment.issuer.lifetime
