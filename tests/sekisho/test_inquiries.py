"""Sheets that ask the school of an identified child, and their answers: between two, in time, and nothing of the criteria."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
import yaml

from audit.encoding import encode_entry
from governance.errors import BadInput
from sekisho import cli
from sekisho.deployment import Deployment
from sekisho.inquiries import Inquiries
from sekisho.ticket_steps import Judged
from tests.sekisho.test_reidentification import (
    CLEARED,
    EVERYBODY,
    NUMBERS,
    WORKER,
    Town,
    later,
    listed_city,
    refused,
    town,
)

__all__ = ["later", "listed_city", "town"]

CONTACT = ("school-contact", "school_contact")
ASKED = ("attendance", "condition")
ANSWERS = {"attendance": "週に二日ほど遅刻がある。", "condition": "疲れた様子が続いている。"}
WHY = "学校の回答と面接から、家事の負担が重いことが分かった。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A town in which a case view of a pupil of the contact's school is open."""

    town: Town
    number: str
    who: str
    school: str

    @property
    def inquiries(self) -> Inquiries:
        """The sheets."""
        return Inquiries.of(self.town.broker)

    def sent(self, *questions: str) -> str:
        """A sheet that was sent."""
        self.inquiries.send(self.town.who(WORKER), number=self.number, questions=questions or ASKED)
        return self.number

    def answered(self) -> str:
        """A sheet that was answered."""
        self.inquiries.answer(self.town.who(CONTACT), number=self.sent(), answers=ANSWERS)
        return self.number


def moved(town: Town, unit: str | None) -> Town:
    """The town, with the contact at another school."""
    file = town.deployment.layout.principals
    accounts = yaml.safe_load(file.read_text(encoding="utf-8"))
    accounts["school-contact"].pop("unit", None)
    if unit is not None:
        accounts["school-contact"]["unit"] = unit
    file.write_text(yaml.safe_dump(accounts, allow_unicode=True), encoding="utf-8")
    return replace(town, deployment=Deployment.load(town.deployment.layout.folder))


@pytest.fixture
def asking(town: Town) -> Iterator[Asking]:
    """The case view of a child of a school of the city, and its contact."""
    for who in ("free", "other", "alert"):
        number = town.opened(who)
        view = town.store().view(number)
        assert view is not None
        school = view.values["kyoiku.enrolment"]["school_name"]
        if school is not None:
            break
    assert isinstance(school, str)
    there = moved(town, school)
    with there.deployment.broker() as broker:
        yield Asking(town=replace(there, broker=broker), number=number, who=who, school=school)


def test_a_sheet_goes_to_the_school_of_the_view_and_comes_back(asking: Asking) -> None:
    """It names the child and asks; the answer reaches whoever asked; the candidate moves along."""
    sent = asking.inquiries.send(asking.town.who(WORKER), number=asking.number, questions=ASKED)
    assert (sent.state, sent.sent_by, sent.due.isoformat()) == ("sent", "center", "2023-10-06")
    assert asking.town.state(asking.who) == "consulted"
    (waiting,) = asking.inquiries.list(asking.town.who(CONTACT))
    assert waiting == sent
    read = asking.inquiries.read(asking.town.who(CONTACT), number=sent.ticket)
    assert {dataset: set(values) for dataset, values in read.sheet.items.items()} == {
        "shimin.resident": {"name_kanji", "name_kana"}, "kyoiku.enrolment": {"grade", "class"},
    }  # fmt: skip
    assert (read.sheet.addressee, read.sheet.questions, read.sheet.answers) == (asking.school, ASKED, {})
    asking.inquiries.answer(asking.town.who(CONTACT), number=sent.ticket, answers=ANSWERS)
    assert asking.inquiries.list(asking.town.who(CONTACT)) == ()
    back = asking.inquiries.read(asking.town.who(WORKER), number=sent.ticket)
    assert (back.standing.state, back.sheet.answers) == ("answered", ANSWERS)


def test_the_ledger_has_the_steps_and_none_of_the_words(asking: Asking) -> None:
    """Neither the name, nor the school, nor an answer; in entries and in what was asked of the policy."""
    broker = asking.town.broker
    size = broker.ledger.size
    number = asking.answered()
    asking.inquiries.read(asking.town.who(WORKER), number=number)
    view = asking.town.store().view(number)
    assert view is not None
    steps = [e for e in asking.town.entries() if e["event"].startswith("inquir")]
    assert [(e["event"], e["principal"]) for e in steps] == [
        ("inquired", "center"), ("inquiry_answered", "school-contact"), ("inquiry_read", "center"),
    ]  # fmt: skip
    assert steps[0]["until"] == "2023-10-06"
    entries = [entry.document for entry in broker.ledger.entries(size)]
    written = b"".join(encode_entry(e) for e in entries)
    written += json.dumps(
        [broker.ledger.sidecar(e["input_digest"]) for e in entries if e["kind"] == "decision"], ensure_ascii=False
    ).encode()
    words = [asking.school, str(view.values["shimin.resident"]["name_kanji"]), *ANSWERS.values()]
    assert [word for word in words if word.encode() in written] == []
    kept = b"".join(path.read_bytes() for path in asking.town.deployment.layout.tickets.parent.glob("tickets.sqlite*"))
    assert [word for word in words if word.encode() in kept] == []


