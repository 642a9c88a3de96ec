"""``sekisho risk cycles|approve``: how many are looked at in a cycle is a manager's decision (第16条)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from governance.errors import BadInput
from risk.capacity import ThresholdRow
from sekisho.candidate_words import cycle_document
from sekisho.capacities import CycleStanding
from sekisho.commands.risk_list import caption_of, purpose_labels
from sekisho.commands.risk_report import Table, threshold_document, threshold_table_of
from sekisho.exports import reserve_export
from sekisho.options import shared_options
from sekisho.session import Session
from sekisho.workbooks import workbook_bytes


@click.command("cycles")
@click.option("--out", type=click.Path(path_type=Path), metavar="F.xlsx", help="Write the sheet to decide on (xlsx).")
@shared_options
@click.pass_context
def list_cycles(context: click.Context, *, out: Path | None) -> None:
    """The judgements that made the work list; of those that wait for approval, what each threshold means in hours."""
    session = Session(context)
    kind = session.options.format
    if kind not in ("table", "json", "xlsx") or (kind == "xlsx") != (out is not None):
        raise BadInput("risk-report-format")
    with reserve_export(out) if out is not None else nullcontext() as file:
        cycles = session.broker.capacities.cycles(session.asker())
        tables = [_table(session, cycles), *(_thresholds(session, each) for each in cycles if _waits(each))]
        if file is not None:
            file.write(workbook_bytes(tables, caption=caption_of(session, "risk.approve"), lang=session.lang))
            return
    if kind == "json":
        session.terminal.document({"cycles": [_document(each) for each in cycles]})
        return
    for title, headings, rows in tables:
        session.terminal.table(headings, rows, title=title)
    waiting = [each.cycle for each in cycles if _waits(each)]
    if waiting:
        newest = waiting[-1]
        session.terminal.say(
            ja=f"決裁待ちの回があります。所属の専決者が表を見て決裁してください: "
            f"sekisho risk approve {newest.id} --room {newest.room}",
            en=f"A cycle waits for approval. Whoever decides looks at the table and approves: "
            f"sekisho risk approve {newest.id} --room {newest.room}",
        )


@click.command("approve")
@click.argument("cycle", metavar="CYCLE")
@click.option(
    "--room", required=True, type=int, metavar="N", help="How many places you approve, as the table has them."
)
@shared_options
@click.pass_context
def approve_capacity(context: click.Context, *, cycle: str, room: int) -> None:
    """Approve how many are looked at in a cycle, and with it the thresholds (決裁). Then its candidates are shown."""
    session = Session(context)
    done = session.broker.capacities.approve(session.asker(), cycle=cycle, room=room)
    if session.options.format == "json":
        session.terminal.document({"cycle": _document(done)})
    index = done.approved.ledger_index if done.approved is not None else ""
    session.terminal.say(
        ja=f"判定の回 {done.cycle.id} の枠 {done.cycle.room:,} 件を決裁しました（監査記録 {index}）。"
        "候補は sekisho risk list で見られます。",
        en=f"The {done.cycle.room:,} places of the cycle {done.cycle.id} are approved (ledger {index}). "
        "Its candidates are shown by sekisho risk list.",
    )


def _waits(standing: CycleStanding) -> bool:
    return standing.approved is None and not standing.superseded


def _table(session: Session, cycles: Sequence[CycleStanding]) -> Table:
    ja = session.lang == "ja"
    return (
        "判定の回" if ja else "Cycles",
        ("回", "判定した職員", "日時", "枠", "直ちに", "今回見る", "待つ", "くじ", "決裁")
        if ja
        else ("cycle", "judged by", "at", "places", "alerts", "chosen", "waiting", "drawn", "approved"),
        [
            (
                each.cycle.id,
                each.cycle.principal,
                each.cycle.at,
                f"{each.cycle.room:,}",
                *(f"{each.cycle.counts.get(name, 0):,}" for name in ("alerts", "chosen", "waiting", "sample")),
                _decision(each, ja=ja),
            )
            for each in cycles
        ],
    )


def _decision(standing: CycleStanding, *, ja: bool) -> str:
    if standing.approved is not None:
        return f"{standing.approved.by} {standing.approved.at[:10]}"
    if standing.superseded:
        return "後の回に置換え" if ja else "replaced by a later cycle"
    return "決裁待ち" if ja else "waits for approval"


def _thresholds(session: Session, standing: CycleStanding) -> Table:
    cycle = standing.cycle
    title, headings, lines = threshold_table_of(
        rows_of(standing), purpose_labels(session), lang=session.lang, room=cycle.room
    )
    return f"{cycle.id} {title}", headings, lines


def rows_of(standing: CycleStanding) -> tuple[ThresholdRow, ...]:
    """Threshold → candidates → hours of a cycle, as it was judged."""
    return tuple(
        ThresholdRow(
            purpose=row["type"],
            score=row["score"],
            candidates=row["candidates"],
            hours=Fraction(row["minutes"], 60),
        )
        for row in standing.cycle.thresholds
    )


def _document(standing: CycleStanding) -> dict[str, Any]:
    approved = standing.approved
    return {
        **cycle_document(standing.cycle),
        "thresholds": [threshold_document(row) for row in rows_of(standing)],
        "superseded": standing.superseded,
        "approved": None
        if approved is None
        else {"by": approved.by, "at": approved.at, "ledger_index": approved.ledger_index},
    }
