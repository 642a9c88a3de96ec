"""The way back from a pseudonym: one at a time, on the holder's side alone, under a decision of its own (第15条, 第13条)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
import structlog

from connectors.evidence import Evidence
from connectors.suspensions import create_list, write_list
from connectors.watch import FILE
from governance.catalogue import NamedSet
from governance.decisions import PseudonymSpace
from governance.errors import BadInput, CheckFailed, SekishoError, Unavailable
from governance.log import configure_log
from governance.look_ups import Found, LookUpOrder, look_up_digest
from governance.scans import order_digest
from masking.keys import KeyRing
from tests.audit.samples import SIDECAR, decision
from tests.connectors.clinic import AS_OF, GUARDED, KEY_KINDS, PSEUDONYM, SPACE, Clinic, make_clinic, order

SUSPENDED = NamedSet(name="suspended", department="clinic", key="person_id", sql=None)
SHOWN = ("name", "birth_date", "address")
FREE, PROTECTED, STOPPED, NOBODY = "0000000001", "0000000002", "0000000004", "0000000999"


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    """The holder with a protected person and one whose use is suspended."""
    for made in make_clinic(tmp_path, "sqlite"):
        holder = replace(made.catalogue.departments["clinic"], sets=(GUARDED, SUSPENDED))
        made.catalogue = replace(made.catalogue, departments={"clinic": holder})
        create_list(made.root)
        write_list(made.root, [STOPPED])
        yield made


def pseudonym(
    clinic: Clinic, identifier: str, *, space: PseudonymSpace = SPACE, kind: str = "person", master: bytes | None = None
) -> UUID:
    """The pseudonym of an identifier in a space."""
    values = pa.array([identifier], type=pa.string())
    made = KeyRing(master or clinic.master).pseudonyms(values, kind=KEY_KINDS[kind], space=space)
    return UUID(str(made[0].as_py()))


def asked(clinic: Clinic, identifier: str = FREE, **changes: Any) -> LookUpOrder:
    """An order as it is made for staff who may not see protected persons."""
    given: dict[str, Any] = {
        "dataset": "clinic.person",
        "pseudonym": pseudonym(clinic, identifier),
        "pseudonyms": SPACE,
        "columns": SHOWN,
        "among": None,
        "leave_out": ("guarded", "suspended"),
        "reduced": {},
        "alert": "guarded",
        "ticket": "RI-2023-0001",
        "as_of": AS_OF,
    }
    return LookUpOrder(**{**given, **changes})


def cleared(clinic: Clinic, identifier: str, **changes: Any) -> LookUpOrder:
    """An order as it is made for cleared staff."""
    reduced = {"guarded": ("name", "birth_date")}
    return asked(clinic, identifier, **{"leave_out": ("suspended",), "reduced": reduced, "alert": None, **changes})


_count = iter(range(5_000, 9_000))


def evidence(clinic: Clinic, digest: str, *, nonce: str = "ab" * 16, **changes: Any) -> Evidence:
    """The proof of an allow that holds a digest."""
    scans = {"s1": {"department": "clinic", "dataset": "clinic.person", "order": digest}}
    nothing = dict.fromkeys(("sql_digest", "final_sql_digest", "certificate_digest"))
    changes = {"action": "reidentify.run", **nothing, **changes}
    entry = decision(next(_count), **{"scans": scans, **changes})
    return Evidence(receipt=clinic.ledger.append(entry, sidecars=[SIDECAR]), nonce=nonce, scan="s1")


def look_up(clinic: Clinic, wanted: LookUpOrder, **changes: Any) -> Found | None:
    """Looked up with its proof."""
    return clinic.department.look_up(wanted, evidence(clinic, look_up_digest(wanted, nonce="ab" * 16), **changes))


def test_a_pseudonym_is_resolved_to_the_ordered_items_alone(clinic: Clinic) -> None:
    """One person, the items of the order, and a reference that is no identifier."""
    found = look_up(clinic, asked(clinic))
    assert found is not None
    assert dict(found.values) == {
        "name": "髙橋 一",
        "birth_date": found.values["birth_date"],
        "address": "東京都昭和市田中町１丁目",
    }
    assert found.reduced is None
    assert found.subject == KeyRing(clinic.master).reference(FREE, kind=KEY_KINDS["person"])


def test_whether_somebody_may_still_be_shown_needs_no_item(clinic: Clinic) -> None:
    """An order without columns says that the person is there, and nothing of the person."""
    found = look_up(clinic, asked(clinic, columns=()), action="reidentify.show")
    assert found is not None
    assert dict(found.values) == {}
    assert look_up(clinic, asked(clinic, PROTECTED, columns=())) is None


def test_only_who_is_in_the_named_dataset_is_found(clinic: Clinic) -> None:
    """A pseudonym of somebody outside of it is nobody's: the register holds others, too."""
    child = cleared(clinic, PROTECTED)
    assert look_up(clinic, child) is not None
    assert look_up(clinic, replace(child, among="clinic.adult")) is None
    assert look_up(clinic, asked(clinic, among="clinic.adult")) is not None


