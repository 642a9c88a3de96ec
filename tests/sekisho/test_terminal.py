"""The terminal: one JSON document for programs, sentences for people, and nothing of one in the other."""

from __future__ import annotations

import json

import pytest

from governance.errors import BadInput, Citation, Denied, Lang
from sekisho.terminal import Terminal, error_document

CITATION = Citation(
    control="purpose-stated",
    article=3,
    rule="R3-2",
    on="purpose",
    text={"ja": "利用目的[必須]が示されていません。", "en": "No purpose is stated."},
    remedy={"ja": "--purpose を付けてください。", "en": "Add --purpose."},
)


def test_people_see_code_reason_and_remedy_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A refusal stands on standard error with its article, its text and what to do; standard output stays empty."""
    Terminal(lang="ja", format="table").error(Denied((CITATION,), decision_id="7"))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("利用目的[必須]が示されていません。") == 1
    assert "第3条 R3-2 [purpose-stated]" in err
    assert "--purpose を付けてください。" in err


def test_programs_get_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """With JSON, standard output is exactly one document that carries everything people see."""
    Terminal(lang="en", format="json", notice=True).error(Denied((CITATION,), decision_id="7"))
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["notice"].startswith("Synthetic")
    assert document["error"]["exit_status"] == 3
    assert document["error"]["articles"] == [3]
    assert document["error"]["decision"] == "7"
    assert document["error"]["reasons"] == [
        {
            "article": 3,
            "rule": "R3-2",
            "control": "purpose-stated",
            "on": "purpose",
            "text": "No purpose is stated.",
            "remedy": "Add --purpose.",
        }
    ]
    assert "No purpose is stated." in err


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_error_document_has_the_same_shape(lang: Lang) -> None:
    """Kind, code, exit status, text and remedy are always there."""
    document = error_document(BadInput("file-exists", file="a"), lang=lang)
    assert list(document) == ["kind", "code", "exit_status", "text", "remedy"]


def test_a_table_keeps_wide_cells_whole_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """A table that goes into a file breaks no cell in two, takes no markup from data, and says what is synthetic."""
    Terminal(lang="ja", format="table", notice=True).table(("番号", "内容"), [("1", "[red]宛名" + "あ" * 40)])
    out, _ = capsys.readouterr()
    assert "[red]宛名" + "あ" * 40 in out
    assert "架空データ" in out
