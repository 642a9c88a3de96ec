"""Derived datasets of the offices, over rows written by hand: what is in force on the day, and what stays unknown."""

from __future__ import annotations

from datetime import date

import pytest

from governance.catalogue import Catalogue
from reference.akishima.city.days import BASE_DATE
from tests.reference.holders import Row, derived_rows, one_row, resident

YESTERDAY, TOMORROW = date(2023, 9, 30), date(2023, 10, 2)
LONG_AGO = date(2010, 1, 1)
ANNA, BEN, CARL = resident(1), resident(2), resident(3)


def test_base_date_is_the_one_these_tests_speak_of() -> None:
    """Yesterday and tomorrow are those of the city's base date."""
    assert (BASE_DATE - YESTERDAY).days == (TOMORROW - BASE_DATE).days == 1


# --- 市民課 -----------------------------------------------------------------------------------------------------------


def moves(catalogue: Catalogue, *history: Row, birth: date = date(2013, 6, 1)) -> tuple[int, bool]:
    row = one_row(
        catalogue,
        "shimin.move",
        {
            "shimin.resident": [{"resident_id": ANNA, "birth_date": birth}],
            "shimin.history": [{"resident_id": ANNA, "history_no": n, **row} for n, row in enumerate(history)],
        },
    )
    return row["moves_in_3y"], row["moved_in_within_1y"]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], (0, False)),
        ([("転居", date(2020, 10, 1))], (0, False)),
        ([("転居", date(2020, 10, 2))], (1, False)),
        ([("転入", date(2022, 10, 1))], (1, False)),
        ([("転入", date(2022, 10, 2))], (1, True)),
        ([("転入", BASE_DATE)], (1, True)),
        ([("転入", TOMORROW)], (0, False)),
        ([("転入", date(2023, 4, 1)), ("転居", date(2023, 4, 1))], (1, True)),
        ([("転居", date(2023, 4, 1)), ("転入", date(2023, 4, 1))], (1, True)),
        ([("転居", date(2022, 1, 5)), ("転居", date(2022, 1, 5)), ("転居", date(2023, 1, 5))], (2, False)),
        ([("出生", date(2022, 1, 5)), ("世帯変更", date(2022, 2, 5)), ("職権", date(2022, 3, 5))], (0, False)),
        ([("転出", date(2022, 1, 5)), ("転入", date(2022, 12, 5))], (1, True)),
    ],
)
def test_moves_within_their_windows(
    catalogue: Catalogue, history: list[tuple[str, date]], expected: tuple[int, bool]
) -> None:
    """Three years and one year back from the day; a move is counted once however often it is written."""
    assert moves(catalogue, *({"reason": reason, "changed_on": day} for reason, day in history)) == expected


def test_a_corrected_move_did_not_happen(catalogue: Catalogue) -> None:
    """A superseded row of the history counts for nothing."""
    assert moves(catalogue, {"reason": "転入", "changed_on": date(2023, 5, 1), "corrected": True}) == (0, False)


def test_moves_are_known_of_every_child_and_of_no_adult(catalogue: Catalogue) -> None:
    """One row for whoever is not past the year of 18, without any history too; nobody beyond."""
    people = [
        {"resident_id": ANNA, "birth_date": date(2005, 4, 2)},
        {"resident_id": BEN, "birth_date": date(2005, 4, 1)},
        {"resident_id": CARL, "birth_date": date(2020, 1, 1), "status": "死亡"},
    ]
    assert [r["resident_id"] for r in derived_rows(catalogue, "shimin.move", {"shimin.resident": people})] == [ANNA]


