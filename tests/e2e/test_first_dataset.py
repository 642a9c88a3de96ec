"""The guide from a CSV to a first answer does what it says: every command of it, in order, in an empty folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.commands import ROOT

GUIDE = ROOT / "docs" / "first-dataset.ja.md"
ENGLISH = ROOT / "docs" / "first-dataset.md"
BLOCK = re.compile(r"```sh(?: status=(\d))?\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A block of commands, and what the guide says that the last of them ends with."""

    commands: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a step left."""

    step: Step
    status: int
    out: str
    err: str


def steps(guide: Path) -> list[Step]:
    return [
        Step(commands=commands, status=int(status or 0))
        for status, commands in BLOCK.findall(guide.read_text(encoding="utf-8"))
    ]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> list[Done]:
    """The guide, followed from an empty folder in which the documents lie."""
    folder = tmp_path_factory.mktemp("guide")
    shutil.copytree(ROOT / "docs" / "samples", folder / "docs" / "samples")
    environment = {name: value for name, value in os.environ.items() if name != "SEKISHO_DEPLOYMENT"}
    environment |= {"PATH": f"{ROOT / '.venv' / 'bin'}:{environment['PATH']}", "SEKISHO_DEPLOYMENT": "my-city"}
    done = []
    for step in steps(GUIDE):
        ran = subprocess.run(
            ["bash", "-e", "-u", "-o", "pipefail", "-c", step.commands],
            cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        done.append(Done(step=step, status=ran.returncode, out=ran.stdout, err=ran.stderr))
        if ran.returncode != step.status:
            break
    return done


def _of(followed: list[Done], command: str) -> Done:
    return next(done for done in followed if command in done.step.commands)


def test_every_command_ends_as_the_guide_says(followed: list[Done]) -> None:
    """Each block ends with the status that it announces: done, or denied where something has to be refused."""
    assert [(d.step.commands, d.status, d.err) for d in followed if d.status != d.step.status] == []
    assert len(followed) == len(steps(GUIDE)) >= 14
    assert [d.status for d in followed].count(3) == 3


def test_refusals_name_the_articles_that_the_guide_names(followed: list[Done]) -> None:
    """Registering under a draft: article 19, for the guideline and for the column. Names and numbers: 8 and 11."""
    first, second, third = (done for done in followed if done.step.status == 3)
    assert "guideline-approved" in first.err
    assert "fukushi.watch.remarks" in first.err
    assert "guideline-approved" in second.err
    for control in ("identifier-never-leaves", "my-number-prohibited", "purpose-allow-list"):
        assert control in third.err


def test_the_draft_proposes_what_the_guide_says(followed: list[Done]) -> None:
    """The individual number can never be read, tax is tax, and the neighbourhoods are codes."""
    shown = _of(followed, "dataset show").out
    assert re.search(r"individual_number .*origin: my_number", shown)
    assert re.search(r"tax_amount .*origin: tax", shown)
    assert re.search(r"visits .*sensitivity: normal", shown)
    assert re.search(r"title_rows: 1", shown)


def test_the_first_answer_is_the_files(followed: list[Done]) -> None:
    """People by neighbourhood, as counted in the file by hand: resident, not under protection."""
    lines = (ROOT / "docs" / "samples" / "mimamori.csv").read_bytes().decode("cp932").splitlines()
    title, *rows = (line.split(",") for line in lines[1:])
    expected: dict[str, int] = {}
    for row in (dict(zip(title, cells, strict=True)) for cells in rows):
        if row["異動状態"] == "現存" and not row["支援措置"]:
            expected[row["町名"]] = expected.get(row["町名"], 0) + 1
    answer = _of(followed, "query explain").out
    found = dict(re.findall(r"(見本町.丁目)\s*│\s*(\d+)", answer))
    assert {town: int(count) for town, count in found.items()} == expected
    assert min(expected.values()) >= 5


def test_the_ledger_holds_the_whole_story_and_no_value(followed: list[Done]) -> None:
    """Drafted, confirmed, approved twice, registered, asked, refused; whole, and without a word of the file."""
    shown = _of(followed, "ledger verify")
    for event in ("drafted", "confirmed / rows", "registered", "approved", "dataset.register", "query"):
        assert event in shown.out
    for done in followed:
        assert "架空甲0" not in done.out + done.err


def test_both_languages_give_the_same_commands() -> None:
    """The English guide is the Japanese one in its commands."""
    assert steps(ENGLISH) == steps(GUIDE)
