"""The committed build is the rules', to the byte, and a build that was touched is not used."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from governance.errors import BadInput, CheckFailed
from policies.bundle import ROOM, Bundle, check_opa, compile_rules, load_bundle, read_sources, write_bundle
from policies.embedded import EmbeddedEngine
from tests.policies import world


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A copy of the rules with their build, to be spoiled."""
    for part in ("rego", "bundle"):
        shutil.copytree(ROOM / part, tmp_path / part)
    shutil.copy(ROOM / "capabilities.json", tmp_path)
    return tmp_path


def test_the_committed_build_is_what_the_rules_compile_to(opa: Path) -> None:
    """Compiling the rules again with the pinned OPA gives the committed bytes."""
    assert compile_rules(opa) == load_bundle().wasm


def test_the_build_does_not_depend_on_where_the_rules_lie(opa: Path, room: Path, bundle: Bundle) -> None:
    """In another folder the same rules give the same build, manifest and revision."""
    assert write_bundle(opa, room / "bundle") == bundle.revision
    assert (room / "bundle" / "manifest.json").read_bytes() == (ROOM / "bundle" / "manifest.json").read_bytes()
    assert load_bundle(room) == bundle


def test_tests_are_no_part_of_the_build(bundle: Bundle) -> None:
    """Neither tests nor their world are among the sources."""
    assert "sekisho/decision.rego" in bundle.sources
    assert ".manifest" in bundle.sources
    assert [name for name in bundle.sources if "test" in name] == []


def test_a_change_to_a_rule_changes_the_revision(opa: Path, room: Path, bundle: Bundle) -> None:
    """Another rule, even only another comment, is another revision."""
    with (room / "rego" / "sekisho" / "decision.rego").open("a", encoding="utf-8") as file:
        file.write("\n# another comment\n")
    assert write_bundle(opa, room / "bundle") != bundle.revision


def _flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(bytes(content))


def test_a_build_with_one_bit_changed_is_refused(room: Path) -> None:
    """F11: one changed bit anywhere in the build is found before anything runs."""
    wasm = room / "bundle" / "policy.wasm"
    chance = random.Random(11)
    for position in [0, wasm.stat().st_size - 1, *(chance.randrange(wasm.stat().st_size) for _ in range(20))]:
        _flip(wasm, position)
        with pytest.raises(CheckFailed) as refused:
            load_bundle(room)
        assert refused.value.code == "policy-bundle-changed"
        assert refused.value.params["file"] == "bundle/policy.wasm"
        _flip(wasm, position)
    assert load_bundle(room)


@pytest.mark.parametrize(
    "name",
    [
        "rego/sekisho/decision.rego",
        "rego/sekisho/controls/my-number-prohibited.rego",
        "rego/.manifest",
        "capabilities.json",
    ],
)
def test_a_source_with_one_bit_changed_is_refused(name: str, room: Path) -> None:
    """F11: so is one changed bit in a rule, in the bundle's manifest or in the list of built-ins, by its name."""
    _flip(room / name, 5)
    with pytest.raises(CheckFailed) as refused:
        load_bundle(room)
    assert refused.value.code == "policy-bundle-changed"
    assert refused.value.params["file"] == name


def test_a_rule_more_or_less_is_refused(room: Path) -> None:
    """A rule that the manifest does not know is refused, and so is one that is gone."""
    added = room / "rego" / "sekisho" / "controls" / "another.rego"
    added.write_text(
        "package sekisho.controls\n\ngranted contains control if some control in data.all\n", encoding="utf-8"
    )
    with pytest.raises(CheckFailed) as refused:
        load_bundle(room)
    assert refused.value.params["file"] == "rego/sekisho/controls/another.rego"
    added.unlink()
    (room / "rego" / "sekisho" / "controls" / "single-hat.rego").unlink()
    with pytest.raises(CheckFailed) as refused:
        load_bundle(room)
    assert refused.value.params["file"] == "rego/sekisho/controls/single-hat.rego"


@pytest.mark.parametrize("name", ["bundle/policy.wasm", "bundle/manifest.json", "capabilities.json", "rego/.manifest"])
def test_a_missing_file_is_named(name: str, room: Path) -> None:
    """What is missing is named, and no path of the machine."""
    (room / name).unlink()
    with pytest.raises(CheckFailed) as refused:
        load_bundle(room)
    assert refused.value.code == "policy-bundle-missing"
    assert refused.value.params["file"] == name


