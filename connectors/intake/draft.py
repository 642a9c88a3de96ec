"""The draft of a dataset as a file for people: what was proposed and why, in the words of the catalogue.

A draft is written once and then belongs to people. It is in the department's folder, since codes are values. Each of
its *parts* (``rows``, what a row is and where it is read, and every column) has a digest; a confirmation is of a part
as it is, and ends with the first change of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785
import yaml

from connectors.intake.proposals import Proposal
from governance import located_yaml
from governance.catalogue import Label
from governance.errors import BadInput, Lang
from governance.schema_check import check_schema

ROWS = "rows"
"""The part that says what a row is."""


_HEAD: Mapping[Lang, tuple[str, ...]] = {
    "ja": (
        "# 登録の案。理由を読み、違うところを直してから、保護管理者が一つずつ確かめる（sekisho dataset confirm）。",
        "# 区分 class: key 突合の鍵 / identifier 個人を直接示す / quasi_identifier 合わせると分かる / attribute 内容 /",
        "#   free_text 自由記述。機微性 sensitivity: normal / kibi 機微 / youhairyo 要配慮。",
        "# 由来 origin: own 自らの事務 / benefit 給付 / tax 税 / my_number 個人番号 / resident_code 住民票コード。",
    ),
    "en": (
        "# A draft. Read the reasons and correct it; then the steward confirms each part (sekisho dataset confirm).",
        "# class: key / identifier / quasi_identifier / attribute / free_text.",
        "# sensitivity: normal / kibi (the city's own list) / youhairyo (sensitive by law).",
        "# origin: own / benefit / tax / my_number / resident_code.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft as it stands in its file.

    Attributes:
        rows: the dataset's declaration without its columns.
        columns: column → its declaration.
    """

    department: str
    dataset: str
    rows: Mapping[str, Any]
    columns: Mapping[str, Mapping[str, Any]]

    @property
    def parts(self) -> Mapping[str, Mapping[str, Any]]:
        """Every part by name, ``rows`` first."""
        return {ROWS: self.rows, **self.columns}

    @property
    def declaration(self) -> dict[str, Any]:
        """The dataset as the catalogue declares it."""
        return {**self.rows, "columns": {name: dict(column) for name, column in self.columns.items()}}

    def digests(self) -> Mapping[str, str]:
        """Part → SHA-256 over the part as it is, with its dataset's and its own name."""
        return {name: _digest([self.dataset, name, part]) for name, part in self.parts.items()}

    def digest(self) -> str:
        """SHA-256 over the whole declaration."""
        return _digest([self.dataset, self.declaration])


def read_draft(path: Path, *, file: str) -> Draft:
    """Read a draft.

    Raises:
        BadInput: there is none, it is malformed, or a column is called ``rows``; with file and line.
    """
    if not path.is_file():
        raise BadInput("draft-missing", file=file)
    located = located_yaml.load(path, file=file)
    check_schema(located, "draft")
    document = located.data
    if ROWS in document["columns"]:
        raise BadInput("draft-column-name", file=file, line=located.line("columns", ROWS), column=ROWS)
    return Draft(
        department=document["department"],
        dataset=document["dataset"],
        rows=document["rows"],
        columns=document["columns"],
    )


def draft_text(
    proposals: Sequence[Proposal],
    *,
    department: str,
    dataset: str,
    rows: Mapping[str, Any],
    notes: Sequence[Label],
    lang: Lang,
) -> str:
    """A new draft, each proposal with its reasons.

    Args:
        rows: the proposed declaration without columns.
        notes: what people should know of it.
        lang: of the comments.
    """
    lines = [
        *_HEAD[lang],
        "draft: 1",
        f"department: {department}",
        f"dataset: {dataset}",
        "",
        *(f"# {getattr(note, lang)}" for note in notes),
        "rows:",
        *(f"  {name}: {inline(value)}" for name, value in rows.items()),
        "",
        "columns:",
    ]
    for proposal in proposals:
        reasons = ("。" if lang == "ja" else "; ").join(getattr(reason, lang) for reason in proposal.reasons)
        lines += [f"  # {proposal.title}: {reasons}".rstrip(": ")]
        lines += [f"  {proposal.name}: {inline(_declaration(proposal))}"]
    return "\n".join(lines) + "\n"


def dataset_block(draft: Draft) -> Iterator[str]:
    """The dataset as lines of a department's file in the catalogue."""
    yield f"  {draft.dataset}:"
    for name, value in draft.rows.items():
        yield f"    {name}: {inline(value)}"
    yield "    columns:"
    for name, column in draft.columns.items():
        yield f"      {name}: {inline(column)}"


def inline(value: Any) -> str:
    """A value as YAML on one line."""
    text: str = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=1_000_000, explicit_end=False
    )
    return text.removesuffix("\n").removesuffix("\n...").strip()


def _declaration(proposal: Proposal) -> dict[str, Any]:
    column: dict[str, Any] = {
        "label": {"ja": proposal.title, "en": proposal.name.replace("_", " ")},
        "source": proposal.title,
        "type": proposal.type,
        "class": proposal.column_class,
        "sensitivity": proposal.sensitivity,
        "origin": proposal.origin,
        "nulls": proposal.nulls,
    }
    if proposal.key is not None:
        column["key"] = proposal.key
    if proposal.codes:
        column["codes"] = list(proposal.codes)
    return column


def _digest(value: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
