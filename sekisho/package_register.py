"""How far a package has come: what the ledger says, and nothing else (第18条)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from audit.ledger import Ledger
from governance.errors import BadInput
from governance.provisions import PackageState, Provision
from sekisho.package_store import StoredPackage

Event = Literal["drafted", "reviewed", "created", "handed_over", "received", "deleted"]

_STATES: Mapping[Event, PackageState] = {
    "drafted": "drafted",
    "created": "created",
    "handed_over": "handed_over",
    "received": "received",
    "deleted": "deleted",
}
_ANY_NUMBER_OF_VALUES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageStatus:
    """How far a package has come, as the ledger says.

    Attributes:
        reviewers: who has reviewed it.
        entry: the newest entry about it.
        history: every entry about it, as documents.
    """

    number: str
    state: PackageState
    drafted_by: str
    reviewers: tuple[str, ...]
    entry: Mapping[str, Any]
    history: tuple[Mapping[str, Any], ...]
    stored: StoredPackage

    @property
    def recipient(self) -> str:
        """Who receives it."""
        return self.stored.recipient

    @property
    def expires_on(self) -> str | None:
        """Last day of its use; ``None`` before it is made."""
        return next((e["expires_on"] for e in self.history if e["expires_on"]), None)


def status_of(stored: StoredPackage, ledger: Ledger) -> PackageStatus:
    """What the ledger says of a package.

    Raises:
        BadInput: the ledger knows no such package: a row that somebody wrote into the store is none.
    """
    entries = [entry.document for entry in ledger.of_kind("package") if entry.document["package"] == stored.number]
    if not entries or entries[0]["content_digest"] != stored.detail["content_digest"]:
        raise BadInput("package-unknown")
    steps = [entry for entry in entries if entry["event"] in _STATES]
    return PackageStatus(
        number=stored.number,
        state=_STATES[steps[-1]["event"]],
        drafted_by=entries[0]["principal"],
        reviewers=tuple(dict.fromkeys(e["principal"] for e in entries if e["event"] == "reviewed")),
        entry=steps[-1],
        history=tuple(entries),
        stored=stored,
    )


def provision_of(status: PackageStatus, *, digest: str | None = None) -> Provision:
    """A package as the policy sees it.

    Args:
        digest: of its content as it is now, where somebody has looked.
    """
    first = status.history[0]
    return Provision(
        id=status.number,
        state=status.state,
        drafted_by=status.drafted_by,
        reviewers=status.reviewers,
        k=first["k"],
        # Where no item is sensitive, or nobody's value is known, no value can be too alone.
        l=first["l"] if first["l"] is not None else _ANY_NUMBER_OF_VALUES,
        findings=first["findings"],
        digest=digest,
        reviewed_digest=first["content_digest"],
    )
