"""Papers of an incident (第27条), as drafts: the two reports to the commission, the letter to the persons concerned.

What the records tell stands in them; what only people know is left for them to write, and says so. The letter names
nobody: the department that holds the person's record addresses it. It depends on the incident alone, so that nobody
can tell from it whether somebody is under protection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.catalogue import Catalogue
from governance.incidents import Answer, Stage
from sekisho.exports import Caption, japanese_date
from sekisho.incident_assessment import By, Finding, Persons
from sekisho.incident_extent import Extent, Item
from sekisho.incident_log import KnownIncident
from sekisho.incident_terms import Deadlines
from sekisho.pdf_pages import FONT, TITLE, PdfPages
from sekisho.workbooks import workbook_bytes

TO_WRITE = "（要記入）"
STAGES: Mapping[Stage, str] = {"preliminary": "速報", "final": "確報"}
ANSWERS: Mapping[Answer, str] = {"yes": "当たる", "no": "当たらない", "unknown": "わからない"}
_SENSITIVITY = {"youhairyo": "要配慮", "kibi": "機微"}
_BY: Mapping[By, str] = {
    "items": "漏れた項目から計算",
    "persons": "本人の数から計算",
    "people": "職員が確かめた",
    "nothing": "計算ではわからず、職員も答えていない",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTable:
    """A table of a paper, with the widths of its columns in percent."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper: its title, what stands beside each heading, its text, its tables."""

    number: str
    title: str
    fields: tuple[tuple[str, str], ...]
    paragraphs: tuple[str, ...]
    tables: tuple[PaperTable, ...]

    def to_json(self) -> dict[str, Any]:
        """The paper for programs."""
        return {
            "number": self.number,
            "title": self.title,
            "fields": dict(self.fields),
            "paragraphs": list(self.paragraphs),
            "tables": [
                {"name": table.name, "headings": list(table.headings), "rows": [list(row) for row in table.rows]}
                for table in self.tables
            ],
        }


def report_paper(
    incident: KnownIncident,
    extent: Extent,
    *,
    stage: Stage,
    findings: Sequence[Finding],
    due: Deadlines,
    terms: Mapping[str, Any],
    catalogue: Catalogue,
    recipients: Mapping[str, Any],
    body: str,
) -> Paper:
    """The report to the commission (報告書), with its nine items.

    Args:
        recipients: the guideline's, by name.
        body: who reports.
    """
    last = due.preliminary if stage == "preliminary" else due.final
    return Paper(
        number=incident.number,
        title=f"個人情報の漏えい等に関する報告書（{STAGES[stage]}）（案）",
        fields=(
            ("宛先", "個人情報保護委員会"),
            ("報告者", body),
            ("根拠", f"{terms['law']}（要確認（弁護士））"),
            ("対応の文書番号", incident.number),
            ("この報告の文書番号", TO_WRITE),
            ("知った日", japanese_date(incident.discovered_on)),
            ("報告の期限", japanese_date(last)),
            ("報告を要する場合", _reasons(findings)),
            ("1　概要", _summary(extent, recipients)),
            ("2　保有個人情報の項目", f"別表のとおり（{len(extent.items)}項目）" if extent.items else TO_WRITE),
            ("3　本人の数", persons_text(incident.persons)),
            ("4　原因", TO_WRITE),
            ("5　二次被害又はそのおそれの有無及び内容", TO_WRITE),
            ("6　本人への対応の実施状況", _told(incident, terms)),
            ("7　公表の実施状況", _published(incident, terms)),
            ("8　再発防止のための措置", _measures(incident, terms)),
            ("9　その他参考となる事項", TO_WRITE),
        ),
        paragraphs=(),
        tables=(_calculation(findings, catalogue), _items(extent, catalogue)),
    )