def tried(clinic: Clinic, wanted: LookUpOrder) -> tuple[Any, list[dict[str, Any]], int]:
    """What comes of a look-up, what is logged of it, and by how much the holder's notes grow."""
    notes = clinic.root / "clinic" / FILE
    before = notes.stat().st_size if notes.exists() else 0
    stream = io.StringIO()
    configure_log(stream, level=0)
    try:
        answer = look_up(clinic, wanted)
    finally:
        structlog.reset_defaults()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    logged = [{name: value for name, value in line.items() if name not in ("timestamp", "digest")} for line in lines]
    return answer, logged, notes.stat().st_size - before


def test_protected_suspended_and_unknown_are_one_answer(clinic: Clinic) -> None:
    """The same nothing, the same lines in the log, the same bytes in the holder's notes, whoever was asked for."""
    look_up(clinic, asked(clinic))  # What is read for the first time is logged once.
    wanted = [asked(clinic, person) for person in (PROTECTED, STOPPED, NOBODY)]
    wanted += [
        asked(clinic, pseudonym=pseudonym(clinic, FREE, space=PseudonymSpace(domain="vendor", epoch="2023"))),
        asked(clinic, pseudonym=pseudonym(clinic, FREE, space=PseudonymSpace(domain="screening", epoch="2022"))),
        asked(clinic, pseudonym=pseudonym(clinic, "0000000901", kind="house")),
        asked(clinic, pseudonym=pseudonym(clinic, FREE, master=bytes(32))),
        asked(clinic, pseudonym=UUID(int=0)),
    ]
    outcomes = [tried(clinic, each) for each in wanted]
    assert all(answer is None for answer, _, _ in outcomes)
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert outcomes[0][2] > 0
    assert tried(clinic, asked(clinic))[1:] == outcomes[0][1:]


def test_cleared_staff_find_a_protected_person_by_fewer_items(clinic: Clinic) -> None:
    """Without the dwelling; everybody else comes whole; a suspended person is found by nobody."""
    found = look_up(clinic, cleared(clinic, PROTECTED))
    assert found is not None
    assert (set(found.values), found.reduced) == ({"name", "birth_date"}, "guarded")
    free = look_up(clinic, cleared(clinic, FREE))
    assert free is not None
    assert (set(free.values), free.reduced) == (set(SHOWN), None)
    assert look_up(clinic, cleared(clinic, STOPPED)) is None


def test_cleared_staff_are_told_of_a_protected_person_who_was_asked_for(clinic: Clinic) -> None:
    """The ticket's number comes out on the holder's side, once, and for nobody but a protected person."""
    for number, person in enumerate((FREE, PROTECTED, STOPPED, NOBODY, PROTECTED), start=1):
        look_up(clinic, asked(clinic, person, ticket=f"RI-2023-000{min(number, 4)}"))
    look_up(clinic, cleared(clinic, PROTECTED, ticket="RI-2023-0009"))
    assert clinic.department.alerts() == ("RI-2023-0002", "RI-2023-0004")
    kept = (clinic.root / "clinic" / FILE).read_bytes()
    assert b"RI-2023" not in kept
    assert len({len(line) for line in kept.splitlines()}) == 1


