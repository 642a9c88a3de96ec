"""I2: no data is released whose decision is not durably in the ledger first, and departments see to it themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from audit.keys import generate_key
from audit.ledger import Ledger
from connectors.evidence import Evidence
from governance.errors import CheckFailed, SekishoError, Unavailable
from governance.scans import ScanOrder, order_digest
from sekisho.deployment import Deployment
from tests.city import ask
from tests.invariants.recording import recorded_broker


def test_the_decision_is_in_the_ledger_before_any_department_is_asked(city_with_approval: Path) -> None:
    """Whenever a department is asked, the newest entry of the ledger is the allow that names its order."""
    with recorded_broker(city_with_approval) as (deployment, broker, departments):
        release = ask(broker, deployment)
        sizes = {size for department in departments.values() for size in department.ledger_sizes}
        entry = broker.ledger.entry(release.decision_index).document
    assert sizes == {release.decision_index + 1}
    assert entry["allow"] is True
    for department in departments.values():
        for order, evidence, _ in department.served:
            assert entry["scans"][evidence.scan]["order"] == order_digest(order, nonce=evidence.nonce)


def test_without_the_ledger_no_department_is_asked(city_with_approval: Path) -> None:
    """A ledger that takes no entry ends the query before the first order."""
    with recorded_broker(city_with_approval) as (deployment, broker, departments):
        broker.ledger.close()
        with pytest.raises(Unavailable):
            ask(broker, deployment)
        assert [department.ledger_sizes for department in departments.values()] == [[]] * len(departments)


def test_a_refused_query_asks_no_department(city_with_approval: Path) -> None:
    """A deny leaves a decision and no order."""
    with recorded_broker(city_with_approval) as (deployment, broker, departments):
        with pytest.raises(SekishoError):
            ask(broker, deployment, purpose=None)
        assert not any(department.ledger_sizes for department in departments.values())


def _without_proof(evidence: Evidence, _: Path) -> Evidence:
    return replace(evidence, receipt=replace(evidence.receipt, proof=()))


def _with_another_nonce(evidence: Evidence, _: Path) -> Evidence:
    return replace(evidence, nonce="0" * 32)


def _for_another_scan(evidence: Evidence, _: Path) -> Evidence:
    return replace(evidence, scan="s9")


def _with_a_changed_entry(evidence: Evidence, _: Path) -> Evidence:
    entry = evidence.receipt.entry.replace(b'"allow":true', b'"allow":false')
    return replace(evidence, receipt=replace(evidence.receipt, entry=entry))


def _from_a_ledger_of_ones_own(evidence: Evidence, folder: Path) -> Evidence:
    """The very same entry, in a ledger that whoever asks has made, under the same name and another key."""
    (folder / "own").mkdir()
    signer = generate_key(folder / "own" / "k.key", name=Deployment.load(folder).settings.ledger_origin)
    genesis = {
        "time": "2023-10-01T09:00:00+09:00",
        "deployment": "own",
        "demo": True,
        "guideline_version": "1-000000000000",
        "policy_digest": "0" * 64,
    }
    with Ledger.create(folder / "own" / "l.sqlite", signer=signer, origin=signer.name, genesis=genesis) as ledger:
        own = ledger.receipt(0)
    return replace(evidence, receipt=replace(own, entry=evidence.receipt.entry))


@pytest.mark.parametrize(
    "spoil",
    [_without_proof, _with_another_nonce, _for_another_scan, _with_a_changed_entry, _from_a_ledger_of_ones_own],
)
def test_a_department_gives_nothing_without_proof(
    city_with_approval: Path, spoil: Callable[[Evidence, Path], Evidence]
) -> None:
    """Evidence without inclusion, for another order, changed, or of another ledger gets no row from a real department."""
    with recorded_broker(city_with_approval) as (deployment, broker, departments):
        ask(broker, deployment)
        order, evidence, _ = departments["kaigo"].served[0]
        with pytest.raises(CheckFailed):
            departments["kaigo"].real.scan(order, spoil(evidence, city_with_approval))


def test_one_decision_is_one_reading(city_with_approval: Path) -> None:
    """The evidence of a decision that was served is not taken a second time."""
    with recorded_broker(city_with_approval) as (deployment, broker, departments):
        ask(broker, deployment)
        order, evidence, _ = departments["kaigo"].served[0]
        with pytest.raises(CheckFailed) as caught:
            departments["kaigo"].real.scan(order, evidence)
    assert caught.value.code == "scan-evidence-used"


def test_an_entry_that_is_no_allow_of_a_query_opens_nothing(city_with_approval: Path) -> None:
    """The decision on an approval is an allow in the same ledger, and still no evidence for a scan."""
    with recorded_broker(city_with_approval) as (deployment, broker, departments):
        ask(broker, deployment)
        order, evidence, _ = departments["kaigo"].served[0]
        other = next(
            entry.index
            for entry in broker.ledger.entries()
            if entry.document["kind"] == "decision" and entry.document["action"] == "approval.request"
        )
        with pytest.raises(CheckFailed) as caught:
            departments["kaigo"].real.scan(order, replace(evidence, receipt=broker.ledger.receipt(other)))
    assert caught.value.code == "scan-evidence-no-allow"


def test_every_order_is_its_own(city_with_approval: Path) -> None:
    """With the evidence of its own scan, an order for one column less or another date is refused."""
    with recorded_broker(city_with_approval) as (deployment, broker, departments):
        ask(broker, deployment)
        order, evidence, _ = departments["kaigo"].served[0]
        changed: list[ScanOrder] = [
            replace(order, columns=order.columns[:-1]),
            replace(order, as_of=order.as_of.replace(year=2022)),
            replace(order, exclude=(*order.exclude, "address-protected")),
        ]
        for other in changed:
            with pytest.raises(CheckFailed) as caught:
                departments["kaigo"].real.scan(other, evidence)
            assert caught.value.code == "scan-evidence-other-order"
