"""``sekisho incident …``: stopping all releases where data have leaked or may have, and lifting that (第27条)."""

from __future__ import annotations

import click

from sekisho.options import shared_options
from sekisho.session import Session


@click.group("incident")
def command() -> None:
    """Where data have leaked, or may have: stop all releases, lift the stop, show it."""


@command.command("stop")
@click.option("--number", required=True, metavar="NO", help="Number of the report, such as J5-3.")
@shared_options
@click.pass_context
def stop(context: click.Context, *, number: str) -> None:
    """Stop all releases at once."""
    session = Session(context)
    session.broker.matters.stop(session.asker(), number=number)
    session.terminal.say(
        ja="すべての照会の回答を止めました。総括保護管理者に伝えてください。再開は sekisho incident lift です。",
        en="All releases are stopped. Tell the chief privacy officer; sekisho incident lift ends the stop.",
    )
    _show(session)


@command.command("lift")
@click.option("--number", required=True, metavar="NO", help="Number of the report under which they were stopped.")
@shared_options
@click.pass_context
def lift(context: click.Context, *, number: str) -> None:
    """End a stop; done by another person than the one who stopped them."""
    session = Session(context)
    session.broker.matters.lift(session.asker(), number=number)
    _show(session)


@command.command("show")
@shared_options
@click.pass_context
def show(context: click.Context) -> None:
    """Show whether releases are stopped. Needs no account."""
    _show(Session(context))


def _show(session: Session) -> None:
    stops = session.broker.matters.stops()
    if session.options.format == "json":
        session.terminal.document(
            {
                "stopped": bool(stops),
                "stops": [
                    {"number": m.number, "opened_by": m.opened_by, "at": m.at, "ledger": m.ledger_index} for m in stops
                ],
            }
        )
    elif stops:
        session.terminal.table(
            ("報告番号", "止めた人", "日時", "監査記録")
            if session.lang == "ja"
            else ("report", "stopped by", "at", "ledger"),
            ((m.number, m.opened_by, m.at, str(m.ledger_index)) for m in stops),
        )
    else:
        session.terminal.say(ja="照会の回答は止まっていません。", en="Releases are not stopped.")
