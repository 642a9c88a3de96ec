"""``sekisho approval …``: drafting, reviewing, consulting and deciding approvals of query templates (第19条)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import click

from governance.approvals import Approval, Paper, Step
from governance.errors import BadInput, Lang
from sekisho.approval_progress import STAGE_LABELS, STEP_LABELS, Progress
from sekisho.approval_readings import Waiting
from sekisho.approval_sheet import Sheet, remarks_of, series_words
from sekisho.approval_store import Change
from sekisho.commands.approval_preview import preview
from sekisho.exports import Caption, reserve_export
from sekisho.options import shared_options
from sekisho.session import Session
from sekisho.terminal import NOTICE
from sekisho.typed_values import read_day

_SHEET_FILES = {".pdf", ".xlsx"}
_STEPS: dict[str, dict[Lang, str]] = {
    "requested": {"ja": "起案", "en": "requested"},
    **{step: {"ja": label.ja, "en": label.en} for step, label in STEP_LABELS.items()},
    "returned": {"ja": "差戻し", "en": "sent back"},
    "recalled": {"ja": "引戻し", "en": "taken back"},
    "resubmitted": {"ja": "再提出", "en": "handed in again"},
    "rejected": {"ja": "不承認", "en": "rejected"},
    "revoked": {"ja": "取消し", "en": "revoked"},
    "withdrawn": {"ja": "取下げ", "en": "withdrawn"},
}
_REASON = click.option(
    "--reason", required=True, metavar="TEXT", help="Why, as it stands on the sheet; nothing of residents."
)


@click.group("approval")
def command() -> None:
    """Approvals of query templates: draft, review, consult, decide."""


@command.command("request")
@click.option("--template", required=True, metavar="T", help="The template to be approved.")
@click.option("--until", metavar="DATE", help="Last day on which it counts; the fiscal year's end unless given.")
@click.option("--reason", metavar="TEXT", help="Why (起案理由), as it shall stand on the sheet; nothing of residents.")
@click.option(
    "--no-harm",
    metavar="TEXT",
    help="For an occasional use (臨時): why it harms nobody's rights unjustly; of no resident.",
)
@click.option("--document-number", metavar="NO", help="The document's number in the city's register (文書番号).")
@click.option("--basis", metavar="B", help="Kind of legal basis (根拠); the purpose's own unless given.")
@click.option("--retention-years", type=int, metavar="N", help="For how many years the document is kept (保存年限).")
@click.option("--next-year", is_flag=True, help="For the next fiscal year: decided from February, used from 1 April.")
@shared_options
@click.pass_context
def request(
    context: click.Context,
    *,
    template: str,
    until: str | None,
    reason: str | None,
    no_harm: str | None,
    document_number: str | None,
    retention_years: int | None,
    next_year: bool,
    basis: str | None,
) -> None:
    """Draft an approval (起案)."""
    session = Session(context)
    last = read_day(until, option="--until") if until is not None else None
    paper = Paper(reason=reason, no_harm=no_harm, document_number=document_number, retention_years=retention_years)
    drafted = session.broker.approvals.request(
        session.asker(), template=template, until=last, paper=paper, next_year=next_year, basis=basis
    )
    _show(session, drafted)


@command.command("resubmit")
@click.argument("number", metavar="ID")
@click.option("--until", metavar="DATE", help="Last day on which it counts; the fiscal year's end unless given.")
@click.option("--reason", metavar="TEXT", help="Why (起案理由); as it was unless given. Nothing of residents.")
@click.option("--no-harm", metavar="TEXT", help="Why it harms nobody's rights unjustly; as it was unless given.")
@click.option("--document-number", metavar="NO", help="文書番号; as it was unless given.")
@click.option("--retention-years", type=int, metavar="N", help="保存年限; as it was unless given.")
@shared_options
@click.pass_context
def resubmit(
    context: click.Context,
    *,
    number: str,
    until: str | None,
    reason: str | None,
    no_harm: str | None,
    document_number: str | None,
    retention_years: int | None,
) -> None:
    """Hand one's own request in again that was sent or taken back, of the template as it is now (再提出)."""
    session = Session(context)
    last = read_day(until, option="--until") if until is not None else None
    paper = Paper(reason=reason, no_harm=no_harm, document_number=document_number, retention_years=retention_years)
    _show(session, session.broker.approvals.resubmit(session.asker(), approval=number, until=last, paper=paper))


@command.command("list")
@click.option("--mine", is_flag=True, help="Only what waits for me: the steps that I could take now.")
@shared_options
@click.pass_context
def list_approvals(context: click.Context, *, mine: bool) -> None:
    """List all approvals, or what waits for me."""
    session = Session(context)
    if mine:
        _show_waiting(session, session.broker.approvals.waiting(session.asker()))
        return
    approvals = session.broker.approvals.list(session.asker())
    if session.options.format == "json":
        session.terminal.document({"approvals": [_document(session, approval) for approval in approvals]})
        return
    headings = ("番号", "ひな形", "目的", "状態", "起案者", "期限")
    english = ("approval", "template", "purpose", "state", "requester", "expires")
    session.terminal.table(
        headings if session.lang == "ja" else english,
        ((a.id, a.template, a.purpose, _stage(session, a), a.requester, a.expires_at) for a in approvals),
    )


