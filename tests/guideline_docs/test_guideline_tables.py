"""The tables of the reference city's guideline, held to what the guideline says in words."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.catalogue import Catalogue
from governance.check_deployment import check_deployment
from governance.forms import form_type, parse_form
from governance.guideline import Guideline
from governance.load_principals import load_principals
from governance.load_templates import load_templates

TODAY = date(2023, 10, 1)
"""The day at which the demonstration's clock stands."""

SCREENING = ("young_carer", "poverty", "abuse", "truancy")
"""The four types of difficulty, each a purpose of its own."""

ANALYSES = {"analysis_truancy": "vendor-a", "analysis_young_carer": "vendor-b"}
"""Purposes whose rows leave in packages, and to whom."""

PURPOSES = (*SCREENING, *ANALYSES, "case_response", "disaster_check", "stat")

BASE_TABLES = {"kyoiku.gakurei", "school.attendance"}
"""Base tables that are granted as they are: the register that ties pupils to residents, and months of attendance."""

ACCEPTANCE = {
    "shimin.child": {"resident_id": "UUID", "household_id": "UUID", "grade": "INTEGER", "n_siblings_u6": "INTEGER"},
    "shimin.household_member": {"resident_id": "UUID", "household_id": "UUID"},
    "kaigo.cert": {"resident_id": "UUID", "care_level": "INTEGER", "any_service": "BOOLEAN", "in_facility": "BOOLEAN"},
    "kyoiku.gakurei": {"resident_id": "UUID", "pupil": "UUID"},
    "school.attendance": {"pupil": "UUID", "absent": "INTEGER", "late": "INTEGER", "early": "INTEGER"},
}
"""What the query about care in the household and absence reads, with the types that it is written for."""


def _columns(guideline: Guideline, purpose: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (dataset, column, form)
        for dataset, entry in guideline.tables["allow_list"][purpose].items()
        for column, form in entry["columns"].items()
    ]


def test_guideline_and_catalogue_fit_each_other(root: Path, guideline: Guideline, catalogue: Catalogue) -> None:
    """The reference deployment has no fault between its parts."""
    akishima = root / "reference" / "akishima"
    templates, principals = load_templates(akishima / "templates"), load_principals(akishima / "principals.yaml")
    assert [finding.text("ja") for finding in check_deployment(catalogue, guideline, templates, principals)] == []


def test_the_acceptance_query_is_granted_with_its_types(guideline: Guideline, catalogue: Catalogue) -> None:
    """別表2 grants every column that the query reads, in the type that its comparisons need."""
    granted = guideline.tables["allow_list"]["young_carer"]
    for dataset, columns in ACCEPTANCE.items():
        for column, wanted in columns.items():
            form = parse_form(granted[dataset]["columns"][column])
            assert form_type(form, catalogue.dataset(dataset).column(column).type) == wanted


def test_levels_of_care_run_from_none_to_the_heaviest(guideline: Guideline) -> None:
    """The order makes the largest position of a household its heaviest need of care."""
    order = guideline.tables["allow_list"]["young_carer"]["kaigo.cert"]["columns"]["care_level"]["order"]
    assert order == [
        "非該当",
        "事業対象者",
        "要支援1",
        "要支援2",
        "要介護1",
        "要介護2",
        "要介護3",
        "要介護4",
        "要介護5",
    ]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_nothing_that_identifies_is_granted(purpose: str, guideline: Guideline, catalogue: Catalogue) -> None:
    """第8条・第11条・第12条: no identifier, free text, birth date, or item of tax or number records, for any purpose; by a
    birth date somebody is looked up for the one purpose that is for that.
    """
    for dataset, name, form in _columns(guideline, purpose):
        column = catalogue.dataset(dataset).column(name)
        assert column.column_class not in ("identifier", "free_text")
        assert column.origin in ("own", "benefit")
        assert (form["form"] == "pseudonym") == (column.column_class == "key")
        if form["form"] == "match":
            assert name in guideline.tables["purposes"][purpose]["looks_up"]
            assert form["leaves"] is False
            continue
        assert column.type != "date" or form["form"] in ("year", "year_month")
        assert name not in ("birth_date", "status")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_sensitive_items_leave_reduced(purpose: str, guideline: Guideline, catalogue: Catalogue) -> None:
    """第10条: sensitive items leave in one of the forms that the parameters allow them, none of which is the value."""
    reduced = set(guideline.tables["parameters"]["reduced_forms"])
    assert not reduced & {"raw", "match", "pseudonym", "town"}
    sensitive = [
        (name, form["form"])
        for dataset, name, form in _columns(guideline, purpose)
        if catalogue.dataset(dataset).column(name).sensitivity != "normal"
    ]
    assert sensitive
    assert {form for _, form in sensitive} <= reduced