# --- 生活福祉課 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ([(LONG_AGO, None, "受給中")], "受給中"),
        ([(BASE_DATE, None, "受給中")], "受給中"),
        ([(TOMORROW, None, "受給中")], None),
        ([(LONG_AGO, YESTERDAY, "廃止")], None),
        ([(LONG_AGO, BASE_DATE, "廃止")], None),
        ([(LONG_AGO, TOMORROW, "受給中")], "受給中"),
        ([(LONG_AGO, None, "停止中")], "停止中"),
        ([(LONG_AGO, YESTERDAY, "廃止"), (date(2023, 6, 1), None, "停止中")], "停止中"),
        ([(LONG_AGO, None, "停止中"), (date(2023, 6, 1), None, "受給中")], "受給中"),
    ],
)
def test_assistance_in_force(
    catalogue: Catalogue, cases: list[tuple[date, date | None, str]], expected: str | None
) -> None:
    """Begun, not ended; 停止 is told from 受給中, and of two cases the one that is paid counts."""
    rows = [
        {"resident_id": ANNA, "case_no": str(n), "aid_start": start, "aid_end": end, "aid_state": state}
        for n, (start, end, state) in enumerate(cases)
    ]
    found = derived_rows(catalogue, "seifuku.aid", {"seifuku.welfare": rows})
    assert [row["aid_state"] for row in found] == ([] if expected is None else [expected])


def test_consultations_of_two_years(catalogue: Catalogue) -> None:
    """The newest plan counts, any talk of housing counts, and what is older than 24 months is no longer there."""
    rows = [
        {"receipt_no": "1", "resident_id": ANNA, "consult_on": date(2021, 10, 1), "consult_type": "住居確保"},
        {"receipt_no": "2", "resident_id": BEN, "consult_on": date(2021, 10, 2), "plan_state": "未作成"},
        {"receipt_no": "3", "resident_id": BEN, "consult_on": date(2023, 1, 5), "plan_state": "作成済"},
        {"receipt_no": "4", "resident_id": CARL, "consult_on": date(2022, 5, 1), "consult_type": "住居確保"},
        {"receipt_no": "5", "resident_id": CARL, "consult_on": date(2022, 6, 1), "plan_state": None},
        {"receipt_no": "6", "resident_id": CARL, "consult_on": TOMORROW, "plan_state": "未作成"},
    ]
    found = derived_rows(catalogue, "seifuku.consult_24m", {"seifuku.consult": rows})
    assert [(r["resident_id"], r["housing"], r["plan_state"]) for r in found] == [
        (BEN, False, "作成済"),
        (CARL, True, None),
    ]


# --- 障害福祉課 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handbook", "in_force"),
    [
        ({"handbook_kind": "身体", "grade": "1級"}, True),
        ({"handbook_kind": "精神", "grade": "2級", "expires_on": BASE_DATE}, True),
        ({"handbook_kind": "精神", "grade": "2級", "expires_on": YESTERDAY}, False),
        ({"handbook_kind": "愛の手帳", "grade": "2度", "returned_on": BASE_DATE}, False),
        ({"handbook_kind": "愛の手帳", "grade": "2度", "returned_on": TOMORROW}, True),
        ({"handbook_kind": "身体", "grade": "1級", "issued_on": TOMORROW}, False),
    ],
)
def test_certificates_that_ran_out_or_came_back_do_not_count(
    catalogue: Catalogue, handbook: Row, in_force: bool
) -> None:
    """Still listed is not in force."""
    rows = {"shofuku.handbook": [{"resident_id": ANNA, "handbook_no": "1", **handbook}]}
    found = derived_rows(catalogue, "shofuku.handbook_valid", rows)
    assert [row["grade"] for row in found] == ([handbook["handbook_kind"] + handbook["grade"]] if in_force else [])
    psychiatric = derived_rows(catalogue, "shofuku.psychiatric", rows)
    assert bool(psychiatric) == (in_force and handbook["handbook_kind"] == "精神")


