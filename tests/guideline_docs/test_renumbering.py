"""Articles may be numbered otherwise: no rule in Rego changes, and every refusal cites the new number."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from governance.errors import Denied
from governance.guideline import Guideline
from governance.load_guideline import load_guideline
from policies.bundle import load_bundle
from policies.data import policy_data
from reference.akishima.demo_refusals import query_text
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import TEMPLATE, approve
from tests.policies import world
from tests.policies.engines import OpenEmbedded, normal
from tests.policies.patches import patched

CASES = Path(__file__).parents[1] / "policies" / "cases"
MOVED = 400
"""Articles are moved this far, in the opposite order, so that no old number is a new one."""


def _new(number: int) -> int:
    return MOVED - number


def renumber(folder: Path) -> None:
    """Give every article of a guideline another number, and every rule an id that says so."""
    for path in sorted((folder / "articles").glob("art*.md")):
        text = path.read_text(encoding="utf-8")
        (number,) = re.findall(r"^article: ([0-9]+)$", text, re.MULTILINE)
        new = _new(int(number))
        text = re.sub(r"^article: [0-9]+$", f"article: {new}", text, count=1, flags=re.MULTILINE)
        text = re.sub(r"^  - id: ([A-Z]+)[0-9]*-([0-9]+)$", rf"  - id: \g<1>{new}-\g<2>", text, flags=re.MULTILINE)
        path.unlink()
        (folder / "articles" / f"art{new}.md").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def renumbered(approved_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, Broker]]:
    """The reference city under a guideline with other numbers."""
    folder = shutil.copytree(approved_city, tmp_path_factory.mktemp("renumbered") / "demo-city")
    renumber(folder / "guideline")
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        yield deployment, broker


def test_every_article_and_every_rule_has_another_number(renumbered: tuple[Deployment, Broker], root: Path) -> None:
    """The fixture does what it says: no number and no id is what it was, and all controls are still bound."""
    before, after = load_guideline(root / "guideline_docs"), renumbered[0].guideline
    assert {article.number for article in after.articles} == {_new(article.number) for article in before.articles}
    assert not _ids(before) & _ids(after)
    assert len(_ids(before)) == len(_ids(after))
    assert _controls(before) == _controls(after)


def _ids(guideline: Guideline) -> set[str]:
    return {rule.id for article in guideline.articles for rule in article.rules}


def _controls(guideline: Guideline) -> list[str]:
    return sorted(control for article in guideline.articles for rule in article.rules for control in rule.controls)


def test_the_cases_of_every_control_hold_under_other_numbers() -> None:
    """The whole table of cases is answered alike, to the letter, whatever the articles' numbers are."""
    data, guideline = world.documents(), world.guideline()
    (article,) = guideline.articles
    rules = tuple(replace(rule, id="R77-9") for rule in article.rules)
    other = policy_data(world.catalogue(), replace(guideline, articles=(replace(article, number=77, rules=rules),)))
    assert other != data
    bundle, requests = load_bundle(), world.requests()
    engines = [OpenEmbedded(bundle, documents) for documents in (data, other)]
    checked = 0
    for file in sorted(CASES.glob("*.yaml")):
        for case in yaml.safe_load(file.read_text(encoding="utf-8")):
            answers = []
            for engine, documents in zip(engines, (data, other), strict=True):
                engine.put_data(patched(documents, case.get("data", [])))
                answers.append(normal(engine.decide(patched(requests[case["of"]], case.get("request", [])))))
            assert answers[0] == answers[1], case["note"]
            checked += 1
    assert checked > len(world.CONTROLS)


def test_a_query_runs_and_cites_the_new_numbers(renumbered: tuple[Deployment, Broker]) -> None:
    """Approvals are drafted, signed and used, and what is released cites the articles by their new numbers."""
    deployment, broker = renumbered
    number = approve(deployment, broker, TEMPLATE)
    release = broker.ask(
        AskRequest(token=deployment.token("center"), hat="controller", purpose="young_carer", approval=number)
    )
    assert release.rows > 0
    assert {_new(old) for old in (4, 7, 8, 19)} <= set(release.articles)
    assert min(release.articles) > MOVED // 2


@pytest.mark.parametrize(
    ("query", "purpose", "article"),
    [("with_name", "young_carer", 8), ("with_my_number", "young_carer", 11), ("stat_by_grade", None, 3)],
)
def test_a_refusal_cites_the_new_numbers(
    renumbered: tuple[Deployment, Broker], query: str, purpose: str | None, article: int
) -> None:
    """Each reason stands under the new number of its article, and no sentence names an old one."""
    deployment, broker = renumbered
    with pytest.raises(Denied) as refused:
        broker.ask(
            AskRequest(token=deployment.token("center"), hat="controller", purpose=purpose, sql=query_text(query))
        )
    citations = refused.value.citations
    assert _new(article) in {citation.article for citation in citations}
    assert all(citation.article > MOVED // 2 for citation in citations)
    assert all(f"{citation.article}-" in citation.rule for citation in citations)
    sentences = [text for c in citations for texts in (c.text, c.remedy) for text in texts.values()]
    sentences += [refused.value.text("ja"), refused.value.text("en")]
    named = [int(number) for text in sentences for number in re.findall(r"第([0-9]+)条", text)]
    assert all(number > MOVED // 2 for number in named)
