"""Uses of data as a table, a document or a sheet, for holders, auditors and those who answer a person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audit.entry import Entry
from sekisho.actions import Action
from sekisho.exports import Caption, write_export
from sekisho.session import Session
from sekisho.subject_uses import SubjectUse
from sekisho.terminal import NOTICE
from sekisho.workbooks import workbook_bytes

_EVENTS = {
    "ja": {
        "suspended": "利用停止",
        "released": "利用停止を解いた",
        "traced": "使われ方を調べた",
        "opened": "個別票を開いた",
        "looked": "個別票を見た",
    },
    "en": {
        "suspended": "use suspended",
        "released": "suspension ended",
        "traced": "uses looked up",
        "opened": "case view opened",
        "looked": "case view looked at",
    },
}


def show_uses(
    session: Session, uses: Sequence[SubjectUse], *, entries: Sequence[Entry] = (), out: Path | None, action: Action
) -> None:
    """Show uses, and entries about the person, or write them to a sheet.

    Args:
        action: what was allowed; its articles stand on the sheet.
    """
    rows = [_row(use, session) for use in uses]
    others = [_other(entry, session) for entry in entries]
    if out is not None:
        caption = Caption(
            notice=NOTICE[session.lang] if session.deployment.settings.demo else None,
            principal=session.options.principal or "",
            at=session.deployment.clock(),
            articles=session.broker.articles_of(action),
        )
        sheets = [("利用", _headings(session), rows), ("その他の記録", _other_headings(session), others)]
        write_export(out, workbook_bytes(sheets, caption=caption, lang=session.lang))
    if session.options.format == "json":
        session.terminal.document(
            {
                "uses": [_document(use) for use in uses],
                "entries": [{"index": entry.index, **_plain(entry)} for entry in entries],
            }
        )
    elif out is None:
        session.terminal.table(_headings(session), ([str(cell) for cell in row] for row in rows))
        if others:
            session.terminal.table(_other_headings(session), ([str(cell) for cell in row] for row in others))
        if not uses:
            session.terminal.say(ja="照会に使われた記録はありません。", en="No query used it.")


def _headings(session: Session) -> tuple[str, ...]:
    if session.lang == "ja":
        return ("日時", "だれが", "利用目的", "提供先", "表", "項目", "条", "結果の行数", "監査記録")
    return ("at", "who", "purpose", "recipient", "dataset", "items", "articles", "rows released", "ledger")


def _row(use: SubjectUse, session: Session) -> tuple[str, ...]:
    lang, deployment = session.lang, session.deployment
    tables = deployment.guideline.tables
    dataset = deployment.catalogue.datasets.get(use.dataset)
    columns = dataset.columns if dataset is not None else {}
    purpose = tables["purposes"].get(use.purpose)
    recipient = tables["recipients"].get(use.recipient)
    return (
        use.at,
        f"{use.principal or '-'} ({use.hat or '-'})",
        purpose["label"][lang] if purpose else use.purpose or "-",
        recipient["label"][lang] if recipient else use.recipient or "-",
        _label(dataset.label, lang) if dataset is not None else use.dataset,
        ("、" if lang == "ja" else ", ").join(
            _label(columns[name].label, lang) if name in columns else name for name in use.columns
        ),
        "・".join(f"第{number}条" for number in use.articles) if lang == "ja" else ", ".join(map(str, use.articles)),
        f"{use.rows:,}" if use.rows is not None else ("出ていない" if lang == "ja" else "none"),
        str(use.decision),
    )


def _label(label: Any, lang: str) -> str:
    return str(label.ja if lang == "ja" else label.en)


def _other_headings(session: Session) -> tuple[str, ...]:
    return (
        ("日時", "だれが", "何を", "番号", "監査記録")
        if session.lang == "ja"
        else ("at", "who", "what", "number", "ledger")
    )


def _other(entry: Entry, session: Session) -> tuple[str, ...]:
    plain = _plain(entry)
    return (
        plain["time"],
        plain["principal"] or "-",
        _EVENTS[session.lang].get(plain["event"], plain["event"]),
        plain["number"],
        str(entry.index),
    )


def _plain(entry: Entry) -> dict[str, Any]:
    document = entry.document
    return {
        "time": document["time"],
        "principal": document["principal"],
        "event": document["event"],
        "number": document.get("number") or document.get("ticket"),
    }


def _document(use: SubjectUse) -> dict[str, Any]:
    return {
        "decision": use.decision,
        "at": use.at,
        "principal": use.principal,
        "hat": use.hat,
        "purpose": use.purpose,
        "recipient": use.recipient,
        "approval": use.approval,
        "articles": list(use.articles),
        "department": use.department,
        "dataset": use.dataset,
        "columns": list(use.columns),
        "released": use.released,
        "rows": use.rows,
    }
