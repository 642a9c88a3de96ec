"""Checks of the policy with OPA itself: its form, its compilation, its tests, and the committed build."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from governance.catalogue import Label
from governance.errors import CheckFailed, SekishoError
from policies.bundle import ROOM, capabilities_path, compile_rules, load_bundle

_MOST_LINES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCheck:
    """One check and what came out.

    Attributes:
        ok: whether it passed.
        output: what OPA said, where it did not.
    """

    label: Label
    ok: bool
    output: str


def check_policy(opa: Path, *, room: Path = ROOM) -> Iterator[PolicyCheck]:
    """Run every check, one after the other, with the pinned ``opa``.

    Args:
        room: the folder with ``rego/``, ``capabilities.json`` and ``bundle/``.
    """
    rules, capabilities = str(room / "rego"), str(capabilities_path(room))
    yield _ran(Label(ja="書き方（opa fmt）", en="format (opa fmt)"), opa, "fmt", "--fail", "--list", rules)
    yield _ran(
        Label(
            ja="規則の検査（opa check --strict、使える組込み関数の制限つき）",
            en="the rules compile strictly, with our capabilities alone (opa check)",
        ),
        opa, "check", "--strict", "--capabilities", capabilities, "--ignore", "*_test.rego", rules,
    )  # fmt: skip
    yield _ran(
        Label(ja="試験の検査（opa check --strict）", en="the tests compile strictly (opa check)"),
        opa, "check", "--strict", rules,
    )  # fmt: skip
    yield _ran(
        Label(ja="試験（opa test、網羅率100%）", en="tests pass with full coverage (opa test)"),
        opa, "test", "--coverage", "--threshold", "100", "--fail-on-empty", "--timeout", "120s", rules,
    )  # fmt: skip
    yield _same_build(opa, room=room)


def _ran(label: Label, opa: Path, *arguments: str) -> PolicyCheck:
    done = subprocess.run([str(opa), *arguments], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return PolicyCheck(label=label, ok=done.returncode == 0, output="\n".join(lines[-_MOST_LINES:]))


def _same_build(opa: Path, *, room: Path) -> PolicyCheck:
    label = Label(ja="登録済みの成果物（WebAssembly）と一致", en="the committed build is what OPA makes")
    try:
        same = compile_rules(opa, room=room) == load_bundle(room).wasm
        output = "" if same else str(CheckFailed("policy-bundle-other"))
    except SekishoError as error:
        same, output = False, str(error)
    return PolicyCheck(label=label, ok=same, output=output)
