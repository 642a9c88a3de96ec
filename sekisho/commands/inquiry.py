"""``sekisho inquiry …``: ask the body that an identified person belongs to, with a sheet; answer one (第29条)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import click

from governance.errors import BadInput
from governance.inquiries import SheetState
from governance.look_ups import Value
from sekisho.commands.case import screen_session
from sekisho.commands.risk_list import caption_of
from sekisho.exports import reserve_export
from sekisho.inquiries import Inquiries, Read, SheetStanding
from sekisho.inquiry_sheet import InquirySheet, inquiry_pdf, inquiry_xlsx
from sekisho.options import shared_options
from sekisho.session import Session

_STATES: dict[SheetState, tuple[str, str]] = {
    "new": ("未送付", "not sent"),
    "sent": ("回答待ち", "waits for the answer"),
    "answered": ("回答あり", "answered"),
}


@click.group("inquiry")
def command() -> None:
    """Inquiry sheets (照会票): who is meant and what is asked; no points and no reasons."""


@command.command("questions")
@shared_options
@click.pass_context
def questions(context: click.Context) -> None:
    """What may be asked with a sheet, as the guideline lists it."""
    session = Session(context)
    listed = Inquiries.of(session.broker).questions(session.asker())
    if session.options.format == "json":
        session.terminal.document({"questions": {name: dict(label) for name, label in listed.items()}})
        return
    session.terminal.table(
        ("名前", "問い") if session.lang == "ja" else ("name", "question"),
        [(name, label[session.lang]) for name, label in listed.items()],
    )


@command.command("send")
@click.argument("ticket", metavar="TICKET")
@click.option("--question", "asked", multiple=True, required=True, metavar="NAME", help="What is asked; several times.")
@shared_options
@click.pass_context
def send(context: click.Context, *, ticket: str, asked: tuple[str, ...]) -> None:
    """Send a sheet about the person of one's own case view to the body that the view names."""
    session = screen_session(context)
    sent = Inquiries.of(session.broker).send(session.asker(), number=ticket, questions=asked)
    if session.options.format == "json":
        session.terminal.document({"inquiry": _document(sent)})
    session.terminal.say(
        ja=f"照会票 {sent.ticket} を出しました。回答の期限は {sent.due.isoformat()} です。"
        f"紙で渡すときは、sekisho inquiry show {sent.ticket} --out 照会票.pdf で書き出してください。",
        en=f"The sheet {sent.ticket} was sent; the answer is due on {sent.due.isoformat()}. "
        f"On paper: sekisho inquiry show {sent.ticket} --out sheet.pdf.",
    )


@command.command("list")
@shared_options
@click.pass_context
def list_sheets(context: click.Context) -> None:
    """The sheets that one has sent, or those that wait for one's own body's answer. Nobody is named."""
    session = screen_session(context)
    found = Inquiries.of(session.broker).list(session.asker())
    if session.options.format == "json":
        session.terminal.document({"inquiries": [_document(each) for each in found]})
        return
    ja = session.lang == "ja"
    session.terminal.table(
        ("番号", "出した職員", "出した日", "回答の期限", "状態") if ja else ("number", "sent by", "on", "due", "state"),
        [
            (each.ticket, each.sent_by, each.sent_on.isoformat(), each.due.isoformat(), _STATES[each.state][not ja])
            for each in found
        ],
    )


