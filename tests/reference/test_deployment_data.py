"""Catalogue, templates, queries and accounts of the reference deployment fit each other, the guideline and the sources."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from governance.catalogue import Catalogue
from governance.check_deployment import check_deployment
from governance.load_guideline import load_guideline
from governance.load_principals import load_principals
from governance.load_templates import load_templates
from reference.akishima.city.days import BASE_DATE
from reference.akishima.generate import GeneratedCity
from tests.reference.loading import raw_rows

_TYPES = {"VARCHAR": "text", "INTEGER": "integer", "DATE": "date", "BOOLEAN": "boolean"}
_ALWAYS_PROHIBITED = {
    "shimin.resident": {
        "name_kanji",
        "name_kana",
        "alias_name",
        "name_roman",
        "head_name",
        "address",
        "building",
        "kojin_bango",
    },
    "kyoiku.gakurei": {"name_kanji", "name_kana", "address", "guardian_name", "student_no"},
    "school.roster": {"name_kanji", "name_kana", "address", "guardian_name", "student_no"},
    "school.attendance": {"name_kanji", "student_no"},
    "kosodate.allowance": {"bank_account"},
    "center.case": {"case_id", "notifier"},
    "kaigo.certificate": {"insured_no"},
}
QUERIES = [
    "with_name", "with_my_number", "with_income", "adult_row", "not_on_list", "list_of_children", "stat_by_grade", "stat_by_town",
]  # fmt: skip


def test_the_deployment_is_consistent(root: Path, akishima: Path, catalogue: Catalogue) -> None:
    """Catalogue, guideline, templates and accounts have no fault between them."""
    findings = check_deployment(
        catalogue,
        load_guideline(root / "guideline_docs"),
        load_templates(akishima / "templates"),
        load_principals(akishima / "principals.yaml"),
    )
    assert [(finding.code, dict(finding.params)) for finding in findings] == []


def test_catalogue_names_every_column_of_the_sources_and_no_other(city: GeneratedCity, catalogue: Catalogue) -> None:
    """Nothing in a source is undeclared, and nothing declared is missing."""
    for dataset in catalogue.datasets.values():
        if not dataset.derived:
            held = set(next(iter(raw_rows(city.departments, catalogue, dataset))))
            declared = {column.source or column.name for column in dataset.columns.values() if not column.compose}
            assert held == declared, dataset.name


def test_derived_datasets_have_the_declared_columns_and_types(
    catalogue: Catalogue, tables: duckdb.DuckDBPyConnection
) -> None:
    """What the SQL gives is what the catalogue says."""
    for dataset in catalogue.datasets.values():
        if dataset.derived:
            relation = tables.table(dataset.name)
            given = {name: _TYPES[str(kind)] for name, kind in zip(relation.columns, relation.types, strict=True)}
            assert given == {column.name: column.type for column in dataset.columns.values()}, dataset.name


def test_values_keep_what_the_catalogue_promises(catalogue: Catalogue, tables: duckdb.DuckDBPyConnection) -> None:
    """No null where there never is one, no code that is not declared, no key off its pattern, no second row."""
    for dataset in catalogue.datasets.values():
        for column in dataset.columns.values():
            name = f'"{column.name}"'
            if column.nulls == "never":
                assert tables.sql(f"SELECT count(*) FROM {dataset.name} WHERE {name} IS NULL").fetchall() == [(0,)], (
                    column
                )
            if column.codes:
                found = tables.sql(f"SELECT DISTINCT {name} FROM {dataset.name} WHERE {name} IS NOT NULL").fetchall()
                assert {value for (value,) in found} <= set(column.codes), column
            if column.key is not None:
                pattern = catalogue.kinds[column.key].pattern
                found = tables.sql(f"SELECT DISTINCT {name} FROM {dataset.name} WHERE {name} IS NOT NULL").fetchall()
                assert all(re.fullmatch(pattern, value) for (value,) in found), column
        if dataset.unique_by:
            keys = ", ".join(dataset.unique_by)
            repeated = f"SELECT {keys} FROM {dataset.name} GROUP BY ALL HAVING count(*) > 1"
            assert tables.sql(repeated).fetchall() == [], dataset.name


def test_unknown_values_occur_where_they_may(catalogue: Catalogue, tables: duckdb.DuckDBPyConnection) -> None:
    """The columns whose NULL must not be taken for zero do hold NULL."""
    for dataset, column in [
        ("school.attendance", "late"),
        ("school.attendance", "early"),
        ("shimin.child", "parent_count"),
        ("shimin.child", "n_siblings"),
        ("kaigo.certificate", "in_facility"),
        ("kaigo.cert", "dementia_level"),
    ]:
        assert catalogue.dataset(dataset).column(column).nulls == "unknown"
        ((nulls,),) = tables.sql(f"SELECT count(*) FROM {dataset} WHERE {column} IS NULL").fetchall()
        assert nulls, (dataset, column)


Certificates = list[tuple[str, str, str, str, str, str | None]]
"""Person, level, first and last day, services, whereabouts."""


def certificates_in_force(catalogue: Catalogue, issued: Certificates) -> list[tuple[object, ...]]:
    """Person, level, any service, in a facility, whereabouts known: the view over hand-made certificates."""
    tables = duckdb.connect()
    tables.execute(
        "CREATE SCHEMA kaigo; CREATE TABLE kaigo.certificate (resident_id TEXT, care_level TEXT, valid_from DATE, "
        "valid_to DATE, services TEXT, in_facility TEXT, insured_no TEXT, dementia_level TEXT, main_carer TEXT)"
    )
    tables.executemany("INSERT INTO kaigo.certificate VALUES (?, ?, ?, ?, ?, ?, 'n', NULL, NULL)", issued)
    sql = catalogue.dataset("kaigo.cert").derived_sql or ""
    columns = "resident_id, care_level, any_service, in_facility, in_facility_known"
    return sorted(tables.execute(f"SELECT {columns} FROM ({sql})", {"as_of": BASE_DATE}).fetchall())


@pytest.mark.parametrize(
    ("services", "recorded", "any_service", "in_facility", "known"),
    [
        ("なし", "0", False, False, True),
        ("なし", "1", False, True, True),
        ("なし", None, False, False, False),
        ("訪問介護、福祉用具", "0", True, False, True),
        ("訪問介護", None, True, False, False),
        ("施設入所", "1", True, True, True),
        ("施設入所", None, True, True, True),
        ("福祉用具、施設入所", "0", True, True, True),
    ],
)
def test_whereabouts_without_a_record_count_as_at_home(
    catalogue: Catalogue, services: str, recorded: str | None, any_service: bool, in_facility: bool, known: bool
) -> None:
    """A blank never makes a household look free of care; a service in an institution settles it."""
    issued: Certificates = [("a", "要介護3", "2023-01-01", "2023-12-31", services, recorded)]
    assert certificates_in_force(catalogue, issued) == [("a", "要介護3", any_service, in_facility, known)]


def test_newest_of_overlapping_certificates_counts(catalogue: Catalogue) -> None:
    """One row a person: valid on the day, the newest beginning, then the longer term, then the heavier level."""
    issued: Certificates = [
        (person, level, start, end, "なし", "0")
        for person, level, start, end in [
            ("a", "要介護1", "2022-01-01", "2023-12-31"),
            ("a", "要介護3", "2023-06-01", "2023-12-31"),
            ("a", "要介護5", "2023-10-02", "2024-09-30"),
            ("b", "要介護2", "2022-01-01", "2023-09-30"),
            ("c", "要支援2", "2023-01-01", "2023-10-01"),
            ("d", "要介護1", "2023-01-01", "2023-12-31"),
            ("d", "要支援1", "2023-01-01", "2024-12-31"),
            ("e", "要介護1", "2023-01-01", "2023-12-31"),
            ("e", "要支援2", "2023-01-01", "2023-12-31"),
            ("f", "要支援1", "2023-10-01", "2024-09-30"),
            ("g", "要介護2", "2022-01-01", "2024-12-31"),
            ("g", "要介護4", "2023-06-01", "2023-12-31"),
        ]
    ]
    found = [(row[0], row[1]) for row in certificates_in_force(catalogue, issued)]
    assert found == [
        ("a", "要介護3"),
        ("c", "要支援2"),
        ("d", "要支援1"),
        ("e", "要介護1"),
        ("f", "要支援1"),
        ("g", "要介護4"),
    ]


@pytest.mark.parametrize("dataset", _ALWAYS_PROHIBITED)
def test_direct_identifiers_are_declared_as_such(catalogue: Catalogue, dataset: str) -> None:
    """Names, addresses and numbers of persons are identifiers that never join; exactly one column is My Number."""
    columns = catalogue.dataset(dataset).columns
    identifiers = {name for name, column in columns.items() if column.column_class == "identifier"}
    assert identifiers == _ALWAYS_PROHIBITED[dataset]
    assert all(columns[name].key is None for name in identifiers)
    mine = {name for name, column in columns.items() if column.origin == "my_number"}
    assert mine == ({"kojin_bango"} if dataset == "shimin.resident" else set())


def test_what_the_law_calls_sensitive_is_tagged(catalogue: Catalogue) -> None:
    """要配慮 and 機微 columns carry their tag, and the derived ones inherit it."""
    tags = {
        f"{name}.{column.name}": column.sensitivity
        for name, dataset in catalogue.datasets.items()
        for column in dataset.columns.values()
        if column.sensitivity != "normal"
    }
    care = {name for name, tag in tags.items() if tag == "youhairyo" and name.startswith(("kaigo.", "kyoiku."))}
    assert care == {
        "kaigo.certificate.care_level", "kaigo.certificate.dementia_level",
        "kaigo.cert.care_level", "kaigo.cert.dementia_level", "kyoiku.gakurei.sn_class",
    }  # fmt: skip
    for name in ("seifuku.welfare.aid_types", "shofuku.handbook.grade", "shofuku.service.psych_outpatient",
                 "kenko.mch.chk_3y", "school.life.nurse_visits", "center.case.abuse_kind", "kenko.childhood.caries_3y",
                 "shofuku.handbook_valid.grade", "shofuku.psychiatric.outpatient", "school.signs.nurse_rise"):  # fmt: skip
        assert tags[name] == "youhairyo"
    for name in ("shimin.resident.relation", "shimin.resident.dv_support_flag", "shimin.resident.nationality",
                 "shimin.child.parent_count", "shimin.household_member.kind", "kaigo.cert.any_service",
                 "kyoiku.gakurei.enrol_status", "seifuku.aid.aid_state", "center.known.abuse_past",
                 "kosodate.benefit.mc_oya", "kyoiku.aid.aid_class"):  # fmt: skip
        assert tags[name] == "kibi"


def test_derived_data_of_the_register_leaves_out_relations_and_addresses(catalogue: Catalogue) -> None:
    """Views hold no column that only the register may see."""
    inside = {"relation", "address", "building", "name_kanji", "dv_support_flag", "nationality", "kojin_bango"}
    for dataset in ("shimin.child", "shimin.household_member"):
        assert not inside & catalogue.dataset(dataset).columns.keys()


@pytest.mark.parametrize("name", QUERIES)
def test_queries_of_the_demonstration_run_over_raw_tables(
    akishima: Path, tables: duckdb.DuckDBPyConnection, name: str
) -> None:
    """What is refused is refused by policy, not because it would not run; each file says in Japanese what it shows."""
    text = (akishima / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    assert re.match(r"-- [^\n]*[ぁ-ん][^\n]*\n", text)
    assert tables.sql(text).fetchall()


def test_no_query_lies_about(akishima: Path) -> None:
    """Every query file is one of those tested."""
    assert sorted(path.stem for path in (akishima / "queries").iterdir()) == sorted(QUERIES)


def test_statistic_has_groups_below_and_above_the_limit(akishima: Path, tables: duckdb.DuckDBPyConnection) -> None:
    """Some groups of the demonstration's aggregate have five children or more, some fewer, and none is a single count."""
    sql = (akishima / "queries" / "stat_by_grade.sql").read_text(encoding="utf-8")
    counts = [row[-1] for row in tables.sql(f"SELECT * FROM ({sql}) WHERE grade BETWEEN 1 AND 12").fetchall()]
    assert sum(count >= 5 for count in counts) >= 12
    assert sum(count < 5 for count in counts) >= 5


