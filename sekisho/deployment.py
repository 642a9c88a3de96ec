"""A deployment, loaded from its folder and checked as a whole before anything runs on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from audit.keys import load_vkey, vkey_path
from governance.approvals import Template
from governance.catalogue import Catalogue
from governance.check_deployment import Finding, check_deployment
from governance.errors import BadInput
from governance.guideline import Guideline
from governance.load_catalogue import load_catalogue
from governance.load_guideline import load_guideline
from governance.load_principals import load_principals
from governance.load_templates import load_templates
from governance.principals import Principal
from sekisho.broker import Broker
from sekisho.identity import TokenIssuer, Verified
from sekisho.issuer_keys import load_issuer
from sekisho.key_files import read_key_file
from sekisho.layout import Layout
from sekisho.settings import Clock, EngineName, Settings, load_settings

_ACCOUNT = re.compile(r"[a-z][a-z0-9_-]{0,62}", re.ASCII)
_MAX_TOKEN_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment's settings, catalogue, guideline, templates and accounts.

    Attributes:
        clock: its clock: the machine's, or a demo's pinned moment.
        issuer: the local issuer of tokens.
        ledger_vkey: the public key under which the ledger has to stand.
        digest_key: keys the digests that stand for texts in records.
    """

    layout: Layout
    settings: Settings
    catalogue: Catalogue
    guideline: Guideline
    templates: Mapping[str, Template]
    principals: Mapping[str, Principal]
    clock: Clock
    issuer: TokenIssuer
    ledger_vkey: str
    digest_key: bytes = field(repr=False)

    @classmethod
    def load(cls, folder: Path, *, now: datetime | None = None) -> Deployment:
        """Read and check a deployment.

        Args:
            folder: the deployment's folder.
            now: another moment for the clock, for a demo only.

        Raises:
            BadInput: a part is missing or malformed, the parts do not fit each other, a key is readable by others, or
                ``now`` was given for a deployment that is no demo. The first fault is raised; `findings` has them all.
        """
        settings = load_settings(folder)
        if now is not None and not settings.demo:
            raise BadInput("clock-not-yours")
        layout = Layout(folder)
        catalogue = load_catalogue(layout.catalogue)
        guideline = load_guideline(layout.guideline)
        templates = load_templates(layout.templates)
        principals = load_principals(layout.principals)
        for finding in check_deployment(catalogue, guideline, templates, principals):
            raise finding.error
        return cls(
            layout=layout,
            settings=settings,
            catalogue=catalogue,
            guideline=guideline,
            templates=templates,
            principals=principals,
            clock=(lambda: now) if now is not None else settings.clock(),
            issuer=load_issuer(layout, settings),
            ledger_vkey=load_vkey(vkey_path(layout.ledger_key)).vkey,
            digest_key=_digest_key(layout),
        )

    def broker(self, engine: EngineName | None = None) -> Broker:
        """The broker of this deployment; a context manager that ends its processes.

        Args:
            engine: the policy engine, the settings' one unless given.
        """
        return Broker(self, engine=engine or self.settings.engine)

    def identify(self, token: str | None, *, hat: str | None) -> Verified:
        """Who a token names now, wearing a hat; or why it names nobody."""
        now = self.clock()
        return self.issuer.verifier(self.principals, now=now).verify(token, hat=hat, now=now)

    def token(self, principal: str | None) -> str | None:
        """The signed token that is kept for an account, ``None`` where there is none.

        Raises:
            BadInput: the account's name is not written as one.
        """
        if principal is None:
            return None
        if not _ACCOUNT.fullmatch(principal):
            raise BadInput("principal-name")
        try:
            with self.layout.token(principal).open("rb") as stream:
                data = stream.read(_MAX_TOKEN_BYTES)
        except OSError:
            return None
        return data.decode("ascii", errors="replace").strip()


def findings(folder: Path) -> tuple[Finding, ...]:
    """Every fault between the parts of a deployment whose parts are sound by themselves.

    Raises:
        BadInput: a part is missing or malformed.
    """
    layout = Layout(folder)
    return check_deployment(
        load_catalogue(layout.catalogue),
        load_guideline(layout.guideline),
        load_templates(layout.templates),
        load_principals(layout.principals),
    )


def _digest_key(layout: Layout) -> bytes:
    file = layout.name_of(layout.digest_key)
    data = read_key_file(layout.digest_key, file=file).strip()
    if not re.fullmatch(rb"[0-9a-f]{64}", data):
        raise BadInput("digest-key-malformed", file=file)
    return bytes.fromhex(data.decode("ascii"))
