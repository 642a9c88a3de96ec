"""``sekisho ledger …``: reading the ledger, and proving it whole without trusting whoever keeps it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from audit.entry import Entry
from audit.findings import VerificationReport
from audit.keys import load_vkey, vkey_path
from audit.receipt import Receipt, parse_receipt
from audit.verification import verify
from governance.errors import BadInput, CheckFailed, Lang
from sekisho.actions import decide_action
from sekisho.commands.shown_uses import show_uses
from sekisho.exports import Caption, write_export
from sekisho.identifiers import read_identifier
from sekisho.layout import Layout
from sekisho.options import shared_options
from sekisho.reconcile import reconcile
from sekisho.session import Session
from sekisho.terminal import NOTICE
from sekisho.unusual_use import Finding, unusual_use
from sekisho.workbooks import workbook_bytes

_ENTRY_SUFFIX = ".entry"
_MAX_RECEIPT = 256 * 1024
_MARKS = {
    "ja": {
        "outside_hours": "時間外の照会",
        "queries_per_day": "多数の照会",
        "same_query_per_day": "同じ照会の繰返し",
        "denials_per_day": "多数の拒否",
    },
    "en": {
        "outside_hours": "outside office hours",
        "queries_per_day": "many queries",
        "same_query_per_day": "the same query again",
        "denials_per_day": "many refusals",
    },
}


@click.group("ledger")
def command() -> None:
    """What was asked, decided and released: read it, and prove it whole."""


@command.command("list")
@click.option("--last", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many entries.")
@click.option("--department", metavar="ID", help="For its steward: every use of this department's data instead.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="With --department: a sheet (.xlsx).")
@shared_options
@click.pass_context
def list_entries(context: click.Context, *, last: int, department: str | None, out: Path | None) -> None:
    """List the newest entries; or, for a holding department, how its data were used."""
    session = Session(context)
    if department is not None:
        _check_sheet(out)
        uses = session.broker.looks.uses_of_department(session.asker(), department=department)
        show_uses(session, uses[-last:], out=out, action="ledger.department")
        return
    if out is not None:
        raise BadInput("output-format-needed", format=session.options.format)
    _ask(session)
    ledger = session.broker.ledger
    size = ledger.size
    entries = list(ledger.entries(max(0, size - last), size))
    if session.options.format == "json":
        session.terminal.document({"size": size, "entries": [_document(entry) for entry in entries]})
        return
    ja = session.lang == "ja"
    undecided = frozenset(use.approval for use in session.broker.ahead.open())
    session.terminal.table(
        ("番号", "日時", "種類", "誰が", "目的", "内容", "結果")
        if ja
        else ("index", "time", "kind", "who", "purpose", "what", "outcome"),
        (
            (
                str(entry.index),
                entry.document["time"],
                entry.document["kind"],
                entry.document["principal"] or "-",
                entry.document["purpose"] or "-",
                *_marked(_summary(entry.document), entry.document, undecided, lang=session.lang),
            )
            for entry in entries
        ),
    )


@command.command("show")
@click.argument("index", type=click.IntRange(0))
@click.option("--input", "with_input", is_flag=True, help="Show what the policy was asked, too (a decision's sidecar).")
@shared_options
@click.pass_context
def show_entry(context: click.Context, *, index: int, with_input: bool) -> None:
    """Show one entry."""
    session = Session(context)
    _ask(session)
    ledger = session.broker.ledger
    entry = ledger.entry(index)
    document = _document(entry)
    digest = entry.document.get("input_digest")
    if with_input and digest is not None:
        document["input"] = ledger.sidecar(digest)
    if session.options.format == "json":
        session.terminal.document({"entry": document})
    else:
        session.terminal.text(json.dumps(document, ensure_ascii=False, indent=2))


@command.command("subject")
@click.option("--number", required=True, metavar="NO", help="Number of the document that asks for it, such as R5-12.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write a sheet here (.xlsx).")
@shared_options
@click.pass_context
def uses_of_subject(context: click.Context, *, number: str, out: Path | None) -> None:
    """Show who used what about one person, and under which articles. The person's number is asked for or piped.

    For the steward of the department that keeps the register, and for the auditor. That it was looked up is itself an
    entry of the ledger, without a name.
    """
    session = Session(context)
    _check_sheet(out)
    asker = session.asker()
    uses, entries = session.broker.looks.uses_of_person(asker, number=number, identifier=read_identifier(session.lang))
    show_uses(session, uses, entries=entries, out=out, action="subject.trace")


@command.command("verify")
@click.option(
    "--ledger", "file", type=click.Path(path_type=Path), metavar="FILE", help="Another file than the deployment's."
)
@click.option(
    "--receipt",
    "receipts",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A receipt that was kept.",
)
@shared_options
@click.pass_context
def verify_ledger(context: click.Context, *, file: Path | None, receipts: tuple[Path, ...]) -> int:
    """Read the whole ledger and check it under its public key. Needs no account: it shows no entry."""
    session = Session(context)
    layout = Layout(session.folder)
    vkey = load_vkey(vkey_path(layout.ledger_key))
    report = verify(
        file if file is not None else layout.ledger,
        vkey=vkey.vkey,
        origin=vkey.name,
        receipts=[_read_receipt(path) for path in receipts],
        progress=lambda read: session.terminal.say(ja=f"{read:,} 件を確認しました。", en=f"{read:,} entries read."),
    )
    _show_report(session, report)
    return 0 if report.ok else CheckFailed.exit_status


@command.command("reconcile")
@shared_options
@click.pass_context
def reconcile_store(context: click.Context) -> int:
    """Compare the deployment's store with the ledger: an approval that nobody granted is found."""
    session = Session(context)
    _ask(session)
    mismatches = reconcile(session.broker.approvals.store, session.broker.ledger)
    unmatched = session.broker.matters.unmatched()
    if session.options.format == "json":
        session.terminal.document(
            {
                "mismatches": [{"approval": m.approval, "field": m.field} for m in mismatches],
                "suspensions": list(unmatched),
            }
        )
    if unmatched:
        numbers = ", ".join(unmatched)
        session.terminal.say(
            ja=f"利用停止のはずの人が名簿にありません（文書番号 {numbers}）。",
            en=f"Persons who should be on the list of suspensions are not (documents {numbers}).",
        )
    if session.options.format == "json":
        pass
    elif mismatches:
        header = ("承認", "違うところ") if session.lang == "ja" else ("approval", "differs in")
        session.terminal.table(header, ((m.approval, m.field) for m in mismatches))
    elif not unmatched:
        session.terminal.say(
            ja="承認と利用停止の名簿は、監査記録のとおりです。",
            en="The approvals and the list of suspensions are as the ledger says.",
        )
    return CheckFailed.exit_status if mismatches or unmatched else 0


