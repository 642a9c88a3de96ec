"""The check of a department as tables for people and as a document for programs. No value of a row is in either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.look_alikes import is_number_look_alike, looks_like_tax
from connectors.reading_report import ColumnFigures, Note, UndeclaredColumn
from governance.errors import Lang
from sekisho.department_check import DatasetCheck, DepartmentCheck, Finding, fault_error

Cell = str | int | date | None

_MARKS: Mapping[str, Mapping[Lang, str]] = {
    "sound": {"ja": "○", "en": "sound"},
    "warning": {"ja": "△", "en": "warning"},
    "fault": {"ja": "×", "en": "fault"},
}
_NOTES: Mapping[Note, Mapping[Lang, str]] = {
    "unknown-day": {"ja": "日が不詳", "en": "day unknown"},
    "late-era": {"ja": "改元後の旧元号", "en": "era after its end"},
    "zero-padded": {"ja": "先頭の0を補った", "en": "leading zeros restored"},
    "replaced-character": {"ja": "外字・〓・?", "en": "replaced character"},
    "no-figure": {"ja": "「-」（値なし）", "en": "mark of no figure"},
    "withheld": {"ja": "「×」（秘匿）", "en": "mark of a withheld figure"},
}
_BOTH: Mapping[bool, Mapping[Lang, str]] = {
    True: {"ja": "行を除外", "en": "row set aside"},
    False: {"ja": "値を不明とした", "en": "value unknown"},
}
_REFUSED: Mapping[Lang, str] = {"ja": "全体を読み込まない", "en": "dataset refused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTable:
    """One table of the check."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def tables(check: DepartmentCheck, *, lang: Lang) -> tuple[CheckTable, ...]:
    """Overview, columns, faults of rows, undeclared columns: the sheets of the workbook."""
    return (
        _table(lang, ("概要", "Overview"), _OVERVIEW, _overview(check, lang)),
        _table(lang, ("項目", "Columns"), _COLUMNS, _columns(check, lang)),
        _table(lang, ("行の不備", "Rows to mend"), _ROWS, _rows(check, lang)),
        _table(lang, ("未登録の列", "Undeclared columns"), _UNDECLARED, _undeclared(check, lang)),
    )


def findings_lines(check: DepartmentCheck, *, lang: Lang) -> Iterator[tuple[str, str]]:
    """Each finding with its mark, and what to do."""
    for _, finding in check.all_findings():
        yield f"{_MARKS[finding.mark][lang]} {finding.error.text(lang)}", finding.error.remedy(lang)


def document(check: DepartmentCheck, *, lang: Lang) -> dict[str, Any]:
    """The check as every program sees it."""
    return {
        "department": check.department,
        "label": check.label.ja if lang == "ja" else check.label.en,
        "today": check.today.isoformat(),
        "ok": check.ok,
        "datasets": [_dataset_document(dataset, lang) for dataset in check.datasets],
        "findings": [_finding_document(finding, lang) for finding in check.findings],
    }


_OVERVIEW = (
    ("判定", "mark"), ("データセット", "dataset"), ("名称", "label"), ("基準日", "as of"), ("経過日数", "days old"),
    ("期限（日）", "limit"), ("数え方", "counted in"), ("読んだ行", "rows read"), ("除いた行", "set aside"),
    ("使える行", "rows served"), ("未登録の列", "undeclared"), ("指摘", "findings"),
)  # fmt: skip
_COLUMNS = (
    ("データセット", "dataset"), ("項目", "column"), ("名称", "label"), ("値あり", "known"), ("空欄", "blank"),
    ("読めない", "unreadable"), ("区分（使用/登録）", "codes (used/declared)"), ("備考", "remarks"),
)  # fmt: skip
_ROWS = (
    ("データセット", "dataset"), ("ファイル", "file"), ("行", "row"), ("項目", "column"), ("扱い", "treatment"),
    ("理由", "reason"), ("対処", "remedy"),
)  # fmt: skip
_UNDECLARED = (
    ("データセット", "dataset"), ("ファイル", "file"), ("列", "position"), ("見出し", "header"), ("値あり", "filled"),
    ("個人番号らしい値", "number-like"), ("扱い", "treatment"),
)  # fmt: skip


def _table(
    lang: Lang,
    title: tuple[str, str],
    headings: Iterable[tuple[str, str]],
    rows: Iterable[Sequence[Cell]],
) -> CheckTable:
    which = 0 if lang == "ja" else 1
    return CheckTable(title=title[which], headings=tuple(heading[which] for heading in headings), rows=tuple(rows))


