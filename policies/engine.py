"""What a policy engine is: something that answers a decision document with an object, or raises `EngineFailure`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

FailureKind = Literal["died", "late", "refused", "undefined", "nonsense", "failed"]
"""died: no connection or process; late: no answer in time; refused: an error status; undefined: no document;
nonsense: an answer that is not one; failed: the evaluation itself."""


class EngineFailure(Exception):  # noqa: N818 - the name of the case, not of the class of errors
    """An engine gave no usable answer. What it said stays with it: it may repeat parts of the question."""

    def __init__(self, kind: FailureKind) -> None:
        super().__init__(kind)
        self.kind: FailureKind = kind


class PolicyEngine(Protocol):
    """Answers ``data.sekisho.decision``."""

    @property
    def name(self) -> str:
        """Name of the engine, for the ledger."""
        ...

    def decide(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to one decision document, not yet checked.

        Raises:
            EngineFailure: there is none, or it is no object.
        """
        ...
