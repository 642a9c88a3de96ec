"""``sekisho retention …``: how long things are kept, and their erasure when that is over (第24条)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from governance.errors import BadInput
from sekisho.exports import Caption, for_people, write_export
from sekisho.options import shared_options
from sekisho.retention import Erasure, Hold, TermReport
from sekisho.session import Session
from sekisho.terminal import NOTICE
from sekisho.workbooks import workbook_bytes

_NUMBER = click.option("--number", required=True, metavar="NO", help="Number of the document, such as R5-31.")
_KEPT = {
    "ja": {"here": "このシステム", "people": "職員（受け取った課、文書管理）"},
    "en": {"here": "this system", "people": "staff (receiving section, archive)"},
}


@click.group("retention")
def command() -> None:
    """Terms of what is kept, and erasure when they are over: report, order, erase, hold, free."""


@command.command("report")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write a sheet here (.xlsx).")
@shared_options
@click.pass_context
def report(context: click.Context, *, out: Path | None) -> None:
    """Show every term, what there is of each kind, what is past its term, and what holds erasure up."""
    session = Session(context)
    if out is not None and out.suffix != ".xlsx":
        raise BadInput("review-file-kind", file=out.name)
    retention = session.broker.retention
    lines, holds = retention.report(session.asker()), retention.holds()
    if session.options.format == "json":
        session.terminal.document(
            {"terms": [_document(line, session) for line in lines], "holds": [_hold(hold) for hold in holds]}
        )
    elif out is None:
        lang = session.lang
        session.terminal.table(
            _headings(session), ([for_people(c, lang=lang) for c in _row(x, session)] for x in lines)
        )
        _say_holds(session, holds)
    if out is not None:
        caption = Caption(
            notice=NOTICE[session.lang] if session.deployment.settings.demo else None,
            principal=session.options.principal or "",
            at=session.deployment.clock(),
            articles=session.broker.articles_of("retention.read"),
        )
        sheets = [("保存期間", _headings(session), [_row(line, session) for line in lines])]
        write_export(out, workbook_bytes(sheets, caption=caption, lang=session.lang))


@command.command("order")
@_NUMBER
@shared_options
@click.pass_context
def order(context: click.Context, *, number: str) -> None:
    """Order the erasure of everything that is past its term; another person carries it out."""
    session = Session(context)
    _show(session, "ordered", session.broker.retention.order(session.asker(), number=number))
    session.terminal.say(
        ja="消去を求めました。別の人が sekisho retention erase で消去します。",
        en="The erasure is ordered. Somebody else carries it out with sekisho retention erase.",
    )


@command.command("erase")
@_NUMBER
@shared_options
@click.pass_context
def erase(context: click.Context, *, number: str) -> None:
    """Erase what was ordered; done by another person than the one who ordered it. There is no way back."""
    session = Session(context)
    _show(session, "erased", session.broker.retention.erase(session.asker(), number=number))
    session.terminal.say(
        ja="消去し、件数を監査記録に残しました。控え（バックアップ）にあるものは、控えの手順で消してください。",
        en="Erased, with the counts in the ledger. Erase copies in backups by the procedure for those.",
    )


@command.command("hold")
@_NUMBER
@shared_options
@click.pass_context
def hold(context: click.Context, *, number: str) -> None:
    """Hold up every erasure, for a request, a dispute or an incident."""
    session = Session(context)
    session.broker.retention.hold(session.asker(), number=number)
    _show_holds(session)


@command.command("free")
@_NUMBER
@shared_options
@click.pass_context
def free(context: click.Context, *, number: str) -> None:
    """End a hold; done by another person than the one who began it."""
    session = Session(context)
    session.broker.retention.free(session.asker(), number=number)
    _show_holds(session)


def _show_holds(session: Session) -> None:
    holds = session.broker.retention.holds()
    if session.options.format == "json":
        session.terminal.document({"holds": [_hold(hold) for hold in holds]})
    else:
        _say_holds(session, holds)


def _say_holds(session: Session, holds: tuple[Hold, ...]) -> None:
    numbers = ", ".join(hold.number for hold in holds)
    if holds:
        session.terminal.say(ja=f"消去は止まっています（{numbers}）。", en=f"Erasure is held up ({numbers}).")
    else:
        session.terminal.say(ja="消去を止めているものはありません。", en="Nothing holds erasure up.")


def _show(session: Session, event: str, erasure: Erasure) -> None:
    if session.options.format == "json":
        session.terminal.document(
            {event: {"number": erasure.number, "counts": dict(erasure.counts), "ledger": erasure.ledger_index}}
        )
        return
    terms = session.deployment.guideline.parameters(session.deployment.clock().date()).get("retention", {})
    session.terminal.table(
        ("種類", "件数") if session.lang == "ja" else ("kind", "count"),
        ((terms[kind]["label"][session.lang], f"{count:,}") for kind, count in erasure.counts.items()),
    )


def _headings(session: Session) -> tuple[str, ...]:
    if session.lang == "ja":
        return ("種類", "保存期間（日）", "持つところ", "今ある件数", "期間を過ぎた件数", "最も古いもの")
    return ("kind", "term (days)", "kept by", "held", "past its term", "oldest")


def _row(line: TermReport, session: Session) -> tuple[Any, ...]:
    return (
        line.label.ja if session.lang == "ja" else line.label.en,
        line.days,
        _KEPT[session.lang][line.kept],
        line.held,
        line.past,
        line.oldest,
    )


def _document(line: TermReport, session: Session) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "label": line.label.ja if session.lang == "ja" else line.label.en,
        "days": line.days,
        "kept": line.kept,
        "held": line.held,
        "past": line.past,
        "oldest": line.oldest.isoformat() if line.oldest else None,
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {"number": hold.number, "at": hold.at, "ledger": hold.ledger_index}