def test_notes_that_cannot_be_written_or_read_give_nothing_away(clinic: Clinic) -> None:
    """Without the note there is no answer, and what somebody has changed is not believed."""
    notes = clinic.root / "clinic" / FILE
    look_up(clinic, asked(clinic))
    notes.write_bytes(notes.read_bytes()[:40] + b"A" + notes.read_bytes()[41:])
    with pytest.raises(Unavailable):
        clinic.department.alerts()
    notes.unlink()
    notes.symlink_to("/dev/null")
    with pytest.raises(Unavailable) as caught:
        look_up(clinic, asked(clinic))
    assert caught.value.code == "department-memory"


@pytest.mark.parametrize(
    "action", ["query", "approval.sign", "reidentify.request", "reidentify.grant", "subject.suspend", "ledger.read"]
)
def test_no_other_decision_opens_a_look_up(clinic: Clinic, action: str) -> None:
    """Not the allow of a query, and not the grant itself."""
    wanted = asked(clinic)
    changes = {"final_sql_digest": "3d" * 32, "certificate_digest": "4e" * 32, "sql_digest": "1b" * 32}
    with pytest.raises(CheckFailed) as caught:
        look_up(clinic, wanted, action=action, **(changes if action == "query" else {}))
    assert caught.value.code == "scan-evidence-no-allow"


def test_the_decision_on_a_look_up_opens_no_scan(clinic: Clinic) -> None:
    """The two kinds of order have proofs of their own."""
    scan = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    with pytest.raises(CheckFailed) as caught:
        clinic.department.scan(scan, evidence(clinic, order_digest(scan, nonce="ab" * 16)))
    assert caught.value.code == "scan-evidence-no-allow"


def test_a_proof_serves_once_and_for_its_own_order(clinic: Clinic) -> None:
    """Another pseudonym, another item, another set, or the same again: refused."""
    wanted = asked(clinic)
    proof = evidence(clinic, look_up_digest(wanted, nonce="ab" * 16))
    others = [
        replace(wanted, pseudonym=pseudonym(clinic, PROTECTED)),
        replace(wanted, columns=(*SHOWN, "sex")),
        replace(wanted, leave_out=("guarded",)),
        replace(wanted, ticket="RI-2023-0002"),
    ]
    for other in others:
        with pytest.raises(CheckFailed) as caught:
            clinic.department.look_up(other, proof)
        assert caught.value.code == "scan-evidence-other-order"
    assert clinic.department.look_up(wanted, proof) is not None
    with pytest.raises(CheckFailed) as caught:
        clinic.department.look_up(wanted, proof)
    assert caught.value.code == "scan-evidence-used"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dataset": "clinic.nothing"}, "scan-order-foreign"),
        ({"dataset": "clinic.visit"}, "look-up-dataset"),
        ({"columns": ("kojin_bango",)}, "scan-order-withheld"),
        ({"columns": ("name", "name")}, "scan-order-twice"),
        ({"columns": ("nothing",)}, "name-column-unknown"),
        ({"leave_out": ("guarded", "others")}, "scan-order-set"),
        ({"leave_out": ("suspended",)}, "scan-order-set"),
        ({"leave_out": ("guarded", "guarded")}, "scan-order-set"),
        ({"reduced": {"guarded": ("name",)}}, "scan-order-set"),
        ({"leave_out": ("suspended",), "alert": None, "reduced": {"guarded": ("sex",)}}, "look-up-reduced"),
        ({"among": "clinic.nothing"}, "scan-order-foreign"),
    ],
    ids=str,
)
def test_an_order_that_does_not_fit_the_holders_catalogue_is_refused(
    clinic: Clinic, changes: dict[str, Any], code: str
) -> None:
    """Whatever the ledger says was allowed: individual numbers never leave, and no set is passed over."""
    with pytest.raises(SekishoError) as caught:
        look_up(clinic, asked(clinic, **changes))
    assert caught.value.code == code
    assert isinstance(caught.value, BadInput)


def test_without_the_list_of_suspended_persons_nobody_is_shown(clinic: Clinic) -> None:
    """A list that cannot be read makes everybody suspended."""
    (clinic.root / ".suspended").write_text("")
    with pytest.raises(Unavailable):
        look_up(clinic, asked(clinic))
