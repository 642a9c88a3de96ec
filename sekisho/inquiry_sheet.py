"""The sheet of an inquiry as a file that prints on A4: who is meant, what is asked, room for the answer (照会票)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

from sekisho.approval_sheet_files import page_setup, row_height
from sekisho.exports import Caption
from sekisho.pdf_pages import FONT, TITLE, PdfPages

_WIDTHS = (44, 70)
_EMPTY_LINES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class InquirySheet:
    """A sheet in words.

    Attributes:
        fields: number, addressee, day, who asks.
        person: who is meant, item and value.
        questions: what is asked, with the answer, empty where there is none.
        notes: what to mind.
    """

    title: str
    number: str
    fields: Sequence[tuple[str, str]]
    person: Sequence[tuple[str, str]]
    questions: Sequence[tuple[str, str]]
    notes: Sequence[str]


def inquiry_pdf(sheet: InquirySheet, *, caption: Caption) -> bytes:
    """The sheet as a PDF, A4 upright, with its font inside."""
    paper = PdfPages(number=sheet.number, caption=caption)
    paper.set_title(f"{sheet.title} {sheet.number}")
    paper.set_creation_date(caption.at)
    paper.add_page()
    paper.set_font(FONT, size=TITLE)
    paper.cell(w=0, h=10, text=sheet.title, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.ln(2)
    paper.grid(None, sheet.fields, widths=(24, 76))
    paper.heading("照会の対象となる人")
    paper.grid(None, sheet.person, widths=(24, 76))
    paper.heading("お尋ねすること")
    paper.grid(None, [(asked, answer or "\n" * _EMPTY_LINES) for asked, answer in sheet.questions], widths=(40, 60))
    paper.heading("取扱い")
    for note in sheet.notes:
        paper.paragraph(note)
    return bytes(paper.output())


def inquiry_xlsx(sheet: InquirySheet, *, caption: Caption) -> bytes:
    """The sheet as a workbook, A4 upright, one page wide. No text becomes a formula or a link."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(sheet.title)
    edge = {"border": 1, "text_wrap": True, "valign": "top"}
    title, bold = book.add_format({"bold": True, "font_size": 15}), book.add_format({"bold": True})
    plain, shaded = book.add_format(edge), book.add_format({**edge, "bg_color": "#EBEBEB"})
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    page.write_string(0, 0, caption.line())
    page.write_string(1, 0, sheet.title, title)
    line = 3
    blank = "\n" * _EMPTY_LINES
    parts = (
        (None, sheet.fields),
        ("照会の対象となる人", sheet.person),
        ("お尋ねすること", [(asked, answer or blank) for asked, answer in sheet.questions]),
    )
    for heading, rows in parts:
        if heading is not None:
            page.write_string(line + 1, 0, heading, bold)
            line += 2
        for name, text in rows:
            page.write_string(line, 0, name, shaded)
            page.write_string(line, 1, text, plain)
            page.set_row(line, max(row_height(name, _WIDTHS[0]), row_height(text, _WIDTHS[1])))
            line += 1
    for note in sheet.notes:
        line += 1
        page.write_string(line, 0, note)
    page.print_area(0, 0, line, len(_WIDTHS) - 1)
    page_setup(page, caption)
    book.close()
    return buffer.getvalue()
