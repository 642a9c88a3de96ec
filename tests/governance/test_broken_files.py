"""Each kind of broken file ends in one clear message with file, line and remedy, in both languages, and status 2."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from governance.check_deployment import check_deployment
from governance.errors import BadInput, Lang, message_codes
from governance.load_catalogue import load_catalogue
from governance.load_guideline import load_guideline
from governance.load_principals import load_principals
from governance.load_templates import load_templates
from tests.governance.broken_files import BROKEN, Broken, load_all

LANGUAGES: tuple[Lang, ...] = ("ja", "en")

SEEN_ELSEWHERE = frozenset({"file-unreadable", "folder-missing", "articles-empty", "template-sql-missing"})
"""Codes that no edit of one file provokes; the tests below this table do."""


def test_the_sound_deployment_has_no_fault(deployment: Path) -> None:
    """What every case below breaks is accepted as it is."""
    assert load_all(deployment) == ()


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.id)
def test_a_broken_file_is_named_with_its_line(case: Broken, deployment: Path) -> None:
    """The error has the documented code and status, and its sentences name the file and the line in both languages."""
    case.apply(deployment)

    error = _error(case, deployment)

    assert error.code == case.code
    assert error.exit_status == 2
    assert error.params["file"] == (case.named or case.file)
    assert error.params.get("line") == case.line(deployment)
    for lang in LANGUAGES:
        text = error.text(lang)
        assert str(error.params["file"]) in text
        assert case.line(deployment) is None or str(case.line(deployment)) in text
        assert error.remedy(lang).strip()


def test_every_sentence_about_files_is_provoked() -> None:
    """No sentence about a deployment's files describes a fault that cannot happen."""
    text = (Path(__file__).parents[2] / "governance" / "messages" / "loading.yaml").read_text(encoding="utf-8")
    codes = {line.split(":")[0] for line in text.splitlines() if line and line[0].isalpha()}
    assert codes <= message_codes()
    assert codes - SEEN_ELSEWHERE == {case.code for case in BROKEN}


@pytest.mark.parametrize(
    ("folder", "code", "shown"),
    [
        ("catalogue", "folder-missing", "catalogue"),
        ("guideline", "folder-missing", "guideline"),
        ("guideline/articles", "folder-missing", "guideline/articles"),
        ("guideline/tables", "folder-missing", "guideline/tables"),
        ("templates", "folder-missing", "templates"),
    ],
)
def test_a_missing_folder_is_named(folder: str, code: str, shown: str, deployment: Path) -> None:
    """A deployment without one of its folders is refused by the folder's name."""
    (deployment / folder).rename(deployment / "elsewhere")

    with pytest.raises(BadInput) as caught:
        load_all(deployment)

    assert (caught.value.code, caught.value.params) == (code, {"file": shown})
    assert shown in caught.value.text("ja")


def test_a_guideline_without_articles_is_refused(deployment: Path) -> None:
    """Empty means no: tables without articles bind nothing."""
    for article in (deployment / "guideline" / "articles").iterdir():
        article.unlink()

    with pytest.raises(BadInput) as caught:
        load_all(deployment)

    assert caught.value.code == "articles-empty"
    assert caught.value.text("ja")


def test_a_template_without_a_query_is_refused(deployment: Path) -> None:
    """Front matter alone is no template."""
    template = deployment / "templates" / "who-needs-help.sql"
    front, _, _ = template.read_text(encoding="utf-8").partition("SELECT")
    template.write_text(front, encoding="utf-8")

    with pytest.raises(BadInput) as caught:
        load_all(deployment)

    assert caught.value.code == "template-sql-missing"
    assert caught.value.params["file"] == "templates/who-needs-help.sql"
    assert caught.value.text("ja")


def test_a_folder_where_a_file_should_be_is_unreadable(deployment: Path) -> None:
    """A file that cannot be read is told apart from one that is missing."""
    (deployment / "principals.yaml").unlink()
    (deployment / "principals.yaml").mkdir()

    with pytest.raises(BadInput) as caught:
        load_all(deployment)

    assert caught.value.code == "file-unreadable"
    assert caught.value.text("ja")


def test_the_fault_that_stands_first_is_reported(deployment: Path) -> None:
    """With several faults in a file, the message names the first line to correct."""
    path = deployment / "guideline" / "tables" / "purposes.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("needs_approval: true", "needs_approval: 1").replace("active", "asleep"))

    with pytest.raises(BadInput) as caught:
        load_all(deployment)

    assert caught.value.code == "schema-wrong-type"
    assert caught.value.params["line"] == 5


def test_all_faults_between_parts_are_reported_together(deployment: Path) -> None:
    """A check of the whole deployment lists every fault, so that one run suffices to correct them."""
    wanted = [case for case in BROKEN if case.code in ("allow-list-column", "refresh-unknown", "set-unknown")]
    for case in wanted:
        case.apply(deployment)

    findings = load_all(deployment)

    assert {finding.code for finding in findings} == {case.code for case in wanted}
    for finding in findings:
        assert finding.text("ja") == finding.error.text("ja")
        assert finding.remedy("en") == finding.error.remedy("en")


def test_values_that_were_never_written_to_a_file_are_checked_too(deployment: Path) -> None:
    """Parts made in code have no line to name; the fault is found all the same."""
    for case in BROKEN:
        if case.code == "refresh-unknown":
            case.apply(deployment)
    catalogue = load_catalogue(deployment / "catalogue")
    plain = replace(catalogue, datasets=dict(catalogue.datasets))
    parts = (deployment / "templates", deployment / "principals.yaml")

    (finding,) = check_deployment(
        plain, load_guideline(deployment / "guideline"), load_templates(parts[0]), load_principals(parts[1])
    )

    assert finding.code == "refresh-unknown"
    assert (finding.params["file"], finding.params["line"]) == ("?", 0)


def _error(case: Broken, deployment: Path) -> BadInput:
    if not case.cross:
        with pytest.raises(BadInput) as caught:
            load_all(deployment)
        return caught.value
    where = ((case.named or case.file), case.line(deployment))
    errors = [finding.error for finding in load_all(deployment) if finding.code == case.code]
    return next(e for e in errors if (e.params["file"], e.params["line"]) == where)
