"""House rules of the Rego files that OPA does not check: one shape a control, no unsafe negation, no name of a city."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.load_guideline import load_guideline
from policies.bundle import ROOM, capabilities_path, read_sources
from tests.policies import world

REGO = ROOM / "rego"
RULES = sorted(path for path in REGO.rglob("*.rego") if not path.name.endswith("_test.rego"))
AUTHORIZATION = ROOM / "authorization" / "authorization.rego"


def _parsed(opa: Path, path: Path) -> dict[str, Any]:
    run = subprocess.run([opa, "parse", "--format", "json", path], capture_output=True, text=True, check=True)
    document: dict[str, Any] = json.loads(run.stdout)
    return document


@pytest.fixture(scope="module")
def modules(opa: Path) -> dict[str, dict[str, Any]]:
    """Every rule file as OPA parses it."""
    return {path.relative_to(ROOM).as_posix(): _parsed(opa, path) for path in [*RULES, AUTHORIZATION]}


@pytest.mark.parametrize(
    "arguments",
    [
        ["fmt", "--fail", "--list", "rego", "authorization"],
        ["check", "--strict", "rego"],
        ["check", "--strict", "authorization"],
        ["check", "--strict", "--capabilities", "capabilities.json", "--ignore", "*_test.rego", "rego"],
        ["check", "--strict", "--capabilities", "capabilities.json", "authorization"],
    ],
    ids=" ".join,
)
def test_opa_is_content_with_the_rules(arguments: list[str], opa: Path) -> None:
    """Format and strict compilation, with the allowed built-ins alone, find nothing."""
    run = subprocess.run([opa, *arguments], cwd=ROOM, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_each_control_has_one_file_with_a_test_beside_it() -> None:
    """The controls that the guideline requires are the files, by name, and each has its test."""
    names = [p.stem for p in (REGO / "sekisho" / "controls").glob("*.rego") if not p.stem.endswith("_test")]
    assert sorted(names) == list(world.CONTROLS)
    for name in names:
        test = REGO / "sekisho" / "controls" / f"{name}_test.rego"
        text = test.read_text(encoding="utf-8")
        assert text.startswith("package sekisho.controls_test\n"), test.name
        assert re.search(rf"^test_{name.replace('-', '_')}\w*\[note\] if", text, re.MULTILINE), test.name


def test_a_file_of_a_control_speaks_of_no_other_control(opa: Path) -> None:
    """What a file grants, denies, leaves unspecified and says in its metadata is the control that it is named after."""
    run = subprocess.run(
        [opa, "inspect", "--annotations", "--format", "json", REGO], capture_output=True, text=True, check=True
    )
    annotated: dict[str, list[str]] = {}
    for entry in json.loads(run.stdout)["annotations"]:
        control = entry["annotations"].get("custom", {}).get("control")
        if control is not None:
            annotated.setdefault(Path(entry["location"]["file"]).stem, []).append(control)
    for control in world.CONTROLS:
        text = (REGO / "sekisho" / "controls" / f"{control}.rego").read_text(encoding="utf-8")
        granted = re.findall(r'^granted contains "([^"]+)"', text, re.MULTILINE)
        denied = re.findall(r'^deny contains \{"control": "([^"]+)"', text, re.MULTILINE)
        blank = re.findall(r'^unspecified\["([^"]+)"\]', text, re.MULTILINE)
        assert set(granted) == set(denied) == set(annotated[control]) == {control}, control
        assert set(blank) <= {control}, control
        assert len(re.findall(r"^(?:granted|deny) contains", text, re.MULTILINE)) == len(granted) + len(denied), control
        params = set(re.findall(r'"params": (\{[^}]*\}|\w+)', text))
        assert bool(blank) == (params != {"{}"}), control


def test_each_package_and_each_public_rule_has_metadata(modules: dict[str, dict[str, Any]]) -> None:
    """What is public says in its metadata what it means."""
    bare = []
    for name, module in modules.items():
        described = {
            _name_of(rule)
            for rule in module["rules"]
            if any(annotation.get("description") for annotation in rule.get("annotations", []))
        }
        bare += [
            f"{name}: {_name_of(rule)}"
            for rule in module["rules"]
            if not _name_of(rule).startswith("_") and _name_of(rule) not in described
        ]
        packages = [a for a in module.get("annotations", []) if a["scope"] == "package"]
        if "/controls/" not in name and not any(a.get("description") for a in packages):
            bare.append(name)
    assert bare == []
    assert sum(len(module["rules"]) for module in modules.values()) >= 200


def _name_of(rule: dict[str, Any]) -> str:
    name: str = rule["head"]["ref"][0]["value"]
    return name


def test_every_file_imports_the_meaning_of_not() -> None:
    """Without the import, ``not`` of something undefined does not hold, and a refusal written with it vanishes."""
    for path in [*RULES, AUTHORIZATION]:
        assert "\nimport future.keywords.not\n" in path.read_text(encoding="utf-8"), path.name


def _negated(node: Any) -> Iterator[Any]:
    """The terms of every expression under a negation, in either way in which OPA writes one."""
    if isinstance(node, dict):
        terms = node.get("terms")
        if node.get("negated"):
            yield terms
        if isinstance(terms, dict) and "body" in terms and "domain" not in terms:
            yield from (inner["terms"] for inner in terms["body"])
        for value in node.values():
            yield from _negated(value)
    elif isinstance(node, list):
        for value in node:
            yield from _negated(value)


def _head_of(term: Any) -> str:
    reference = term["value"] if term["type"] == "ref" else [term]
    return ".".join(str(part["value"]) for part in reference if part["type"] in ("var", "string"))


_OUTSIDE = ("input", "data")


def _unsafe_negations(module: dict[str, Any]) -> list[str]:
    """What is negated and is not a rule or a function of ours over values that are there."""
    ours = {_name_of(rule) for rule in module["rules"]}
    ours |= {_head_of(i["path"]).rpartition(".")[2] for i in module.get("imports", [])} - {"not"}
    unsafe = []
    for terms in _negated(module["rules"]):
        head, arguments = (terms[0], terms[1:]) if isinstance(terms, list) else (terms, [])
        if _head_of(head).partition(".")[0] not in ours:
            unsafe.append(_head_of(head))
        unsafe += [_head_of(a) for a in arguments if _head_of(a).partition(".")[0] in ("input", "data")]
    return unsafe


def test_no_two_files_share_a_rule_of_their_own(modules: dict[str, dict[str, Any]]) -> None:
    """Files of one package that gave one name to two private rules would make one rule of them: either would do."""
    of: dict[tuple[str, str], set[str]] = {}
    for name, module in modules.items():
        package = ".".join(str(part["value"]) for part in module["package"]["path"])
        for rule in module["rules"]:
            if _name_of(rule).startswith("_"):
                of.setdefault((package, _name_of(rule)), set()).add(name)
    assert {key: sorted(files) for key, files in of.items() if len(files) > 1} == {}
    assert len(of) > 100


def test_only_bare_rules_of_ours_are_negated(modules: dict[str, dict[str, Any]]) -> None:
    """``not`` stands before a rule or a function of ours, over values that are there: no built-in, no input, no data.

    The belt to the import above: the compiler lifts what stands inside a negation out of it where it is not bare.
    """
    assert {name: found for name, module in modules.items() if (found := _unsafe_negations(module))} == {}
    assert sum(len(list(_negated(module["rules"]))) for module in modules.values()) >= 15


@pytest.mark.parametrize("future", ["import future.keywords.not\n", ""], ids=["with import", "without"])
@pytest.mark.parametrize(
    "negation",
    [
        "not input.a",
        "not input.a in {1}",
        'not startswith(input.a, "x")',
        "not _f(input.a)",
        "not data.a.b",
        "not count(input.a) > 1",
    ],
)
def test_an_unsafe_negation_would_be_found(negation: str, future: str, opa: Path, tmp_path: Path) -> None:
    """The check above sees each of the forms that fail open."""
    rule = tmp_path / "rule.rego"
    rule.write_text(f"package p\n\n{future}\nr if {negation}\n\n_f(x) if x\n", encoding="utf-8")
    assert _unsafe_negations(_parsed(opa, rule))


def test_the_allowed_built_ins_are_those_that_the_rules_use(opa: Path, tmp_path: Path) -> None:
    """Each entry of the list is needed, and none reads a clock, the network, the environment or text formats."""
    capabilities = json.loads(capabilities_path().read_text(encoding="utf-8"))
    names = [builtin["name"] for builtin in capabilities["builtins"]]
    assert names == sorted(names)
    forbidden = re.compile(
        r"time\.|http|net\.|opa\.|rand|crypto|io\.|rego\.|sprintf|trace|print|walk|yaml|graphql|uuid|regex\.globs"
    )
    assert [name for name in names if forbidden.match(name)] == []
    for left_out in names:
        if left_out in ("eq", "assign"):
            continue
        reduced = {**capabilities, "builtins": [b for b in capabilities["builtins"] if b["name"] != left_out]}
        (tmp_path / "capabilities.json").write_text(json.dumps(reduced), encoding="utf-8")
        command = [
            opa,
            "check",
            "--strict",
            "--capabilities",
            tmp_path / "capabilities.json",
            "--ignore",
            "*_test.rego",
            "rego",
        ]
        run = subprocess.run(command, cwd=ROOM, capture_output=True, text=True, check=False)
        assert run.returncode != 0, f"{left_out} is allowed and not used"


def _words_of(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from (value for value in schema.get("enum", []) if isinstance(value, str))
        for value in schema.values():
            yield from _words_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _words_of(value)


def _names_of_the_reference(root: Path) -> set[str]:
    names: set[str] = set()
    for file in sorted((root / "reference" / "akishima" / "catalogue").glob("*.yaml")):
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        names |= {document["department"], document["organ"], document["steward"]} if "department" in document else set()
        names |= set(document.get("kinds", {}))
        for dataset, entry in document.get("datasets", {}).items():
            names |= {dataset, *entry["columns"]}
    tables = load_guideline(root / "guideline_docs").tables
    for table in ("purposes", "domains", "recipients", "action_matrix", "allow_list", "named_sets"):
        names |= set(tables[table])
    return names | set(tables["parameters"]["organs"])


def test_the_rules_name_nothing_of_the_reference_city(root: Path) -> None:
    """No dataset, column, department, role, purpose, recipient or organ of the reference city stands in a rule (I4)."""
    words = {
        word
        for schema in (ROOM / "schemas").glob("*.schema.json")
        for word in _words_of(json.loads(schema.read_text(encoding="utf-8")))
    }
    # These are words of the rules' own vocabulary (roles of scans, units of counting, steps), whatever a city calls so.
    vocabulary = words | {
        "person", "household", "resident", "code", "month", "amount", "reason", "route", "active", "registered",
        "content", "needed",
    }  # fmt: skip
    names = _names_of_the_reference(root) - vocabulary
    assert len(names) >= 60
    text = "\n".join(content.decode() for content in read_sources().values()) + AUTHORIZATION.read_text(
        encoding="utf-8"
    )
    assert sorted(name for name in names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)) == []