def test_parameters_of_templates_are_declared_not_personal(akishima: Path, tables: duckdb.DuckDBPyConnection) -> None:
    """Each ``$name`` in a template is declared and typed, and no data about a person but where a named one is looked up."""
    templates = load_templates(akishima / "templates")
    features = {"yc-features", "pv-features", "ab-features", "tr-features", "va-truancy", "vb-young-carer"}
    assert set(templates) == {
        "yc-household-care",
        "yc-late-months",
        "cr-notified-child",
        "oc-disaster-check",
        *features,
    }
    for template in templates.values():
        used = set(re.findall(r"\$([a-z_]+)", template.sql))
        assert used == set(template.parameters)
        named = template.id == "cr-notified-child"
        assert all(parameter.personal is named for parameter in template.parameters.values())
        bound = {"born": date(2012, 5, 1), "town": "001"} if named else dict.fromkeys(used, 3)
        if template.id not in features:  # those read forms, not raw columns, and are run on the real path
            assert tables.execute(template.sql, bound or None).fetchall() or named


def test_accounts_of_the_demonstration(akishima: Path, catalogue: Catalogue) -> None:
    """The accounts have the roles that the demonstration gives them, and every department has its steward."""
    accounts = load_principals(akishima / "principals.yaml")
    assert {name: accounts[name].roles for name in accounts} == {
        "center": ("controller", "user"),
        "center2": ("controller", "user"),
        "center-head": ("center_head",),
        "privacy": ("reviewer",),
        "privacy2": ("reviewer",),
        "center-deputy": ("center_deputy",),
        "cpo": ("cpo",),
        "cpo-deputy": ("cpo_deputy",),
        "custodian": ("key_custodian",),
        "auditor": ("auditor",),
        "operator": ("operator",),
        "vendor-a": ("analyst",),
        "vendor-b": ("analyst",),
        "school-contact": ("school_contact",),
        "steward-shimin": ("data_steward",),
        "steward-seifuku": ("data_steward",),
        "steward-shofuku": ("data_steward",),
        "steward-kenko": ("data_steward",),
        "steward-kosodate": ("data_steward",),
        "steward-ikusei": ("data_steward",),
        "steward-center": ("data_steward",),
        "steward-kaigo": ("data_steward",),
        "steward-kyoiku": ("data_steward",),
        "steward-school": ("data_steward",),
    }
    for department in catalogue.departments.values():
        assert accounts[department.steward].department == department.id
        assert accounts[department.steward].organ == department.organ
    assert {name for name in accounts if accounts[name].organ == "vendor"} == {"operator", "vendor-a", "vendor-b"}
    assert not accounts["center"].dv_cleared
    assert accounts["center2"].dv_cleared