def test_presence_is_granted_dataset_by_dataset(guideline: Guideline, catalogue: Catalogue) -> None:
    """A purpose sees the datasets of its own list and no other; holders' own registers are on none, but for two."""
    granted = guideline.tables["allow_list"]
    assert set(granted) == set(PURPOSES)
    base = {name for datasets in granted.values() for name in datasets if not catalogue.dataset(name).derived}
    assert base == BASE_TABLES
    assert "seifuku.aid" not in granted["truancy"]
    assert not {"kosodate.benefit", "ikusei.child_care"} & set(granted["abuse"])


def test_each_contractor_and_year_has_pseudonyms_of_its_own(guideline: Guideline) -> None:
    """第18条: no purpose of a contractor shares a space with another recipient's, and each is of the contract's year."""
    tables = guideline.tables
    spaces = {}
    for purpose, vendor in ANALYSES.items():
        assert tables["purposes"][purpose]["recipients"] == [vendor]
        name = tables["purposes"][purpose]["domain"]
        spaces[vendor] = name
        assert tables["domains"][name] == {"purposes": [purpose], "recipient": vendor, "epoch": "2023"}
        assert tables["recipients"][vendor]["contract"]["from"].startswith("2023-04")
    assert len(set(spaces.values())) == len(ANALYSES)


def test_contractors_get_nothing_that_names_a_place_a_sex_or_a_day(guideline: Guideline, catalogue: Catalogue) -> None:
    """1.3 of the role definitions: no town, sex, institution, date or free value is on a contractor's list."""
    for purpose in ANALYSES:
        for dataset, column, form in _columns(guideline, purpose):
            source = catalogue.dataset(dataset).column(column)
            assert column not in ("sex", "town_code", "birth_date", "status", "month")
            if source.column_class != "key":
                assert form["form"] in ("flag", "count", "ordinal", "band") or (column, form["form"]) == (
                    "grade",
                    "raw",
                )


def test_the_four_types_share_one_space_of_pseudonyms(guideline: Guideline) -> None:
    """第14条: a person stands once in the centre's work list; statistics join with nothing of it."""
    domains = guideline.tables["domains"]
    assert domains["center-screening"]["purposes"] == list(SCREENING)
    assert {guideline.tables["purposes"][purpose]["domain"] for purpose in SCREENING} == {"center-screening"}


def test_only_filters_keep_from_leaving_who_is_grown_up(guideline: Guideline) -> None:
    """第4条: what a person is in the household filters at its holder and never leaves, for any type."""
    for purpose in SCREENING:
        columns = guideline.tables["allow_list"][purpose].get("shimin.household_member", {"columns": {}})["columns"]
        places = {name: form for name, form in columns.items() if not name.endswith("_id")}
        assert set(places) <= {"kind", "guardian", "grown_up", "minor"}
        assert all(not form["leaves"] and form["null_as"] is False for form in places.values())


