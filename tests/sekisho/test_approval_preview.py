"""What would leave a steward's own department, looked at before consenting: own data alone, and nobody protected."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from audit.encoding import encode_entry
from connectors.department import LocalDepartment
from connectors.previews import Gathered, keys_of_one_use
from governance.errors import BadInput, Denied
from query_broker.release import Release
from sekisho import cli
from sekisho.approval_preview import ApprovalPreview, DatasetPreview
from sekisho.broker import Broker
from sekisho.departments import local_departments
from sekisho.deployment import Deployment
from tests.city import APPROVAL, ask, asker, draft, sign

Opened = tuple[Deployment, Broker]
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def opened(new_city: Path) -> Iterator[Opened]:
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        draft(deployment, broker)
        yield deployment, broker


def look(opened: Opened, who: str, hat: str = "data_steward") -> ApprovalPreview:
    deployment, broker = opened
    return broker.looks.preview(asker(deployment, broker, who, hat), approval=APPROVAL, parameters={})


def by_name(preview: ApprovalPreview) -> dict[str, DatasetPreview]:
    return {each.dataset.name: each for each in preview.datasets}


def controls(attempt: Callable[[], object]) -> set[str]:
    with pytest.raises(Denied) as caught:
        attempt()
    return {citation.control for citation in caught.value.citations}


def departments(deployment: Deployment) -> dict[str, LocalDepartment]:
    return dict(local_departments(deployment.catalogue, layout=deployment.layout, ledger_vkey=deployment.ledger_vkey))


def test_a_steward_sees_what_the_query_would_take(opened: Opened) -> None:
    """Items and forms are those of the orders, and as many rows are shown to leave as then do leave."""
    deployment, broker = opened
    seen = {steward: look(opened, steward) for steward in ("steward-shimin", "steward-kaigo", "steward-kyoiku")}
    sign(deployment, broker, APPROVAL)
    release: Release = ask(broker, deployment)
    for steward, preview in seen.items():
        department = steward.removeprefix("steward-")
        assert {each.dataset.department for each in preview.datasets} == {department}
        cells = sum(each.found.rows * sum(form.leaves for form in each.forms.values()) for each in preview.datasets)
        assert cells == release.cells[department] > 0
    child = by_name(seen["steward-shimin"])["shimin.child"]
    assert (child.forms["resident_id"].kind, child.found.persons) == ("pseudonym", child.found.rows)
    assert dict(child.exclude) == {"address-protected": "dv_cleared", "use-suspended": None}


def test_examples_show_ten_rows_before_and_after(opened: Opened) -> None:
    """The value as it is held, the same in its form; pseudonyms are of this look alone and no query has them."""
    deployment, broker = opened
    first, again = (by_name(look(opened, "steward-shimin"))["shimin.child"] for _ in range(2))
    assert len(first.found.examples) == 10
    for example in first.found.examples:
        assert example.before.keys() == example.after.keys() == {n for n, f in first.forms.items() if f.leaves}
        assert example.before["resident_id"].isdigit()
        assert UUID.fullmatch(str(example.after["resident_id"]))
        assert example.after["grade"] in range(1, 13)
    before = [[e.before["resident_id"] for e in each.found.examples] for each in (first, again)]
    after = [{str(e.after["resident_id"]) for e in each.found.examples} for each in (first, again)]
    assert before[0] == before[1]
    assert after[0].isdisjoint(after[1])
    sign(deployment, broker, APPROVAL)
    asked = {str(value) for value in ask(broker, deployment).table.column("resident_id").to_pylist()}
    assert asked.isdisjoint(after[0] | after[1])


def test_small_groups_are_counted_by_persons_over_what_leaves() -> None:
    """Combinations of the values that leave, pseudonyms aside; a person with many rows counts once."""
    people = ["1", "1", "1", "2", "3", "4", "5", None]
    grades = [3, 3, 3, 3, 3, 4, 4, 4]
    helped = [True, True, True, True, True, True, None, None]
    raw = pa.table({"resident_id": people, "grade": grades, "helped": helped})
    gathered = Gathered(columns=("resident_id", "grade", "helped"), values=("grade", "helped"), counted=True)
    for part in (raw.slice(0, 5), raw.slice(5)):
        formed = {name: part.column(name).combine_chunks() for name in part.column_names}
        gathered.add(part, formed, person=part.column("resident_id"), shown=None)
    found = gathered.preview(smallest=2, withheld=False)
    # Grade 3 helped: persons 1, 2 and 3. Grade 4 helped: person 4. Grade 4 not known: person 5 and somebody not known.
    assert (found.rows, found.persons, found.groups) == (8, 5, 3)
    assert (found.small_groups, found.small_rows) == (2, 3)
    assert gathered.preview(smallest=4, withheld=False).small_rows == 8
    by_rows = Gathered(columns=("grade",), values=("grade",), counted=False)
    by_rows.add(raw, {"grade": raw.column("grade").combine_chunks()}, person=None, shown=None)
    assert (
        by_rows.preview(smallest=4, withheld=True).small_groups,
        by_rows.preview(smallest=4, withheld=True).persons,
    ) == (1, None)


def people_shown(preview: ApprovalPreview) -> set[str]:
    return {
        example.before["resident_id"]
        for each in preview.datasets
        for example in each.found.examples
        if "resident_id" in example.before
    }


def test_who_is_suspended_is_no_example(opened: Opened) -> None:
    """Of whom care shows, one is suspended: the next look shows others, and as many rows less leave."""
    deployment, broker = opened
    before = look(opened, "steward-kaigo")
    person = min(people_shown(before))
    steward = asker(deployment, broker, "steward-shimin", "data_steward")
    broker.matters.suspend(steward, number="R5-1", identifier=person)
    after = look(opened, "steward-kaigo")
    assert len(after.datasets[0].found.examples) == 10
    assert person not in people_shown(after)


def test_whom_another_department_protects_is_no_example_either(new_city: Path) -> None:
    """支援措置 is the register's to know: with everybody under it, care shows nobody, and as many rows as before leave."""
    rows = []
    for sql in (None, "SELECT resident_id FROM shimin.resident"):
        if sql is not None:
            path = new_city / "catalogue" / "derived" / "address_protected.sql"
            path.write_text(sql, encoding="utf-8")
        deployment = Deployment.load(new_city)
        with deployment.broker() as broker:
            number = draft(deployment, broker).id
            steward = asker(deployment, broker, "steward-kaigo", "data_steward")
            (care,) = broker.looks.preview(steward, approval=number, parameters={}).datasets
        rows.append((care.found.rows, len(care.found.examples), care.found.withheld))
    assert rows[0][0] > 0
    assert rows == [(rows[0][0], 10, False), (rows[0][0], 0, False)]


