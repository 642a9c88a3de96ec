"""Where the parts of a deployment stand in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one deployment. Keys of the broker stand in ``keys/``; the pseudonym master is the departments'."""

    folder: Path

    @property
    def guideline(self) -> Path:
        """Articles and tables of the guideline."""
        return self.folder / "guideline"

    @property
    def catalogue(self) -> Path:
        """One file a department."""
        return self.folder / "catalogue"

    @property
    def templates(self) -> Path:
        """Query templates, approved or to be approved."""
        return self.folder / "templates"

    @property
    def rules(self) -> Path:
        """Criteria of judgement, one file a purpose, approved with the guideline; who judges nobody has none."""
        return self.guideline / "rules"

    @property
    def packages(self) -> Path:
        """Recipes of packages for recipients under contract, approved with the guideline."""
        return self.guideline / "packages"

    @property
    def package_key(self) -> Path:
        """Private key that signs packages; its public key stands beside it."""
        return self.folder / "keys" / "package.key"

    @property
    def principals(self) -> Path:
        """Accounts."""
        return self.folder / "principals.yaml"

    @property
    def tokens(self) -> Path:
        """Signed tokens, one a principal."""
        return self.folder / "tokens"

    def token(self, principal: str) -> Path:
        """The token of a principal."""
        return self.tokens / f"{principal}.jwt"

    @property
    def issuer_key(self) -> Path:
        """Private key of the token issuer."""
        return self.folder / "keys" / "issuer.pem"

    @property
    def digest_key(self) -> Path:
        """Key of the digests that stand for texts in records."""
        return self.folder / "keys" / "digest.key"

    @property
    def ledger_key(self) -> Path:
        """Private key of the ledger; its public key stands beside it."""
        return self.folder / "keys" / "ledger.key"

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.folder / "ledger.sqlite"

    @property
    def store(self) -> Path:
        """The store of approvals."""
        return self.folder / "store.sqlite"

    @property
    def work_list(self) -> Path:
        """The work list of those who judge; made with its first use."""
        return self.folder / "assessment" / "work_list.sqlite"

    @property
    def tickets(self) -> Path:
        """What was asked in re-identifications, and the views; made with its first use."""
        return self.folder / "assessment" / "tickets.sqlite"

    @property
    def departments(self) -> Path:
        """The departments' side: sources, extracts, snapshots, and the pseudonym master."""
        return self.folder / "departments"

    @property
    def master_key(self) -> Path:
        """The pseudonym master, on the departments' side."""
        return self.departments / ".master.key"

    def name_of(self, path: Path) -> str:
        """A path as messages show it, relative to the folder."""
        return path.relative_to(self.folder).as_posix()
