"""What an entry has to fulfil against those before it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.encoding import sidecar_digest
from audit.entry import parse_entry
from audit.ledger import Ledger
from governance.errors import BadInput
from tests.audit.samples import (
    SIDECAR,
    approval,
    candidate,
    cycle,
    decision,
    denial,
    genesis,
    guideline,
    matter,
    new_ledger,
    refusal,
    registration,
    release,
    signing_decision,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    """A ledger with its first entry, an allow (1), a deny (2) and an allowed step on an approval (3)."""
    with new_ledger(tmp_path / "ledger.sqlite") as opened:
        opened.append_all([decision(1), denial(2), signing_decision(3)], sidecars=[SIDECAR])
        yield opened


def refused(ledger: Ledger, code: str, *entries: dict[str, Any], sidecars: tuple[Any, ...] = ()) -> dict[str, Any]:
    """The parameters of the refusal of entries, after which the ledger is as it was and goes on."""
    before = ledger.checkpoint()
    with pytest.raises(BadInput) as error:
        ledger.append_all(entries, sidecars=sidecars)
    assert error.value.code == code
    assert ledger.checkpoint() == before
    assert ledger.append(refusal(99)).index == before.size
    return error.value.params


def test_a_request_is_decided_once(ledger: Ledger) -> None:
    """A request that is sent again ends in a refusal that names the first record, whatever the second says (F18)."""
    assert refused(ledger, "request-repeated", decision(1)) == {"index": 1}
    assert refused(ledger, "request-repeated", denial(1)) == {"index": 1}
    assert refused(ledger, "request-repeated", decision(2)) == {"index": 2}


def test_a_request_is_decided_once_within_a_batch(ledger: Ledger) -> None:
    """The rule holds among entries of one commit, and none of them stays."""
    refused(ledger, "request-repeated", decision(7), decision(8), decision(7))
    assert ledger.append(decision(7)).index == 5


def test_a_request_is_released_once(ledger: Ledger) -> None:
    """A second outcome of one request is refused."""
    ledger.append(release(1, decided=1))
    assert refused(ledger, "request-repeated", release(1, decided=1)) == {"index": 4}


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(release(1, decided=2), id="release-of-another-entry"),
        pytest.param(release(1, decided=0), id="release-of-the-first-entry"),
        pytest.param(release(1, decided=4), id="release-of-itself"),
        pytest.param(release(1, decided=5), id="release-of-the-future"),
        pytest.param(release(9, decided=1), id="release-of-another-request"),
        pytest.param(release(2, decided=2), id="release-of-a-denial"),
        pytest.param(approval(2, decided=2), id="change-that-was-denied"),
        pytest.param(approval(9, decided=3), id="change-of-another-request"),
        pytest.param(guideline(2, decided=2), id="approval-of-the-guideline-that-was-denied"),
        pytest.param(registration(2, decided=2), id="registration-that-was-denied"),
        pytest.param(matter(2, decided=2), id="suspension-that-was-denied"),
        pytest.param(cycle(2, decided=2), id="judgement-that-was-denied"),
        pytest.param(candidate(2, decided=2), id="step-that-was-denied"),
        pytest.param(refusal(9, decision=1), id="refusal-of-another-request"),
        pytest.param(refusal(1, decision=2), id="refusal-of-another-entry"),
    ],
)
def test_references_lead_to_the_decision_of_the_same_request(ledger: Ledger, entry: dict[str, Any]) -> None:
    """No outcome without its own decision, and none without an allow."""
    assert refused(ledger, "entry-reference", entry) == {"index": entry["decision"]}


def test_outcomes_of_an_allowed_decision_are_taken(ledger: Ledger) -> None:
    """Release, change and refusal follow their decision, within one commit too; a denied request may fail further."""
    receipts = ledger.append_all(
        [
            release(1, decided=1),
            approval(3, decided=3),
            refusal(2, decision=2, code="denied", exit_status=5, stage="record"),
            decision(4),
            release(4, decided=7),
        ]
    )
    assert [receipt.index for receipt in receipts] == [4, 5, 6, 7, 8]


def test_the_first_entry_is_the_only_one_of_its_kind(ledger: Ledger) -> None:
    """A ledger begins once."""
    assert refused(ledger, "entry-genesis", genesis()) == {"index": 4}


def test_a_decision_needs_its_input(ledger: Ledger) -> None:
    """The document that was decided on is in the ledger with the decision, or was before."""
    other = {"action": "query", "purpose": "stat"}
    entry = decision(7, input_digest=sidecar_digest(other))
    refused(ledger, "sidecar-missing", entry)
    ledger.append(entry, sidecars=[other])
    assert ledger.sidecar(sidecar_digest(other)) == other
    ledger.append({**entry, "request": "8" * 32})
    ledger.append({**entry, "request": "9" * 32}, sidecars=[other])


def test_a_sidecar_is_named_by_an_entry(ledger: Ledger) -> None:
    """Nothing enters beside the entries."""
    refused(ledger, "sidecar-unnamed", decision(7), sidecars=(SIDECAR, {"stray": True}))
    refused(ledger, "sidecar-unnamed", refusal(7), sidecars=(SIDECAR,))


def test_a_refused_batch_leaves_no_sidecar(ledger: Ledger) -> None:
    """What came with an entry that was refused is not kept."""
    other = {"purpose": "stat"}
    digest = sidecar_digest(other)
    refused(ledger, "request-repeated", decision(1, input_digest=digest), sidecars=(other,))
    with pytest.raises(BadInput, match="sidecar-unknown"):
        ledger.sidecar(digest)


def test_nothing_is_not_appended(ledger: Ledger) -> None:
    """An empty batch is a mistake, not a success."""
    refused(ledger, "append-empty")


@pytest.mark.parametrize("make", [decision, denial, refusal])
def test_the_clock_is_the_ledgers_to_write(ledger: Ledger, make: Callable[..., dict[str, Any]]) -> None:
    """Whoever appends gives the time and not the correction."""
    assert refused(ledger, "entry-field", make(7, clock="2023-10-01T09:00:00+09:00")) == {"field": "clock"}


def test_time_does_not_go_back(ledger: Ledger) -> None:
    """An entry whose clock is behind takes the time of the entry before it and keeps its own reading (F5)."""
    ledger.append(refusal(5, time="2024-06-01T00:00:00Z"))
    late = parse_entry(ledger.append(refusal(6, time="2023-10-01T08:00:00+09:00")).entry)
    assert (late["time"], late["clock"]) == ("2024-06-01T00:00:00+00:00", "2023-10-01T08:00:00+09:00")
    same = parse_entry(ledger.append(refusal(7, time="2024-06-01T09:00:00+09:00")).entry)
    assert same["time"] == "2024-06-01T09:00:00+09:00"
    assert "clock" not in same


def test_time_is_compared_as_an_instant_within_a_batch(ledger: Ledger) -> None:
    """Another offset is not another time, and the rule holds among entries of one commit."""
    entries = [
        refusal(5, time="2023-10-01T10:00:00+09:00"),
        refusal(6, time="2023-10-01T01:00:00Z"),
        refusal(7, time="2023-10-01T09:59:59.999999+09:00"),
    ]
    written = [parse_entry(receipt.entry) for receipt in ledger.append_all(entries)]
    assert ["clock" in entry for entry in written] == [False, False, True]


def test_the_clock_of_ten_years_ahead_does_not_stop_the_ledger(ledger: Ledger) -> None:
    """After a clock that ran ahead, entries go on, each with the reading of the right clock."""
    ledger.append(refusal(5, time="2033-10-01T09:00:00+09:00"))
    after = [parse_entry(ledger.append(refusal(6 + step)).entry) for step in range(3)]
    assert {entry["time"] for entry in after} == {"2033-10-01T09:00:00+09:00"}
    assert {entry["clock"] for entry in after} == {"2023-10-01T09:00:00+09:00"}
