"""The 25 traps of appendix B: people, numbers, rules. Each planted, and what becomes of it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import reference.akishima
from connectors.derive import derive as run_view
from connectors.look_alikes import looks_like_tax, number_like
from connectors.name_folding import fold_kana
from governance.catalogue import Catalogue
from governance.decisions import PseudonymSpace
from governance.errors import Denied, Unavailable
from governance.load_guideline import load_guideline
from masking.arrow_types import HELD_TYPES
from masking.keys import KeyRing
from reference.akishima.city.faults import FAULTS, spoil
from sekisho.department_check import check_department
from sekisho.departments import local_departments
from sekisho.deployment import Deployment
from sekisho.layout import Layout
from tests.city import ask, asker, draft
from tests.connectors.clinic import AS_OF, KEY_KINDS, Clinic, column, columns
from tests.reference.households import child_row, derive, head, kinds, member
from tests.reference.loading import members_of
from tests.traps.papers import DAY, KEY, NAME, TEXT, as_csv, declare, read, refusal


@pytest.mark.parametrize(("birth", "grade"), [("H28.4.1", 2), ("H28.4.2", 1), ("H29.4.1", 1), ("H29.4.2", 0)])
def test_b_01_the_grade_of_1_april(tmp_path: Path, catalogue: Catalogue, birth: str, grade: int) -> None:
    """A child born on 1 April belongs to the older year."""
    tables = derive(tmp_path, catalogue, {"h": [head("m"), member("c", "子", birth)]})
    assert child_row(tables, "c")["grade"] == grade


def test_b_02_29_february(office: Clinic, tmp_path: Path, catalogue: Catalogue) -> None:
    """A leap day is a day in leap years only, and its child has a grade."""
    assert read(office, DAY, [["H24.2.29"], ["R2.2.29"]]).values("day") == [date(2012, 2, 29), date(2020, 2, 29)]
    assert refusal(office, DAY, [["H25.2.29"]]).code == "value-date-impossible"
    tables = derive(tmp_path / "city", catalogue, {"h": [head("m"), member("c", "子", "H24.2.29")]})
    assert child_row(tables, "c")["grade"] == 6


def test_b_03_the_first_and_the_thirty_first_year(office: Clinic) -> None:
    """元年 is 1; 平成31年5月 is 令和元年5月 with a note; 平成32年 is nothing."""
    paper = read(office, DAY, [["令和元年5月1日"], ["平成31年4月30日"], ["平成31年5月1日"]])
    assert paper.values("day") == [date(2019, 5, 1), date(2019, 4, 30), date(2019, 5, 1)]
    assert paper.notes("day") == {"late-era": 1}
    assert refusal(office, DAY, [["平成32年1月1日"]]).code == "value-date-era-range"


def test_b_04_a_serial_number_in_a_text_is_no_date(office: Clinic) -> None:
    """The number alone does not tell the day (two calendars of serials): refused, with how to export it."""
    error = refusal(office, DAY, [["45017"]])
    assert error.code == "value-date-serial"
    assert "書式を日付" in error.remedy("ja")


def test_b_05_lost_leading_zeros(office: Clinic) -> None:
    """Padded to the length of the kind of key; what is too long or no number is not repaired."""
    assert read(office, KEY, [["1234567"]]).values("person_id") == ["0001234567"]
    assert refusal(office, KEY, [["12345678901"]]).code == "value-key-malformed"


def test_b_06_cp932_without_the_character(office: Clinic) -> None:
    """𠮷 cannot stand in CP932: the stand-in is read as it is and counted; in UTF-8 it is read."""
    paper = read(office, TEXT, [["〓田"], ["?田"], ["吉田"]])
    assert (paper.values("name"), paper.notes("name")) == (["〓田", "?田", "吉田"], {"replaced-character": 2})
    with pytest.raises(UnicodeEncodeError):
        as_csv(TEXT, [["𠮷田"]])
    assert read(office, TEXT, as_csv(TEXT, [["𠮷田"]], encoding="utf-8"), encoding="utf-8").values("name") == ["𠮷田"]


@pytest.mark.parametrize(
    ("written", "plain"), [("ｼﾖｳﾀ", "ショウタ"), ("ﾘﾕｳ", "リュウ"), ("ﾜﾀﾅﾍﾞ", "ワタナベ"), ("カ゛", "ガ")]
)
def test_b_07_and_08_kana_of_old_systems(office: Clinic, written: str, plain: str) -> None:
    """Large kana and half-width voice marks stay as written, and compare as the usual reading."""
    assert read(office, TEXT, [[written]]).values("name") == [written]
    assert fold_kana(written) == fold_kana(plain)


def test_b_09_and_10_twins_and_namesakes_are_two(office: Clinic) -> None:
    """Same birthday, same name: two keys are two persons, whatever else is alike."""
    declared = {**KEY, **TEXT, **DAY}
    rows = [["11", "青木 翔", "H25.6.1"], ["12", "青木 翼", "H25.6.1"], ["13", "青木 翔", "H25.6.1"]]
    assert len(read(office, declared, rows, unique_by=("person_id",)).rows) == 3


def test_b_11_a_step_family(tmp_path: Path, catalogue: Catalogue) -> None:
    """妻の子 beside 子: one parent and a spouse each, and both children are siblings; names do not enter."""
    home = [
        head("f"),
        member("m", "妻", "S57.1.1", sex="2"),
        member("c", "妻の子", "H25.6.1"),
        member("d", "子", "R1.6.1"),
    ]
    tables = derive(tmp_path, catalogue, {"h": home})
    assert (child_row(tables, "c")["parent_count"], child_row(tables, "c")["n_siblings"]) == (2, 1)


def test_b_12_the_grandfather_is_the_head(tmp_path: Path, catalogue: Catalogue) -> None:
    """子の子 of the head is the child of 子 and 子の妻: two parents are there."""
    home = [
        head("g", "S25.1.1"),
        member("f", "子", "S55.1.1"),
        member("m", "子の妻", "S57.1.1"),
        member("c", "子の子", "H25.6.1"),
    ]
    child = child_row(derive(tmp_path, catalogue, {"h": home}), "c")
    assert (child["parent_count"], child["hh_single_generation_skip"]) == (2, False)


def test_b_13_two_households_of_one_home(tmp_path: Path, catalogue: Catalogue) -> None:
    """世帯分離: the grandmother of the other household lives with the child, and is found by the dwelling."""
    homes = {"a": [head("m"), member("c", "子", "H25.6.1")], "b": [head("g", "S20.1.1", sex="2")]}
    tables = derive(tmp_path, catalogue, homes, dwellings={"a": "x", "b": "x"})
    assert kinds(tables)["g"] == "elder"


def test_b_16_the_other_parent_lives_in_town(tmp_path: Path, catalogue: Catalogue) -> None:
    """The protected child is in the set that vendors, schools and uncleared staff never get; the other parent is not."""
    homes = {"a": [head("m", protected=True), member("c", "子", "H25.6.1")], "b": [head("f")]}
    tables = derive(tmp_path, catalogue, homes)
    assert members_of(tables, catalogue, "address-protected", as_of=AS_OF) == {"m", "c"}
    assert "f" not in kinds(tables)


CERTIFICATE: dict[str, Any] = {
    "resident_id": "0000000001", "insured_no": "1", "care_level": "要介護3", "valid_from": date(2023, 1, 1),
    "valid_to": date(2023, 12, 31), "dementia_level": None, "services": "なし", "main_carer": None, "in_facility": None,
}  # fmt: skip


def certificates(catalogue: Catalogue, *rows: dict[str, Any], as_of: date = AS_OF) -> list[dict[str, Any]]:
    """What the holder's view makes of certificates, through the real connector; by resident, since a view has no order."""
    base = catalogue.dataset("kaigo.certificate")
    whole = [{**CERTIFICATE, **row} for row in rows]
    types = {c.name: HELD_TYPES[c.type] for c in base.columns.values()}
    table = pa.table({name: pa.array([row[name] for row in whole], type=kind) for name, kind in types.items()})
    made = run_view(catalogue.dataset("kaigo.cert"), {base.name: table}, as_of=as_of, kinds=catalogue.kinds)
    return sorted(made.to_pylist(), key=lambda row: str(row["resident_id"]))