@command.command("review")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write a sheet here (.xlsx).")
@click.option(
    "--number", metavar="NO", help="Record that the review is done; the number of its document, such as K5-1."
)
@shared_options
@click.pass_context
def review(context: click.Context, *, out: Path | None, number: str | None) -> None:
    """Show use that the guideline's marks call unusual: outside office hours, very often, again and again, refused.

    What is shown is for people to ask about. The review itself is an entry of the ledger.
    """
    session = Session(context)
    _check_sheet(out)
    _ask(session)
    broker = session.broker
    if number is not None:
        broker.matters.review(session.asker(), number=number)
    marks = broker.grounds.guideline.parameters(session.deployment.clock().date()).get("unusual_use", {})
    if not marks:
        session.terminal.say(
            ja="ガイドラインに目安（unusual_use）がないため、何も調べていません。",
            en="The guideline sets no marks (unusual_use), so nothing was looked for.",
        )
    found = unusual_use(broker.ledger.entries(), marks)
    headings = (
        ("目安", "誰が", "日", "件数", "最初の記録")
        if session.lang == "ja"
        else ("mark", "who", "day", "count", "first entry")
    )
    if out is not None:
        rows = [(_MARKS[session.lang][f.mark], f.principal, f.day, f.count, f.first) for f in found]
        write_export(out, workbook_bytes([("点検", headings, rows)], caption=_caption(session), lang=session.lang))
    if session.options.format == "json":
        session.terminal.document({"marks": sorted(marks), "unusual": [_found(f) for f in found]})
    elif found and out is None:
        session.terminal.table(
            headings,
            ((_MARKS[session.lang][f.mark], f.principal or "-", f.day, f"{f.count:,}", str(f.first)) for f in found),
        )
    elif not found and marks:
        session.terminal.say(ja="目安を超えた利用はありません。", en="No use beyond the marks.")


@command.command("prove")
@click.argument("index", type=click.IntRange(0))
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the receipt here, its entry beside it."
)
@shared_options
@click.pass_context
def prove_entry(context: click.Context, *, index: int, out: Path | None) -> None:
    """Print the proof that an entry is in the ledger (C2SP tlog-proof)."""
    session = Session(context)
    _ask(session)
    receipt = session.broker.ledger.receipt(index)
    if out is not None:
        write_export(out, receipt.text.encode())
        write_export(out.with_name(out.name + _ENTRY_SUFFIX), receipt.entry)
    if session.options.format == "json":
        session.terminal.document({"index": index, "entry": receipt.entry.decode("ascii"), "proof": receipt.text})
    elif out is None:
        session.terminal.text(receipt.text)


