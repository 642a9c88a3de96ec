"""``sekisho check``: is a deployment sound, its sources included; and, for its officer, how a department's data is."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

import click

from governance.errors import BadInput, CheckFailed, SekishoError
from sekisho.checks import check
from sekisho.department_check import DepartmentCheck
from sekisho.department_check_tables import document, findings_lines, tables
from sekisho.exports import Caption, for_people, japanese_date, reserve_export
from sekisho.fiscal_year_check import HEADINGS, check_year_end
from sekisho.options import shared_options
from sekisho.session import Session
from sekisho.terminal import NOTICE
from sekisho.workbooks import workbook_bytes

_TITLES = {"ja": ("準備するもの", "すべて"), "en": ("to do", "all")}
_MOST_LINES = 20
"""Rows of a table on the terminal; all of them stand in the workbook and in the document."""


@click.command("check")
@click.option("--department", metavar="ID", help="Check this department's data, as its own officer (--as).")
@click.option(
    "--fiscal-year", is_flag=True, help="What ends on 31 March, and what is prepared for the next year (--as)."
)
@click.option(
    "--out", "--output", "out", type=click.Path(path_type=Path), metavar="FILE", help="Write the workbook here (xlsx)."
)
@shared_options
@click.pass_context
def command(context: click.Context, *, department: str | None, fiscal_year: bool, out: Path | None) -> int:
    """Check a deployment as a whole, how the data of one department is, or what ends with the fiscal year.

    As a whole: settings, guideline, catalogue, templates, accounts, keys, ledger, sources. With --department, for an
    officer of that department: schema, freshness, figures for each column, rows that cannot be read and why, columns
    that nobody declared. With --fiscal-year, for an account that may read approvals: purposes, approvals, accounts,
    trainings, clearances, contracts, keys, and the stewards of all datasets. Ends with 1 where a fault was found.
    """
    session = Session(context)
    kind = session.options.format
    if department is not None and fiscal_year:
        raise BadInput("check-one-kind")
    if kind not in ("table", "json", "xlsx") or (kind == "xlsx" and department is None and not fiscal_year):
        raise BadInput("check-report-format", format=kind)
    if kind == "xlsx" and out is None:
        raise BadInput("output-file-needed", format=kind)
    if kind != "xlsx" and out is not None:
        raise BadInput("output-format-needed", format=kind)
    if department is None and not fiscal_year:
        return _whole(session)
    with reserve_export(out) if out is not None else nullcontext() as file:
        if department is None:
            return _fiscal_year(session, file=file)
        return _department(session, department, file=file)


def _fiscal_year(session: Session, *, file: IO[bytes] | None) -> int:
    found = check_year_end(session.deployment, session.broker, session.asker())
    lang, terminal = session.lang, session.terminal
    if session.options.format == "json":
        terminal.document(
            {
                "fiscal_year": {
                    "last_day": found.last_day.isoformat(),
                    "ok": found.ok,
                    "lines": [line.to_json(lang=lang) for line in found.lines],
                }
            }
        )
    elif file is not None:
        caption = Caption(
            notice=NOTICE["ja"] if session.deployment.settings.demo else None,
            principal=session.options.principal or "",
            at=session.deployment.clock(),
            articles=session.broker.articles_of("approval.read"),
        )
        headings = HEADINGS[lang]
        sheets = [
            (title, headings, [line.cells(lang=lang) for line in lines])
            for title, lines in ((_TITLES[lang][0], found.to_do), (_TITLES[lang][1], found.lines))
        ]
        file.write(workbook_bytes(sheets, caption=caption, lang=lang))
        terminal.say(ja="年度末の一覧を書き出しました。", en="The list was written.")
    else:
        terminal.table(HEADINGS[lang], (line.cells(lang=lang) for line in found.lines))
    terminal.say(
        ja=f"{found.last_day.isoformat()} までに準備するもの: {len(found.to_do)} 件（全 {len(found.lines)} 件）。",
        en=f"To be prepared by {found.last_day.isoformat()}: {len(found.to_do)} of {len(found.lines)}.",
    )
    return 0 if found.ok else CheckFailed.exit_status


def _department(session: Session, department: str, *, file: IO[bytes] | None) -> int:
    found = session.broker.looks.check(session.asker(), department=department)
    if session.options.format == "json":
        session.terminal.document({"department_check": document(found, lang=session.lang)})
    elif file is not None:
        file.write(_workbook(session, found))
        session.terminal.say(ja="点検の結果を書き出しました。", en="The result of the check was written.")
    else:
        _show(session, found)
    return 0 if found.ok else CheckFailed.exit_status


def _show(session: Session, found: DepartmentCheck) -> None:
    lang, terminal = session.lang, session.terminal
    title = (
        f"{found.label.ja} データの点検 {japanese_date(found.today)}"
        if lang == "ja"
        else f"{found.label.en}: check of the data, {found.today.isoformat()}"
    )
    for number, table in enumerate(tables(found, lang=lang)):
        # What was found is told below; in a cell it would be as wide as the screen.
        last = -1 if number == 0 else len(table.headings)
        rows = [row[:last] for row in table.rows]
        if not rows:
            continue
        shown = rows if number < 2 else rows[:_MOST_LINES]
        terminal.table(
            table.headings[:last],
            ([for_people(cell, lang=lang) for cell in row] for row in shown),
            title=f"{title}　{table.title}" if number == 0 else table.title,
        )
        if len(shown) < len(rows):
            more = len(rows) - len(shown)
            terminal.say(
                ja=f"ほかに {more:,} 行あります（--format xlsx --out FILE ですべて出せます）。",
                en=f"{more:,} more (all with --format xlsx --out FILE).",
            )
    for text, remedy in findings_lines(found, lang=lang):
        terminal.say(ja=f"{text}\n  → {remedy}", en=f"{text}\n  → {remedy}")
    if found.ok:
        terminal.say(ja="○ 使用を止める不備はありません。", en="No fault was found.")


def _workbook(session: Session, found: DepartmentCheck) -> bytes:
    deployment = session.deployment
    caption = Caption(
        notice=NOTICE["ja"] if deployment.settings.demo else None,
        principal=session.options.principal or "",
        at=deployment.clock(),
        articles=session.broker.articles_of("dataset.check"),
    )
    sheets = ((table.title, table.headings, table.rows) for table in tables(found, lang=session.lang))
    return workbook_bytes(sheets, caption=caption, lang=session.lang)


def _whole(session: Session) -> int:
    results = []
    for result in check(session.folder, engine=session.options.engine):
        results.append(result)
        if session.options.format != "json":
            mark = "○" if result.ok else "×"
            session.terminal.say(ja=f"{mark} {result.label.ja}", en=f"{mark} {result.label.en}")
            for error in result.errors:
                session.terminal.error(error)
    faults = [error for result in results for error in result.errors]
    if session.options.format == "json":
        session.terminal.document(
            {
                "check": {
                    "ok": not faults,
                    "parts": [
                        {
                            "part": result.part,
                            "ok": result.ok,
                            "faults": [_fault(error, session) for error in result.errors],
                        }
                        for result in results
                    ],
                }
            }
        )
    return CheckFailed.exit_status if faults else 0


def _fault(error: SekishoError, session: Session) -> dict[str, Any]:
    place: dict[str, Any] = {name: value for name, value in error.params.items() if name in ("file", "line")}
    return {"code": error.code, "text": error.text(session.lang), "remedy": error.remedy(session.lang), **place}