def test_another_school_and_everybody_else_see_nothing(asking: Asking) -> None:
    """Refused like a sheet that there is not; the list is empty for a contact of another school, or of none."""
    number = asking.sent()
    for unit in ("となりの小学校", None):
        with moved(asking.town, unit).deployment.broker() as broker:
            there = replace(asking.town, broker=broker, deployment=broker.deployment)
            inquiries = Inquiries.of(broker)
            assert inquiries.list(there.who(CONTACT)) == ()
            refused(lambda: inquiries.read(there.who(CONTACT), number=number), "inquiry-addressed")  # noqa: B023
            refused(
                lambda: inquiries.answer(there.who(CONTACT), number=number, answers=ANSWERS),  # noqa: B023
                "inquiry-addressed",
            )
    others = [account for account in EVERYBODY if account not in (WORKER, CONTACT)]
    assert len(others) > 20
    for account in others:
        control = "inquiry-addressed" if account[1] == "user" else "action-matrix"
        refused(lambda: asking.inquiries.read(asking.town.who(account), number=number), control)  # noqa: B023
    refused(lambda: asking.inquiries.read(asking.town.who(CONTACT), number="RI-2023-9999"), "inquiry-addressed")


@pytest.mark.parametrize(("questions", "control"), [
    (("income",), "inquiry-limited"), (("attendance", "condition", "learning", "talks"), "inquiry-limited"),
    ((), "inquiry-limited"), (("attendance", "attendance"), "inquiry-limited"),
])  # fmt: skip
def test_only_listed_questions_are_asked(asking: Asking, questions: tuple[str, ...], control: str) -> None:
    """And not too many; nothing is sent, and the candidate stays."""
    inquiries = asking.inquiries
    refused(lambda: inquiries.send(asking.town.who(WORKER), number=asking.number, questions=questions), control)
    assert inquiries.standing() == {}
    assert asking.town.state(asking.who) == "case_open"


def test_nobody_under_protection_is_named_to_a_school(town: Town) -> None:
    """Cleared staff see fewer items of such a child, and no sheet is made of them."""
    number = town.opened("protected", CLEARED)
    inquiries = Inquiries.of(town.broker)
    refused(lambda: inquiries.send(town.who(CLEARED), number=number, questions=ASKED), "inquiry-limited")
    assert town.store().sheet(number) is None


def test_only_whoever_has_the_view_sends_and_one_at_a_time(asking: Asking) -> None:
    """Not a colleague, not before a view, not while one waits; again once it is answered."""
    inquiries, number = asking.inquiries, asking.number
    refused(lambda: inquiries.send(asking.town.who(CLEARED), number=number, questions=ASKED), "inquiry-addressed")
    refused(lambda: inquiries.send(asking.town.who(WORKER), number="RI-2023-9999", questions=ASKED), "inquiry-in-turn")
    asking.answered()
    refused(lambda: inquiries.answer(asking.town.who(CONTACT), number=number, answers=ANSWERS), "inquiry-in-turn")
    asking.sent("talks")
    refused(lambda: inquiries.send(asking.town.who(WORKER), number=number, questions=ASKED), "inquiry-in-turn")
    assert asking.town.store().sheet(number) is not None


def test_after_its_day_a_sheet_is_closed(asking: Asking, later: Callable[[int], Town]) -> None:
    """The school reads and answers no more; whoever asked may send another one."""
    number = asking.sent()
    town = later(6)
    inquiries = Inquiries.of(town.broker)
    assert inquiries.list(town.who(CONTACT)) == ()
    refused(lambda: inquiries.answer(town.who(CONTACT), number=number, answers=ANSWERS), "inquiry-in-turn")
    again = inquiries.send(town.who(WORKER), number=number, questions=ASKED)
    assert again.due > town.deployment.clock().date() + timedelta(days=4)


