"""What a policy engine is, and the one error by which each of its failures is known.

An engine hands over whatever it was answered; ``policies.ask`` is the only caller and believes none of it before it is
checked. Every failure is ``PolicyUnavailable`` with a code of its own, and means deny: nothing is released (I3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from governance.errors import Unavailable

ENTRYPOINT = "sekisho/decision"
"""The only document that is ever asked for, as a path below ``data``."""

MAX_ANSWER_BYTES = 4_000_000
"""Longest answer that is read; the obligations of 64 scans are a twentieth of it."""

TIMEOUT_SECONDS = 5.0
"""How long a decision may take before it counts as not given; it takes milliseconds."""


class PolicyUnavailable(Unavailable):
    """The policy engine gave no answer that can be used. To whoever asked, that is a deny.

    Attributes:
        input_digest: SHA-256 of the decision input that was asked about; empty until ``policies.ask`` knows it.
    """

    def __init__(self, code: str, /, **params: str | int) -> None:
        super().__init__(code, **params)
        self.input_digest = ""


class PolicyEngine(Protocol):
    """Something that evaluates the rules. Implementations may be called from several threads."""

    @property
    def name(self) -> str:
        """``embedded`` or ``opa``; stands in the decision."""
        ...

    @property
    def revision(self) -> str:
        """Digest of the rules and of the data that this engine answers by; stands in the ledger with each decision."""
        ...

    def decide(self, document: Mapping[str, Any]) -> object:
        """Evaluate the decision once.

        Args:
            document: the decision input.

        Returns:
            The answer as a JSON value, unchecked.

        Raises:
            PolicyUnavailable: timeout, no connection, an error of the engine, no defined answer, or one too long.
        """
        ...

    def close(self) -> None:
        """Give back what the engine holds (processes, threads, connections)."""
        ...
