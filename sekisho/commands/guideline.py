"""``sekisho guideline …``: is the guideline a draft or approved, and its approval (第19条)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from governance.errors import BadInput
from governance.registrations import GuidelineApproval
from sekisho.exports import Caption, write_export
from sekisho.file_register import HEADINGS, FileSheet, file_sheets, markdown
from sekisho.guideline_state import GuidelineState
from sekisho.options import shared_options
from sekisho.session import Session
from sekisho.terminal import NOTICE
from sekisho.workbooks import workbook_bytes


@click.group("guideline")
def command() -> None:
    """The guideline: a draft, or approved as it is now; what is published from it."""


@command.command("approve")
@shared_options
@click.pass_context
def approve(context: click.Context) -> None:
    """Approve the guideline as it is now; a later change makes it a draft again."""
    session = Session(context)
    _show(session, session.broker.guideline.approve(session.asker()))


@command.command("show")
@shared_options
@click.pass_context
def show(context: click.Context) -> None:
    """Show whether the guideline as it is now is approved, and by whom. Needs no account."""
    session = Session(context)
    _show(session, session.broker.guideline.state())


@command.command("file-register")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write a page here (.md) or a sheet (.xlsx)."
)
@shared_options
@click.pass_context
def file_register(context: click.Context, *, out: Path | None) -> None:
    """Draft the sheets of the register of personal information files (個人情報ファイル簿), one for each linkage.

    From the guideline and the catalogue; what neither holds is marked for a person to write. Needs no account.
    """
    session = Session(context)
    if out is not None and out.suffix not in {".md", ".xlsx"}:
        raise BadInput("file-register-kind", file=out.name)
    sheets = file_sheets(session.deployment.catalogue, session.deployment.guideline)
    notice = NOTICE["ja"] if session.terminal.notice else None
    if out is not None and out.suffix == ".md":
        write_export(out, markdown(sheets, notice=notice).encode())
    elif out is not None:
        write_export(out, _workbook(session, sheets, notice=notice))
    if session.options.format == "json":
        session.terminal.document({"file_register": [sheet.to_json() for sheet in sheets]})
    elif out is None:
        for sheet in sheets:
            session.terminal.table(("欄", "内容"), list(sheet.fields.items()))
            session.terminal.table(HEADINGS, [item.cells() for item in sheet.items])
    missing = dict.fromkeys(name for sheet in sheets for name in sheet.open_fields)
    if missing:
        session.terminal.say(
            ja=f"人が書く欄があります：{'、'.join(missing)}。",
            en=f"Fields for a person to write: {', '.join(missing)}.",
        )


def _workbook(session: Session, sheets: tuple[FileSheet, ...], *, notice: str | None) -> bytes:
    caption = Caption(
        notice=notice, principal=session.options.principal or "", at=session.deployment.clock(), articles=()
    )
    pages: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = []
    for number, sheet in enumerate(sheets, start=1):
        pages.append((f"単票{number}", ("欄", "内容"), list(sheet.fields.items())))
        pages.append((f"記録項目{number}", HEADINGS, [item.cells() for item in sheet.items]))
    return workbook_bytes(pages, caption=caption, lang="ja")


def _show(session: Session, state: GuidelineState) -> None:
    if session.options.format == "json":
        session.terminal.document(
            {
                "guideline": {
                    "state": "approved" if state.approval else "draft",
                    "version": state.version,
                    "digest": state.digest,
                    "approval": _document(state.approval),
                    "approved_before": _document(state.before),
                    "fault": state.fault.text(session.lang) if state.fault is not None else None,
                }
            }
        )
        return
    ja = session.lang == "ja"
    signed = state.approval or state.before
    word = ("承認済" if ja else "approved") if state.approval else ("案（未承認）" if ja else "draft, not approved")
    rows = [
        ("状態" if ja else "state", word),
        ("版" if ja else "version", state.version),
        ("要約値" if ja else "digest", state.digest),
    ]
    if signed is not None:
        label = ("承認" if ja else "approved by") if state.approval else ("前の版の承認" if ja else "earlier approval")
        rows.append((label, f"{signed.id} ({signed.role}, {signed.post}) {signed.at} {signed.version}"))
    session.terminal.table(("項目", "内容") if ja else ("item", "content"), rows)
    if state.fault is not None:
        session.terminal.say(
            ja=f"！ {state.fault.text('ja')} → {state.fault.remedy('ja')}",
            en=f"! {state.fault.text('en')} → {state.fault.remedy('en')}",
        )


def _document(approval: GuidelineApproval | None) -> dict[str, Any] | None:
    return approval.to_json() | {"at": approval.at, "digest": approval.digest} if approval is not None else None
