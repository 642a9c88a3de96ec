"""Spoils the rules of the policy in small ways, one at a time, and asks their tests and cases whether they notice.

python scripts/rego_mutants.py             a sample of every file, the same on every machine
python scripts/rego_mutants.py --all       every mutant (an hour on two cores)
python scripts/rego_mutants.py --list      what would be spoiled, without running anything

Where to spoil is read from OPA's own syntax tree, so that comments and texts are left alone. A mutant that does not
compile is none. One that no test notices is a hole in the tests: it is printed, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "policies" / "rego"
OPA = ROOT / ".tools" / "opa"

CASES = ROOT / "tests" / "policies" / "cases"

_TEST_FAILED = 2
_CASES_TEST = """
package sekisho.cases_test

import data.sekisho.controls
import data.sekisho.world_test as world

holds(each) if {
	world.refusals(each) == {control: {about | some about in abouts} | some control, abouts in each.refusals}
	{control | some control, _ in each.refusals} & granted(each) == set()
}

granted(each) := found if {
	documents := json.patch(data.world.documents, object.get(each, "data", []))
	request := json.patch(data.world.requests[each.of], object.get(each, "request", []))
	found := controls.granted with input as request
		with data.catalogue as documents.catalogue
		with data.guideline as documents.guideline
}
"""
"""A case holds where it is refused for exactly what it says, and no control that refuses grants all the same."""

_COMPARISONS = {"==": "!=", "!=": "==", "<=": "<", "<": "<=", ">=": ">", ">": ">="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change of one file.

    Attributes:
        file: below ``policies/rego``.
        how: the kind of change.
        start: offset of what is replaced, in bytes.
        before: what stands there.
        after: what is put there.
    """

    file: str
    how: str
    start: int
    before: str
    after: str
    row: int

    @property
    def name(self) -> str:
        """How it is told."""
        return f"{self.file}:{self.row} {self.how}: {_short(self.before)} → {_short(self.after)}"

    @property
    def rank(self) -> str:
        """Its place in the sample: by digest, so that it moves only where its own line changes."""
        return hashlib.sha256(f"{self.file} {self.how} {self.before} {self.after}".encode()).hexdigest()


def mutants() -> Iterator[Mutant]:
    """Every mutant of every rule that is no test, in order of files."""
    for path in sorted(RULES.rglob("*.rego")):
        if not path.name.endswith("_test.rego"):
            yield from _of_file(path)


def sample(found: Sequence[Mutant], *, each: int) -> list[Mutant]:
    """A few mutants of every file, of different kinds where there are several."""
    chosen: list[Mutant] = []
    for file in sorted({mutant.file for mutant in found}):
        by_kind: dict[str, list[Mutant]] = {}
        for mutant in sorted((m for m in found if m.file == file), key=lambda m: m.rank):
            by_kind.setdefault(mutant.how, []).append(mutant)
        kinds = sorted(by_kind, key=lambda kind: by_kind[kind][0].rank)
        turns = (by_kind[kind][turn] for turn in range(each) for kind in kinds if turn < len(by_kind[kind]))
        chosen += [mutant for _, mutant in zip(range(each), turns, strict=False)]
    return chosen


def outcome(mutant: Mutant, folder: Path) -> str:
    """What becomes of a mutant: ``killed``, ``survived``, or ``stillborn`` where it does not compile.

    Args:
        folder: a copy of the rules, for this mutant alone while it is tried.
    """
    path = folder / mutant.file
    before = path.read_bytes()
    spoiled = before[: mutant.start] + mutant.after.encode() + before[mutant.start + len(mutant.before.encode()) :]
    path.write_bytes(spoiled)
    try:
        # Its own tests first, which notice nearly all; only what these let pass is shown to all of them.
        own = f"test_(cases_)?{Path(mutant.file).stem.replace('-', '_')}$"
        for pattern in (own, ".*"):
            status = subprocess.run(
                [str(OPA), "test", "--timeout", "300s", "--run", pattern, str(folder)], capture_output=True, check=False
            ).returncode
            if status == _TEST_FAILED:
                return "killed"
            if status != 0:
                return "stillborn"
        return "survived"
    finally:
        path.write_bytes(before)


def try_all(chosen: Sequence[Mutant], *, workers: int = 2) -> dict[str, list[Mutant]]:
    """Every chosen mutant by its outcome."""
    found: dict[str, list[Mutant]] = {"killed": [], "survived": [], "stillborn": []}
    with tempfile.TemporaryDirectory(prefix="sekisho-mutants-") as scratch:
        folders = [Path(scratch) / str(worker) for worker in range(workers)]
        for folder in folders:
            shutil.copytree(RULES, folder)
            _add_cases(folder)

        def run(worker: int) -> list[tuple[str, Mutant]]:
            return [(outcome(mutant, folders[worker]), mutant) for mutant in chosen[worker::workers]]

        with ThreadPoolExecutor(workers) as pool:
            for results in pool.map(run, range(workers)):
                for result, mutant in results:
                    found[result].append(mutant)
    return found