def test_a_sheet_goes_with_its_view(asking: Asking) -> None:
    """When the case is judged and closed, the sheet and its answers are erased out of the file."""
    number = asking.answered()
    asking.town.broker.reidentification.close(
        asking.town.who(WORKER), number=number, judged=Judged(verdict="watch", reason=WHY)
    )
    assert asking.town.store().sheet(number) is None
    refused(lambda: asking.inquiries.read(asking.town.who(WORKER), number=number), "inquiry-in-turn")
    with closing(sqlite3.connect(asking.town.deployment.layout.tickets)) as file:
        assert file.execute("SELECT count(*) FROM sheet").fetchone() == (0,)


@pytest.mark.parametrize(("answers", "code"), [
    ({"attendance": "遅刻がある。"}, "inquiry-answers"), ({**ANSWERS, "talks": "ない。"}, "inquiry-answers"),
    ({**ANSWERS, "condition": " "}, "inquiry-text"), ({**ANSWERS, "condition": "長" * 401}, "inquiry-text"),
])  # fmt: skip
def test_an_answer_is_whole(asking: Asking, answers: dict[str, str], code: str) -> None:
    """Every question, none besides, nothing empty; a bad answer changes nothing, and the message has none of it."""
    number = asking.sent()
    with pytest.raises(BadInput) as caught:
        asking.inquiries.answer(asking.town.who(CONTACT), number=number, answers=answers)
    assert caught.value.code == code
    assert "遅刻" not in str(caught.value)
    assert asking.inquiries.standing()[number].state == "sent"


@pytest.fixture
def folder(asking: Asking) -> Path:
    """The city's folder."""
    return asking.town.deployment.layout.folder


def command(city: Path, account: tuple[str, str], *arguments: str, form: str = "json") -> int:
    """Run as somebody."""
    common = ["--deployment", str(city), "--as", account[0], "--hat", account[1], "--format", form]
    return cli.run([*common, "inquiry", *arguments])


def test_the_commands_and_the_paper(
    asking: Asking, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sent, printed on A4 (PDF and Excel), listed and answered by the school; no point, no band, no type on the paper."""
    number = asking.number
    questions = [part for name in ASKED for part in ("--question", name)]
    assert command(folder, WORKER, "questions") == 0
    assert "attendance" in json.loads(capsys.readouterr().out)["questions"]
    assert command(folder, WORKER, "send", number, *questions) == 0
    capsys.readouterr()
    pdf, book = tmp_path / "sheet.pdf", tmp_path / "sheet.xlsx"
    assert command(folder, WORKER, "show", number, "--out", str(pdf)) == 0
    with pypdfium2.PdfDocument(pdf) as paper:
        assert [round(side) for side in paper[0].get_size()] == [595, 842]
        text = "".join("".join(page.get_textpage().get_text_bounded().split()) for page in paper)
    view = asking.town.store().view(number)
    assert view is not None
    shown = ["照会票", number, asking.school, "取扱注意", "架空データ", "最近の出席", "2023-10-06"]
    shown.append("".join(str(view.values["shimin.resident"]["name_kana"]).split()))
    assert [word for word in shown if word not in text] == []
    assert [word for word in ("不登校", "点数", "区分", "TR01", NUMBERS[asking.who], "住所") if word in text] == []
    assert command(folder, CONTACT, "show", number, "--out", str(book)) == 0
    with zipfile.ZipFile(book) as sheet:
        assert asking.school in sheet.read("xl/sharedStrings.xml").decode()
        assert 'paperSize="9"' in sheet.read("xl/worksheets/sheet1.xml").decode()
    capsys.readouterr()
    assert command(folder, CONTACT, "list", form="table") == 0
    assert "回答待ち" in capsys.readouterr().out
    assert command(folder, CONTACT, "show", number, form="table") == 0
    assert "直ちに電話" in capsys.readouterr().err
    answers = [part for name, text in ANSWERS.items() for part in ("--answer", f"{name}={text}")]
    assert command(folder, CONTACT, "answer", number, *answers) == 0
    capsys.readouterr()
    assert command(folder, WORKER, "show", number) == 0
    assert json.loads(capsys.readouterr().out)["inquiry"]["answers"] == ANSWERS


@pytest.mark.parametrize("arguments", [
    ("show", "RI-2023-0001", "--out", "F.csv"), ("answer", "RI-2023-0001", "--answer", "attendance"),
    ("answer", "RI-2023-0001", "--answer", "a=b", "--answer", "a=c"), ("send", "RI-2023-0001"),
])  # fmt: skip
def test_bad_input_ends_with_2(folder: Path, arguments: tuple[str, ...]) -> None:
    """Another kind of file, an answer without its question, twice the same question, no question."""
    assert command(folder, CONTACT, *arguments) == 2