def test_the_departments_hand_over_no_number_of_whom_they_protect(opened: Opened) -> None:
    """What goes from one department's side to another's are pseudonyms of one use, of no answer and of no other look."""
    deployment, _ = opened
    register, today = departments(deployment)["shimin"], deployment.clock().date()
    first, second = (set(register.protected(keyring=keys_of_one_use(), as_of=today).to_pylist()) for _ in range(2))
    assert len(first) == len(second) > 0
    assert first.isdisjoint(second)
    assert {len(pseudonym) for pseudonym in first | second if pseudonym} == {16}


def test_a_table_that_cannot_be_held_against_the_lists_shows_no_example(opened: Opened) -> None:
    """Attendance knows pupils by their numbers in school and not who they are: counts and forms, and no rows."""
    (attendance,) = look(opened, "steward-school").datasets
    assert attendance.found.withheld
    assert attendance.found.examples == ()
    assert attendance.found.persons is None
    assert attendance.found.rows > 0


def test_only_a_steward_looks_and_only_at_the_own_department(opened: Opened) -> None:
    """The policy refuses everybody else; a steward of whom nothing is read is told so; each look is in the ledger."""
    deployment, broker = opened
    assert controls(partial(look, opened, "privacy", "reviewer")) == {"action-matrix", "own-department"}
    assert "own-department" in controls(partial(look, opened, "cpo", "cpo"))
    assert {"action-matrix", "own-department"} <= controls(partial(look, opened, "school-contact", "school_contact"))
    with pytest.raises(BadInput) as caught:
        look(opened, "steward-kenko")
    assert caught.value.code == "approval-preview-nothing"
    before = broker.ledger.size
    preview = look(opened, "steward-kaigo")
    (entry,) = broker.ledger.entries(before, broker.ledger.size)
    assert (entry.index, entry.document["action"], entry.document["principal"]) == (
        preview.ledger_index,
        "approval.preview",
        "steward-kaigo",
    )
    held = {str(value) for e in preview.datasets[0].found.examples for value in e.before.values() if value}
    assert not any(value.encode() in encode_entry(entry.document) for value in held if len(value) > 6)
    broker.approvals.withdraw(
        asker(deployment, broker, "center", "controller"), approval=APPROVAL, reason="使わないこととしたため"
    )
    assert controls(partial(look, opened, "steward-kaigo")) == {"approval-current"}


def test_it_is_shown_as_tables_json_and_a_workbook(
    opened: Opened, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same figures on the terminal, for programs, and in a workbook that says how confidential it is."""
    deployment, _ = opened
    common = ("--deployment", str(deployment.layout.folder), "--as", "steward-kaigo", "approval", "preview", APPROVAL)
    token = deployment.issuer.issue(deployment.principals["steward-kaigo"], now=deployment.clock())
    deployment.layout.token("steward-kaigo").write_text(token)
    assert cli.run(common) == 0
    shown = capsys.readouterr().out
    assert "課の中での値" in shown
    assert "仮の番号に置き換える" in shown
    assert cli.run((*common, "--format", "json")) == 0
    document = json.loads(capsys.readouterr().out)["preview"]
    (care,) = document["datasets"]
    assert (document["department"], len(care["examples"])) == ("kaigo", 10)
    path = tmp_path / "出るもの.xlsx"
    assert cli.run((*common, "--format", "xlsx", "--out", str(path))) == 0
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["目次", "1", "2", "3"]
    assert "取扱注意" in str(book.get_sheet_by_name("目次").to_python()[0][0])
    assert cli.run((*common, "--format", "csv")) == 2