def _add_cases(folder: Path) -> None:
    """Put the table of cases beside the rules, as data and one test a control."""
    cases: dict[str, Any] = {}
    tests = [_CASES_TEST]
    for file in sorted(CASES.glob("*.yaml")):
        cases[file.stem] = yaml.safe_load(file.read_text(encoding="utf-8"))
        name = file.stem.replace("-", "_")
        tests.append(f'test_cases_{name} if {{\n\tevery each in data.cases["{file.stem}"] {{ holds(each) }}\n}}\n')
    (folder / "cases_test.json").write_text(json.dumps({"cases": cases}), encoding="utf-8")
    (folder / "cases_test.rego").write_text("\n".join(tests), encoding="utf-8")


def _of_file(path: Path) -> Iterator[Mutant]:
    source = path.read_bytes()
    lines = [0]
    for line in source.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    tree = json.loads(
        subprocess.run(
            [str(OPA), "parse", "--format", "json", "--json-include", "locations", str(path)],
            capture_output=True,
            check=True,
        ).stdout
    )
    file = path.relative_to(RULES).as_posix()
    seen: set[tuple[int, str, str]] = set()
    for how, node, after in _changes(tree.get("rules", [])):
        location = node["location"]
        before = base64.b64decode(location["text"]).decode()
        start = lines[location["row"] - 1] + location["col"] - 1
        replaced = after(before)
        stands_there = source[start : start + len(before.encode())].decode(errors="replace") == before
        if replaced is None or replaced == before or not stands_there or (start, before, replaced) in seen:
            continue
        seen.add((start, before, replaced))
        yield Mutant(file=file, how=how, start=start, before=before, after=replaced, row=location["row"])


def _changes(rules: Sequence[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Kinds of change, with the node and what becomes of its text."""
    for rule in rules:
        for expression in _expressions(rule.get("body", [])):
            yield "dropped condition", expression, lambda text: None if _declares(text) else "true"
            yield "negated guard", expression, _negated
            yield "wrong comparison", expression, _compared
            yield "some for every", expression, _some
        for term in _terms(rule):
            if term["type"] == "number":
                yield "off by one", term, lambda text: str(int(text) + 1) if text.isdigit() else None
            if term["type"] in ("set", "array") and len(term["value"]) > 1:
                yield "an element fewer", term, _without_first
        nested = rule.get("else")
        if nested:
            yield from _changes([nested])


def _expressions(body: Any) -> Iterator[dict[str, Any]]:
    """Every expression of a body, those of ``every`` and of comprehensions included."""
    if isinstance(body, dict):
        if "terms" in body and "location" in body and not _is_a_value(body):
            yield body
        for value in body.values():
            yield from _expressions(value)
    elif isinstance(body, list):
        for value in body:
            yield from _expressions(value)


def _is_a_value(expression: dict[str, Any]) -> bool:
    """Whether it is the value of a rule without conditions, which the tree shows as its body."""
    text = base64.b64decode(expression["location"]["text"]).decode()
    return text[0] in '{["' or text in ("true", "false")


def _terms(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "type" in node and "value" in node and "location" in node:
            yield node
        for value in node.values():
            yield from _terms(value)
    elif isinstance(node, list):
        for value in node:
            yield from _terms(value)


def _declares(text: str) -> bool:
    return text.startswith("some ") or ":=" in text.split("{", maxsplit=1)[0]


def _negated(text: str) -> str | None:
    if _declares(text) or text.startswith("every "):
        return None
    return text.removeprefix("not ") if text.startswith("not ") else f"not {text}"


def _compared(text: str) -> str | None:
    found = re.search(r" (==|!=|<=|<|>=|>) ", text.split("{", maxsplit=1)[0])
    if found is None or _declares(text):
        return None
    return text[: found.start(1)] + _COMPARISONS[found[1]] + text[found.end(1) :]


def _some(text: str) -> str | None:
    found = re.fullmatch(r"every (.+?) in (.+?) \{\s*(.*?)\s*\}", text, re.DOTALL)
    return f"some {found[1]} in {found[2]}\n\t{found[3]}" if found is not None and "\n" not in found[3] else None


def _without_first(text: str) -> str | None:
    found = re.match(r'([\[{]\s*)("[^"]*"|\d+),\s*', text)
    return found[1] + text[found.end() :] if found is not None else None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 70 else f"{line[:67]}…"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every mutant, not a sample")
    parser.add_argument("--each", type=int, default=2, help="mutants of each file in the sample")
    parser.add_argument("--list", action="store_true", help="only say what would be spoiled")
    chosen = parser.parse_args()
    found = list(mutants())
    picked = found if chosen.all else sample(found, each=chosen.each)
    if chosen.list:
        print("\n".join(mutant.name for mutant in picked))
        return 0
    results = try_all(picked)
    for mutant in results["survived"]:
        print(f"survived: {mutant.name}")
    counts = ", ".join(f"{len(each)} {name}" for name, each in results.items())
    print(f"{len(picked)} of {len(found)} mutants: {counts}")
    return 1 if results["survived"] else 0


if __name__ == "__main__":
    sys.exit(main())
