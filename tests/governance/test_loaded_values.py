"""A sound deployment is read into the values that its files describe."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.catalogue import Layout, LeaveOut
from governance.errors import BadInput
from governance.forms import FormKind, parse_form
from governance.guideline import Guideline
from governance.load_catalogue import load_catalogue
from governance.load_guideline import TABLES, load_guideline
from governance.load_principals import load_principals
from governance.load_templates import load_templates
from governance.located_yaml import Located
from governance.registers import Origin, Place, Register, place_of
from governance.schema_check import check_schema
from tests.governance.conftest import EVACUATION


def test_a_catalogue_holds_what_its_files_say() -> None:
    """Departments, datasets, columns and kinds carry every setting, and defaults where nothing is written."""
    catalogue = load_catalogue(EVACUATION / "catalogue")

    assert (catalogue.subject_kind, catalogue.household_kinds) == ("person", ("home",))
    assert set(catalogue.departments) == {"jumin", "fukushi"}
    jumin = catalogue.departments["jumin"]
    assert (jumin.organ, jumin.steward, jumin.source_kind) == ("mayor", "steward-jumin", "sqlite")
    assert [(s.name, s.key, s.department) for s in jumin.sets] == [("hidden-address", "person_id", "jumin")]
    assert "SELECT person_id" in jumin.sets[0].sql

    listed = catalogue.dataset("jumin.listed")
    assert listed.derived
    assert listed.derived_sql is not None
    assert "$as_of" in listed.derived_sql
    assert (listed.cohort, listed.bridge, listed.table, listed.files) == (True, False, None, ())
    assert (listed.unique_by, listed.gates) == (("person_id",), {"still-here": "state"})
    assert listed.key_of_kind("home") == "home_id"

    need = catalogue.dataset("fukushi.need")
    assert (need.derived, need.files, need.unreadable_values, need.reject_up_to) == (
        False,
        ("need_*.csv", "branch/*"),
        "unknown",
        0.01,
    )
    branch, every = need.layouts
    assert every == Layout(files=need.files, encoding="cp932", title_rows=1)
    assert branch == Layout(
        files=("branch/*.xlsx",),
        encoding="cp932",
        sheet="名簿",
        title_rows=1,
        header_rows=2,
        leave_out=LeaveOut(column="番号", values=("小計", "合計")),
        from_name="need_(?P<ward>[a-z]+)",
        from_cell={"visits": "B1"},
        titles={"stage": "状態/段階"},
        missing=("since",),
    )
    assert (need.absent_row, need.refresh, need.bridge) == ("unknown", "monthly", True)
    assert need.columns["helper"].compose == ("ward", "seat")
    assert need.columns["person_id"].source == "番号"
    stage = need.columns["stage"]
    assert (stage.sensitivity, stage.codes, stage.nulls, stage.origin) == (
        "kibi",
        ("なし", "軽い", "重い"),
        "unknown",
        "own",
    )
    assert list(catalogue.dataset("jumin.register").columns) == ["person_id", "home_id", "name", "born", "state"]


def test_a_guideline_holds_what_its_files_say() -> None:
    """Articles come by number, each control is found by its slug, and forms of the allow-list are complete."""
    guideline = load_guideline(EVACUATION / "guideline")

    assert [article.number for article in guideline.articles] == [2, 5]
    article, rule = guideline.binding("hidden-address-excluded")
    assert (article.number, rule.id, rule.enforced_by) == (5, "R5-1", "rego")
    assert article.body_ja == "対象は、今住んでいる人とする。\n"
    assert (article.effective_from, article.effective_to) == ("2024-04-01", "2029-03-31")
    people = guideline.articles[0].rules[1]
    assert people.controls == {}
    assert people.reason is not None
    assert people.reason.ja == "現場でしか判断できないため。"
    assert set(guideline.tables) == set(TABLES)
    assert guideline.tables["allow_list"]["evacuation"]["jumin.listed"]["columns"]["born"] == {
        "form": "year",
        "leaves": True,
    }


def test_templates_hold_their_query_without_the_front_matter() -> None:
    """The text of a template begins with its query; parameters carry type, label and whether they are personal."""
    template = load_templates(EVACUATION / "templates")["who-needs-help"]

    assert template.sql.startswith("SELECT l.person_id")
    assert template.purpose == "evacuation"
    assert template.parameters["least"].type == "integer"
    assert not template.parameters["least"].personal
    assert (template.title_ja, template.parameters["least"].label_en) == ("助けが要る人", "Least stage")


def test_a_template_says_how_people_read_its_columns(tmp_path: Path) -> None:
    """A column has a label, and may have the codes of an ordinal; a template may leave both out."""
    (tmp_path / "steps.sql").write_text(
        "/* ---\nid: steps\ntitle: {ja: 段階, en: Stages}\npurpose: evacuation\ncolumns:\n"
        "  stage: {label: {ja: 段階, en: Stage}, values_of: aid.list.stage}\n  n: {label: {ja: 人数, en: People}}\n"
        "--- */\nSELECT 1 AS stage\n",
        encoding="utf-8",
    )
    columns = load_templates(tmp_path)["steps"].columns
    assert (columns["stage"].label_ja, columns["stage"].values_of) == ("段階", "aid.list.stage")
    assert (columns["n"].label_en, columns["n"].values_of) == ("People", None)
    assert load_templates(EVACUATION / "templates")["who-needs-help"].columns == {}


def test_a_folder_without_templates_is_an_empty_one(tmp_path: Path) -> None:
    """A new deployment may have no template yet."""
    assert dict(load_templates(tmp_path)) == {}


def test_principals_wear_no_hat_yet() -> None:
    """An account names its roles; the hat is put on with a request."""
    principals = load_principals(EVACUATION / "principals.yaml")

    assert principals["worker1"].roles == ("worker",)
    assert {principal.hats for principal in principals.values()} == {()}
    assert principals["chief1"].training_until is None
    assert principals["steward-jumin"].department == "jumin"
    assert [(p.dv_cleared, p.mfa, p.oath) for p in principals.values()][:2] == [(False, True, True), (True, True, True)]


@pytest.mark.parametrize(
    "file",
    sorted(p.relative_to(EVACUATION / "guideline").as_posix() for p in (EVACUATION / "guideline").rglob("*.*")),
)
def test_any_change_of_the_guideline_changes_its_version(file: str, deployment: Path) -> None:
    """Approvals are bound to the version, so a comment in any of its files ends them (第19条)."""
    before = load_guideline(deployment / "guideline").version
    path = deployment / "guideline" / file
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8", newline="\n")

    after = load_guideline(deployment / "guideline").version

    assert before.startswith("1.0-")
    assert len(before) == len("1.0-") + 12
    assert before != after


def test_moving_text_between_files_changes_the_version(deployment: Path) -> None:
    """The digest covers names and lengths: the same bytes, cut elsewhere, are another guideline."""
    before = load_guideline(deployment / "guideline").version
    (deployment / "guideline" / "articles" / "note.txt").write_text("")

    assert load_guideline(deployment / "guideline").version != before


def test_renumbering_an_article_changes_no_table(deployment: Path) -> None:
    """A control keeps its slug when its article gets another number; only the citation changes."""
    before = load_guideline(deployment / "guideline")
    old = deployment / "guideline" / "articles" / "art05.md"
    text = old.read_text(encoding="utf-8").replace("article: 5", "article: 41").replace("R5-", "R41-")
    old.unlink()
    (deployment / "guideline" / "articles" / "art41.md").write_text(text, encoding="utf-8")

    after = load_guideline(deployment / "guideline")

    assert dict(after.tables) == dict(before.tables)
    assert _bound(after).keys() == _bound(before).keys()
    assert _bound(before)["still-here"] == (5, "R5-1")
    assert _bound(after)["still-here"] == (41, "R41-1")
    assert _bound(after)["purpose-stated"] == _bound(before)["purpose-stated"]


def _bound(guideline: Guideline) -> dict[str, tuple[int, str]]:
    return {c: (a.number, r.id) for a in guideline.articles for r in a.rules for c in r.controls}


def test_a_register_knows_where_its_values_stand() -> None:
    """A value that was read from a file names its line; one of a plain mapping names none."""
    register = Register(
        {"a": 1}, origins={"a": Origin(located=Located(data={}, file="f", lines={"": 1, "/a": 3}), path=("a",))}
    )
    assert place_of(register, "a", "x") == Place(file="f", line=3)
    assert place_of({"a": 1}, "a") == Place(file="?", line=0)
    assert place_of(register, "b") == Place(file="?", line=0)
    assert (list(register), len(register), "a" in register, repr(register)) == (["a"], 1, True, "Register(a)")


CONDITIONS = st.recursive(
    st.fixed_dictionaries(
        {
            "type": st.just("field"),
            "operator": st.sampled_from(["eq", "ne", "lt", "in", "is_null"]),
            "field": st.just("value"),
            "value": st.sampled_from([1, "x", True, [1, "x"]]),
        }
    ),
    lambda inner: st.fixed_dictionaries(
        {
            "type": st.just("compound"),
            "operator": st.sampled_from(["and", "or", "not"]),
            "value": st.lists(inner, max_size=3),
        }
    ),
    max_leaves=5,
)
PARAMETERS: dict[str, st.SearchStrategy[Any]] = {
    "leaves": st.booleans(),
    "condition": CONDITIONS,
    "null_as": st.booleans(),
    "order": st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2),
    "edges": st.lists(st.integers(0, 9), min_size=1, max_size=3).map(sorted),
    "ceiling": st.integers(0, 5),
    "towns": st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2),
    "strip": st.just(["a"]),
}
NEEDED = {"flag": ("condition",), "ordinal": ("order",), "band": ("edges",), "town": ("towns",), "match": ("leaves",)}


@st.composite
def _forms(draw: st.DrawFn) -> dict[str, Any]:
    """A form with what its kind needs, and at times something more."""
    kind = draw(st.sampled_from(sorted(get_args(FormKind))))
    names = {
        *NEEDED.get(kind, ()),
        *draw(st.lists(st.sampled_from(["leaves", "null_as", "ceiling", "strip"]), max_size=2)),
    }
    return {"form": kind, **{name: draw(PARAMETERS[name]) for name in sorted(names)}}


FORMS = _forms()


@pytest.mark.parametrize(
    "form",
    [
        {"form": "pseudonym"},
        {"form": "flag", "condition": {"type": "field", "operator": "eq", "field": "value", "value": True}},
        {"form": "ordinal", "order": ["a", "b"]},
        {"form": "count", "ceiling": 31},
        {"form": "band", "edges": [0, 3]},
        {"form": "year"},
        {"form": "year_month"},
        {"form": "grade"},
        {"form": "town", "towns": ["a"], "strip": ["b"]},
        {"form": "raw", "leaves": True},
        {"form": "match", "leaves": False},
    ],
    ids=lambda form: form["form"],
)
def test_each_form_can_be_granted(form: dict[str, Any]) -> None:
    """The schema of 別表2 accepts each form with what it needs."""
    table = {"p": {"d.t": {"evidence": {"ja": "理由", "en": "Why"}, "columns": {"c": form}}}}
    check_schema(Located(data=table, file="f", lines={"": 1}), "allow_list")
    assert parse_form(form).kind == form["form"]


@given(FORMS)
def test_every_form_that_fits_the_schema_can_be_granted(form: dict[str, Any]) -> None:
    """The schema of 別表2 refuses, with a line, whatever the value would refuse without one."""
    table = {"p": {"d.t": {"evidence": {"ja": "理由", "en": "Why"}, "columns": {"c": form}}}}
    located = Located(data=table, file="f", lines={"": 1})
    try:
        check_schema(located, "allow_list")
    except BadInput:
        return
    parsed = parse_form(form)
    assert parsed.kind == form["form"]
    assert parse_form(parsed.to_json()) == parsed
