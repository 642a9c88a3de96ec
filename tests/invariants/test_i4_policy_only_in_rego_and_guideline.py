"""I4: policy lives in Rego and in data compiled from the guideline, and nowhere else."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from governance import located_yaml
from governance.catalogue import Catalogue
from governance.errors import BadInput, Denied
from governance.load_catalogue import load_catalogue
from governance.load_guideline import load_guideline
from governance.load_principals import load_principals
from policies.bundle import load_bundle
from policies.data import policy_data
from query_broker.earlier import EarlierAnswers
from query_broker.pipeline import run
from query_broker.record import CONTROL_NO_ANSWER
from query_broker.release import Release
from reference.akishima.demo_refusals import query_text
from sekisho.deployment import Deployment
from tests.architecture.sources import CORE_ROOMS, ROOT, modules, texts
from tests.city import ask
from tests.invariants.watching import Watched
from tests.policies.engines import OpenEmbedded

STATISTIC = {"purpose": "stat", "sql": query_text("stat_by_grade")}
BY_GRADE = {"purpose": "stat", "sql": "SELECT c.grade, count(*) AS n FROM shimin.child c GROUP BY c.grade"}
ELDERS = {
    "purpose": "stat",
    "sql": "SELECT c.has_75plus, count(*) AS n FROM shimin.child c GROUP BY c.has_75plus",
}

GUIDELINE = load_guideline(ROOT / "guideline_docs")
CATALOGUE: Catalogue = load_catalogue(ROOT / "reference" / "akishima" / "catalogue")


# --- nowhere else: the sources ----------------------------------------------------------------------------------------


def decided_names() -> Mapping[str, str]:
    """Every name on which a judgement can rest → what it is a name of."""
    tables = GUIDELINE.tables
    accounts = load_principals(ROOT / "reference" / "akishima" / "principals.yaml")
    named: dict[str, Any] = {
        "dataset": CATALOGUE.datasets,
        "department": CATALOGUE.departments,
        "account": accounts,
        "post": {account.post for account in accounts.values()},
        "organ": tables["parameters"]["organs"],
        "named set": tables["named_sets"],
        "domain": tables["domains"],
        "recipient": tables["recipients"],
        "purpose": tables["purposes"],
        "role": tables["action_matrix"],
        "control": {c for required in tables["requirements"].values() for c in required} | {CONTROL_NO_ANSWER},
    }
    return {name: what for what, names in named.items() for name in names}


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every text that stands in the code as a value, with its line; docstrings and keys of a mapping are none."""
    left_out = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            left_out.add(id(node.slice))
        if isinstance(node, ast.Dict):
            left_out |= {id(key) for key in node.keys}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield node.lineno, node.value


def test_no_code_of_the_core_names_what_the_guideline_decides() -> None:
    """No role, post, purpose, recipient, organ, account, table or control is a value in the core: nothing there can be
    compared with one. The one exception is the control that refuses where the policy itself gives no answer.
    """
    names = decided_names()
    assert len(names) > 80
    # A row condition's comparison is called so, too (`condition["operator"]`); as a value it would be the role.
    found = {
        (module.name, text) for module in modules(*CORE_ROOMS) for _, text in strings(module.tree) if text in names
    }
    assert found - {("governance/conditions.py", "operator")} == {("query_broker/record.py", CONTROL_NO_ANSWER)}


def test_no_key_of_a_mapping_stands_for_a_name_either() -> None:
    """A table from roles, purposes or controls to anything would be policy, too."""
    names = decided_names().keys() - {"operator"}
    # A word of the PostgreSQL server's own, not the role.
    servers = ("connectors/postgresql_connection.py", "sekisho/demo_postgresql.py", "sekisho/demo_sources.py")
    found = []
    for module in modules(*CORE_ROOMS):
        for node in ast.walk(module.tree):
            keys = [node.slice] if isinstance(node, ast.Subscript) else node.keys if isinstance(node, ast.Dict) else []
            found += [(module.name, k.value) for k in keys if isinstance(k, ast.Constant) and k.value in names]
    assert [each for each in found if each not in {(module, "user") for module in servers}] == []


