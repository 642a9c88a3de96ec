"""The sheet of an approval as a file that prints on A4: PDF with its Japanese font inside, or an Excel workbook."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from fpdf.enums import WrapMode

from sekisho.approval_sheet import Sheet
from sekisho.exports import Caption, screen_width
from sekisho.pdf_pages import FONT, SMALL, TITLE, PdfPages

_BOXES = ("欄", "課", "職", "氏名（職員のアカウント）", "日時")
_ITEMS = ("保有課", "表", "項目", "形")
_HISTORY = ("経過", "職員", "日時", "監査記録", "理由・意見")


def sheet_pdf(sheet: Sheet, *, caption: Caption) -> bytes:
    """The sheet as a PDF: A4 upright, the caption and the number on every page, page X / Y below.

    The glyphs that are used are embedded, so that it prints alike where no Japanese font is installed.
    """
    paper = PdfPages(number=sheet.number, caption=caption)
    paper.set_title(f"{sheet.title} {sheet.number}")
    paper.set_creation_date(caption.at)
    paper.add_page()
    paper.set_font(FONT, size=TITLE)
    paper.cell(w=0, h=10, text=sheet.title, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.ln(2)
    paper.grid(None, sheet.fields, widths=(24, 76))
    paper.heading("審査・合議・決裁")
    paper.grid(_BOXES, [(b.step, b.section, b.post, b.name, b.at) for b in sheet.boxes], widths=(9, 22, 12, 24, 33))
    paper.heading("対象データ・項目")
    paper.grid(_ITEMS, [(i.department, i.dataset, i.column, i.form) for i in sheet.items], widths=(16, 24, 26, 34))
    paper.heading("経過")
    paper.grid(_HISTORY, sheet.history, widths=(11, 19, 27, 11, 32))
    paper.add_page()
    paper.heading("別紙　照会文")
    paper.set_font(FONT, size=SMALL)
    paper.multi_cell(w=0, h=4.2, text=sheet.sql, align="L", wrapmode=WrapMode.CHAR, border=1, padding=2)
    return bytes(paper.output())


def sheet_xlsx(sheet: Sheet, *, caption: Caption) -> bytes:
    """The sheet as an Excel workbook: the same parts one below the other, A4 upright, one page wide."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet("決裁文書")
    edge = {"border": 1, "text_wrap": True, "valign": "top"}
    title, bold = book.add_format({"bold": True, "font_size": 15}), book.add_format({"bold": True})
    plain, shaded = book.add_format(edge), book.add_format({**edge, "bg_color": "#EBEBEB"})
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    last = len(_WIDTHS) - 1
    page.write_string(0, 0, caption.line())
    page.write_string(1, 0, sheet.title, title)
    line = 3
    for name, text in sheet.fields:
        page.write_string(line, 0, name, shaded)
        page.merge_range(line, 1, line, last, "", plain)
        page.write_string(line, 1, text, plain)
        page.set_row(line, row_height(text, sum(_WIDTHS[1:])))
        line += 1
    parts: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = (
        ("審査・合議・決裁", _BOXES, [(b.step, b.section, b.post, b.name, b.at) for b in sheet.boxes]),
        ("対象データ・項目", _ITEMS, [(i.department, i.dataset, i.column, i.form) for i in sheet.items]),
        ("経過", _HISTORY, sheet.history),
    )
    for name, headings, rows in parts:
        page.write_string(line + 1, 0, name, bold)
        line = _block(page, line + 2, headings, rows, shaded=shaded, plain=plain)
    page.print_area(0, 0, line - 1, last)
    page_setup(page, caption)
    text = book.add_worksheet("別紙 照会文")
    text.set_column(0, 0, sum(_WIDTHS))
    text.write_string(0, 0, f"別紙　照会文（{sheet.number}）", bold)
    lines = sheet.sql.splitlines()
    for number, content in enumerate(lines, start=1):
        text.write_string(number, 0, content)
    text.print_area(0, 0, len(lines), 0)
    page_setup(text, caption)
    book.close()
    return buffer.getvalue()


_WIDTHS = (16, 24, 20, 26, 28)


def _block(
    page: Any, line: int, headings: Sequence[str], rows: Sequence[Sequence[str]], *, shaded: Any, plain: Any
) -> int:
    """Write a table from a line on and return the first line below it."""
    for position, text in enumerate(headings):
        page.write_string(line, position, text, shaded)
    for row in rows:
        line += 1
        for position, text in enumerate(row):
            page.write_string(line, position, text, plain)
        page.set_row(line, max(row_height(text, width) for text, width in zip(row, _WIDTHS, strict=False)))
    return line + 1


def row_height(text: str, width: int) -> int:
    """Of a row that shows the whole text in a column of that width: Excel does not grow merged cells by itself."""
    return 15 * sum(max(1, -(-screen_width(part) // width)) for part in text.split("\n"))


def page_setup(page: Any, caption: Caption) -> None:
    """A4 upright, one page wide, the caption above and page X / Y below."""
    page.set_portrait()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_header(caption.page_header())
    page.set_footer("&C&P / &N")
