"""``sekisho absence …``: the absences of those who decide, on record before a deputy decides (第19条の代決)."""

from __future__ import annotations

from collections.abc import Sequence

import click

from governance.absences import Absence
from sekisho.options import shared_options
from sekisho.session import Session
from sekisho.typed_values import read_day


@click.group("absence")
def command() -> None:
    """Absences of those who decide: record one, end it, list them."""


@command.command("record")
@click.argument("account", metavar="ACCOUNT")
@click.option("--from", "first", metavar="DATE", help="First day; today unless given.")
@click.option("--until", "last", required=True, metavar="DATE", help="Last day.")
@shared_options
@click.pass_context
def record(context: click.Context, *, account: str, first: str | None, last: str) -> None:
    """Record that somebody who decides is away, so that a deputy may decide (不在の記録). Who and when, never why."""
    session = Session(context)
    asker = session.asker()
    absence = session.broker.absences.record(
        asker,
        account=account,
        first=read_day(first, option="--from") if first is not None else asker.now.date(),
        last=read_day(last, option="--until"),
    )
    _show(session, [absence])


@command.command("end")
@click.argument("account", metavar="ACCOUNT")
@shared_options
@click.pass_context
def end(context: click.Context, *, account: str) -> None:
    """End an absence before its last day: the person is back."""
    session = Session(context)
    session.broker.absences.end(session.asker(), account=account)
    session.terminal.say(
        ja=f"{account} の不在の記録を終えました。代決の後閲は sekisho approval list --mine で確かめてください。",
        en=f"The absence of {account} has ended. What a deputy decided waits to be looked at (approval list --mine).",
    )
    _show(session, session.broker.absences.on_record(session.deployment.clock().date()))


@command.command("list")
@shared_options
@click.pass_context
def list_absences(context: click.Context) -> None:
    """List the absences on record that are not over."""
    session = Session(context)
    _show(session, session.broker.absences.list(session.asker()))


def _show(session: Session, absences: Sequence[Absence]) -> None:
    if session.options.format == "json":
        session.terminal.document({"absences": [absence.to_json() for absence in absences]})
        return
    headings = (
        ("職員", "初日", "末日", "記録した人") if session.lang == "ja" else ("account", "first", "last", "recorded by")
    )
    session.terminal.table(headings, ((a.id, a.first, a.last, a.recorded_by or "") for a in absences))
