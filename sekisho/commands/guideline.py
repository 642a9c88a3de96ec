"""``sekisho guideline …``: is the guideline a draft or approved, and its approval (第19条)."""

from __future__ import annotations

from typing import Any

import click

from governance.registrations import GuidelineApproval
from sekisho.guideline_state import GuidelineState
from sekisho.options import shared_options
from sekisho.session import Session


@click.group("guideline")
def command() -> None:
    """The guideline: a draft, or approved as it is now."""


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


def _document(approval: GuidelineApproval | None) -> dict[str, Any] | None:
    return approval.to_json() | {"at": approval.at, "digest": approval.digest} if approval is not None else None
