"""``sekisho approval …``: drafting, reviewing, consulting and deciding approvals of query templates (第19条)."""

from __future__ import annotations

from typing import Any, get_args

import click

from governance.approvals import Approval, Step
from governance.errors import Lang
from sekisho.approval_store import Change
from sekisho.approvals import STEP_LABELS
from sekisho.options import shared_options
from sekisho.session import Session
from sekisho.typed_values import read_day

_STATES: dict[str, dict[Lang, str]] = {
    "requested": {"ja": "起案中", "en": "requested"},
    "granted": {"ja": "決裁済", "en": "granted"},
    "rejected": {"ja": "差戻し", "en": "rejected"},
    "revoked": {"ja": "取消し", "en": "revoked"},
}
_STEPS: dict[str, dict[Lang, str]] = {
    "requested": {"ja": "起案", "en": "requested"},
    **{step: {"ja": label.ja, "en": label.en} for step, label in STEP_LABELS.items()},
    "rejected": {"ja": "差戻し", "en": "rejected"},
    "revoked": {"ja": "取消し", "en": "revoked"},
}


@click.group("approval")
def command() -> None:
    """Approvals of query templates: draft, review, consult, decide."""


@command.command("request")
@click.option("--template", required=True, metavar="T", help="The template to be approved.")
@click.option("--until", metavar="DATE", help="Last day on which it counts; the fiscal year's end unless given.")
@shared_options
@click.pass_context
def request(context: click.Context, *, template: str, until: str | None) -> None:
    """Draft an approval (起案)."""
    session = Session(context)
    last = read_day(until, option="--until") if until is not None else None
    _show(session, session.broker.approvals.request(session.asker(), template=template, until=last))


@command.command("list")
@shared_options
@click.pass_context
def list_approvals(context: click.Context) -> None:
    """List all approvals."""
    session = Session(context)
    approvals = session.broker.approvals.list(session.asker())
    if session.options.format == "json":
        session.terminal.document({"approvals": [_document(approval) for approval in approvals]})
        return
    headings = ("番号", "ひな形", "目的", "状態", "起案者", "期限")
    english = ("approval", "template", "purpose", "state", "requester", "expires")
    session.terminal.table(
        headings if session.lang == "ja" else english,
        ((a.id, a.template, a.purpose, _STATES[a.state][session.lang], a.requester, a.expires_at) for a in approvals),
    )


@command.command("show")
@click.argument("number", metavar="ID")
@shared_options
@click.pass_context
def show(context: click.Context, *, number: str) -> None:
    """Show an approval and what happened to it."""
    session = Session(context)
    approval, changes = session.broker.approvals.show(session.asker(), approval=number)
    _show(session, approval, changes)


@command.command("grant")
@click.argument("number", metavar="ID")
@click.option("--step", required=True, type=click.Choice(get_args(Step)), help="The step that is signed.")
@shared_options
@click.pass_context
def grant(context: click.Context, *, number: str, step: Step) -> None:
    """Sign a step: review (審査), consult (合議) or decide (決裁)."""
    session = Session(context)
    _show(session, session.broker.approvals.sign(session.asker(), approval=number, step=step))


@command.command("reject")
@click.argument("number", metavar="ID")
@shared_options
@click.pass_context
def reject(context: click.Context, *, number: str) -> None:
    """Send a requested approval back (差戻し)."""
    session = Session(context)
    _show(session, session.broker.approvals.reject(session.asker(), approval=number))


@command.command("revoke")
@click.argument("number", metavar="ID")
@shared_options
@click.pass_context
def revoke(context: click.Context, *, number: str) -> None:
    """Take a granted approval back."""
    session = Session(context)
    _show(session, session.broker.approvals.revoke(session.asker(), approval=number))


def _show(session: Session, approval: Approval, changes: tuple[Change, ...] = ()) -> None:
    lang = session.lang
    if session.options.format == "json":
        document = _document(approval)
        if changes:
            document["changes"] = [
                {"event": c.event, "principal": c.principal, "at": c.at, "ledger": c.ledger_index} for c in changes
            ]
        session.terminal.document({"approval": document})
        return
    rows = [
        ("番号" if lang == "ja" else "approval", approval.id),
        ("ひな形" if lang == "ja" else "template", approval.template),
        ("利用目的" if lang == "ja" else "purpose", approval.purpose),
        ("状態" if lang == "ja" else "state", _STATES[approval.state][lang]),
        ("起案者" if lang == "ja" else "requester", approval.requester),
        ("期限" if lang == "ja" else "expires", approval.expires_at),
        ("ガイドライン" if lang == "ja" else "guideline", approval.guideline_version),
    ]
    signatures = [*approval.reviewers, *([approval.approver] if approval.approver else [])]
    rows += [(_STEPS[s.step][lang], f"{s.id} ({s.role}, {s.post}) {s.at}") for s in signatures]
    rows += [(_STEPS[c.event][lang], f"{c.principal} {c.at} [{c.ledger_index}]") for c in changes]
    session.terminal.table(("項目", "内容") if lang == "ja" else ("item", "content"), rows)


def _document(approval: Approval) -> dict[str, Any]:
    signatures = {
        "reviewers": [s.to_json() | {"at": s.at} for s in approval.reviewers],
        "approver": approval.approver.to_json() | {"at": approval.approver.at} if approval.approver else None,
    }
    return approval.to_json() | signatures | {"template": approval.template, "requested_at": approval.requested_at}
