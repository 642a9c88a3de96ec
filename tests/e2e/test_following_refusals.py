"""Any refusal of the policy can be followed with one command each: from its message, and from its entry in the ledger.

Of every control one refused case is taken from its table, decided by the real rules, put into words as people read it, and
written into a city's ledger as the decision that it is. Then the command line has to lead from there to article, rule, Rego, tests
and page.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from audit.keys import load_signer
from audit.ledger import Ledger
from governance.decisions import DenyReason
from governance.errors import Denied
from policies.bundle import load_bundle
from sekisho import cli
from sekisho.deployment import Deployment
from sekisho.policy_trace import controls_of, trace
from tests.audit.samples import SIDECAR, denial
from tests.policies import world
from tests.policies.engines import OpenEmbedded
from tests.policies.patches import patched

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def reasons() -> Mapping[str, DenyReason]:
    """For every control a reason that the rules gave for a case of its table."""
    engine, data = OpenEmbedded(load_bundle(), world.documents()), world.documents()
    found = {}
    for control in world.CONTROLS:
        cases = yaml.safe_load((ROOT / "tests" / "policies" / "cases" / f"{control}.yaml").read_text(encoding="utf-8"))
        case = next(each for each in cases if control in each["refusals"])
        engine.put_data(patched(data, case.get("data", [])))
        answer: Any = engine.decide(patched(world.requests()[case["of"]], case.get("request", [])))
        found[control] = next(
            DenyReason(control=r["control"], on=r["on"], params=r["params"])
            for r in answer["deny"]
            if r["control"] == control
        )
    engine.close()
    return found


@pytest.fixture(scope="module")
def city(pristine_city: Path, reasons: Mapping[str, DenyReason], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A city in whose ledger every control refused once, and the entry of each."""
    folder = Path(shutil.copytree(pristine_city, tmp_path_factory.mktemp("refused") / "demo-city"))
    deployment = Deployment.load(folder)
    entries = {}
    with Ledger.open(
        deployment.layout.ledger, pinned=deployment.ledger_vkey, signer=load_signer(deployment.layout.ledger_key)
    ) as ledger:
        for number, (control, reason) in enumerate(reasons.items()):
            deny = [{"control": reason.control, "on": reason.on}]
            granted = [other for other in reasons if other != control][:1]
            drafted = denial(number, deny=deny, granted_under=granted, required=[control, *granted])
            drafted["articles"] = list(deployment.guideline.articles_of((control,)))
            drafted["time"] = deployment.clock().isoformat()
            entries[control] = ledger.append(drafted, sidecars=[SIDECAR]).index
    return folder, entries


def test_every_control_leads_to_article_rule_code_tests_and_page(city: Any, reasons: Mapping[str, DenyReason]) -> None:
    """What a message names and what an entry names is the same line, and every file that the line names is there."""
    folder, entries = city
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        ledger = broker.ledger
        found = trace(deployment.guideline, entries=ledger.entries(0, ledger.size))
        assert found.gaps == ()
        for control, reason in reasons.items():
            citation = deployment.guideline.cite(reason, catalogue=deployment.catalogue)
            message = Denied((citation,))
            assert f"第{citation.article}条" in message.text("ja")
            assert f"article {citation.article}" in message.text("en")
            assert controls_of(ledger.entry(entries[control])) == (control,)
            (line,) = found.of_control(control)
            assert (line.article, line.rule) == (citation.article, citation.rule)
            assert line in found.of_rule(citation.rule)
            assert line.counts is not None
            assert line.counts.refused >= 1
            assert f"policies/rego/sekisho/controls/{control}.rego" in line.code
            assert f"tests/policies/cases/{control}.yaml" in line.tests
            assert all((ROOT / path).is_file() for path in (*line.code, *line.tests, f"docs/controls/{control}.md"))


@pytest.mark.parametrize("control", world.CONTROLS[::10])
def test_the_commands_lead_there(
    control: str, city: Any, reasons: Mapping[str, DenyReason], capsys: pytest.CaptureFixture[str]
) -> None:
    """By the entry, the rule, the article and the control: each command alone shows the same line."""
    folder, entries = city
    deployment = Deployment.load(folder)
    citation = deployment.guideline.cite(reasons[control], catalogue=deployment.catalogue)
    chosen = {
        "--entry": entries[control],
        "--rule": citation.rule,
        "--article": citation.article,
        "--control": control,
    }
    for option, value in chosen.items():
        command = ["--deployment", str(folder), "--as", "auditor", "--hat", "auditor", "--format", "json"]
        assert cli.run([*command, "policy", "trace", option, str(value)]) == 0
        lines = json.loads(capsys.readouterr().out)["trace"]
        (line,) = [line for line in lines if line["control"] == control]
        assert (line["article"], line["rule"]) == (citation.article, citation.rule)
        assert line["refused"] >= 1