def test_b_14_whoever_needs_care_in_a_facility_is_not_at_home(catalogue: Catalogue) -> None:
    """By the record, or by the service where the record is blank; a blank without a clue is at home, and said so."""
    rows = certificates(
        catalogue,
        {"resident_id": "0000000001", "in_facility": "1"},
        {"resident_id": "0000000002", "services": "訪問看護、施設入所"},
        {"resident_id": "0000000003"},
    )
    assert [(row["in_facility"], row["in_facility_known"]) for row in rows] == [
        (True, True),
        (True, True),
        (False, False),
    ]
    text = (Path(reference.akishima.__file__).parent / "templates" / "yc-household-care.sql").read_text(
        encoding="utf-8"
    )
    assert "NOT k.in_facility" in text


def test_b_15_what_has_expired_counts_no_more(catalogue: Catalogue) -> None:
    """A certificate that is still listed after its last day is none; of two that overlap the newer one counts."""
    old = {"valid_from": date(2022, 1, 1), "valid_to": date(2022, 12, 31), "care_level": "要介護5"}
    assert certificates(catalogue, old) == []
    assert [row["care_level"] for row in certificates(catalogue, old, {})] == ["要介護3"]
    newer = {"valid_from": date(2023, 9, 1), "valid_to": date(2024, 8, 31), "care_level": "要介護1"}
    assert [row["care_level"] for row in certificates(catalogue, {}, newer)] == ["要介護1"]