def _drop_sources(manifest: dict[str, object]) -> object:
    return {key: value for key, value in manifest.items() if key != "sources"}


def _drop_wasm(manifest: dict[str, object]) -> object:
    return {key: value for key, value in manifest.items() if key != "wasm"}


def _other_revision(manifest: dict[str, object]) -> object:
    return {**manifest, "revision": "0" * 64}


def _other_opa(manifest: dict[str, object]) -> object:
    return {**manifest, "opa": "0.0.1"}


def _other_format(manifest: dict[str, object]) -> object:
    return {**manifest, "format": 2}


def _more(manifest: dict[str, object]) -> object:
    return {**manifest, "more": True}


@pytest.mark.parametrize(
    "change",
    [_drop_sources, _drop_wasm, _other_revision, _other_opa, _other_format, _more, lambda _: [], lambda _: None],
)
def test_a_manifest_that_says_something_else_is_refused(
    change: Callable[[dict[str, object]], object], room: Path
) -> None:
    """A manifest with a part missing, another, or one too many vouches for nothing."""
    path = room / "bundle" / "manifest.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))), encoding="utf-8")
    with pytest.raises(CheckFailed) as refused:
        load_bundle(room)
    assert refused.value.code == "policy-bundle-changed"


@pytest.mark.fuzz
def test_no_manifest_made_of_bytes_passes(room: Path) -> None:
    """Whatever bytes stand in the manifest, the only error is that it was changed."""
    path = room / "bundle" / "manifest.json"
    good, chance = path.read_bytes(), random.Random(7)
    spoiled = [b"", b"\xff\xfe", b"[" * 100_000, b"{}", b"null", good[:-2], good + b"x", good[: len(good) // 2]]
    spoiled += [bytes(chance.randrange(256) for _ in range(60)) for _ in range(20)]
    for content in spoiled:
        path.write_bytes(content)
        with pytest.raises(CheckFailed) as refused:
            load_bundle(room)
        assert refused.value.code == "policy-bundle-changed"


@pytest.mark.parametrize("content", [b"", b"\0asm\x01\0\0\0", b"not wasm at all"], ids=["empty", "bare module", "text"])
def test_a_build_that_is_none_is_not_loaded(content: bytes, bundle: Bundle) -> None:
    """Bytes that are no build of rules are refused when the engine starts, not when it is asked."""
    with pytest.raises(CheckFailed) as refused:
        EmbeddedEngine(Bundle(wasm=content, sources=bundle.sources, revision="x"), world.documents())
    assert refused.value.code == "policy-bundle-unusable"


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ('_broken if sprintf("%s", [input.a])', "sprintf"),
        ("_broken if time.now_ns() > 0", "time.now_ns"),
        ('_broken if http.send({"method": "get", "url": input.a})', "http.send"),
        ("_broken if rego.metadata.rule()", "rego.metadata.rule"),
        ("_broken if input.a ==", "rego_parse_error"),
    ],
    ids=["text", "clock", "network", "own comments", "no rule"],
)
def test_rules_outside_the_allowed_built_ins_do_not_compile(rule: str, named: str, opa: Path, room: Path) -> None:
    """Rules can read neither clock nor network nor their own comments, and build no sentences (I4)."""
    with (room / "rego" / "sekisho" / "decision.rego").open("a", encoding="utf-8") as file:
        file.write(f"\n{rule}\n")
    with pytest.raises(BadInput) as refused:
        compile_rules(opa, room=room)
    assert refused.value.code == "policy-build-failed"
    assert named in str(refused.value.params["output"])


def test_another_opa_is_refused(tmp_path: Path) -> None:
    """Only the pinned version builds: another one might compile the same rules to something else."""
    other = tmp_path / "opa"
    other.write_text("#!/bin/sh\necho 'Version: 1.20.20'\n")
    other.chmod(0o755)
    with pytest.raises(BadInput) as refused:
        check_opa(other)
    assert refused.value.code == "opa-version"
    with pytest.raises(BadInput) as refused:
        check_opa(tmp_path / "none")
    assert refused.value.code == "opa-missing"


def test_sources_are_listed_in_one_order() -> None:
    """The order of sources does not depend on the file system."""
    names = list(read_sources())
    assert names == sorted(names)
