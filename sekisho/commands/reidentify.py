"""``sekisho reidentify …``: one person at a time, asked for by one and decided by another (第15条)."""

from __future__ import annotations

from typing import Any, get_args

import click

from risk.candidates import Verdict
from sekisho.commands.case import screen_session, show_case
from sekisho.options import shared_options
from sekisho.reidentification import Listed
from sekisho.session import Session
from sekisho.ticket_steps import Judged

_STATES = {
    "requested": ("決裁待ち", "asked for"),
    "granted": ("決裁済", "granted"),
    "open": ("個別票あり", "open"),
    "ended": ("終了", "ended"),
    "rejected": ("却下", "rejected"),
}


@click.group("reidentify")
def command() -> None:
    """Controlled re-identification (再識別): one person at a time, with a reason, decided by another person."""


@command.command("request")
@click.option("--candidate", required=True, metavar="NO", help="Number on the work list, such as WL-2023-012345.")
@click.option("--type", "purpose", metavar="T", help="The type it is for, where the candidate was found for several.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; no name and no number of a person.")
@click.option("--contact", required=True, metavar="TEXT", help="What contact is planned.")
@click.option("--emergency", is_flag=True, help="Life or body is in danger: carried out at once, decided afterwards.")
@shared_options
@click.pass_context
def request(
    context: click.Context, *, candidate: str, purpose: str | None, reason: str, contact: str, emergency: bool
) -> None:
    """Ask for one candidate to be identified. In an emergency the case view is shown at once."""
    session = screen_session(context)
    reidentification, asker = session.broker.reidentification, session.asker()
    number = reidentification.request(
        asker, candidate=candidate, purpose=purpose, reason=reason, contact=contact, emergency=emergency
    )
    if emergency:
        session.terminal.say(
            ja=f"緊急の再識別 {number} を行います。定められた役割の人に知らせ、専決者が後から決裁します。",
            en=f"{number} is carried out at once. Those whom the guideline names are told; a decision follows.",
        )
        show_case(session, number, reidentification.run(asker, number=number))
        return
    if session.options.format == "json":
        session.terminal.document({"ticket": {"number": number}})
        return
    session.terminal.say(
        ja=f"再識別 {number} を申請しました。専決者の決裁を待ちます（sekisho reidentify grant {number}）。",
        en=f"{number} waits for the decision (sekisho reidentify grant {number}).",
    )


@command.command("list")
@shared_options
@click.pass_context
def list_tickets(context: click.Context) -> None:
    """List one's own tickets; whoever decides sees those of everybody, with their reasons. Nobody is named."""
    session = screen_session(context)
    _show_tickets(session, session.broker.reidentification.tickets(session.asker()))


@command.command("grant")
@click.argument("number")
@shared_options
@click.pass_context
def grant(context: click.Context, *, number: str) -> None:
    """Decide that a ticket may be carried out, or afterwards that an emergency was right (決裁)."""
    session = screen_session(context)
    session.broker.reidentification.grant(session.asker(), number=number)
    _say(session, number, ja="を決裁しました。", en="is granted.")


@command.command("reject")
@click.argument("number")
@shared_options
@click.pass_context
def reject(context: click.Context, *, number: str) -> None:
    """Decide that a ticket may not be carried out; the view of an emergency is erased (却下)."""
    session = screen_session(context)
    session.broker.reidentification.reject(session.asker(), number=number)
    _say(session, number, ja="を却下しました。", en="is rejected.")


@command.command("run")
@click.argument("number")
@shared_options
@click.pass_context
def run(context: click.Context, *, number: str) -> None:
    """Have the holder of the register find the person of a ticket that was granted, once; shows the case view."""
    session = screen_session(context)
    show_case(session, number, session.broker.reidentification.run(session.asker(), number=number))


@command.command("close")
@click.argument("number")
@click.option("--verdict", type=click.Choice(get_args(Verdict)), help="What you judge, once somebody was found.")
@click.option("--reason", default="", metavar="TEXT", help="Why you judge so.")
@click.option("--wish", default="", metavar="TEXT", help="What the person wants.")
@click.option("--wish-missing", default="", metavar="TEXT", help="Why the person was not asked.")
@shared_options
@click.pass_context
def close(
    context: click.Context, *, number: str, verdict: Verdict | None, reason: str, wish: str, wish_missing: str
) -> None:
    """End a ticket and erase its case view, with the judgement of a person where somebody was found."""
    session = screen_session(context)
    judged = Judged(verdict=verdict, reason=reason, wish=wish, wish_missing=wish_missing)
    session.broker.reidentification.close(session.asker(), number=number, judged=judged)
    _say(session, number, ja="を終え、個別票を消しました。", en="has ended; its case view is erased.")


@command.command("alerts")
@shared_options
@click.pass_context
def alerts(context: click.Context) -> None:
    """For cleared staff: tickets with which a protected person was asked for."""
    session = screen_session(context)
    _show_tickets(session, session.broker.reidentification.alerts(session.asker()))


def _say(session: Session, number: str, *, ja: str, en: str) -> None:
    if session.options.format == "json":
        session.terminal.document({"ticket": {"number": number}})
    session.terminal.say(ja=f"再識別 {number} {ja}", en=f"{number} {en}")


def _show_tickets(session: Session, tickets: tuple[Listed, ...]) -> None:
    if session.options.format == "json":
        session.terminal.document({"tickets": [_ticket(listed) for listed in tickets]})
        return
    ja = session.lang == "ja"
    session.terminal.table(
        ("番号", "候補", "類型", "状態", "申請した人", "期限", "要素", "理由", "予定する接触")
        if ja
        else ("ticket", "candidate", "type", "state", "requester", "until", "factors", "reason", "contact"),
        (_row(listed, session, ja=ja) for listed in tickets),
    )


def _row(listed: Listed, session: Session, *, ja: bool) -> tuple[str, ...]:
    standing, asked = listed.standing, listed.asked
    state = _STATES[standing.state][0 if ja else 1]
    if standing.emergency:
        state += "・緊急" if ja else ", emergency"
    label = session.deployment.guideline.tables["purposes"][standing.purpose]["label"][session.lang]
    last = standing.due if standing.waits else standing.until
    return (
        standing.number, asked.candidate, label, state, standing.requester, last.isoformat() if last else "-",
        "・".join(asked.hits), asked.reason, asked.contact,
    )  # fmt: skip


def _ticket(listed: Listed) -> dict[str, Any]:
    standing, asked = listed.standing, listed.asked
    return {
        "number": standing.number,
        "candidate": asked.candidate,
        "type": standing.purpose,
        "state": standing.state,
        "requester": standing.requester,
        "decided_by": standing.decided_by,
        "emergency": standing.emergency,
        "alert": standing.alert,
        "due": standing.due.isoformat() if standing.waits and standing.due else None,
        "until": standing.until.isoformat() if standing.until else None,
        "extensions": standing.extensions,
        "factors": list(asked.hits),
        "reason": asked.reason,
        "contact": asked.contact,
    }