def letter_paper(
    incident: KnownIncident, extent: Extent, *, terms: Mapping[str, Any], catalogue: Catalogue, body: str
) -> Paper:
    """The letter to the persons concerned (本人への通知): one for all, addressed by the holder."""
    shown = [item for item in extent.items if item.shown] or list(extent.items)
    labels = dict.fromkeys(_label(item, catalogue) for item in shown)
    return Paper(
        number=incident.number,
        title="個人情報の漏えい等についてのお知らせ（案）",
        fields=(
            ("宛名", "（保有課が記入する。この案には氏名、住所を書かない。）"),
            ("差出人", body),
            ("文書番号", TO_WRITE),
            ("知った日", japanese_date(incident.discovered_on)),
            ("漏れた、又は漏れたおそれのある情報", "、".join(labels) or TO_WRITE),
            ("起きたこと", TO_WRITE),
            ("原因", TO_WRITE),
            ("考えられる被害と、お願いしたいこと", TO_WRITE),
            ("市の対応", TO_WRITE),
            ("問合せ先", TO_WRITE),
        ),
        paragraphs=(
            "市がお預かりしている個人情報が、漏れた、又は漏れたおそれがあることがわかりました。深くおわび申し上げます。",
            f"このお知らせは、{terms['law']}の規定により、ご本人にお送りするものです。（要確認（弁護士））",
            "この件について、市の職員が電話や訪問で口座番号や暗証番号をお聞きすることはありません。",
        ),
        tables=(),
    )


def paper_pdf(paper: Paper, *, caption: Caption) -> bytes:
    """A paper as a PDF, as the sheets of approvals are."""
    pages = PdfPages(number=paper.number, caption=caption)
    pages.set_title(f"{paper.title} {paper.number}")
    pages.set_creation_date(caption.at)
    pages.add_page()
    pages.set_font(FONT, size=TITLE)
    pages.cell(w=0, h=10, text=paper.title, align="C", new_x="LMARGIN", new_y="NEXT")
    pages.ln(2)
    for text in paper.paragraphs:
        pages.paragraph(text)
    pages.grid(None, paper.fields, widths=(28, 72))
    for table in paper.tables:
        pages.heading(table.name)
        pages.grid(table.headings, table.rows, widths=table.widths)
    return bytes(pages.output())


def paper_xlsx(paper: Paper, *, caption: Caption) -> bytes:
    """A paper as an Excel workbook: the paper first, then its tables, a sheet each."""
    rows = [*(("本文", text) for text in paper.paragraphs), *paper.fields]
    sheets = [(table.name, table.headings, table.rows) for table in paper.tables]
    return workbook_bytes([("書面", ("項目", "内容"), rows), *sheets], caption=caption, lang="ja")


def persons_text(persons: Persons | None) -> str:
    """How many persons, in words; what is not known says so."""
    if persons is None:
        return "未評価"
    most = f"{persons.most:,}人以下" if persons.most is not None else "上限はわからない"
    computed = f"{persons.least:,}人以上、{most}"
    if persons.found is not None:
        return f"{persons.found:,}人（職員が確かめた数。保有課の記録からの計算では{computed}）"
    return f"{computed}（保有課の記録から計算）"


def calculation_rows(findings: Sequence[Finding], catalogue: Catalogue) -> tuple[tuple[str, str, str], ...]:
    """Kind by kind: whether the incident is of it, and what that rests on."""
    return tuple((each.label.ja, ANSWERS[each.answer], _basis(each, catalogue)) for each in findings)


def item_rows(extent: Extent, catalogue: Catalogue) -> tuple[tuple[str, str, str, str, str], ...]:
    """Item by item: whose, which table, which item, how sensitive, and whether it stood in what leaked."""
    return tuple(
        (
            catalogue.departments[item.department].label.ja,
            _table(item, catalogue),
            _label(item, catalogue),
            _sensitive(item, catalogue),
            ("一人ずつの値" if item.of_persons else "集計") if item.shown else "抽出の条件、突合など",
        )
        for item in extent.items
    )


def _calculation(findings: Sequence[Finding], catalogue: Catalogue) -> PaperTable:
    rows = calculation_rows(findings, catalogue)
    return PaperTable(name="報告の要否の計算", headings=("場合", "判断", "根拠"), rows=rows, widths=(34, 14, 52))


