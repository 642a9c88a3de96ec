"""No proof, no data: what comes with an order, and what a department asks of it (I2).

A department trusts neither the broker nor the network. It wants to see, under the ledger's key that it has pinned, that
an allow is durably in the ledger and that this very order belongs to it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from audit.checkpoint import Checkpoint
from audit.entry import parse_entry
from audit.receipt import Receipt, verify_receipt
from governance.errors import BadInput, CheckFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is handed over with an order.

    Attributes:
        receipt: the decision's entry with its proof of inclusion and the signed checkpoint.
        nonce: the random nonce under which the entry holds the order's digest.
        scan: id of the scan in the entry.
    """

    receipt: Receipt
    nonce: str
    scan: str


QUERY_ACTIONS = ("query",)
"""The actions whose decision opens a scan."""


class EvidenceVerifier(Protocol):
    """What a department asks of the proof that comes with an order."""

    def __call__(self, evidence: Evidence, digest: str, *, actions: Collection[str] = QUERY_ACTIONS) -> Checkpoint:
        """The checkpoint that evidence rests on.

        Raises:
            CheckFailed: it does not prove an allow of one of the actions for the order of a digest.
        """
        ...


def ledger_verifier(*, vkey: str, origin: str) -> EvidenceVerifier:
    """The verifier that rests on one ledger: its public key and its origin, pinned by the department."""

    def verify(evidence: Evidence, digest: str, *, actions: Collection[str] = QUERY_ACTIONS) -> Checkpoint:
        return verify_evidence(evidence, digest, vkey=vkey, origin=origin, actions=actions)

    return verify


def verify_evidence(
    evidence: Evidence, digest: str, *, vkey: str, origin: str, actions: Collection[str] = QUERY_ACTIONS
) -> Checkpoint:
    """Check that an allow for exactly this order is durably in the ledger; the checkpoint that this rests on.

    1. The receipt's checkpoint is signed by the pinned key, for the pinned origin, and its tree holds the entry.
    2. The entry is the record of a decision on an action that opens orders of this kind, and the decision is an allow.
    3. The entry holds this order's digest under the scan's id.

    Args:
        evidence: as handed over; nothing in it counts before it is checked.
        digest: digest of the order that the department was given, computed by the department.
        vkey: the ledger's public key, as the department keeps it.
        origin: the ledger's origin, likewise.
        actions: those that open orders of this kind. What opens a scan opens nothing else, and the other way round.

    Raises:
        CheckFailed: one of the three does not hold.
    """
    # (1) the entry is in the ledger
    try:
        checkpoint = verify_receipt(evidence.receipt, vkey=vkey, origin=origin)
        entry = parse_entry(evidence.receipt.entry)
    except (BadInput, CheckFailed):
        raise CheckFailed("scan-evidence-invalid") from None
    # (2) it is an allow of such an action
    if entry["kind"] != "decision" or entry["action"] not in actions or entry["allow"] is not True:
        raise CheckFailed("scan-evidence-no-allow")
    # (3) for this order
    scan = entry["scans"].get(evidence.scan)
    if scan is None or scan["order"] != digest:
        raise CheckFailed("scan-evidence-other-order")
    return checkpoint
