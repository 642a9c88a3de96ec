"""What people and programs see of the command line: one document on standard output, everything else on standard error.

With ``--format json`` standard output carries exactly one JSON document, errors included; text for people, progress and
warnings always go to standard error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from governance.errors import Citation, Denied, Lang, SekishoError

Format = Literal["table", "json", "csv", "parquet", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)

NOTICE: dict[Lang, str] = {"ja": "架空データ", "en": "Synthetic data (架空データ)"}
"""Stands on everything that a demo deployment prints or exports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """One run's standard output and standard error.

    Attributes:
        notice: whether what is shown is synthetic and has to say so.
    """

    lang: Lang
    format: Format
    notice: bool = False

    def say(self, *, ja: str, en: str) -> None:
        """A line for people, on standard error."""
        self._people().print(escape(ja if self.lang == "ja" else en))

    def document(self, document: dict[str, Any]) -> None:
        """The run's one JSON document, on standard output."""
        if self.notice:
            document = {"notice": NOTICE[self.lang], **document}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        sys.stdout.flush()

    def text(self, text: str) -> None:
        """Plain text on standard output, where the output's format is text (a proof, a query)."""
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str | None = None, aside: bool = False
    ) -> None:
        """A table for people: the run's output, or ``aside``, on standard error."""
        table = Table(title=escape(title) if title else None, title_justify="left")
        for column in columns:
            table.add_column(escape(column), overflow="fold")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        if self.notice:
            table.caption = NOTICE[self.lang]
            table.caption_justify = "left"
        stream = sys.stderr if aside else sys.stdout
        # Not a terminal (a file, a pipe): wide enough that no cell is broken in two.
        console = Console(file=stream, width=None if stream.isatty() else 240, highlight=False)
        console.print(table)

    def error(self, error: SekishoError) -> None:
        """What was refused and why, once: for people on standard error, for programs as the document."""
        if self.format == "json":
            self.document({"error": error_document(error, lang=self.lang)})
        people = self._people()
        people.print(f"[bold]{escape(error.text(self.lang))}[/bold] [dim]\\[{error.code}][/dim]")
        if isinstance(error, Denied):
            for citation in error.citations:
                article = f"第{citation.article}条" if self.lang == "ja" else f"article {citation.article}"
                people.print(escape(f"  ・{article} {citation.rule} [{citation.control}] {citation.text[self.lang]}"))
                people.print(escape(f"    → {citation.remedy[self.lang]}"))
        else:
            people.print(escape(f"  → {error.remedy(self.lang)}"))

    def _people(self) -> Console:
        return Console(file=sys.stderr, soft_wrap=True, highlight=False)


def error_document(error: SekishoError, *, lang: Lang) -> dict[str, Any]:
    """An error as every program sees it."""
    document: dict[str, Any] = {
        "kind": error.kind,
        "code": error.code,
        "exit_status": error.exit_status,
        "text": error.text(lang),
        "remedy": error.remedy(lang),
    }
    if isinstance(error, Denied):
        document["decision"] = error.decision_id
        document["articles"] = sorted({citation.article for citation in error.citations})
        document["reasons"] = [citation_document(citation, lang=lang) for citation in error.citations]
    return document


def citation_document(citation: Citation, *, lang: Lang) -> dict[str, Any]:
    """One ground of a decision as every program sees it."""
    return {
        "article": citation.article,
        "rule": citation.rule,
        "control": citation.control,
        "on": citation.on,
        "text": citation.text[lang],
        "remedy": citation.remedy[lang],
    }
