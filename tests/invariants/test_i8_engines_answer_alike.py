"""I8: one bundle, one decision: the embedded engine and the OPA server answer alike."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from governance.errors import Denied
from masking.keys import epochs_path
from policies.ask import ask
from policies.bundle import load_bundle
from policies.data import policy_data
from policies.embedded import EmbeddedEngine
from policies.engine import PolicyEngine
from policies.server import OpaServer
from reference.akishima.demo_refusals import query_text
from sekisho.deployment import Deployment
from sekisho.settings import ENGINES, EngineName
from tests.city import asker, draft, sign
from tests.invariants.watching import Watched, open_watched
from tests.policies.patches import spoiled_at_random

REQUESTS: list[dict[str, Any]] = [
    {},
    {"purpose": "stat", "sql": query_text("stat_by_grade")},
    {"purpose": None},
    {"purpose": "unknown"},
    {"hat": None},
    {"hat": "user"},
    {"principal": None},
    {"principal": "vendor-a", "hat": "analyst"},
    {"principal": "auditor", "hat": "auditor"},
    {"recipient": "vendor-a"},
    {"approval": "AP-2023-0099"},
    {"sql": query_text("with_name")},
    {"sql": query_text("with_my_number")},
    {"sql": query_text("adult_row")},
    {"sql": query_text("not_on_list")},
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What one engine was asked in the course of the main job, and what came of it.

    Attributes:
        decisions: every decision in the ledger.
        results: digest of each release.
    """

    questions: tuple[dict[str, Any], ...]
    decisions: tuple[Mapping[str, Any], ...]
    results: tuple[str, ...]


def tell(watched: Watched) -> Story:
    """Drafts, signatures, refused signatures, an approval read and revoked, and every way of asking."""
    deployment, broker = watched.deployment, watched.broker
    results = []
    drafted = draft(deployment, broker)
    with pytest.raises(Denied):
        broker.approvals.sign(asker(deployment, broker, "center", "controller"), approval=drafted.id, step="review")
    sign(deployment, broker, drafted.id)
    for request in REQUESTS:
        try:
            results.append(watched.ask(**request).result_digest)
        except Denied:
            continue
    broker.approvals.list(asker(deployment, broker, "auditor", "auditor"))
    other = draft(deployment, broker)
    broker.approvals.reject(asker(deployment, broker, "privacy", "reviewer"), approval=other.id, reason="見直しのため")
    broker.approvals.revoke(asker(deployment, broker, "cpo", "cpo"), approval=drafted.id, reason="見直しのため")
    with pytest.raises(Denied):
        watched.ask()
    return Story(
        questions=tuple(watched.engine.questions),
        decisions=tuple(e.document for e in broker.ledger.entries() if e.document["kind"] == "decision"),
        results=tuple(results),
    )


@pytest.fixture(scope="module")
def stories(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory, opa: Path) -> Mapping[EngineName, Story]:
    """The same story with either engine, each in a copy of the same city, with the same secrets of its epochs."""
    assert opa.is_file()
    told: dict[EngineName, Story] = {}
    first: Path | None = None
    for engine in ENGINES:
        folder = Path(shutil.copytree(pristine_city, tmp_path_factory.mktemp(engine) / "demo-city"))
        secrets = epochs_path(Deployment.load(folder).layout.master_key)
        if first is not None:
            shutil.copy(first, secrets)
        first = secrets
        with open_watched(folder, engine=engine) as watched:
            told[engine] = tell(watched)
    return told


@pytest.fixture(scope="module")
def engines(watched: Watched, opa: Path) -> Iterator[tuple[EmbeddedEngine, OpaServer]]:
    """Both engines over one bundle and the city's data."""
    bundle, data = load_bundle(), policy_data(watched.deployment.catalogue, watched.deployment.guideline)
    with (
        closing(EmbeddedEngine(bundle, data)) as embedded,
        OpaServer(opa, bundle=bundle, data=data, timeout=20.0) as server,
    ):
        yield embedded, server


def alike(engines: tuple[PolicyEngine, PolicyEngine], document: Mapping[str, Any]) -> bool:
    """Whether both give the very same answer, in the same order; whether it is an allow."""
    answers: list[Any] = [engine.decide(document) for engine in engines]
    assert answers[0] == answers[1]
    allow: bool = answers[0]["allow"]
    return allow


def test_both_engines_name_the_same_rules_and_data(engines: tuple[EmbeddedEngine, OpaServer]) -> None:
    """The revision, which stands in the ledger with each decision, is of the rules and data and not of the engine."""
    embedded, server = engines
    assert embedded.revision == server.revision
    assert embedded.name != server.name


def test_both_engines_leave_the_same_decisions_and_the_same_results(stories: Mapping[EngineName, Story]) -> None:
    """Through the main job they are asked the same, and allow, controls, reasons, articles and released rows are the
    same, digest for digest.
    """
    embedded, server = stories["embedded"], stories["opa"]
    assert len(embedded.decisions) == len(server.decisions) > 25
    assert {decision["action"] for decision in embedded.decisions} > {"query", "approval.sign", "approval.revoke"}
    keys = ("action", "allow", "required", "granted_under", "deny", "articles", "policy_digest")
    for one, other in zip(embedded.decisions, server.decisions, strict=True):
        assert {key: one[key] for key in keys} == {key: other[key] for key in keys}
        assert (one["engine"], other["engine"]) == ("embedded", "opa")
        assert one["scans"].keys() == other["scans"].keys()
    assert embedded.results == server.results
    assert len(embedded.results) == 2


def different(stories: Mapping[EngineName, Story]) -> list[dict[str, Any]]:
    """Every question of the stories, each once."""
    asked = {json.dumps(q, sort_keys=True): q for story in stories.values() for q in story.questions}
    return list(asked.values())


def test_each_real_question_has_one_answer(
    engines: tuple[EmbeddedEngine, OpaServer], stories: Mapping[EngineName, Story]
) -> None:
    """Whatever the city was really asked, the two answers are equal as they stand, obligations and order included, and
    the decisions read from them, too.
    """
    questions = different(stories)
    assert len(questions) > 20
    verdicts = [alike(engines, question) for question in questions]
    assert {True, False} == set(verdicts)
    for question in questions:
        one, other = (ask(engine, question) for engine in engines)
        assert (one.allow, one.granted_under, one.deny, one.obligations, one.input_digest) == (
            other.allow, other.granted_under, other.deny, other.obligations, other.input_digest,
        )  # fmt: skip


def test_each_question_with_a_field_spoiled_has_one_answer(
    engines: tuple[EmbeddedEngine, OpaServer], stories: Mapping[EngineName, Story]
) -> None:
    """A few hundred of the real questions with one field absent, null, empty, of another type or unknown."""
    chance = random.Random(8)
    questions = different(stories)
    verdicts = [alike(engines, spoiled_at_random(chance.choice(questions), chance).document) for _ in range(240)]
    assert {True, False} == set(verdicts)


def test_each_question_with_several_fields_spoiled_has_one_answer(
    engines: tuple[EmbeddedEngine, OpaServer], stories: Mapping[EngineName, Story]
) -> None:
    """The same with two to five fields spoiled at random."""
    chance = random.Random(88)
    questions = different(stories)
    for _ in range(80):
        document = chance.choice(questions)
        for _ in range(chance.randint(2, 5)):
            document = spoiled_at_random(document, chance).document
        alike(engines, document)