def test_no_rule_names_what_the_guideline_decides() -> None:
    """The rules name controls and read everything else from data; only their tests may name anything."""
    names = {name: what for name, what in decided_names().items() if what != "control"}
    rules = [path for path in texts("policies") if path.suffix == ".rego" and not path.name.endswith("_test.rego")]
    assert len(rules) > 30
    found = [
        (path.name, text)
        for path in rules
        for text in re.findall(r'"([^"]*)"', path.read_text(encoding="utf-8"))
        if text in names and (path.name, text) not in {("gates.rego", "operator"), ("obligations.rego", "operator")}
    ]
    assert found == []


# --- one line of the guideline, and no line of code -------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine(watched: Watched) -> Iterator[OpenEmbedded]:
    """One build of the rules for all cases: between them nothing but its data changes."""
    opened = OpenEmbedded(load_bundle(), policy_data(CATALOGUE, watched.deployment.guideline))
    yield opened
    opened.close()


Line = tuple[str, tuple[str, ...], object]
Under = Callable[..., Release]


def change(folder: Path, *lines: Line) -> None:
    """Change lines of tables: a file, the steps to the value, and the new value (``None`` takes it out)."""
    for file, steps, to in lines:
        path = folder / "tables" / file
        document: Any = located_yaml.load(path, file=file).data
        inner = document
        for step in steps[:-1]:
            inner = inner[step]
        if to is None:
            del inner[steps[-1]]
        else:
            inner[steps[-1]] = to
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def under(watched: Watched, engine: OpenEmbedded, tmp_path: Path) -> Under:
    """Asks under the guideline with some lines changed; an approval counts as given under that guideline."""

    def ask_under(*lines: Line, principal: str = "center", **request: Any) -> Release:
        folder = tmp_path / "guideline"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(watched.folder / "guideline", folder)
        change(folder, *lines)
        guideline = load_guideline(folder)
        engine.put_data(policy_data(CATALOGUE, guideline))
        question = watched.prepared(principal, **request)
        if question.approval is not None:
            question = replace(question, approval=replace(question.approval, guideline_version=guideline.version))
        ledger = watched.broker.ledger
        # As the first question that is ever asked: what was released before is not compared with.
        earlier = EarlierAnswers(_ledger=ledger, _read=ledger.size)
        return run(question, replace(watched.parts, engine=engine, guideline=guideline, earlier=earlier))

    return ask_under


def refusal(attempt: Callable[[], object]) -> set[str]:
    """The controls that refuse."""
    with pytest.raises(Denied) as caught:
        attempt()
    return {citation.control for citation in caught.value.citations}


@pytest.mark.parametrize(
    ("line", "request_", "control"),
    [
        (("allow_list.yaml", ("young_carer", "kaigo.cert"), None), {}, "purpose-allow-list"),
        (("allow_list.yaml", ("young_carer", "shimin.child", "columns", "grade"), None), {}, "purpose-allow-list"),
        (("allow_list.yaml", ("stat", "shimin.child", "columns", "n_siblings"), None), STATISTIC, "purpose-allow-list"),
        (("allow_list.yaml", ("young_carer", "kaigo.cert", "columns", "care_level"), {"form": "raw"}), {}, "sensitive-items-reduced"),
        (("allow_list.yaml", ("young_carer", "shimin.child", "columns", "household_id"), {"form": "raw"}), {}, "identifier-pseudonymised"),
        (("purposes.yaml", ("young_carer", "status"), "suspended"), {}, "purpose-active"),
        (("purposes.yaml", ("young_carer", "valid_to"), "2023-09-30"), {}, "purpose-active"),
        (("purposes.yaml", ("stat", "valid_from"), "2023-10-02"), STATISTIC, "purpose-active"),
        (("purposes.yaml", ("stat", "needs_approval"), True), STATISTIC, "approval-route"),
        (("purposes.yaml", ("young_carer", "outputs"), ["aggregate"]), {}, "purpose-output-kind"),
        (("action_matrix.yaml", ("controller", "query.row_level"), None), {}, "action-matrix"),
        (("action_matrix.yaml", ("controller", "query.aggregate"), None), STATISTIC, "action-matrix"),
        (("routes.yaml", ("template", "decide", "sensitive", "roles"), ["center_head"]), {}, "approval-route"),
        (("calendars.yaml", ("to",), "2023-09-30"), {}, "sources-fresh"),
        (("purposes.yaml", ("young_carer", "public_notice_on"), "2023-10-02"), {}, "purpose-notice"),
    ],
)  # fmt: skip
def test_one_line_of_the_guideline_refuses_what_was_allowed(
    under: Under, line: Line, request_: dict[str, Any], control: str
) -> None:
    """Without a change to code or rules, a change in a table refuses what was allowed, under its own control."""
    assert control in refusal(lambda: under(line, **request_))