def _show_waiting(session: Session, waiting: Sequence[Waiting]) -> None:
    lang = session.lang
    if session.options.format == "json":
        documents = [{**_document(session, w.approval), "step": w.step} for w in waiting]
        session.terminal.document({"waiting": documents})
        return
    session.terminal.table(
        ("番号", "ひな形", "起案者", "待っている段階")
        if lang == "ja"
        else ("approval", "template", "requester", "step"),
        ((w.approval.id, w.approval.template, w.approval.requester, _STEPS[w.step][lang]) for w in waiting),
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


command.add_command(preview)


@command.command("sheet")
@click.argument("number", metavar="ID")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write a PDF (.pdf) or a workbook (.xlsx) to print."
)
@shared_options
@click.pass_context
def sheet(context: click.Context, *, number: str, out: Path | None) -> None:
    """Show or print the sheet of an approval (決裁文書): fields, signatures, items and their forms, history."""
    session = Session(context)
    if out is not None and out.suffix not in _SHEET_FILES:
        raise BadInput("approval-sheet-file")
    with reserve_export(out) if out is not None else nullcontext() as file:
        found = session.broker.approvals.sheet(session.asker(), approval=number)
        if out is not None and file is not None:
            file.write(_sheet_bytes(session, found, out.suffix))
    if session.options.format == "json":
        session.terminal.document({"sheet": found.to_json()})
    elif out is None:
        _show_sheet(session, found)
    else:
        session.terminal.say(ja=f"決裁文書を {out.name} に書き出しました。", en=f"The sheet was written to {out.name}.")


def _sheet_bytes(session: Session, found: Sheet, suffix: str) -> bytes:
    from sekisho.approval_sheet_files import sheet_pdf, sheet_xlsx

    caption = Caption(
        notice=NOTICE["ja"] if session.terminal.notice else None,
        principal=session.options.principal or "",
        at=session.deployment.clock(),
        articles=(),
    )
    return sheet_pdf(found, caption=caption) if suffix == ".pdf" else sheet_xlsx(found, caption=caption)


def _show_sheet(session: Session, found: Sheet) -> None:
    terminal = session.terminal
    terminal.table(("項目", "内容"), found.fields, title=found.title)
    terminal.table(("欄", "課", "職", "職員", "日時"), [(b.step, b.section, b.post, b.name, b.at) for b in found.boxes])
    terminal.table(("保有課", "表", "項目", "形"), [(i.department, i.dataset, i.column, i.form) for i in found.items])


@command.command("grant")
@click.argument("number", metavar="ID")
@click.option("--step", required=True, type=click.Choice(get_args(Step)), help="The step that is signed.")
@shared_options
@click.pass_context
def grant(context: click.Context, *, number: str, step: Step) -> None:
    """Sign a step: review (審査), consult (合議), decide (決裁); deputise (代決) in a recorded absence."""
    session = Session(context)
    _show(session, session.broker.approvals.sign(session.asker(), approval=number, step=step))


@command.command("acknowledge")
@click.argument("number", metavar="ID")
@shared_options
@click.pass_context
def acknowledge(context: click.Context, *, number: str) -> None:
    """Look, as the decider, at what a deputy decided in one's absence (後閲); to undo it, revoke it."""
    session = Session(context)
    _show(session, session.broker.approvals.acknowledge(session.asker(), approval=number))


@command.command("return")
@click.argument("number", metavar="ID")
@_REASON
@shared_options
@click.pass_context
def send_back(context: click.Context, *, number: str, reason: str) -> None:
    """Send a requested approval back to its drafter, who may change it and hand it in again (差戻し)."""
    session = Session(context)
    _show(session, session.broker.approvals.send_back(session.asker(), approval=number, reason=reason))


@command.command("recall")
@click.argument("number", metavar="ID")
@_REASON
@shared_options
@click.pass_context
def recall(context: click.Context, *, number: str, reason: str) -> None:
    """Take one's own undecided request back, to change it and hand it in again (引戻し)."""
    session = Session(context)
    _show(session, session.broker.approvals.recall(session.asker(), approval=number, reason=reason))


@command.command("reject")
@click.argument("number", metavar="ID")
@_REASON
@shared_options
@click.pass_context
def reject(context: click.Context, *, number: str, reason: str) -> None:
    """Refuse a requested approval for good (不承認); to have it changed, return it."""
    session = Session(context)
    _show(session, session.broker.approvals.reject(session.asker(), approval=number, reason=reason))


