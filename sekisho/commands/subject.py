"""``sekisho subject …``: suspensions of use, and requests of persons and their representatives (第28条)."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from governance.errors import Lang
from sekisho.exports import reserve_export
from sekisho.identifiers import read_identifier
from sekisho.matters import OpenMatter
from sekisho.options import shared_options
from sekisho.request_letters import letter, receipt, right_name
from sekisho.session import Session
from sekisho.subject_requests import By, Outcome, Right, SubjectRequest
from sekisho.terminal import NOTICE

_NUMBER = click.option("--number", required=True, metavar="NO", help="Number of the document, such as R5-40.")
_STAGES: dict[Lang, dict[str, str]] = {
    "ja": {"received": "受付", "reviewed": "審査済み", "decided": "決定済み", "answered": "通知済み"},
    "en": {"received": "received", "reviewed": "reviewed", "decided": "decided", "answered": "answered"},
}
_FOUND = {
    "yes": (
        "虐待の相談、支援措置又は登録の記録があります。",
        "There is a record of abuse, protection or registration.",
    ),
    "no": ("該当する記録はありません。", "There is no such record."),
    "unknown": (
        "記録があるかどうか、今は確かめられません。あるものとして扱ってください。",
        "Whether there is such a record cannot be told now. Treat it as if there were one.",
    ),
}


@click.group("subject")
def command() -> None:
    """Persons whose data are not to be used, and what persons ask for: disclosure, correction, suspension."""


@command.command("suspend")
@click.option("--number", required=True, metavar="NO", help="Number of the document that asks for it, such as R5-12.")
@shared_options
@click.pass_context
def suspend(context: click.Context, *, number: str) -> None:
    """Leave a person out of every query from now on. The person's number is asked for, or read from standard input."""
    session = Session(context)
    asker = session.asker()
    matter = session.broker.matters.suspend(asker, number=number, identifier=read_identifier(session.lang))
    _show(session, (matter,))
    session.terminal.say(
        ja="名簿に載せました。次の照会から、どの照会にも含まれません。",
        en="The person is on the list, and part of no query from the next one on.",
    )


@command.command("release")
@click.option("--number", required=True, metavar="NO", help="Number of the document under which it was suspended.")
@shared_options
@click.pass_context
def release(context: click.Context, *, number: str) -> None:
    """End a suspension; done by another person than the one who asked for it."""
    session = Session(context)
    session.broker.matters.release(session.asker(), number=number)
    if session.options.format == "json":
        session.terminal.document({"released": number})
    session.terminal.say(ja=f"利用停止 {number} を解きました。", en=f"The suspension {number} has ended.")


@command.command("list")
@shared_options
@click.pass_context
def list_suspensions(context: click.Context) -> None:
    """List the suspensions that are open, by document. Nobody is named."""
    session = Session(context)
    _show(session, session.broker.matters.suspended(session.asker()))


@command.command("request")
@_NUMBER
@click.option("--right", type=click.Choice(["disclosure", "correction", "suspension"]), required=True)
@click.option("--by", type=click.Choice(["self", "representative"]), required=True, help="Who asks.")
@shared_options
@click.pass_context
def request(context: click.Context, *, number: str, right: Right, by: By) -> None:
    """Take a request at the desk, and print its receipt. The person's number is asked for, or read from standard input.

    No department is asked: the receipt is the same whoever the person is.
    """
    session = Session(context)
    asker = session.asker()
    taken = session.broker.requests.receive(
        asker, number=number, right=right, by=by, identifier=read_identifier(session.lang)
    )
    if session.options.format == "json":
        session.terminal.document({"request": _request(taken)})
    else:
        session.terminal.text(receipt(taken, notice=_notice(session)))


@command.command("extend")
@_NUMBER
@shared_options
@click.pass_context
def extend(context: click.Context, *, number: str) -> None:
    """Prolong the term of a request, once and before its review."""
    session = Session(context)
    _show_requests(session, (session.broker.requests.extend(session.asker(), number=number),))


@command.command("review")
@_NUMBER
@shared_options
@click.pass_context
def review(context: click.Context, *, number: str) -> None:
    """See, as cleared legal staff, whether an answer could do harm. What is found is written down nowhere."""
    session = Session(context)
    asker = session.asker()
    found = session.broker.requests.review(asker, number=number, identifier=read_identifier(session.lang))
    if session.options.format == "json":
        session.terminal.document(
            {"review": {"request": _request(found.request), "found": found.found, "careful": found.careful}}
        )
        return
    _show_requests(session, (found.request,))
    ja, en = _FOUND[found.found]
    session.terminal.say(ja=ja, en=en)
    if found.careful:
        session.terminal.say(
            ja="代理人の求めです。害のおそれがあるときは開示せず、記録の有無も示さない決定を検討してください。",
            en="A representative asks. Consider a decision that does not say whether there is a record.",
        )
    session.terminal.say(
        ja="この結果は、求めた人にも、決定の文書にも書かないでください。記録にも残りません。",
        en="Tell this to nobody who asks, and write it into no decision. It is recorded nowhere.",
    )


