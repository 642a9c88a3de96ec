"""What a row of the files may be: the strictest reading, and whether its persons could be those of a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.intake.proposals import Proposal
from connectors.intake.survey import Survey
from governance.catalogue import Label
from governance.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The proposed declaration of a dataset without its columns, and what people should know of it."""

    rows: Mapping[str, Any]
    notes: tuple[Label, ...]


def declare(
    surveys: Sequence[Survey],
    proposals: Sequence[Proposal],
    *,
    names: Sequence[str],
    label: str,
    name: str,
    subject_kind: str,
    gates: Mapping[str, Mapping[str, Any]],
    freshness: Mapping[str, int],
) -> Declared:
    """Propose what a row is.

    Args:
        surveys: of the files, the first of which was proposed from.
        names: their paths in the department's folder.
        gates: the guideline's row filters; a dataset whose persons a result may be about declares a column for each.
        freshness: the guideline's classes of freshness with their days.

    Raises:
        BadInput: the files differ in header, encoding or place of the header.
    """
    first = surveys[0]
    for position, other in enumerate(surveys[1:], start=2):
        if (other.titles, other.encoding, other.title_rows) != (first.titles, first.encoding, first.title_rows):
            raise BadInput("draft-files-differ", position=position)
    rows: dict[str, Any] = {"label": {"ja": label, "en": name.replace("_", " ")}, "files": list(names)}
    if first.encoding is not None:
        rows["encoding"] = first.encoding
    if first.title_rows:
        rows["title_rows"] = first.title_rows
    rows["absent_row"] = "unknown"
    rows["refresh"] = min(freshness, key=lambda group: freshness[group])
    notes = [
        Label(
            ja=f"{sum(survey.rows for survey in surveys):,} 行。ここに行がない人は"
            "「いない」ではなく「不明」とした（absent_row）。新しさは最も厳しい区分にした（refresh）。",
            en="an absent row is taken as unknown, and the strictest class of freshness is proposed",
        )
    ]
    key = next((p for p in proposals if p.key == subject_kind and p.unique and p.nulls == "never"), None)
    if key is None or len(surveys) > 1:
        notes.append(
            Label(
                ja="一人一行とは言えないため、対象者の表（cohort）にはしていない。",
                en="not known to have one row a person, so it is no table of the persons of a result",
            )
        )
        return Declared(rows=rows, notes=tuple(notes))
    rows["unique_by"] = [key.name]
    chosen = {control: _column_for(gate, proposals) for control, gate in gates.items() if "cohort" in gate["roles"]}
    if all(chosen.values()):
        rows["cohort"] = True
        rows["gates"] = chosen
        notes.append(
            Label(
                ja=f"{key.title}は重複がない。この表の人を照会の対象者にできる形とした（cohort、gates）。",
                en="one row a person: proposed as a table of the persons that results are about",
            )
        )
    else:
        missing = "、".join(control for control, column in chosen.items() if column is None)
        notes.append(
            Label(
                ja=f"対象者の表（cohort）にするには、絞り込み（{missing}）が見る項目が要る。",
                en=f"a table of the persons of a result needs a column for each of: {missing}",
            )
        )
    return Declared(rows=rows, notes=tuple(notes))


def _column_for(gate: Mapping[str, Any], proposals: Sequence[Proposal]) -> str | None:
    """The column that a gate could read."""
    if gate["kind"] == "condition":
        wanted = set(_values(gate["condition"]))
        fitting = [p.name for p in proposals if wanted and wanted <= set(p.codes)]
    else:
        fitting = [p.name for p in proposals if p.type == "date" and p.name.startswith("birth_date")]
    return fitting[0] if len(fitting) == 1 else None


def _values(condition: Mapping[str, Any]) -> list[Any]:
    """Every value that a condition compares with."""
    if condition["type"] == "compound":
        return [value for part in condition["value"] for value in _values(part)]
    value = condition["value"]
    return list(value) if isinstance(value, list) else [value]