@pytest.mark.parametrize("fault", ["B-18-csv", "B-18-sqlite", "B-18-duckdb"])
def test_b_18_a_column_of_individual_numbers_under_another_name(new_city: Path, fault: str) -> None:
    """番号2 in any source: nobody gets the dataset, the broker neither, until the column is gone or declared."""
    deployment = Deployment.load(new_city)
    spoilt = spoil(new_city / "departments", fault)
    departments = local_departments(deployment.catalogue, layout=deployment.layout, ledger_vkey=deployment.ledger_vkey)
    holder = departments[spoilt.department]
    for dataset in (d for d in deployment.catalogue.datasets.values() if d.department == holder.id):
        if dataset.name == spoilt.dataset or dataset.derived:
            with pytest.raises(Unavailable) as caught:
                holder.rows(dataset.name, as_of=AS_OF)
            assert caught.value.code == "dataset-quarantined"
    assert any(column.title == "番号2" for column in holder.report(spoilt.dataset).undeclared)


def test_b_18_the_test_values() -> None:
    """123456789018 has the right check digit, 123456789012 has not, and eleven digits may be a telephone."""
    assert number_like(pa.array(["123456789018"])) == 1
    assert number_like(pa.array(["123456789012", "09012345678"])) == 0


def test_b_18_numbers_in_a_row_are_no_individual_numbers(office: Clinic) -> None:
    """A series of twelve digits passes one time in ten: not held back."""
    declared = {**KEY, **columns(column("no", source="伝票番号"))}
    rows = [[str(n), f"{202300000000 + n}"] for n in range(1, 60)]
    declare(office, KEY, as_csv(declared, rows))
    assert office.department.rows(NAME, as_of=AS_OF) == 59


def test_b_19_a_hash_of_the_number_is_the_number(office: Clinic, catalogue: Catalogue, root: Path) -> None:
    """Undeclared and called so: held back, whatever its form. Declared: no purpose is granted it in any form."""
    declared = {**KEY, **columns(column("h", source="個人番号ハッシュ"))}
    declare(office, KEY, as_csv(declared, [[str(n), f"{n:064x}"] for n in range(1, 5)]))
    with pytest.raises(Unavailable) as caught:
        office.department.rows(NAME, as_of=AS_OF)
    assert caught.value.code == "dataset-quarantined"
    allowed = load_guideline(root / "guideline_docs").tables["allow_list"]
    forbidden = {
        (d.name, c.name) for d in catalogue.datasets.values() for c in d.columns.values() if c.origin == "my_number"
    }
    assert forbidden
    assert not [
        (dataset, name)
        for datasets in allowed.values()
        for dataset, row in datasets.items()
        for name in row["columns"]
        if (dataset, name) in forbidden
    ]


def test_b_20_a_tax_amount_in_a_benefit_category(office: Clinic) -> None:
    """A fee band holds bands: an amount in its place is no declared code, and is refused by row."""
    declared = columns(column("fee_band", origin="benefit", codes=("A", "B", "C", "D"), source="保育料階層"))
    error = refusal(office, declared, [["B"], ["2345600"]])
    assert (error.code, error.params["row"]) == ("value-code-unknown", 3)


