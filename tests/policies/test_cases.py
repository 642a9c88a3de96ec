"""The table of cases, one file a control, holds on both engines: what is refused, and what it is about, whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.policies import world
from tests.policies.engines import OpenEmbedded, OpenServer, normal
from tests.policies.patches import patched

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


def _refusals(answer: Any) -> dict[str, list[str]]:
    refusals: dict[str, set[str]] = {}
    for reason in answer["deny"]:
        refusals.setdefault(reason["control"], set()).add(reason["on"])
    return {control: sorted(about) for control, about in refusals.items()}


def test_every_control_has_its_file() -> None:
    """There is a table for each control that any action requires, and for nothing else."""
    assert [file.stem for file in FILES] == list(world.CONTROLS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_cases_hold_on_both_engines(
    file: Path, changeable: tuple[OpenEmbedded, OpenServer], data: dict[str, Any]
) -> None:
    """Each case is refused for exactly what the table says, or allowed where it says nothing, by both engines alike."""
    requests = world.requests()
    cases = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert any(case["refusals"] for case in cases)
    assert any(not case["refusals"] for case in cases)
    assert len({case["note"] for case in cases}) == len(cases)
    current = None
    for case in cases:
        documents = patched(data, case.get("data", []))
        request = patched(requests[case["of"]], case.get("request", []))
        answers = []
        for engine in changeable:
            if documents != current:
                engine.put_data(documents)
            answers.append(engine.decide(request))
        current = documents
        embedded, server = answers
        assert normal(embedded) == normal(server), case["note"]
        assert _refusals(embedded) == case["refusals"], case["note"]
        assert embedded["allow"] is (not case["refusals"]), case["note"]
    for engine in changeable:
        engine.put_data(data)