def _check_sheet(out: Path | None) -> None:
    if out is not None and out.suffix != ".xlsx":
        raise BadInput("review-file-kind", file=out.name)


def _ask(session: Session) -> None:
    grounds = session.broker.grounds
    decide_action(session.asker().request("ledger.read", zone=grounds.zone), None, grounds=grounds)


def _caption(session: Session) -> Caption:
    deployment = session.deployment
    return Caption(
        notice=NOTICE[session.lang] if deployment.settings.demo else None,
        principal=session.options.principal or "",
        at=deployment.clock(),
        articles=(),
    )


def _found(finding: Finding) -> dict[str, Any]:
    return {
        "mark": finding.mark,
        "principal": finding.principal,
        "day": finding.day,
        "count": finding.count,
        "first": finding.first,
    }


def _document(entry: Entry) -> dict[str, Any]:
    return {"index": entry.index, **entry.document}


def _marked(summary: tuple[str, str], document: Any, undecided: frozenset[str], *, lang: Lang) -> tuple[str, str]:
    """The summary; with a mark where a query was answered ahead of a decision that is still open."""
    ahead = document["kind"] == "decision" and document["allow"] and document["action"] == "query"
    if not ahead or document["approval"] not in undecided:
        return summary
    return summary[0], summary[1] + ("【事後の決裁待ち】" if lang == "ja" else " [waits for its decision]")


def _summary(document: Any) -> tuple[str, str]:
    match document["kind"]:
        case "decision":
            articles = "・".join(f"第{number}条" for number in document["articles"])
            return document["action"], f"{'○' if document['allow'] else '×'} {articles}"
        case "release":
            cells = ", ".join(f"{name} {count:,}" for name, count in sorted(document["cells"].items()))
            return f"← {document['decision']}", f"{document['rows']:,} ({cells})"
        case "refusal":
            return document["action"], f"{document['code']} ({document['exit_status']})"
        case "approval":
            return document["approval"], document["state"] + (f" / {document['step']}" if document["step"] else "")
        case "guideline":
            return document["guideline_version"], document["event"]
        case "registration":
            return document["dataset"], document["event"] + (f" / {document['part']}" if document["part"] else "")
        case "absence":
            return document["account"], f"{document['event']} {document['first']} – {document['last']}"
        case "matter":
            return document["number"], document["event"]
        case "cycle":
            return document["cycle"], ", ".join(sorted(document["releases"]))
        case "capacity":
            return document["cycle"], f"{document['event']} / {document['room']:,}"
        case "candidate":
            return document["number"], f"{document['event']} / {document['state']}"
        case "ticket":
            return document["ticket"], document["event"] + (f" → {document['to']}" if document["to"] else "")
        case "subject_request":
            return document["number"], document["event"] + (f" / {document['outcome']}" if document["outcome"] else "")
        case "retention":
            counts = ", ".join(f"{kind} {count:,}" for kind, count in sorted(document["counts"].items()))
            return document["number"], document["event"] + (f" ({counts})" if counts else "")
        case "package":
            return document["package"], document["event"] + (f" / {document['number']}" if document["number"] else "")
        case _:
            return document["event"], document["deployment"]


def _show_report(session: Session, report: VerificationReport) -> None:
    lang = session.lang
    if session.options.format == "json":
        session.terminal.document(
            {
                "verification": {
                    "ok": report.ok,
                    "size": report.size,
                    "root": report.root,
                    "first_bad_index": report.first_bad_index,
                    "findings": [
                        {"code": finding.code, "index": finding.index, "text": finding.text(lang)}
                        for finding in report.findings
                    ],
                }
            }
        )
    for finding in report.findings:
        session.terminal.say(
            ja=f"  ・[{finding.code}] {finding.text('ja')}", en=f"  - [{finding.code}] {finding.text('en')}"
        )
    if report.ok:
        session.terminal.say(
            ja=f"監査記録は {report.size:,} 件すべて正しくつながっています。根 {report.root}",
            en=f"The ledger is whole: {report.size:,} entries, root {report.root}",
        )
    else:
        session.terminal.say(
            ja=f"監査記録に {len(report.findings)} 件の不整合があります。書換えか破損が疑われます。"
            "控えと照合し、監査担当に知らせてください。",
            en=f"The ledger is not whole: {len(report.findings)} findings. "
            "Compare it with a backup and tell the auditor.",
        )


def _read_receipt(path: Path) -> Receipt:
    try:
        text, entry = (
            _bounded(path),
            _bounded(path.with_name(path.name + _ENTRY_SUFFIX)),
        )
    except FileNotFoundError:
        raise BadInput("file-missing", file=path.name) from None
    except OSError as error:
        raise BadInput("file-unreadable", file=path.name) from error
    return parse_receipt(text, entry=entry)


def _bounded(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_MAX_RECEIPT)
