"""The embedded engine: in this process, from several threads, without a host built-in."""

from __future__ import annotations

import re
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from governance.errors import CheckFailed
from policies.ask import ask
from policies.bundle import Bundle
from policies.embedded import EmbeddedEngine
from policies.engine import PolicyUnavailable
from policies.revision import revision_of
from tests.policies import world


def test_the_build_needs_nothing_of_its_host(embedded: EmbeddedEngine) -> None:
    """Every built-in that the rules use is compiled in: none is answered by Python in its own way."""
    assert embedded._policy.builtins == {}
    assert list(embedded._policy.entrypoints) == ["sekisho/decision"]


def test_threads_get_their_own_answers(embedded: EmbeddedEngine) -> None:
    """Sixty-four questions from eight threads come back as the answers to themselves."""
    requests = world.requests()
    kinds = [kind for _ in range(7) for kind in requests][:64]
    expected = {kind: ask(embedded, request) for kind, request in requests.items()}
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda kind: ask(embedded, requests[kind]), kinds))
    assert answers == [expected[kind] for kind in kinds]


def test_an_answer_leaves_nothing_behind(embedded: EmbeddedEngine) -> None:
    """A refusal between two allows changes neither."""
    document = world.requests()["rows"]
    first = ask(embedded, document)
    assert not ask(embedded, {**document, "principal": None}).allow
    assert ask(embedded, document) == first


def test_the_data_are_those_of_the_start(bundle: Bundle) -> None:
    """Whoever changes the documents later does not change the engine."""
    data = world.documents()
    engine = EmbeddedEngine(bundle, data, instances=1)
    data["guideline"]["requirements"]["ledger.read"] = ["made-up"]
    assert ask(engine, world.requests()["ledger"]).allow
    engine.close()


def test_other_data_are_another_revision(bundle: Bundle, embedded: EmbeddedEngine) -> None:
    """Rules and data both stand in the revision."""
    data = world.documents()
    data["guideline"]["parameters"]["k_internal"] = 6
    engine = EmbeddedEngine(bundle, data, instances=1)
    assert engine.revision != embedded.revision
    engine.close()


def test_other_rules_are_another_revision(bundle: Bundle, data: dict[str, Any]) -> None:
    """The same data under other rules have another revision."""
    other = Bundle(wasm=bundle.wasm, sources=bundle.sources, revision="0" * 64)
    assert revision_of(other, data) != revision_of(bundle, data)
    assert re.fullmatch("[0-9a-f]{64}", revision_of(bundle, data))


def test_a_closed_engine_gives_no_answer(bundle: Bundle) -> None:
    """After closing, a question is refused as unanswered."""
    engine = EmbeddedEngine(bundle, world.documents(), instances=1)
    engine.close()
    with pytest.raises(PolicyUnavailable) as refused:
        ask(engine, world.requests()["rows"])
    assert refused.value.code == "policy-engine-failed"


def test_an_answer_beyond_the_limit_is_no_answer(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer longer than the limit is not read."""
    monkeypatch.setattr("policies.embedded.MAX_ANSWER_BYTES", 500)
    engine = EmbeddedEngine(bundle, world.documents(), instances=1)
    with pytest.raises(PolicyUnavailable) as refused:
        ask(engine, world.requests()["rows"])
    assert refused.value.code == "policy-answer-too-large"
    engine.close()


def test_what_cannot_be_handed_over_is_no_answer(embedded: EmbeddedEngine) -> None:
    """A value that is no JSON does not reach the rules."""
    document: dict[str, Any] = {"action": {1, 2}}
    with pytest.raises(PolicyUnavailable) as refused:
        embedded.decide(document)
    assert refused.value.code == "policy-engine-failed"


def _compiled(opa: Path, folder: Path, rule: str, *, entrypoint: str = "sekisho/decision") -> bytes:
    (folder / "sekisho.rego").write_text(f"package sekisho\n\n{rule}\n", encoding="utf-8")
    command = [
        opa,
        "build",
        "--target",
        "wasm",
        "--entrypoint",
        entrypoint,
        "--output",
        "bundle.tar.gz",
        "sekisho.rego",
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    with tarfile.open(folder / "bundle.tar.gz") as tar:
        member = tar.extractfile("/policy.wasm")
        assert member is not None
        return member.read()


@pytest.mark.parametrize(
    ("rule", "entrypoint"),
    [("allow := true", "sekisho/allow"), ('decision := sprintf("%s", [input.action])', "sekisho/decision")],
    ids=["another entry point", "a built-in of the host"],
)
def test_a_build_of_other_rules_is_not_loaded(
    rule: str, entrypoint: str, opa: Path, bundle: Bundle, tmp_path: Path
) -> None:
    """A build without our entry point, or one that would have Python answer for OPA, is refused at the start."""
    wasm = _compiled(opa, tmp_path, rule, entrypoint=entrypoint)
    with pytest.raises(CheckFailed) as refused:
        EmbeddedEngine(Bundle(wasm=wasm, sources=bundle.sources, revision="x"), world.documents())
    assert refused.value.code == "policy-bundle-unusable"


def test_a_decision_that_is_undefined_is_no_answer(opa: Path, bundle: Bundle, tmp_path: Path) -> None:
    """Rules that leave the decision undefined answer nothing that counts."""
    wasm = _compiled(opa, tmp_path, "decision := {} if input.action == 1")
    engine = EmbeddedEngine(Bundle(wasm=wasm, sources=bundle.sources, revision="x"), world.documents(), instances=1)
    with pytest.raises(PolicyUnavailable) as refused:
        ask(engine, world.requests()["rows"])
    assert refused.value.code == "policy-answer-undefined"
    engine.close()


def test_no_free_instance_in_time_is_no_answer(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every instance is taken for too long, the question is refused."""
    monkeypatch.setattr("policies.embedded.TIMEOUT_SECONDS", 0.2)
    engine = EmbeddedEngine(bundle, world.documents(), instances=1)
    with engine._policy._pool.borrow(), pytest.raises(PolicyUnavailable) as refused:
        ask(engine, world.requests()["rows"])
    assert refused.value.code == "policy-engine-timeout"
    engine.close()