def test_purposes_are_in_force_on_the_demonstrations_day(guideline: Guideline) -> None:
    """All purposes are active, made public and assessed on the day at which the demonstration's clock stands, but for
    the one that is a draft, and is neither.
    """
    drafts = {name for name, purpose in guideline.tables["purposes"].items() if purpose["status"] == "draft"}
    assert drafts == {"after_school"}
    assert [guideline.tables["purposes"]["after_school"][what] for what in ("public_notice_on", "pia")] == [None, None]
    for purpose in (p for name, p in guideline.tables["purposes"].items() if name not in drafts):
        assert purpose["status"] == "active"
        assert (
            date.fromisoformat(purpose["valid_from"])
            <= TODAY
            <= date.fromisoformat(purpose["valid_to"] or "9999-12-31")
        )
        assert date.fromisoformat(purpose["public_notice_on"]) <= TODAY
        assert purpose["pia"]
    assert all(guideline.tables["purposes"][purpose]["outputs"] == ["row_level"] for purpose in SCREENING)
    assert guideline.tables["purposes"]["stat"]["outputs"] == ["aggregate"]


def test_purposes_end_with_the_fiscal_year(guideline: Guideline) -> None:
    """第7条2項: no purpose outlives 31 March but that of answering notifications (第33条), which must not break off."""
    purposes = guideline.tables["purposes"]
    assert [name for name, purpose in purposes.items() if purpose["valid_to"] is None] == ["case_response"]
    assert purposes["case_response"]["approval_days"] == 365
    for purpose in (purpose for purpose in purposes.values() if purpose["valid_to"] is not None):
        start, end = date.fromisoformat(purpose["valid_from"]), date.fromisoformat(purpose["valid_to"])
        assert end < date(start.year + (start.month >= 4), 4, 1)
        assert end + timedelta(days=1) > start


def test_only_the_controller_sees_rows_and_only_with_an_approval(guideline: Guideline) -> None:
    """別表1: row-level queries are the 総括管理主体's, under an approval."""
    matrix = guideline.tables["action_matrix"]
    assert {role: m["query.row_level"] for role, m in matrix.items() if "query.row_level" in m} == {
        "controller": "approval"
    }
    for role in ("analyst", "operator"):
        assert matrix[role] == {}
    assert set(matrix["school_contact"]) == {"inquiry.list", "inquiry.read", "inquiry.answer"}
    assert all(action.startswith("retention.") for action in matrix["key_custodian"])


_DRAFTERS = {
    "approval.request",
    "approval.withdraw",
    "approval.recall",
    "approval.resubmit",
    "package.draft",
    "package.create",
    "package.hand_over",
    "package.close",
    "proposal.draft",
    "proposal.withdraw",
    "reidentify.request",
    "reidentify.run",
    "reidentify.show",
    "reidentify.close",
    "inquiry.send",
}
_ANYBODY = {
    "approval.read",
    "incident.stop",
    "incident.open",
    "incident.read",
    "subject.read",
    "package.read",
    "proposal.read",
    "risk.report",
    "reidentify.read",
    "reidentify.read_all",
    "reidentify.alerts",
    "inquiry.list",
    "inquiry.read",
    # Whoever is cleared; without risk.read it shows the numbers of a cycle alone, to whoever approves its capacity.
    "risk.read_protected",
}


def test_nobody_who_audits_queries_and_nobody_who_queries_approves(guideline: Guideline) -> None:
    """別表1 keeps asking, approving and auditing in different roles."""
    kinds = {
        role: {
            "asks"
            if (action.startswith(("query", "risk")) and action != "risk.approve") or action in _DRAFTERS
            else "audits"
            if action.startswith("ledger.")
            else "approves"
            for action in actions
            if action not in ("approval.read", "incident.stop", "subject.read", "package.read", "risk.report")
            if action
            not in (
                "approval.read",
                "incident.stop",
                "subject.read",
                "package.read",
                "subject.trace",
                "ledger.department",
            )
            and not action.startswith("retention.")
            if action not in _ANYBODY and not action.startswith("retention.")
        }
        for role, actions in guideline.tables["action_matrix"].items()
    }
    assert all(len(kind) <= 1 for kind in kinds.values())
    assert [role for role, kind in kinds.items() if kind == {"audits"}] == ["auditor"]


