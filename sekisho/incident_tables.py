"""How the command line shows incidents: a list with terms, and one with what leaked and the calculation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from governance.errors import Lang
from sekisho.incident_assessment import Finding
from sekisho.incident_extent import Extent
from sekisho.incident_log import KnownIncident
from sekisho.incident_papers import calculation_rows, item_rows, overdue_note, persons_text
from sekisho.incidents import DueReport
from sekisho.session import Session

REQUIRED: Mapping[Lang, Mapping[str | None, str]] = {
    "ja": {"yes": "要する", "no": "要しない", "unknown": "わからない（要するものとして扱う）", None: "未評価"},
    "en": {"yes": "yes", "no": "no", "unknown": "not known (treated as yes)", None: "not assessed"},
}
STAGES: Mapping[Lang, Mapping[str, str]] = {
    "ja": {"preliminary": "速報", "final": "確報"},
    "en": {"preliminary": "preliminary", "final": "final"},
}
_EVENTS: Mapping[Lang, Mapping[str, str]] = {
    "ja": {
        "opened": "開始",
        "assessed": "評価",
        "contacted": "支援措置の対象者の確認",
        "reported": "委員会への報告",
        "notified": "本人への通知",
        "closed": "終了",
    },
    "en": {
        "opened": "opened",
        "assessed": "assessed",
        "contacted": "protected persons seen to",
        "reported": "commission told",
        "notified": "persons told",
        "closed": "closed",
    },
}


def show_list(session: Session, incidents: Sequence[KnownIncident]) -> None:
    """Incidents, one a line, with the reports that are due and for how long."""
    today = session.deployment.clock().date()
    due = session.broker.incidents.due(today)
    if session.options.format == "json":
        session.terminal.document({"incidents": [incident_document(each, due) for each in incidents]})
        return
    ja = session.lang == "ja"
    session.terminal.table(
        ("文書番号", "知った日", "報告の要否", "本人の数", "これからの報告と期限", "段階", "始めた人")
        if ja
        else ("number", "discovered on", "report", "persons", "reports due", "last step", "opened by"),
        (
            (
                each.number,
                each.discovered_on.isoformat(),
                REQUIRED[session.lang][each.required],
                _persons(each, session.lang),
                "\n".join(_due(report, today, session.lang) for report in due if report.number == each.number) or "-",
                _EVENTS[session.lang][each.steps[-1].event],
                each.opened_by,
            )
            for each in incidents
        ),
    )


def show_incident(session: Session, incident: KnownIncident, extent: Extent, findings: Sequence[Finding]) -> None:
    """One incident: its line, the items, the calculation, what is recorded."""
    catalogue = session.deployment.catalogue
    if session.options.format == "json":
        due = session.broker.incidents.due(session.deployment.clock().date())
        session.terminal.document(
            {
                "incident": incident_document(incident, due),
                "items": [
                    {"item": item.name, "shown": item.shown, "of_persons": item.of_persons} for item in extent.items
                ],
                "calculation": [
                    {
                        "fact": each.name,
                        "answer": each.answer,
                        "by": each.by,
                        "items": [item.name for item in each.items],
                        "more_than": each.more_than,
                    }
                    for each in findings
                ],
                "counted_by_key": dict(extent.by_kind),
            }
        )
        return
    show_list(session, (incident,))
    ja = session.lang == "ja"
    if extent.items:
        session.terminal.table(
            ("保有課", "表", "項目", "区分", "含まれ方") if ja else ("holder", "table", "item", "class", "how"),
            item_rows(extent, catalogue),
            title="漏れた項目" if ja else "items",
        )
    if findings:
        rows = zip(findings, calculation_rows(findings, catalogue), strict=True)
        session.terminal.table(
            ("名前", "場合", "判断", "根拠") if ja else ("name", "kind", "answer", "rests on"),
            ((each.name, *row) for each, row in rows),
            title="報告の要否の計算" if ja else "calculation",
        )
    session.terminal.table(
        ("段階", "行った日", "記録した人", "文書番号", "監査記録")
        if ja
        else ("step", "on", "by", "document", "ledger"),
        (
            (
                _EVENTS[session.lang][step.event]
                + (f"（{STAGES[session.lang][step.stage]}）" if step.stage is not None else ""),
                step.on.isoformat(),
                step.by,
                step.document or "-",
                str(step.ledger_index),
            )
            for step in incident.steps
        ),
        title="記録" if ja else "recorded",
    )


def incident_document(incident: KnownIncident, due: Sequence[DueReport]) -> dict[str, Any]:
    """An incident for programs."""
    persons = incident.persons
    return {
        "number": incident.number,
        "open": incident.open,
        "opened_by": incident.opened_by,
        "discovered_on": incident.discovered_on.isoformat(),
        "entries": list(incident.entries),
        "required": incident.required,
        "facts": dict(incident.facts),
        "persons": {"least": persons.least, "most": persons.most, "found": persons.found} if persons else None,
        "due": [
            {"stage": each.stage, "last_day": each.last_day.isoformat(), "days": each.days}
            for each in due
            if each.number == incident.number
        ],
        "steps": [
            {
                "event": step.event,
                "stage": step.stage,
                "on": step.on.isoformat(),
                "by": step.by,
                "route": step.route,
                "obstacle": step.obstacle,
                "measures": list(step.measures),
                "document": step.document,
                "ledger": step.ledger_index,
            }
            for step in incident.steps
        ],
    }


def _persons(incident: KnownIncident, lang: Lang) -> str:
    persons = incident.persons
    if lang == "ja":
        return persons_text(persons)
    if persons is None:
        return "not assessed"
    if persons.found is not None:
        return f"{persons.found:,} (found)"
    return f"{persons.least:,} to {persons.most:,}" if persons.most is not None else f"{persons.least:,} or more"


def _due(report: DueReport, today: date, lang: Lang) -> str:
    if lang == "ja":
        note = overdue_note(report.last_day, today=today)
        return f"{STAGES['ja'][report.stage]} {report.last_day.isoformat()}（{note}）"
    late = f"{-report.days} days overdue" if report.days < 0 else f"{report.days} days left"
    return f"{STAGES['en'][report.stage]} {report.last_day.isoformat()} ({late})"