def test_several_certificates_and_the_services_of_their_holder(catalogue: Catalogue) -> None:
    """One row a kind and grade; services count while granted, an allowance or outpatient care is none."""
    handbooks = [
        {"resident_id": ANNA, "handbook_no": "1", "handbook_kind": "身体", "grade": "2級"},
        {"resident_id": ANNA, "handbook_no": "2", "handbook_kind": "精神", "grade": "1級"},
        {"resident_id": BEN, "handbook_no": "3", "handbook_kind": "身体", "grade": "1級"},
        {"resident_id": CARL, "handbook_no": "4", "handbook_kind": "身体", "grade": "3級"},
    ]
    term = {"valid_from": date(2023, 4, 1), "valid_to": date(2024, 3, 31)}
    services = [
        {"resident_id": ANNA, "certificate_no": "1", "service_type": "居宅介護", **term},
        {"resident_id": BEN, "certificate_no": "2", "psych_outpatient": True, **term},
        {"resident_id": BEN, "certificate_no": "3", "service_type": "居宅介護", "valid_to": YESTERDAY},
        {"resident_id": CARL, "certificate_no": "4", "service_type": "施設入所支援", **term},
    ]
    bases = {"shofuku.handbook": handbooks, "shofuku.service": services}
    found = derived_rows(catalogue, "shofuku.handbook_valid", bases)
    assert [(r["resident_id"], r["grade"], r["any_service"], r["in_facility"]) for r in found] == [
        (ANNA, "精神1級", True, False),
        (ANNA, "身体2級", True, False),
        (BEN, "身体1級", False, False),
        (CARL, "身体3級", True, True),
    ]
    minds = derived_rows(catalogue, "shofuku.psychiatric", bases)
    assert [(r["resident_id"], r["handbook"], r["outpatient"]) for r in minds] == [
        (ANNA, True, False),
        (BEN, False, True),
    ]


# --- 健康課 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checkups", "unreached", "known"),
    [
        (("受診", "受診", "受診"), 0, 3),
        (("受診", "未受診", "未受診"), 2, 3),
        (("未受診把握済", "受診", "対象前"), 0, 2),
        (("転入前", "転入前", "未受診"), 1, 1),
        (("転入前", "転入前", "転入前"), None, 0),
        ((None, None, None), None, 0),
        (("転入前", None, "受診"), 0, 1),
    ],
)
def test_a_checkup_before_moving_in_is_not_a_missed_one(
    catalogue: Catalogue, checkups: tuple[str | None, ...], unreached: int | None, known: int
) -> None:
    """Missed and never followed up is counted among those on record; of none on record nothing is known."""
    row = dict(zip(("chk_3m", "chk_18m", "chk_3y"), checkups, strict=True))
    found = one_row(catalogue, "kenko.childhood", {"kenko.mch": [{"child_id": ANNA, **row}]})
    assert (found["checkups_unreached"], found["checkups_known"]) == (unreached, known)


# --- 教育総務課 -------------------------------------------------------------------------------------------------------


def test_enrolment_is_that_of_the_fiscal_year(catalogue: Catalogue) -> None:
    """The register has a row a year; on 31 March the old year's counts, on 1 April the new one's."""
    rows = [
        {"fiscal_year": 2022, "resident_id": ANNA, "pupil": "2022|E01|1", "out_of_area": None, "transfers": 0},
        {"fiscal_year": 2023, "resident_id": ANNA, "pupil": None, "out_of_area": "私立", "transfers": 1},
    ]
    for day, pupil, elsewhere in (
        (date(2023, 3, 31), "2022|E01|1", False),
        (date(2023, 4, 1), None, True),
        (BASE_DATE, None, True),
    ):
        found = one_row(catalogue, "kyoiku.enrolment", {"kyoiku.gakurei": rows}, as_of=day)
        assert (found["pupil"], found["elsewhere"]) == (pupil, elsewhere)


