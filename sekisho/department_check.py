"""What a department's officer has to know about the department's data: is each dataset there, fresh, whole, readable,
and does it hold what nobody declared.

Small figures stand in it: they are counts of the department's own data, and are shown to that department alone. No
value of a row does. Who may see it is asked of the policy before it is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from connectors.department import LocalDepartment
from connectors.look_alikes import FEWEST, looks_like_tax, quarantined
from connectors.reading_report import ColumnFigures, ReadingReport, RowFault
from governance.calendars import EVERY_DAY
from governance.catalogue import Catalogue, Column, Dataset, Label
from governance.errors import BadInput, CheckFailed, Lang, SekishoError
from governance.freshness import freshness_classes
from governance.guideline import Guideline

Mark = Literal["fault", "warning"]
"""A fault stops the dataset, or lets it be refused; a warning is for the officer to look at."""


class _TooOld(CheckFailed):
    """An extract is too old; says what its days are, each language in its own words."""

    def __init__(self, unit: Mapping[Lang, str], **params: str | int) -> None:
        self._unit = unit
        super().__init__("check-stale", **params)

    def _named(self, lang: Lang) -> Mapping[str, str | int]:
        return {**self.params, "unit": self._unit[lang]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found, with its sentence and what to do about it."""

    mark: Mark
    error: SekishoError


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How old a dataset is.

    Attributes:
        day: the day that its data speak of; ``None`` where nobody says.
        age: days since then, counted as its class says; ``None`` where they cannot be counted.
        limit: days after which the guideline lets no query read it; ``None`` where the guideline knows no such class.
        unit: which days are counted.
        stale_from: the first day on which it is too old.
    """

    day: date | None
    age: int | None
    limit: int | None
    unit: Mapping[Lang, str]
    stale_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetCheck:
    """What was found in a dataset.

    Attributes:
        report: of a base dataset, as it was read or, where it is refused, as far as it could be read; ``None`` where
            nothing could, and for derived datasets.
        served: whether a query would get rows of it, freshness aside.
        rows: how many rows it serves.
    """

    dataset: Dataset
    freshness: Freshness
    report: ReadingReport | None
    served: bool
    rows: int | None
    findings: tuple[Finding, ...]

    @property
    def mark(self) -> Literal["sound", "warning", "fault"]:
        """The gravest that was found."""
        marks = {finding.mark for finding in self.findings}
        return "fault" if "fault" in marks else "warning" if marks else "sound"

    def columns(self) -> Iterator[tuple[Column, ColumnFigures]]:
        """The declared columns with their figures, in the catalogue's order."""
        if self.report is not None:
            for name, column in self.dataset.columns.items():
                if name in self.report.columns:
                    yield column, self.report.columns[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentCheck:
    """What was found in a department.

    Attributes:
        findings: of the department as a whole: a named set that cannot be computed.
    """

    department: str
    label: Label
    today: date
    datasets: tuple[DatasetCheck, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is a fault; warnings are none."""
        own = all(finding.mark != "fault" for finding in self.findings)
        return own and all(check.mark != "fault" for check in self.datasets)

    def all_findings(self) -> Iterator[tuple[Dataset | None, Finding]]:
        """Every finding with the dataset that it is about, faults first."""
        everything = [(c.dataset, f) for c in self.datasets for f in c.findings] + [(None, f) for f in self.findings]
        yield from sorted(everything, key=lambda found: found[1].mark != "fault")


def check_department(
    department: LocalDepartment, *, catalogue: Catalogue, guideline: Guideline, today: date
) -> DepartmentCheck:
    """Check a department's data as its own officer sees it. Whatever is wrong with it is a finding and no error."""
    checks = tuple(
        _check(dataset, department, today=today, guideline=guideline)
        for dataset in catalogue.datasets.values()
        if dataset.department == department.id
    )
    return DepartmentCheck(
        department=department.id,
        label=catalogue.departments[department.id].label,
        today=today,
        datasets=checks,
        findings=_of_sets(department, checks, today=today),
    )


def fault_error(fault: RowFault, *, dataset: str) -> SekishoError:
    """A fault of a row as an error, for its sentences."""
    return BadInput(fault.code, dataset=dataset, column=fault.column, file=fault.file, row=fault.row)


def _check(dataset: Dataset, department: LocalDepartment, *, today: date, guideline: Guideline) -> DatasetCheck:
    freshness, findings = _freshness(dataset, department, today=today, guideline=guideline)
    rows: int | None = None
    try:
        rows = department.rows(dataset.name, as_of=today)
    except SekishoError as refusal:
        waits = dataset.derived and _is_of_another(refusal, dataset)
        error = BadInput("check-derived-waits", dataset=dataset.name) if waits else refusal
        findings.append(Finding(mark="fault", error=error))
    report = None if dataset.derived else _report(dataset, department)
    if report is not None:
        warnings = _warnings(dataset, report, served=rows is not None)
        findings += [Finding(mark="warning", error=warning) for warning in warnings]
    return DatasetCheck(
        dataset=dataset,
        freshness=freshness,
        report=report,
        served=rows is not None,
        rows=rows,
        findings=tuple(findings),
    )


def _report(dataset: Dataset, department: LocalDepartment) -> ReadingReport | None:
    """What the reading found, or, where the dataset is refused for its rows, everything that is wrong with them."""
    for read in (department.report, department.survey):
        try:
            return read(dataset.name)
        except SekishoError:
            continue
    return None


def _is_of_another(refusal: SekishoError, dataset: Dataset) -> bool:
    """Whether a derived dataset is refused for a fault of a base dataset, which is told there."""
    return refusal.params.get("dataset", dataset.name) != dataset.name or "file" in refusal.params


def _freshness(
    dataset: Dataset, department: LocalDepartment, *, today: date, guideline: Guideline
) -> tuple[Freshness, list[Finding]]:
    known = freshness_classes(guideline, on=today).get(dataset.refresh)
    limit, unit = (known.limit, known.unit) if known is not None else (None, EVERY_DAY)
    try:
        day = department.as_of(dataset.name)
    except SekishoError as error:
        none = Freshness(day=None, age=None, limit=limit, unit=unit, stale_from=None)
        return none, [Finding(mark="fault", error=error)]
    age = known.age(day, today=today) if known is not None else (today - day).days
    stale_from = known.stale_from(day) if known is not None else None
    freshness = Freshness(day=day, age=age, limit=limit, unit=unit, stale_from=stale_from)
    if day > today:
        return freshness, [Finding(mark="fault", error=CheckFailed("check-day-ahead", dataset=dataset.name))]
    if age is None:
        return freshness, [Finding(mark="fault", error=CheckFailed("check-day-uncounted", dataset=dataset.name))]
    if limit is not None and age > limit:
        stale = _TooOld(unit, dataset=dataset.name, age=age, limit=limit)
        return freshness, [Finding(mark="fault", error=stale)]
    return freshness, []


def _of_sets(department: LocalDepartment, checks: tuple[DatasetCheck, ...], *, today: date) -> tuple[Finding, ...]:
    """A named set that cannot be computed excludes nobody, so the datasets that need it are not served either."""
    if any(not check.served for check in checks if not check.dataset.derived):
        return ()
    try:
        department.set_sizes(as_of=today)
    except SekishoError as error:
        return (Finding(mark="fault", error=error),)
    return ()


def _warnings(dataset: Dataset, report: ReadingReport, *, served: bool) -> Iterator[SekishoError]:
    name = dataset.name
    if report.rejected and served:
        yield CheckFailed("check-rows-rejected", dataset=name, rows=report.rejected, of=report.rows)
    if report.faults and not served:
        yield CheckFailed("check-rows-to-mend", dataset=name, rows=len({(f.file, f.row) for f in report.faults}))
    for column, figures in ((c, report.columns[c.name]) for c in dataset.columns.values() if c.name in report.columns):
        if figures.unreadable and served:
            yield CheckFailed("check-values-unreadable", dataset=name, column=column.name, rows=figures.unreadable)
        if report.rows and not figures.known and not column.compose:
            yield CheckFailed("check-column-empty", dataset=name, column=column.name)
        if figures.number_like >= FEWEST and 2 * figures.number_like >= figures.known:
            yield CheckFailed("check-column-number-like", dataset=name, column=column.name)
        if _hides_tax(column):
            yield CheckFailed(
                "check-column-tax",
                dataset=name,
                column=column.name,
                origin=column.origin,
            )
    held = quarantined(report)
    others = [column for column in report.undeclared if column not in held]
    for found in others:
        if looks_like_tax(found.title) and found.filled:
            yield CheckFailed("check-undeclared-tax", dataset=name, file=found.file, position=found.position)
    if others:
        yield CheckFailed("check-undeclared", dataset=name, columns=len({_which(c.title, c.position) for c in others}))


def _which(title: str, position: int) -> str | int:
    return title or position


def _hides_tax(column: Column) -> bool:
    """Whether a column speaks of income or tax and is declared as something else, or as a benefit but in amounts."""
    speaks = any(looks_like_tax(text) for text in (column.source or "", column.label.ja, column.label.en, column.name))
    return speaks and (column.origin == "own" or (column.origin == "benefit" and column.type == "integer"))
