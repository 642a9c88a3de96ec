"""Pages of a PDF as the office prints them: A4 upright, a Japanese font inside, a caption and a number on each page."""

from __future__ import annotations

from collections.abc import Sequence

import pylopdf_fonts_jp
from fpdf import FPDF
from fpdf.enums import WrapMode
from fpdf.fonts import FontFace

from sekisho.exports import Caption

FONT = "NotoSansJP"
SMALL, TEXT, TITLE = 7.5, 9.0, 15.0
_MARGIN = 18.0
_SHADE = 235


class PdfPages(FPDF):
    """Pages that carry the caption above, and the number of the paper below."""

    def __init__(self, *, number: str, caption: Caption) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self._number, self._caption = number, caption
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN)
        self.add_font(FONT, fname=pylopdf_fonts_jp.sans_path())
        self.set_lang("ja")

    def header(self) -> None:
        """The caption; called for each page."""
        self.set_font(FONT, size=SMALL)
        self.set_y(9)
        self.cell(w=0, h=5, text=self._caption.line(), align="R", new_x="LMARGIN", new_y="NEXT")
        self.set_y(_MARGIN)

    def footer(self) -> None:
        """The number and the page; called for each page."""
        self.set_font(FONT, size=SMALL)
        self.set_y(-13)
        self.cell(w=0, h=5, text=f"{self._number}　{self.page_no()} / {self.str_alias_nb_pages}", align="C")

    def heading(self, text: str) -> None:
        """A heading above a part."""
        self.ln(3)
        self.set_font(FONT, size=TEXT + 1)
        self.cell(w=0, h=7, text=text, new_x="LMARGIN", new_y="NEXT")

    def grid(self, headings: Sequence[str] | None, rows: Sequence[Sequence[str]], *, widths: tuple[int, ...]) -> None:
        """A table with lines; without headings, its first column says what the second is."""
        self.set_font(FONT, size=TEXT)
        shade = FontFace(fill_color=_SHADE)
        with self.table(
            col_widths=widths,
            first_row_as_headings=headings is not None,
            headings_style=shade,
            line_height=4.8,
            padding=0.8,
            text_align="LEFT",
            wrapmode=WrapMode.CHAR,
        ) as table:
            for cells in [headings, *rows] if headings is not None else rows:
                row = table.row()
                for position, text in enumerate(cells):
                    row.cell(text, style=shade if headings is None and position == 0 else None)

    def paragraph(self, text: str) -> None:
        """Text that runs over the whole width."""
        self.set_font(FONT, size=TEXT + 1)
        self.multi_cell(w=0, h=6, text=text, align="L", wrapmode=WrapMode.CHAR, new_x="LMARGIN", new_y="NEXT")
        self.ln(2)