def _overview(check: DepartmentCheck, lang: Lang) -> Iterator[Sequence[Cell]]:
    for each in check.datasets:
        report, freshness = each.report, each.freshness
        texts = [finding.error.text(lang) for finding in each.findings]
        yield (
            _MARKS[each.mark][lang],
            each.dataset.name,
            each.dataset.label.ja if lang == "ja" else each.dataset.label.en,
            freshness.day,
            freshness.age,
            freshness.limit,
            freshness.unit[lang],
            report.rows if report is not None else None,
            report.rejected if report is not None and each.served else None,
            each.rows,
            len(report.undeclared) if report is not None else None,
            " ".join(texts),
        )


def _columns(check: DepartmentCheck, lang: Lang) -> Iterator[Sequence[Cell]]:
    for each in check.datasets:
        for column, figures in each.columns():
            yield (
                each.dataset.name,
                column.name,
                column.label.ja if lang == "ja" else column.label.en,
                figures.known,
                figures.blank,
                figures.unreadable,
                f"{len(figures.codes)}/{len(column.codes)}" if column.codes else None,
                _remarks(figures, lang),
            )


def _remarks(figures: ColumnFigures, lang: Lang) -> str:
    parts = (f"{_NOTES[note][lang]} {rows:,}" for note, rows in figures.notes.items())
    return ("、" if lang == "ja" else ", ").join(parts)


def _rows(check: DepartmentCheck, lang: Lang) -> Iterator[Sequence[Cell]]:
    for each in check.datasets:
        for fault in each.report.faults if each.report is not None else ():
            error = fault_error(fault, dataset=each.dataset.name)
            label = each.dataset.columns[fault.column].label
            column = f"{label.ja if lang == 'ja' else label.en} ({fault.column})"
            treatment = _REFUSED[lang] if fault.rejected and not each.served else _BOTH[fault.rejected][lang]
            yield (
                each.dataset.name, fault.file, fault.row, column, treatment,
                error.text(lang), error.remedy(lang),
            )  # fmt: skip


def _undeclared(check: DepartmentCheck, lang: Lang) -> Iterator[Sequence[Cell]]:
    for each in check.datasets:
        for found in each.report.undeclared if each.report is not None else ():
            yield (
                each.dataset.name, found.file, found.position, found.title or None, found.filled, found.number_like,
                _treatment(found, lang),
            )  # fmt: skip


def _treatment(found: UndeclaredColumn, lang: Lang) -> str:
    if is_number_look_alike(found):
        return {"ja": "個人番号の疑い（停止）", "en": "like individual numbers: held back"}[lang]
    if looks_like_tax(found.title):
        return {"ja": "税・所得の疑い", "en": "like tax or income"}[lang]
    return {"ja": "読み込まない", "en": "not read"}[lang]


def _dataset_document(each: DatasetCheck, lang: Lang) -> dict[str, Any]:
    report, freshness = each.report, each.freshness
    return {
        "dataset": each.dataset.name,
        "label": each.dataset.label.ja if lang == "ja" else each.dataset.label.en,
        "mark": each.mark,
        "served": each.served,
        "rows": each.rows,
        "as_of": freshness.day.isoformat() if freshness.day is not None else None,
        "days_old": freshness.age,
        "limit_days": freshness.limit,
        "counted_in": freshness.unit[lang],
        "stale_from": freshness.stale_from.isoformat() if freshness.stale_from is not None else None,
        "rows_read": report.rows if report is not None else None,
        "rows_rejected": report.rejected if report is not None else None,
        "columns": [
            {
                "column": column.name,
                "known": figures.known,
                "blank": figures.blank,
                "unreadable": figures.unreadable,
                "codes_used": len(figures.codes) if column.codes else None,
                "codes_declared": len(column.codes) or None,
                "notes": dict(figures.notes),
            }
            for column, figures in each.columns()
        ],
        "row_faults": [
            {
                "code": fault.code,
                "column": fault.column,
                "file": fault.file,
                "row": fault.row,
                "rejected": fault.rejected,
                "remedy": fault_error(fault, dataset=each.dataset.name).remedy(lang),
            }
            for fault in (report.faults if report is not None else ())
        ],
        "undeclared": [
            {
                "file": found.file,
                "position": found.position,
                "title": found.title or None,
                "filled": found.filled,
                "number_like": found.number_like,
                "held_back": is_number_look_alike(found),
            }
            for found in (report.undeclared if report is not None else ())
        ],
        "findings": [_finding_document(finding, lang) for finding in each.findings],
    }


def _finding_document(finding: Finding, lang: Lang) -> dict[str, Any]:
    return {
        "mark": finding.mark,
        "code": finding.error.code,
        "text": finding.error.text(lang),
        "remedy": finding.error.remedy(lang),
    }