def _items(extent: Extent, catalogue: Catalogue) -> PaperTable:
    return PaperTable(
        name="別表　項目",
        headings=("保有課", "表", "項目", "区分", "含まれ方"),
        rows=item_rows(extent, catalogue),
        widths=(22, 24, 26, 10, 18),
    )


def _reasons(findings: Sequence[Finding]) -> str:
    yes = [each.label.ja for each in findings if each.answer == "yes"]
    unknown = [
        f"{each.label.ja}（わからないため、当たるものとして扱う）" for each in findings if each.answer == "unknown"
    ]
    return "\n".join([*yes, *unknown]) or "該当なし"


def _basis(finding: Finding, catalogue: Catalogue) -> str:
    parts = [_BY[finding.by]]
    if finding.items:
        parts.append("該当する項目: " + "、".join(dict.fromkeys(_label(item, catalogue) for item in finding.items)))
    if finding.more_than is not None:
        parts.append(f"基準: {finding.more_than:,}人を超える")
    return "。".join(parts)


def _summary(extent: Extent, recipients: Mapping[str, Any]) -> str:
    lines = [
        f"監査記録 {part.index} 番（{part.at[:10]}、{part.rows:,}行{_to(part.recipient, recipients)}）"
        for part in extent.parts
    ]
    return "\n".join([*lines, f"起きたこと: {TO_WRITE}"])


def _to(recipient: str | None, recipients: Mapping[str, Any]) -> str:
    if recipient is None:
        return ""
    entry = recipients.get(recipient)
    return f"、提供先 {entry['label']['ja'] if entry is not None else recipient}"


def _told(incident: KnownIncident, terms: Mapping[str, Any]) -> str:
    told = incident.last("notified")
    if told is None:
        return f"まだ通知していない。予定: {TO_WRITE}"
    if told.obstacle is None:
        return f"{japanese_date(told.on)} 通知した（{_name(terms, 'notice_routes', told.route)}）"
    why, instead = _name(terms, "obstacles", told.obstacle), _name(terms, "substitutes", told.route)
    return f"通知できない理由: {why}。代わりの措置: {instead}（{japanese_date(told.on)}）"


def _published(incident: KnownIncident, terms: Mapping[str, Any]) -> str:
    told = incident.last("notified")
    if told is not None and told.obstacle is not None:
        return f"{_name(terms, 'substitutes', told.route)}（{japanese_date(told.on)}）"
    return TO_WRITE


def _measures(incident: KnownIncident, terms: Mapping[str, Any]) -> str:
    closed = incident.last("closed")
    if closed is None:
        return TO_WRITE
    return "、".join(_name(terms, "measures", each) for each in closed.measures) + f"（文書番号 {closed.document}）"


def _name(terms: Mapping[str, Any], part: str, name: str | None) -> str:
    """A name's label; the name itself where the guideline has changed since."""
    entry = terms[part].get(name)
    return str(entry["ja"]) if entry is not None else str(name)


def _label(item: Item, catalogue: Catalogue) -> str:
    dataset = catalogue.datasets.get(item.dataset)
    column = dataset.columns.get(item.column) if dataset is not None else None
    return column.label.ja if column is not None else item.column


def _table(item: Item, catalogue: Catalogue) -> str:
    dataset = catalogue.datasets.get(item.dataset)
    return dataset.label.ja if dataset is not None else item.dataset


def _sensitive(item: Item, catalogue: Catalogue) -> str:
    dataset = catalogue.datasets.get(item.dataset)
    column = dataset.columns.get(item.column) if dataset is not None else None
    return _SENSITIVITY.get(column.sensitivity, "") if column is not None else ""


def overdue_note(last: date, *, today: date) -> str:
    """How far off a last day is, in words."""
    days = (last - today).days
    return f"{-days}日超過" if days < 0 else "本日まで" if days == 0 else f"あと{days}日"