def test_b_20_a_tax_column_that_nobody_declared_is_told_to_its_holder(office: Clinic) -> None:
    """It is not read; its header is what a program can tell by."""
    declared = {**KEY, **columns(column("t", source="市民税所得割額"))}
    declare(office, KEY, as_csv(declared, [["1", "12300"], ["2", "0"]]))
    titles = [c.title for c in office.department.report(NAME).undeclared]
    assert titles == ["市民税所得割額"]
    assert looks_like_tax(titles[0])


def test_b_22_two_vendors_have_nothing_to_join_by() -> None:
    """One person is another pseudonym in each domain, and in each year of one."""
    ring = KeyRing(bytes(range(32)))
    given = pa.array(["0000000001", "0000000002"])
    spaces = [
        PseudonymSpace(domain=d, epoch=e) for d, e in (("vendor-a", "2023"), ("vendor-b", "2023"), ("vendor-a", "2024"))
    ]
    made = [set(ring.pseudonyms(given, kind=KEY_KINDS["person"], space=space).to_pylist()) for space in spaces]
    assert len(set.union(*made)) == 6
    assert len({ring.key_id(space) for space in spaces}) == 3


def test_b_23_a_child_without_school_data_is_unknown(city_with_approval: Path) -> None:
    """No row at any school: the measures are blank and not 0, and nobody is left out for it."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        rows = ask(broker, deployment).table.to_pylist()
    without = [row for row in rows if row["months_known"] is None]
    assert without
    assert all(row["absent"] is None and row["months_late"] is None for row in without)


def test_b_24_a_stale_batch_fails_closed(city_with_approval: Path) -> None:
    """A holder's data of two months ago: no answer at all, rather than one without it."""
    (city_with_approval / "departments/shimin/extract.yaml").write_text(
        "shimin.resident: 2023-08-01\nshimin.history: 2023-08-01\n", encoding="utf-8"
    )
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker, pytest.raises(Denied) as caught:
        ask(broker, deployment)
    assert {c.control for c in caught.value.citations} == {"sources-fresh", "protection-current"}


def test_b_25_nobody_approves_their_own_request(new_city: Path) -> None:
    """The requester's own signature is refused under article 6."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        requested = draft(deployment, broker)
        with pytest.raises(Denied) as caught:
            broker.approvals.sign(
                asker(deployment, broker, "center", "controller"), approval=requested.id, step="decide"
            )
    assert "separation-of-duties" in {c.control for c in caught.value.citations}


def test_b_25_whoever_was_transferred_may_no_more(city_with_approval: Path) -> None:
    """The account has other roles than when its token was issued: the token counts no more, nor does the approval help."""
    accounts = city_with_approval / "principals.yaml"
    text = accounts.read_text(encoding="utf-8")
    assert text.index("[controller, user]") < text.index("center2:")
    accounts.write_text(text.replace("[controller, user]", "[user]", 1), encoding="utf-8")
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker, pytest.raises(Denied) as caught:
        ask(broker, deployment)
    assert "identity-verified" in {c.control for c in caught.value.citations}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_what_the_spoilt_copies_plant_is_told(pristine_city: Path, tmp_path: Path, fault: str) -> None:
    """Each fault of ``reference/akishima/city/faults.py``: by file and row, for the dataset, or as a note."""
    layout = Layout(tmp_path)
    shutil.copytree(pristine_city / "departments", layout.departments, ignore=shutil.ignore_patterns("snapshots"))
    spoilt = spoil(layout.departments, fault)
    deployment = Deployment.load(pristine_city)
    departments = local_departments(deployment.catalogue, layout=layout, ledger_vkey=deployment.ledger_vkey)
    found = check_department(
        departments[spoilt.department],
        catalogue=deployment.catalogue,
        guideline=deployment.guideline,
        today=deployment.clock().date(),
    )
    check = next(each for each in found.datasets if each.dataset.name == spoilt.dataset)
    codes = {finding.error.code: finding.mark for finding in check.findings}
    assert codes[spoilt.code] == ("warning" if spoilt.level == "note" else "fault")
    assert check.served == (spoilt.level == "note")
    if spoilt.level == "row":
        assert check.report is not None
        assert (spoilt.code, spoilt.file, spoilt.row) in {(f.code, f.file, f.row) for f in check.report.faults}
