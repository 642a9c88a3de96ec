"""Writes docs/controls/: a page for every control, from the guideline, the rules and the cases of their tests.

python scripts/control_pages.py          write them
python scripts/control_pages.py --check  exit with 1 where one is stale, missing or left over

What a page calls an example is a case of the tests, answered by the rules when the page is written.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "controls"

_BY = {
    "rego": "規則（Rego）が、求めのたびに判断する / the policy, on each request",
    "engine": "照会の経路のプログラムが守る / a stage of the path",
    "ledger": "監査記録が守る / the ledger",
}


def pages() -> Mapping[str, str]:
    """Every page by its file's name."""
    sys.path.insert(0, str(ROOT))
    from governance.load_guideline import load_guideline
    from guideline_docs import FOLDER as GUIDELINE
    from sekisho.policy_trace import trace

    guideline = load_guideline(GUIDELINE)
    lines = [line for line in trace(guideline).lines if line.control is not None]
    laws = {article.number: article.law for article in guideline.articles}
    actions: dict[str, list[str]] = {}
    for action, controls in guideline.tables["requirements"].items():
        for control in controls:
            actions.setdefault(control, []).append(action)
    examples = _Examples(guideline)
    found = {
        f"{line.control}.md": _page(line, law=laws[line.article], actions=actions.get(line.control, []), of=examples)
        for line in lines
    }
    return {"README.md": _index(lines), **found}


def _index(lines: Any) -> str:
    rows = "\n".join(
        f"| 第{line.article}条 {line.rule} | [{line.control}]({line.control}.md) | {line.text.ja} | {line.text.en} |"
        for line in lines
    )
    return (
        "# 統制の一覧 / Controls\n\n"
        "ガイドラインの規則のうち、ソフトウェアが守るもの。条文、規則及び試験から `scripts/control_pages.py` が作る。\n"
        "What software enforces of the guideline, written by `scripts/control_pages.py` from articles and tests.\n\n"
        "断られたときは、表示された統制の名前からここを引くか、`sekisho policy trace --control 名前` を使う。\n"
        "From a refusal, look its control up here, or use `sekisho policy trace --control NAME`.\n\n"
        "| 規則 / rule | 統制 / control | 内容 | what |\n|---|---|---|---|\n" + rows + "\n"
    )


def _page(line: Any, *, law: tuple[str, ...], actions: list[str], of: _Examples) -> str:
    parts = [
        f"# {line.control}\n",
        f"**第{line.article}条 {line.title.ja}（{line.rule}）** {line.text.ja}\n",
        f"*Article {line.article}, {line.title.en} ({line.rule}).* {line.text.en}\n",
        f"- 根拠 / source in law: {'、'.join(law) if law else '-'}",
        f"- 守るもの / carried out by: {_BY[line.enforced_by]}",
    ]
    if actions:
        parts.append(f"- 求められる操作 / actions that require it: {', '.join(f'`{action}`' for action in actions)}")
    parts += [
        f"- 実装 / code: {_links(line.code)}",
        f"- 試験 / tests: {_links(line.tests)}",
        f"- 記録 / in the ledger: `sekisho policy trace --control {line.control}`、`sekisho ledger show 番号`\n",
    ]
    described = _described(line.code)
    if described:
        parts.append(f"## 規則の説明 / What the rule says\n\n{described}\n")
    parts.append(
        "## 断られたときの表示 / What people read\n\n"
        f"> {line.says.ja}\n> → {line.remedy.ja}\n\n> {line.says.en}\n> → {line.remedy.en}\n"
    )
    example = of.text(line.control)
    if example:
        parts.append(example)
    return "\n".join(parts)


def _links(files: tuple[str, ...]) -> str:
    return ", ".join(f"[`{file}`](../../{file})" for file in files)


def _described(files: tuple[str, ...]) -> str:
    """The title and the description of a rule, from its metadata."""
    rules = [ROOT / file for file in files if file.endswith(".rego")]
    if not rules:
        return ""
    block: list[str] = []
    for line in rules[0].read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            block.append(line.removeprefix("#").removeprefix(" "))
        elif block:
            break
    metadata = yaml.safe_load("\n".join(block[1:]))
    return f"**{metadata['title']}.** {metadata['description']}"


class _Examples:
    """Cases of the tests, answered by the rules."""

    def __init__(self, guideline: Any) -> None:
        from policies.bundle import load_bundle
        from tests.policies import world
        from tests.policies.engines import OpenEmbedded

        self._guideline = guideline
        self._data = world.documents()
        self._requests = world.requests()
        self._catalogue = world.catalogue()
        self._engine = OpenEmbedded(load_bundle(), self._data)

    def text(self, control: str) -> str:
        """An allowed and a refused example of a control, or nothing for one that code carries out."""
        file = ROOT / "tests" / "policies" / "cases" / f"{control}.yaml"
        if not file.is_file():
            return ""
        cases = yaml.safe_load(file.read_text(encoding="utf-8"))
        allowed = next(case for case in cases if not case["refusals"])
        refused = next(case for case in cases if list(case["refusals"]) == [control] or control in case["refusals"])
        return (
            "## 例 / Examples\n\n試験の小さな架空の町での例。From the tests' small town.\n\n"
            + self._example(allowed, "認める / Allowed")
            + self._example(refused, "認めない / Refused")
        )

    def _example(self, case: Mapping[str, Any], title: str) -> str:
        from tests.policies.patches import patched

        self._engine.put_data(patched(self._data, case.get("data", [])))
        answer: Any = self._engine.decide(patched(self._requests[case["of"]], case.get("request", [])))
        changes = [*_changes("求め / request", case.get("request", [])), *_changes("表 / tables", case.get("data", []))]
        note = re.sub(r"^(grants|refuses)[^:]*: ", "", case["note"])
        lines = [f"**{title}** ({note}): `{case['of']}`" + ("" if changes else "、そのまま / as it is")]
        lines += [f"- {change}" for change in changes]
        lines += [f"- {said}" for said in self._said(answer)]
        return "\n".join(lines) + "\n\n"

    def _said(self, answer: Mapping[str, Any]) -> Iterator[str]:
        from governance.decisions import DenyReason

        for reason in answer["deny"]:
            citation = self._guideline.cite(
                DenyReason(control=reason["control"], on=reason["on"], params=reason["params"]),
                catalogue=self._catalogue,
            )
            yield f"× 第{citation.article}条 {citation.rule} `{reason['control']}` {citation.text['ja']}"


def _changes(where: str, operations: list[dict[str, Any]]) -> Iterator[str]:
    for operation in operations:
        if operation["op"] == "remove":
            yield f"{where}: `{operation['path']}` を除く / removed"
        else:
            yield f"{where}: `{operation['path']}` = `{json.dumps(operation['value'], ensure_ascii=False)}`"


def main() -> int:
    """Write or check the pages."""
    wanted = pages()
    present = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")} if FOLDER.is_dir() else {}
    if "--check" in sys.argv[1:]:
        stale = sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))
        for name in stale:
            print(f"stale: docs/controls/{name} (python scripts/control_pages.py)")
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in present.keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