@pytest.mark.parametrize(
    ("lines", "principal", "request_"),
    [
        pytest.param(
            [("allow_list.yaml", ("stat", "shimin.child", "columns", "has_75plus"), {"form": "raw"})],
            "center",
            ELDERS,
            id="a-column-more-on-the-list",
        ),
        pytest.param(
            [("action_matrix.yaml", ("user", "query.row_level"), "approval")], "center", {"hat": "user"}, id="a-role"
        ),
        pytest.param(
            [("action_matrix.yaml", ("auditor", "query.aggregate"), "allow")],
            "auditor",
            {"hat": "auditor", **STATISTIC},
            id="an-auditor",
        ),
        pytest.param(
            [("recipients.yaml", ("academy",), {"label": {"ja": "大学", "en": "University"}, "kind": "public", "organ": "mayor"}),
             ("domains.yaml", ("stat", "recipient"), "academy"),
             ("purposes.yaml", ("stat", "recipients"), ["academy"])],
            "center",
            {"recipient": "academy", **STATISTIC},
            id="a-recipient",
        ),
    ],
)  # fmt: skip
def test_a_line_of_the_guideline_allows_what_was_refused(
    under: Under, lines: list[Line], principal: str, request_: dict[str, Any]
) -> None:
    """Under the guideline as it is the question is refused; with a line more in a table it is answered."""
    assert refusal(lambda: under(principal=principal, **request_))
    assert sum(under(*lines, principal=principal, **request_).cells.values()) > 0


def test_the_smallest_group_is_what_the_guideline_says(under: Under) -> None:
    """No group smaller than the parameter is released, whatever it is, and a larger one suppresses more."""
    released = {}
    for size in (5, 7, 9):
        release = under(("parameters.yaml", ("k_internal",), size), **BY_GRADE)
        assert min(release.table.column("n").to_pylist()) >= size
        released[size] = release.rows
    assert released[5] > released[7] > released[9] > 0


def test_rounding_and_the_most_rows_are_what_the_guideline_says(under: Under) -> None:
    """Counts are rounded to the parameter's base, and one row more than its cap is a refusal."""
    rounded = under(("parameters.yaml", ("rounding",), 10), **STATISTIC).table.column("children").to_pylist()
    assert rounded
    assert all(count % 10 == 0 for count in rounded)
    rows = under().rows
    assert under(("parameters.yaml", ("max_rows",), rows)).rows == rows
    with pytest.raises(BadInput) as caught:
        under(("parameters.yaml", ("max_rows",), rows - 1))
    assert caught.value.exit_status == 2


def test_who_is_in_the_rows_is_what_the_guideline_says(under: Under) -> None:
    """The gate of ages and who is spared the set of protected addresses come from tables: change them, and other
    children stand in the rows.
    """
    grades = {
        size: under(("gates.yaml", ("target-age", "to"), size)).table.column("grade").to_pylist() for size in (6, 12)
    }
    assert (max(grades[6]), max(grades[12])) == (6, 12)
    assert sorted(grades[6]) == sorted(g for g in grades[12] if g <= 6)
    cleared, spared = "center2", ("named_sets.yaml", ("address-protected", "unless"), None)
    assert under(principal=cleared).rows > under(spared, principal=cleared).rows == under().rows


def test_the_form_of_a_column_is_what_the_guideline_says(under: Under) -> None:
    """A lower ceiling in the allow-list, and the departments send lower numbers."""
    steps = ("young_carer", "school.attendance", "columns", "absent")
    sent = {}
    for ceiling in (31, 1):
        table = under(("allow_list.yaml", steps, {"form": "count", "ceiling": ceiling})).table
        sent[ceiling] = [value for value in table.column("absent").to_pylist() if value is not None]
    assert sum(sent[31]) > sum(sent[1]) > 0
    assert max(sent[1]) <= 18


def test_a_changed_guideline_voids_the_approvals_of_the_old_one(city_with_approval: Path) -> None:
    """Loaded anew after one line has changed, the deployment refuses what it allowed: it was approved under another."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        assert ask(broker, deployment).rows > 0
    change(city_with_approval / "guideline", ("parameters.yaml", ("k_public",), 11))
    again = Deployment.load(city_with_approval)
    with again.broker() as broker:
        assert refusal(lambda: ask(broker, again)) == {"approval-current"}
