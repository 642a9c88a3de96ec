"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass, field

from governance.errors import CheckFailed, Lang

MAX_FINDINGS = 1_000
"""After so many a ledger is wrong enough; the rest is not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        code: of ``governance/messages``.
        index: the entry it is about; ``None`` for what concerns the ledger as a whole.
    """

    code: str
    index: int | None

    def text(self, lang: Lang = "en") -> str:
        """The finding as a sentence."""
        return CheckFailed(self.code, index="-" if self.index is None else self.index).text(lang)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """The result of reading a whole ledger.

    Attributes:
        ok: nothing was found.
        size: entries that were read and form an unbroken sequence from 0.
        root: RFC 6962 root over them, lower-case hex.
        first_bad_index: smallest index that a finding names.
        findings: what was found, by index, findings about the whole first.
    """

    ok: bool
    size: int
    root: str
    first_bad_index: int | None
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Findings:
    """Findings as they come, each once."""

    _found: set[Finding] = field(default_factory=set)

    def add(self, code: str, index: int | None = None) -> None:
        """Note a finding."""
        if len(self._found) < MAX_FINDINGS:
            self._found.add(Finding(code=code, index=index))

    def report(self, *, size: int, root: bytes) -> VerificationReport:
        """The report over everything noted."""
        indices = [finding.index for finding in self._found if finding.index is not None]
        return VerificationReport(
            ok=not self._found,
            size=size,
            root=root.hex(),
            first_bad_index=min(indices, default=None),
            findings=tuple(
                sorted(self._found, key=lambda f: (f.index is not None, f.index if f.index is not None else 0, f.code))
            ),
        )