@command.command("show")
@click.argument("number", metavar="NUMBER")
@click.option("--out", type=click.Path(path_type=Path), metavar="F", help="Write the sheet here (.pdf or .xlsx).")
@shared_options
@click.pass_context
def show(context: click.Context, *, number: str, out: Path | None) -> None:
    """A sheet, and its answer once there is one; for who sent it, and for the body that is asked. Prints on A4."""
    session = screen_session(context)
    inquiries, asker = Inquiries.of(session.broker), session.asker()
    if out is not None:
        if out.suffix not in (".pdf", ".xlsx"):
            raise BadInput("inquiry-file")
        with reserve_export(out) as file:
            read = inquiries.read(asker, number=number)
            make = inquiry_pdf if out.suffix == ".pdf" else inquiry_xlsx
            file.write(make(_sheet(session, inquiries, read), caption=caption_of(session, "inquiry.read")))
        return
    read = inquiries.read(asker, number=number)
    if session.options.format == "json":
        sheet = read.sheet
        items = {dataset: {n: _plain(v) for n, v in values.items()} for dataset, values in sheet.items.items()}
        session.terminal.document(
            {
                "inquiry": {
                    **_document(read.standing),
                    "addressee": sheet.addressee,
                    "items": items,
                    "questions": list(sheet.questions),
                    "answers": dict(sheet.answers),
                }
            }
        )
        return
    shown = _sheet(session, inquiries, read)
    headings = ("項目", "内容") if session.lang == "ja" else ("item", "content")
    session.terminal.table(headings, [*shown.fields, *shown.person], title=f"取扱注意　{shown.title}")
    session.terminal.table(("問い", "回答") if session.lang == "ja" else ("question", "answer"), shown.questions)
    for note in shown.notes:
        session.terminal.say(ja=note, en=note)


@command.command("answer")
@click.argument("number", metavar="NUMBER")
@click.option("--answer", "texts", multiple=True, required=True, metavar="NAME=TEXT", help="To each question.")
@shared_options
@click.pass_context
def answer(context: click.Context, *, number: str, texts: tuple[str, ...]) -> None:
    """Answer a sheet that is addressed to one's own body: each question, once, until its day."""
    session = screen_session(context)
    pairs = [text.partition("=") for text in texts]
    if not all(sign for _, sign, _ in pairs) or len({name for name, _, _ in pairs}) != len(pairs):
        raise BadInput("inquiry-answer-form")
    done = Inquiries.of(session.broker).answer(
        session.asker(), number=number, answers={name: text for name, _, text in pairs}
    )
    if session.options.format == "json":
        session.terminal.document({"inquiry": _document(done)})
    session.terminal.say(
        ja=f"照会票 {done.ticket} に回答しました。急ぐことは、電話でも知らせてください。",
        en=f"The sheet {done.ticket} is answered. What is urgent, telephone as well.",
    )


def _document(standing: SheetStanding) -> dict[str, Any]:
    return {
        "number": standing.ticket,
        "state": standing.state,
        "sent_by": standing.sent_by,
        "sent_on": standing.sent_on.isoformat(),
        "due": standing.due.isoformat(),
    }


def _sheet(session: Session, inquiries: Inquiries, read: Read) -> InquirySheet:
    ja, lang, standing, sheet = session.lang == "ja", session.lang, read.standing, read.sheet
    catalogue, asked = session.deployment.catalogue, inquiries.questions(session.asker())
    return InquirySheet(
        title="照会票" if ja else "Inquiry",
        number=standing.ticket,
        fields=[
            ("番号" if ja else "number", standing.ticket),
            ("宛先" if ja else "to", sheet.addressee or "-"),
            ("照会した職員" if ja else "asked by", standing.sent_by),
            ("照会した日" if ja else "asked on", standing.sent_on.isoformat()),
            ("回答の期限" if ja else "answer until", standing.due.isoformat()),
        ],
        person=[
            (getattr(catalogue.dataset(dataset).column(name).label, lang), _text(value, ja=ja))
            for dataset, values in sheet.items.items()
            for name, value in values.items()
        ],
        questions=[
            (asked[name][lang] if name in asked else name, sheet.answers.get(name, "")) for name in sheet.questions
        ],
        notes=list(_notes(ja=ja)),
    )


def _notes(*, ja: bool) -> Iterable[str]:
    if ja:
        yield "見たままの様子を書いてください。分からないことは「分からない」と書いてください。"
        yield "この照会を、本人の評価や指導の記録に使わないでください。"
        yield "窓口の職員以外に見せず、写しを残さないでください。"
        yield "命や身体にかかわることは、回答を待たずに、直ちに電話で知らせてください。"
        return
    yield "Write what was seen. What is not known, say so."
    yield "Do not use this for grades or records of guidance; show it to nobody but the contact, and keep no copy."
    yield "Where life or body is at stake, telephone at once."


def _plain(value: Value) -> str | int | bool | None:
    return value.isoformat() if isinstance(value, date) else value


def _text(value: Value, *, ja: bool) -> str:
    return ("不明" if ja else "unknown") if value is None else str(_plain(value))
