"""Checks of the policy with OPA itself: its form, its compilation, its tests, and the committed build."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from governance.catalogue import Label
from governance.errors import CheckFailed, SekishoError
from policies.bundle import capabilities_path, compile_rules, load_bundle

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


def rules_folder() -> Path:
    """The folder of the rules and their tests."""
    return Path(str(resources.files("policies").joinpath("rego")))


def bundle_folder() -> Path:
    """The folder of the committed build."""
    return Path(str(resources.files("policies").joinpath("bundle")))


def check_policy(opa: Path) -> Iterator[PolicyCheck]:
    """Run every check, one after the other, with the pinned ``opa``."""
    rules = str(rules_folder())
    yield _ran(Label(ja="書き方（opa fmt）", en="format (opa fmt)"), opa, "fmt", "--fail", "--list", rules)
    yield _ran(
        Label(
            ja="規則の検査（opa check --strict、使える組込み関数の制限つき）",
            en="the rules compile strictly, with our capabilities alone (opa check)",
        ),
        opa, "check", "--strict", "--capabilities", str(capabilities_path()), "--ignore", "*_test.rego", rules,
    )  # fmt: skip
    yield _ran(
        Label(ja="試験の検査（opa check --strict）", en="the tests compile strictly (opa check)"),
        opa, "check", "--strict", rules,
    )  # fmt: skip
    yield _ran(
        Label(ja="試験（opa test、網羅率100%）", en="tests pass with full coverage (opa test)"),
        opa, "test", "--coverage", "--threshold", "100", "--fail-on-empty", "--timeout", "120s", rules,
    )  # fmt: skip
    yield _checked(Label(ja="登録済みの成果物（WebAssembly）と一致", en="the committed build is what OPA makes"), opa)


def _ran(label: Label, opa: Path, *arguments: str) -> PolicyCheck:
    done = subprocess.run([str(opa), *arguments], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return PolicyCheck(label=label, ok=done.returncode == 0, output="\n".join(lines[-_MOST_LINES:]))


def _checked(label: Label, opa: Path) -> PolicyCheck:
    def compare() -> None:
        if compile_rules(opa) != load_bundle().wasm:
            raise CheckFailed("policy-bundle-other")

    return _reported(label, compare)


def _reported(label: Label, run: Callable[[], None]) -> PolicyCheck:
    try:
        run()
    except SekishoError as error:
        return PolicyCheck(label=label, ok=False, output=f"{error.text('ja')} {error.remedy('ja')}")
    return PolicyCheck(label=label, ok=True, output="")