@pytest.mark.parametrize(
    ("rows", "day", "expected"),
    [
        ([(2023, "準要保護", None)], BASE_DATE, "準要保護"),
        ([(2023, "準要保護", YESTERDAY)], BASE_DATE, "否認定"),
        ([(2023, "準要保護", TOMORROW)], BASE_DATE, "準要保護"),
        ([(2023, "申請なし", None), (2022, "準要保護", None)], BASE_DATE, "申請なし"),
        ([(2022, "準要保護", None)], date(2023, 5, 1), "準要保護"),
        ([(2021, "準要保護", None)], BASE_DATE, None),
        ([(2024, "準要保護", None)], BASE_DATE, None),
    ],
)
def test_school_aid_of_the_year(
    catalogue: Catalogue, rows: list[tuple[int, str, date | None]], day: date, expected: str | None
) -> None:
    """The class of the year, of last year until there is one; aid that was cancelled is no aid."""
    held = [
        {"fiscal_year": year, "resident_id": ANNA, "aid_class": aid, "cancelled_on": cancelled}
        for year, aid, cancelled in rows
    ]
    found = derived_rows(catalogue, "kyoiku.aid", {"kyoiku.shuen": held}, as_of=day)
    assert [row["aid_class"] for row in found] == ([] if expected is None else [expected])


# --- 子ども家庭支援センター -------------------------------------------------------------------------------------------


def test_what_the_centre_knows_of_a_person(catalogue: Catalogue) -> None:
    """Closed and transferred cases are past, open ones active; a case of nobody in particular is nobody's."""
    cases = [
        {"case_id": "1", "resident_id": ANNA, "main_type": "虐待", "status": "終結", "youtaikyo": "要保護"},
        {"case_id": "2", "resident_id": ANNA, "main_type": "養護", "status": "見守り", "youtaikyo": "なし"},
        {"case_id": "3", "resident_id": BEN, "main_type": "虐待", "status": "調査中", "youtaikyo": "要支援"},
        {"case_id": "4", "resident_id": CARL, "main_type": "ヤングケアラー", "status": "移管", "youtaikyo": "なし"},
        {"case_id": "5", "resident_id": None, "main_type": "虐待", "status": "終結"},
        {"case_id": "6", "resident_id": resident(4), "main_type": "虐待", "status": "調査中", "accepted_on": TOMORROW},
    ]
    found = derived_rows(catalogue, "center.known", {"center.case": cases})
    names = ("resident_id", "abuse_past", "active", "young_carer", "registered")
    assert [tuple(row[name] for name in names) for row in found] == [
        (ANNA, True, True, False, False),
        (BEN, False, True, False, True),
        (CARL, False, False, True, False),
    ]


def test_what_people_found_is_a_label_and_nothing_else_is(catalogue: Catalogue) -> None:
    """Support once needed is needed; not needed is an answer; no result, too little data and tomorrow's cases are none."""
    cases = [
        {"case_id": "1", "resident_id": ANNA, "outcome": "支援不要"},
        {"case_id": "2", "resident_id": ANNA, "outcome": "要見守り"},
        {"case_id": "3", "resident_id": BEN, "outcome": "支援不要"},
        {"case_id": "4", "resident_id": CARL, "outcome": "情報不足"},
        {"case_id": "5", "resident_id": resident(4), "outcome": None},
        {"case_id": "6", "resident_id": None, "outcome": "要支援"},
        {"case_id": "7", "resident_id": resident(5), "outcome": "既支援中"},
        {"case_id": "8", "resident_id": resident(6), "outcome": "要支援", "accepted_on": TOMORROW},
    ]
    found = derived_rows(catalogue, "center.assessed", {"center.case": cases})
    assert [(row["resident_id"], row["needed"]) for row in found] == [(ANNA, True), (BEN, False), (resident(5), True)]


def test_consultations_about_violence(catalogue: Catalogue) -> None:
    """Once is enough; not written down is not known; two years back at most."""
    consults = [
        {"consult_id": "1", "resident_id": ANNA, "consulted_on": YESTERDAY, "dv_related": None},
        {"consult_id": "2", "resident_id": ANNA, "consulted_on": YESTERDAY, "dv_related": True},
        {"consult_id": "3", "resident_id": BEN, "consulted_on": YESTERDAY, "dv_related": None},
        {"consult_id": "4", "resident_id": CARL, "consulted_on": date(2021, 10, 1), "dv_related": True},
    ]
    found = derived_rows(catalogue, "center.consult_24m", {"center.consult": consults})
    assert [(row["resident_id"], row["dv_related"]) for row in found] == [(ANNA, True), (BEN, None)]
