"""``sekisho policy``: each thing that may be wrong with rules is found. That the rules as they are pass, `make rego` runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from policies.bundle import ROOM, load_bundle
from sekisho import cli
from sekisho.policy_checks import check_policy

FORMAT, RULES, TESTS, COVERAGE, BUILD = range(5)


def checked(opa: Path, room: Path) -> list[bool]:
    return [result.ok for result in check_policy(opa, room=room)]


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A copy of the rules with their build, and of the tests only one small file, so that they take no time."""
    for part in ("rego", "bundle"):
        shutil.copytree(ROOM / part, tmp_path / part)
    shutil.copy(ROOM / "capabilities.json", tmp_path)
    for test in (tmp_path / "rego").rglob("*_test.rego"):
        test.unlink()
    return tmp_path


def write_test(room: Path, condition: str) -> None:
    (room / "rego" / "sekisho" / "one_test.rego").write_text(
        f"package sekisho_test\n\nimport data.sekisho\n\ntest_one if {condition}\n", encoding="utf-8"
    )


def test_each_fault_of_the_rules_is_found_by_its_check(opa: Path, room: Path) -> None:
    """A wrong form, a forbidden built-in, a failing test, missing tests and another build each fail their own check."""
    write_test(room, "sekisho.decision.allow == false")
    sound = checked(opa, room)
    # One small test cannot cover all rules.
    assert sound == [True, True, True, False, True]

    write_test(room, "sekisho.decision.allow == true")
    assert checked(opa, room) == [True, True, True, False, True]

    (room / "rego" / "sekisho" / "extra.rego").write_text("package sekisho.extra\n\na   :=  1\n", encoding="utf-8")
    found = checked(opa, room)
    assert (found[FORMAT], found[BUILD]) == (False, False)

    text = "package sekisho.extra\n\na := time.now_ns()\n"
    (room / "rego" / "sekisho" / "extra.rego").write_text(text, encoding="utf-8")
    found = checked(opa, room)
    assert (found[FORMAT], found[RULES], found[TESTS], found[BUILD]) == (True, False, True, False)


def test_a_failing_check_ends_the_command_with_1(
    opa: Path, room: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What OPA says about the rules is shown, and the status is that of a fault that was found."""
    assert opa.is_file()
    (room / "rego" / "sekisho" / "extra.rego").write_text("package sekisho.extra\n\na :=\n", encoding="utf-8")
    monkeypatch.setattr("sekisho.commands.policy.check_policy", lambda opa: check_policy(opa, room=room))
    assert cli.run(["--format", "json", "policy", "test"]) == 1
    out, err = capsys.readouterr()
    assert "extra.rego" in err
    document = json.loads(out)["policy"]
    assert document["ok"] is False
    assert len(document["checks"]) == 5
    assert document["checks"][BUILD]["ok"] is False


def test_building_makes_the_same_build_again(
    opa: Path, monkeypatch: pytest.MonkeyPatch, room: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`sekisho policy build` writes a build that is loaded under the revision that it prints."""
    from policies import bundle

    assert opa.is_file()
    (room / "bundle" / "policy.wasm").unlink()
    monkeypatch.setattr("sekisho.commands.policy.write_bundle", lambda opa: bundle.write_bundle(opa, room / "bundle"))
    assert cli.run(["--format", "json", "policy", "build"]) == 0
    assert json.loads(capsys.readouterr().out)["policy"]["revision"] == load_bundle(room).revision
    assert load_bundle(room).wasm == load_bundle().wasm
