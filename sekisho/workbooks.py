"""Sheets as municipal staff expect them: heading, filter, frozen rows, widths, A4 landscape, a caption on each page."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date

import xlsxwriter

from governance.errors import Lang
from sekisho.exports import Caption, for_people, screen_width

_WIDEST = 60


def workbook_bytes(
    sheets: Iterable[tuple[str, Sequence[str], Sequence[Sequence[str | int | date | None]]]],
    *,
    caption: Caption,
    lang: Lang,
) -> bytes:
    """A workbook of tables: each with its name, its headings and its rows. No text becomes a formula or a link."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    number = book.add_format({"num_format": "#,##0", "valign": "top"})
    for name, headings, rows in sheets:
        sheet = book.add_worksheet(name)
        sheet.write_string(0, 0, caption.line())
        for position, heading in enumerate(headings):
            sheet.write_string(1, position, heading, bold)
        widths = [screen_width(heading) for heading in headings]
        for line, row in enumerate(rows, start=2):
            for position, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(line, position, value, number)
                    widths[position] = max(widths[position], len(f"{value:,}"))
                else:
                    text = for_people(value, lang=lang)
                    sheet.write_string(line, position, text, wrapped)
                    widths[position] = max(widths[position], screen_width(text))
        for position, width in enumerate(widths):
            sheet.set_column(position, position, min(width, _WIDEST) + 2)
        sheet.autofilter(1, 0, max(len(rows) + 1, 1), max(len(headings) - 1, 0))
        sheet.freeze_panes(2, 0)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)
        sheet.set_header(caption.page_header())
        sheet.set_footer("&C&P / &N")
    book.close()
    return buffer.getvalue()
