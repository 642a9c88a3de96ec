"""No proof, no data: each way in which evidence can be wrong is refused, and nothing is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from audit.receipt import parse_receipt
from connectors.evidence import Evidence, ledger_verifier
from governance.errors import CheckFailed
from governance.scans import order_digest
from tests.audit.samples import GUIDELINE, ORIGIN, OTHER_KEY, VKEY, denial, signing_decision
from tests.audit.samples import SIDECAR as INPUT
from tests.connectors.clinic import PSEUDONYM, RAW, Clinic, order


def refused(clinic: Clinic, ask: Any, evidence: Evidence) -> str:
    """The code with which a scan is refused; nothing has been read by then."""
    with pytest.raises(CheckFailed) as caught:
        clinic.department.scan(ask, evidence)
    assert not (clinic.root / "clinic" / "snapshots").exists()
    return caught.value.code


def test_a_proven_allow_opens_the_scan_once(clinic: Clinic) -> None:
    """The proof of an allow for this order gives the stream; shown again it gives nothing."""
    ask = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    evidence = clinic.evidence(ask)
    assert clinic.department.scan(ask, evidence).read_all().num_rows == 4
    with pytest.raises(CheckFailed) as caught:
        clinic.department.scan(ask, evidence)
    assert caught.value.code == "scan-evidence-used"


def test_a_receipt_that_travelled_as_text_is_the_same_proof(clinic: Clinic) -> None:
    """The tlog-proof text with the entry's bytes is all that a remote broker needs to send."""
    ask = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    evidence = clinic.evidence(ask)
    again = replace(evidence, receipt=parse_receipt(evidence.receipt.text, entry=evidence.receipt.entry))
    assert clinic.department.scan(ask, again).read_all().num_rows == 4


@pytest.mark.parametrize("change", ["column", "form", "predicate", "as_of", "space", "nonce", "scan"])
def test_a_proof_of_another_order_is_refused(clinic: Clinic, change: str) -> None:
    """Whatever differs from the order that was decided, be it one literal, the receipt is not about it."""
    ask = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    evidence = clinic.evidence(ask)
    other = {
        "column": order(clinic, "clinic.person", {"house_id": PSEUDONYM}),
        "form": order(clinic, "clinic.person", {"person_id": RAW}),
        "predicate": replace(ask, exclude=("guarded",)),
        "as_of": replace(ask, as_of=ask.as_of.replace(day=2)),
        "space": replace(ask, pseudonyms=replace(ask.pseudonyms, epoch="2024")),
    }.get(change, ask)
    shown = {"nonce": replace(evidence, nonce="cd" * 16), "scan": replace(evidence, scan="s2")}.get(change, evidence)
    assert refused(clinic, other, shown) == "scan-evidence-other-order"


def test_a_decision_that_did_not_allow_a_query_is_refused(clinic: Clinic) -> None:
    """A deny, and an allow of something else, are in the ledger and open nothing."""
    ask = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    for entry in (denial(1_000_001), signing_decision(1_000_002)):
        receipt = clinic.ledger.append(entry, sidecars=[INPUT])
        assert refused(clinic, ask, Evidence(receipt=receipt, nonce="ab" * 16, scan="s1")) == "scan-evidence-no-allow"
    genesis = clinic.ledger.receipt(0)
    assert refused(clinic, ask, Evidence(receipt=genesis, nonce="ab" * 16, scan="s1")) == "scan-evidence-no-allow"


def test_an_entry_that_was_changed_is_refused(clinic: Clinic) -> None:
    """The entry's bytes are under the proof: another order's digest pasted in does not hold."""
    ask = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    raw = order(clinic, "clinic.person", {"person_id": RAW})
    evidence = clinic.evidence(ask)
    digests = [order_digest(o, nonce=evidence.nonce).encode() for o in (ask, raw)]
    pasted = evidence.receipt.entry.replace(*digests)
    assert pasted != evidence.receipt.entry
    forged = replace(evidence, receipt=replace(evidence.receipt, entry=pasted))
    assert refused(clinic, raw, forged) == "scan-evidence-invalid"


@pytest.mark.parametrize("field", ["index", "proof", "checkpoint", "entry"])
def test_a_receipt_with_a_false_part_is_refused(clinic: Clinic, field: str) -> None:
    """Index, path, checkpoint and entry belong together."""
    ask = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    clinic.evidence(ask)
    evidence = clinic.evidence(ask)
    receipt = evidence.receipt
    other: Any = {
        "index": receipt.index + 1,
        "proof": receipt.proof[1:],
        "checkpoint": receipt.checkpoint.replace("\n2", "\n3").replace("\n3\n", "\n4\n"),
        "entry": receipt.entry.replace(GUIDELINE.encode(), b"2023.2+0123456789ab"),
    }[field]
    forged = replace(evidence, receipt=replace(receipt, **{field: other}))
    assert refused(clinic, ask, forged) == "scan-evidence-invalid"


def test_another_ledger_s_proof_is_refused(clinic: Clinic) -> None:
    """The key and the origin are the department's own, pinned; a key of the same name is another key."""
    ask = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    evidence = clinic.evidence(ask)
    digest = order_digest(ask, nonce=evidence.nonce)
    ledger_verifier(vkey=VKEY, origin=ORIGIN)(evidence, digest)
    for vkey, origin in ((OTHER_KEY.verifier.vkey, ORIGIN), (VKEY, "elsewhere.example/ledger"), ("nonsense", ORIGIN)):
        with pytest.raises(CheckFailed) as caught:
            ledger_verifier(vkey=vkey, origin=origin)(evidence, digest)
        assert caught.value.code == "scan-evidence-invalid"