@command.command("decide")
@_NUMBER
@click.option("--outcome", type=click.Choice(["granted", "partly", "refused"]), required=True)
@shared_options
@click.pass_context
def decide(context: click.Context, *, number: str, outcome: Outcome) -> None:
    """Decide a request after its review, as a third person. A refusal does not say whether there is a record."""
    session = Session(context)
    _show_requests(session, (session.broker.requests.decide(session.asker(), number=number, outcome=outcome),))


@command.command("answer")
@_NUMBER
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the letter here (.md).")
@shared_options
@click.pass_context
def answer(context: click.Context, *, number: str, out: Path | None) -> None:
    """Write the letter of a decided request, on the last day of its term; that ends the request."""
    session = Session(context)
    # The file first: a request does not end in a letter that could not be written.
    with reserve_export(out) if out is not None else nullcontext() as file:
        ended = session.broker.requests.answer(session.asker(), number=number)
        terms = session.deployment.guideline.parameters(session.deployment.clock().date())["subject_requests"]
        text = letter(ended, texts=terms["letters"], notice=_notice(session))
        if file is not None:
            file.write(text.encode())
    if session.options.format == "json":
        session.terminal.document({"request": _request(ended), "letter": text})
    elif out is None:
        session.terminal.text(text)


@command.command("correct")
@_NUMBER
@click.option("--department", required=True, metavar="ID", help="The holder that has corrected its register.")
@shared_options
@click.pass_context
def correct(context: click.Context, *, number: str, department: str) -> None:
    """Pass on, as the holder's steward, that a register was corrected: what rested on it, and who received it."""
    session = Session(context)
    asker = session.asker()
    done = session.broker.requests.correct(
        asker, number=number, department=department, identifier=read_identifier(session.lang)
    )
    recipients = session.deployment.guideline.tables["recipients"]
    names = [recipients[name]["label"][session.lang] for name in done.recipients if name in recipients]
    if session.options.format == "json":
        session.terminal.document(
            {
                "correction": {
                    "request": _request(done.request),
                    "affected": list(done.affected),
                    "recipients": list(done.recipients),
                    "dropped": done.dropped,
                }
            }
        )
        return
    session.terminal.table(
        ("影響する結果（監査記録）", "知らせる提供先")
        if session.lang == "ja"
        else ("results affected", "recipients to tell"),
        ((", ".join(map(str, done.affected)) or "-", "、".join(names) or "-"),),
    )
    session.terminal.say(
        ja="印を付けました。これらの結果は、訂正後のデータで作り直してください。取っておいた集計の回答は、次から新しく計算します。",
        en="Marked. Make these results anew from the corrected data; kept answers are computed anew when asked again.",
    )


@command.command("requests")
@shared_options
@click.pass_context
def list_requests(context: click.Context) -> None:
    """List the requests of persons, by document. Nobody is named, and nothing says what was found."""
    session = Session(context)
    _show_requests(session, session.broker.requests.listed(session.asker()))


def _notice(session: Session) -> str | None:
    return NOTICE["ja"] if session.deployment.settings.demo else None


def _show_requests(session: Session, requests: tuple[SubjectRequest, ...]) -> None:
    if session.options.format == "json":
        session.terminal.document({"requests": [_request(each) for each in requests]})
        return
    ja = session.lang == "ja"
    session.terminal.table(
        ("文書番号", "種類", "受けた日", "期限", "段階", "影響する結果")
        if ja
        else ("document", "right", "received", "due", "stage", "results affected"),
        (
            (
                each.number,
                right_name(each.right, session.lang),
                each.received_on.isoformat(),
                each.due.isoformat(),
                _STAGES[session.lang][_stage(each)],
                ", ".join(map(str, each.affected)) or "-",
            )
            for each in requests
        ),
    )


def _stage(request: SubjectRequest) -> str:
    if request.answered:
        return "answered"
    if request.outcome is not None:
        return "decided"
    return "reviewed" if request.reviewed_by is not None else "received"


def _request(request: SubjectRequest) -> dict[str, Any]:
    return {
        "number": request.number,
        "right": request.right,
        "received_on": request.received_on.isoformat(),
        "due": request.due.isoformat(),
        "stage": _stage(request),
        "affected": list(request.affected),
        "corrected_by": list(request.corrected_by),
    }


def _show(session: Session, matters: tuple[OpenMatter, ...]) -> None:
    if session.options.format == "json":
        session.terminal.document({"suspensions": [_document(matter) for matter in matters]})
        return
    ja = session.lang == "ja"
    session.terminal.table(
        ("文書番号", "載せた人", "日時", "監査記録") if ja else ("document", "opened by", "at", "ledger"),
        ((m.number, m.opened_by, m.at, str(m.ledger_index)) for m in matters),
    )


def _document(matter: OpenMatter) -> dict[str, Any]:
    return {"number": matter.number, "opened_by": matter.opened_by, "at": matter.at, "ledger": matter.ledger_index}