@command.command("revoke")
@click.argument("number", metavar="ID")
@_REASON
@shared_options
@click.pass_context
def revoke(context: click.Context, *, number: str, reason: str) -> None:
    """Take a granted approval back."""
    session = Session(context)
    _show(session, session.broker.approvals.revoke(session.asker(), approval=number, reason=reason))


@command.command("withdraw")
@click.argument("number", metavar="ID")
@_REASON
@shared_options
@click.pass_context
def withdraw(context: click.Context, *, number: str, reason: str) -> None:
    """Give one's own request up before it is decided (取下げ)."""
    session = Session(context)
    _show(session, session.broker.approvals.withdraw(session.asker(), approval=number, reason=reason))


def _show(session: Session, approval: Approval, changes: tuple[Change, ...] = ()) -> None:
    lang = session.lang
    if session.options.format == "json":
        document = _document(session, approval)
        if changes:
            document["changes"] = [
                {"event": c.event, "principal": c.principal, "at": c.at, "ledger": c.ledger_index, "remark": remark}
                for c, remark in remarks_of(approval, changes)
            ]
        session.terminal.document({"approval": document})
        return
    rows = [
        ("番号" if lang == "ja" else "approval", approval.id),
        ("ひな形" if lang == "ja" else "template", approval.template),
        ("利用目的" if lang == "ja" else "purpose", approval.purpose),
        ("根拠" if lang == "ja" else "legal basis", _basis(session, approval)),
        ("状態" if lang == "ja" else "state", _stage(session, approval)),
        ("起案者" if lang == "ja" else "requester", approval.requester),
        ("期限" if lang == "ja" else "expires", approval.expires_at),
        ("ガイドライン" if lang == "ja" else "guideline", approval.guideline_version),
    ]
    if approval.series is not None:
        rows.append(("定期の集計" if lang == "ja" else "recurs", series_words(approval.series, lang)))
    if approval.ending is not None:
        rows.append(("理由" if lang == "ja" else "reason", approval.ending))
    signatures = [*approval.reviewers, *(s for s in (approval.approver, approval.acknowledged) if s is not None)]
    rows += [(_STEPS[s.step][lang], f"{s.id} ({s.role}, {s.post}) {s.at}") for s in signatures]
    rows += [
        (_STEPS[c.event][lang], f"{c.principal} {c.at} [{c.ledger_index}] {remark}".rstrip())
        for c, remark in remarks_of(approval, changes)
    ]
    session.terminal.table(("項目", "内容") if lang == "ja" else ("item", "content"), rows)


def _stage(session: Session, approval: Approval) -> str:
    found = session.broker.approvals.progress(approval, today=session.deployment.clock().date())
    departments = session.deployment.catalogue.departments
    said: str = getattr(STAGE_LABELS[found.stage], session.lang)
    used = _used_ahead(session, approval)
    if used is not None:
        said += f"【決裁前に使用：{used}】" if session.lang == "ja" else f" [used ahead of the decision on {used}]"
    if found.look_by is not None:
        return f"{said} ({_look(found, session.lang)})"
    if found.stage != "consult":
        return said
    return f"{said} ({', '.join(getattr(departments[name].label, session.lang) for name in found.missing)})"


def _look(found: Progress, lang: Lang) -> str:
    if lang == "ja":
        return f"代決・後閲{'の期限切れ' if found.overdue else '待ち'} {found.look_by}まで"
    return f"by a deputy; later look {'overdue since' if found.overdue else 'until'} {found.look_by}"


def _used_ahead(session: Session, approval: Approval) -> str | None:
    """Since when an undecided approval has been in use; whoever sees it has to see to its decision."""
    return next((use.since for use in session.broker.ahead.open() if use.approval == approval.id), None)


def _basis(session: Session, approval: Approval) -> str:
    kinds = session.deployment.guideline.tables["parameters"].get("legal_bases", {})
    return str(kinds.get(approval.basis, {}).get("label", {}).get(session.lang, approval.basis or "-"))


def _document(session: Session, approval: Approval) -> dict[str, Any]:
    found = session.broker.approvals.progress(approval, today=session.deployment.clock().date())
    signatures = {
        "reviewers": [s.to_json() | {"at": s.at} for s in approval.reviewers],
        "approver": approval.approver.to_json() | {"at": approval.approver.at} if approval.approver else None,
        "acknowledged": (
            approval.acknowledged.to_json() | {"at": approval.acknowledged.at} if approval.acknowledged else None
        ),
        "absences": [absence.to_json() for absence in approval.absences],
    }
    return (
        approval.to_json()
        | signatures
        | {"template": approval.template, "requested_at": approval.requested_at, "paper": asdict(approval.paper)}
        | {"ending": approval.ending, "voided": [s.to_json() | {"at": s.at} for s in approval.voided]}
        | {"used_ahead_since": _used_ahead(session, approval)}
        | {"stage": found.stage, "missing": list(found.missing)}
        | {"acknowledge_by": approval.acknowledge_by, "overdue": found.overdue}
    )
