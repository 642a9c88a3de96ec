"""``sekisho subject …``: suspending the use of a person's data, and ending that (第28条)."""

from __future__ import annotations

from typing import Any

import click

from sekisho.identifiers import read_identifier
from sekisho.matters import OpenMatter
from sekisho.options import shared_options
from sekisho.session import Session


@click.group("subject")
def command() -> None:
    """Persons whose data are not to be used: suspend, end it, list."""


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