def test_sensitive_templates_go_to_the_chief_privacy_officer(guideline: Guideline) -> None:
    """別表3: the head of the centre decides, or the 総括保護管理者 where sensitive items are read."""
    assert guideline.tables["routes"]["template"] == {
        "review": {"roles": ["reviewer"]},
        "consult": "stewards_of_datasets",
        "decide": {
            "normal": {"roles": ["center_head"], "deputies": ["center_deputy"]},
            "sensitive": {"roles": ["cpo"], "deputies": ["cpo_deputy"]},
        },
        "absence": {"recorded_by": ["reviewer"]},
    }


def test_parameters_are_those_of_the_articles(guideline: Guideline) -> None:
    """第17条's numbers and 第22条's days stand in the parameters as the articles say them."""
    parameters = guideline.tables["parameters"]
    article = next(a for a in guideline.articles if a.number == 17)
    assert f"庁内では{parameters['k_internal']}人、公表では{parameters['k_public']}人" in article.body_ja
    assert parameters["freshness_max_days"]["resident"] == 5
    assert parameters["freshness_counted_in"].keys() == parameters["freshness_max_days"].keys()
    assert parameters["max_rows"] == 20_000


def test_target_age_runs_from_school_entry_to_the_twelfth_grade(guideline: Guideline) -> None:
    """第4条: twelve grades, on the cohort alone, so that households keep their adults."""
    assert guideline.tables["gates"]["target-age"] == {"roles": ["cohort"], "kind": "grades", "from": 1, "to": 12}
    assert guideline.tables["gates"]["moved-out-excluded"]["roles"] == ["cohort"]
    assert guideline.tables["named_sets"]["address-protected"]["roles"] == ["cohort"]


def test_a_notified_child_is_below_eighteen_and_looked_up(guideline: Guideline) -> None:
    """第33条: from birth on, by what was told, a few at most; identity, household, school and known cases, no more."""
    purpose = guideline.tables["purposes"]["case_response"]
    assert purpose["gates"] == {"target-age": {"kind": "ages", "from": 0, "to": 17}}
    assert purpose["looks_up"] == ["birth_date", "town_code"]
    assert purpose["max_rows"] == 5
    assert set(guideline.tables["allow_list"]["case_response"]) == {"shimin.child", "kyoiku.enrolment", "center.known"}


def test_a_query_is_held_to_every_control_of_the_policy(guideline: Guideline) -> None:
    """A query requires each control that the policy carries out; reading the ledger requires who and whether."""
    rego = {c for a in guideline.articles for rule in a.rules if rule.enforced_by == "rego" for c in rule.controls}
    requirements = guideline.tables["requirements"]
    on_registration = {"guideline-approved", "own-department", "classes-confirmed"}
    on_packages = {"package-in-turn", "package-checked", "package-groups-safe", "package-reviewed"}
    assert on_packages <= set(requirements["package.create"])
    on_proposals = {"proposal-in-turn", "proposal-checked", "proposal-reviewed"}
    assert on_proposals <= set(requirements["proposal.approve"])
    elsewhere = {
        "second-person",
        "own-request",
        "on-the-route",
        "erasure-not-held",
        "legal-review-first",
        "cleared-to-know",
        "decider-absent",
        "later-look-in-time",
        "later-look-by-decider",
        "absence-recorded",
        "protected-list-cleared",
        *on_packages,
        *on_proposals,
        "purpose-renewable",
    }
    elsewhere |= {
        c
        for action in requirements
        if action.startswith(("reidentify.", "risk.", "incident.", "inquiry."))
        for c in requirements[action]
    } - set(requirements["query"])
    assert set(requirements["query"]) == rego - on_registration - elsewhere
    assert on_registration <= set(requirements["dataset.register"])
    assert set(requirements["ledger.read"]) == {
        "request-well-formed",
        "identity-verified",
        "account-in-force",
        "training-current",
        "single-hat",
        "roles-compatible",
        "action-matrix",
    }
    statutory = ("my-number-prohibited", "tax-origin-prohibited", "address-protected-excluded")
    order = requirements["query"].index
    assert max(order(control) for control in statutory) < order("purpose-stated") < order("purpose-allow-list")
