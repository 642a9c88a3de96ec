"""The store of approvals: numbered by fiscal year, changed by one at a time, never without a ledger event."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from governance.approvals import Approval, Signature
from governance.errors import BadInput, SekishoError, Unavailable
from sekisho.approval_store import ApprovalStore

AT = "2023-10-01T09:00:00+09:00"


def approval(approval_id: str) -> Approval:
    return Approval(
        id=approval_id,
        template="care",
        purpose="screening",
        state="requested",
        requester="center",
        reviewers=(),
        approver=None,
        requested_at=AT,
        starts_on="2023-10-01",
        expires_at="2024-03-31",
        guideline_version="1.0-abc",
        sql_digest="d" * 64,
    )


def signature(step: str = "review") -> Signature:
    return Signature(step=step, id="privacy", role="reviewer", post="係長", department=None, at=AT)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> ApprovalStore:
    return ApprovalStore.create(tmp_path / "store.sqlite")


def add(store: ApprovalStore, *, year: int = 2023, index: int = 7) -> Approval:
    return store.add(year, draft=approval, record=lambda _: index, by="center", at=AT)


def test_numbers_count_up_within_a_fiscal_year(store: ApprovalStore) -> None:
    """Approvals are numbered from 0001 in each fiscal year."""
    ids = [add(store).id, add(store).id, add(store, year=2024).id, add(store).id]
    assert ids == ["AP-2023-0001", "AP-2023-0002", "AP-2024-0001", "AP-2023-0003"]


def test_an_approval_reads_back_as_it_was_written(store: ApprovalStore) -> None:
    """Every field, signatures with their times included, survives the file."""
    add(store)
    stored = store.get("AP-2023-0001")
    changed = replace(stored.approval, state="granted", reviewers=(signature(),), approver=signature("decide"))
    store.replace(stored, changed, event="granted", record=lambda _: 8, by="center-head", at=AT)
    again = ApprovalStore.open(store.path)
    assert again.get("AP-2023-0001").approval == changed
    assert [s.approval for s in again.all()] == [changed]
    assert [(c.event, c.principal, c.ledger_index) for c in again.changes("AP-2023-0001")] == [
        ("requested", "center", 7),
        ("granted", "center-head", 8),
    ]


def test_nothing_is_stored_where_the_ledger_fails(store: ApprovalStore) -> None:
    """When the ledger does not take the event, neither a new approval nor a change is stored."""

    def fails(_: Approval) -> int:
        raise Unavailable("store-unavailable", file="ledger.sqlite")

    with pytest.raises(Unavailable):
        store.add(2023, draft=approval, record=fails, by="center", at=AT)
    assert store.all() == ()
    add(store)
    stored = store.get("AP-2023-0001")
    with pytest.raises(Unavailable):
        store.replace(stored, replace(stored.approval, state="granted"), event="granted", record=fails, by="x", at=AT)
    assert store.get("AP-2023-0001") == stored
    assert len(store.changes("AP-2023-0001")) == 1


def test_a_change_of_what_somebody_else_has_changed_is_refused(store: ApprovalStore) -> None:
    """Of two changes of the same state one counts, the other is told so and reaches no ledger."""
    add(store)
    stored = store.get("AP-2023-0001")
    store.replace(
        stored, replace(stored.approval, state="rejected"), event="rejected", record=lambda _: 8, by="a", at=AT
    )
    recorded: list[Approval] = []

    def record(changed: Approval) -> int:
        recorded.append(changed)
        return 9

    with pytest.raises(BadInput) as caught:
        store.replace(stored, replace(stored.approval, state="granted"), event="granted", record=record, by="b", at=AT)
    assert caught.value.code == "approval-changed-meanwhile"
    assert recorded == []
    assert store.get("AP-2023-0001").approval.state == "rejected"


def test_many_at_once_never_share_a_number(store: ApprovalStore) -> None:
    """Sixteen requests at the same time get sixteen numbers."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        ids = list(pool.map(lambda _: add(store).id, range(16)))
    assert sorted(ids) == [f"AP-2023-{n:04d}" for n in range(1, 17)]


def test_an_unknown_approval_is_bad_input(store: ApprovalStore) -> None:
    """Asking for an approval that is not there says so without repeating what was typed."""
    with pytest.raises(BadInput) as caught:
        store.get("'; DROP TABLE approval; --")
    assert caught.value.code == "approval-unknown"
    assert "DROP" not in str(caught.value)


def test_a_store_is_not_made_twice(store: ApprovalStore) -> None:
    """Creating a store where one is refuses instead of emptying it."""
    add(store)
    with pytest.raises(BadInput):
        ApprovalStore.create(store.path)
    assert len(store.all()) == 1


@pytest.mark.parametrize(
    "content", [b"", b"not a database, but text that is long enough to have a header of one hundred bytes" * 3]
)
def test_a_file_that_is_no_store_is_refused(tmp_path: Path, content: bytes) -> None:
    """An empty or foreign file is not taken for an empty store."""
    (tmp_path / "store.sqlite").write_bytes(content)
    with pytest.raises(Unavailable):
        ApprovalStore.open(tmp_path / "store.sqlite")


def test_a_missing_store_is_named(tmp_path: Path) -> None:
    """Opening makes no new store."""
    with pytest.raises(BadInput) as caught:
        ApprovalStore.open(tmp_path / "store.sqlite")
    assert caught.value.code == "file-missing"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "document", ["", "[]", "{}", '{"approver": null, "reviewers": [{}]}', '{"approver": 1}', "null", "[" * 5000]
)
def test_a_damaged_row_is_one_clear_error(store: ApprovalStore, document: str) -> None:
    """A row that cannot be read as an approval is an unavailable store, not a traceback."""
    add(store)
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE approval SET document = ?", (document,))
    connection.close()
    with pytest.raises(SekishoError) as caught:
        store.get("AP-2023-0001")
    assert caught.value.exit_status == 4
