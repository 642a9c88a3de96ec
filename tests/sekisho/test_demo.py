"""The demo: it is found without being imported, removes nothing of others, and says when something is not as expected."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from governance.catalogue import Label
from governance.errors import BadInput
from governance.load_guideline import load_guideline
from guideline_docs import FOLDER
from sekisho import cli
from sekisho.demo import NotAsExpected, Stage, Step, clear, find_city, tell
from sekisho.deployment import Deployment
from sekisho.policy_trace import SOURCE as ROOT
from sekisho.terminal import Terminal
from tests.city import APPROVAL, PURPOSE


@pytest.fixture(scope="module")
def stage(approved_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = Path(shutil.copytree(approved_city, tmp_path_factory.mktemp("stage") / "demo-city"))
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        yield Stage(
            deployment=deployment,
            broker=broker,
            engine="embedded",
            terminal=Terminal(lang="ja", format="table", notice=True),
            notes={},
        )


def step(show: Callable[[Stage], None]) -> Step:
    return Step(title=Label(ja="場面", en="step"), show=show)


def test_the_installed_city_is_found_by_its_entry_point() -> None:
    """The reference city is offered by the installation; a name that it does not offer is refused with those it does."""
    from reference.akishima.demo import CITY

    assert find_city(None) is CITY
    assert find_city("akishima") is CITY
    with pytest.raises(BadInput) as caught:
        find_city("atlantis")
    assert caught.value.code == "demo-which"
    assert "akishima" in caught.value.remedy("ja")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The demo as it was told once: its folder, its status, what it printed and what it narrated."""

    folder: Path
    status: int
    out: str
    err: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("told") / "city"
    arguments = ["--lang", "en", "--format", "json", "demo", "--dir", str(folder), "--population", "1200"]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        status = cli.run(arguments)
    return Told(folder=folder, status=status, out=out.getvalue(), err=err.getvalue())


def test_the_whole_story_comes_out_as_expected(told: Told) -> None:
    """The demo ends with 0, one document, and a narration that names what was refused under which article."""
    assert told.status == 0
    document = json.loads(told.out)
    assert document["demo"]["as_expected"] is True
    assert "架空データ" in document["notice"]
    for article in (3, 4, 6, 7, 8, 11, 12, 14, 19, 27, 28, 31):
        assert f"x article {article} " in told.err
    assert "Not as expected" not in told.err


def test_every_refusal_leads_from_the_ledger_to_article_rule_code_tests_and_page(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of each control under which the demo refused something, one command with the entry's number shows all of it."""
    with Deployment.load(told.folder).broker() as broker:
        entries = [broker.ledger.entry(number).document for number in range(broker.ledger.size)]
    first: dict[str, int] = {}
    for number, document in enumerate(entries):
        for reason in document.get("deny", ()):
            first.setdefault(reason["control"], number)
    assert len(first) > 10
    guideline = load_guideline(FOLDER)
    for number in sorted(set(first.values())):
        command = ["--as", "auditor", "--format", "json", "policy", "trace", "--entry", str(number)]
        assert cli.run(["--deployment", str(told.folder), *command]) == 0
        lines = json.loads(capsys.readouterr().out)["trace"]
        assert {line["control"] for line in lines} == {reason["control"] for reason in entries[number]["deny"]}
        assert {line["article"] for line in lines} == set(entries[number]["articles"])
        for line in lines:
            article, rule = guideline.binding(line["control"])
            assert (line["article"], line["rule"]) == (article.number, rule.id)
            assert line["says"]
            assert line["remedy"]
            assert line["refused"] >= 1
            assert line["code"]
            assert line["tests"]
            page = ROOT / "docs" / "controls" / f"{line['control']}.md"
            assert all((ROOT / path).is_file() for path in (*line["code"], *line["tests"], page))


def test_its_refusals_cover_every_chapter_of_the_guideline(told: Told) -> None:
    """Of each chapter there is an article under which something is refused while people watch; the ledger says which."""
    with Deployment.load(told.folder).broker() as broker:
        refused = [e.document for e in broker.ledger.entries() if e.document.get("allow") is False]
    chapters = {article.number: article.chapter for article in load_guideline(FOLDER).articles}
    assert {chapters[number] for entry in refused for number in entry["articles"]} == set(chapters.values())
    assert set(chapters.values()) == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize(
    "content", [{"thesis.txt": "x"}, {"deployment.yaml": "demo: true"}], ids=["a-file-of-somebody", "no-sound-settings"]
)
def test_nothing_of_others_is_removed(tmp_path: Path, content: dict[str, str]) -> None:
    """A folder that holds anything but a demo is left as it is."""
    for name, text in content.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        clear(tmp_path)
    assert caught.value.code == "demo-folder-taken"
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == content


def test_a_deployment_that_is_no_demo_is_not_removed(new_city: Path) -> None:
    """A deployment with real data is never taken for an earlier demo."""
    settings = new_city / "deployment.yaml"
    lines = [line for line in settings.read_text(encoding="utf-8").splitlines() if not line.startswith("clock:")]
    settings.write_text("\n".join(lines).replace("demo: true", "demo: false"), encoding="utf-8")
    with pytest.raises(BadInput):
        clear(new_city)
    assert (new_city / "ledger.sqlite").exists()


def test_a_file_in_the_way_is_not_removed(tmp_path: Path) -> None:
    """Where a file stands, no folder is made."""
    (tmp_path / "demo-city").write_text("x", encoding="utf-8")
    with pytest.raises(BadInput):
        clear(tmp_path / "demo-city")


def test_an_earlier_demo_makes_room(new_city: Path, tmp_path: Path) -> None:
    """An earlier demo and an empty folder are replaced; where nothing is, nothing is done."""
    clear(new_city)
    assert not new_city.exists()
    clear(new_city)
    (tmp_path / "empty").mkdir()
    clear(tmp_path / "empty")


def test_a_step_that_is_not_as_expected_is_told(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """The story goes on to its end, and its outcome is that one step was not as it should be."""

    def fails(_: Stage) -> None:
        raise NotAsExpected(ja="違います", en="different")

    def is_refused(stage: Stage) -> None:
        stage.ask("center", hat="controller", purpose=None, approval=APPROVAL)

    shown: list[int] = []
    assert tell([step(lambda _: shown.append(1))], stage)
    assert not tell([step(fails), step(lambda _: shown.append(2))], stage)
    assert not tell([step(is_refused), step(lambda _: shown.append(3))], stage)
    assert shown == [1, 2, 3]
    assert "違います" in capsys.readouterr().err


def test_what_is_allowed_is_no_refusal(stage: Stage) -> None:
    """A step that waits for a refusal fails where the request is allowed."""
    with pytest.raises(NotAsExpected):
        stage.refused(lambda: stage.ask("center", hat="controller", purpose=PURPOSE, approval=APPROVAL), article=7)


def test_a_refusal_for_another_reason_is_not_the_expected_one(stage: Stage) -> None:
    """A step that waits for one article fails where others refuse."""
    with pytest.raises(NotAsExpected):
        stage.refused(lambda: stage.ask("auditor", hat="auditor", purpose=PURPOSE, approval=APPROVAL), article=11)


def test_a_demo_that_is_not_as_expected_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A story in which one holder's consent is missing is told to its end, and reported as a fault found."""
    from reference.akishima import demo as story

    scenes = story.CITY.story()[:7]
    monkeypatch.setattr(story.AkishimaDemo, "story", lambda _: scenes)
    monkeypatch.setattr(story, "STEWARDS", story.STEWARDS[:-1])
    assert cli.run(["demo", "--dir", str(tmp_path / "city"), "--population", "600"]) == 1
