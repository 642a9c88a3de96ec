"""A small holder for the tests: persons and their visits, in each kind of source, with a real ledger for the proofs."""

from __future__ import annotations

import csv
import itertools
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from audit.ledger import Ledger
from connectors.department import LocalDepartment
from connectors.evidence import Evidence, ledger_verifier
from connectors.open import open_departments
from governance.catalogue import Catalogue, Column, Dataset, Department, KeyKind, Label, Layout, LeaveOut, NamedSet
from governance.conditions import ALWAYS, Condition
from governance.decisions import PseudonymSpace
from governance.forms import Form, form_type
from governance.scans import ScanColumn, ScanOrder, order_digest
from masking.keys import KeyRing
from tests.audit.samples import GENESIS, ORIGIN, SIDECAR, SIGNER, VKEY, decision
from tests.connectors.postgresql import PgServer, connect, schema_of

Kind = Literal["sqlite", "duckdb", "postgresql", "csv-cp932", "csv-utf8", "excel", "parquet"]
KINDS: tuple[Kind, ...] = ("sqlite", "duckdb", "postgresql", "csv-cp932", "excel", "parquet")
"""The kinds that the whole contract runs over; UTF-8 files differ from CP932 ones in their decoding alone."""

SUFFIXES: Mapping[str, str] = {"csv-cp932": ".csv", "csv-utf8": ".csv", "excel": ".xlsx", "parquet": ".parquet"}

AS_OF = date(2023, 10, 1)
SPACE = PseudonymSpace(domain="screening", epoch="2023")
RAW = Form(kind="raw")
PSEUDONYM = Form(kind="pseudonym")
LABEL = Label(ja="項目", en="Column")

_requests = itertools.count(1)


def key_kind(name: str, pattern: str, *, pad: int | None = None, method: Literal["aes", "hmac"] = "aes") -> KeyKind:
    """A kind of key."""
    return KeyKind(name=name, label=LABEL, pattern=pattern, pad=pad, method=method)


def column(name: str, column_type: Any = "text", column_class: Any = "attribute", **more: Any) -> Column:
    """A column."""
    return Column(name=name, label=LABEL, type=column_type, column_class=column_class, **more)


def columns(*given: Column) -> Mapping[str, Column]:
    """Columns by name."""
    return {c.name: c for c in given}


PERSON_COLUMNS = columns(
    column("person_id", column_class="key", key="person", nulls="never", source="番号"),
    column("house_id", column_class="key", key="house", source="世帯"),
    column("name", column_class="identifier", source="氏名"),
    column("kojin_bango", column_class="identifier", origin="my_number", source="個人番号"),
    column("birth_date", "date", "quasi_identifier", source="生年月日"),
    column("sex", codes=("1", "2"), source="性別"),
    column("address", column_class="quasi_identifier", source="住所"),
    column("guarded", "boolean", nulls="never", source="措置"),
)
VISIT_COLUMNS = columns(
    column("year", "integer", nulls="never", source="年度"),
    column("place", nulls="never", source="場所"),
    column("local_no", column_class="identifier", nulls="never", source="整理番号"),
    column("visit_key", column_class="key", key="visit", compose=("year", "place", "local_no"), nulls="never"),
    column("person_id", column_class="key", key="person", source="番号"),
    column("visited_on", "date", source="日"),
    column("days", "integer", nulls="never", source="日数"),
    column("late", "integer", source="遅れ"),
    column("level", codes=("軽", "中", "重"), source="程度"),
)
ADULT_SQL = """
SELECT person_id, house_id, birth_date, date_diff('year', birth_date, $as_of) AS age,
       (SELECT count(*) FROM clinic.visit v WHERE v.person_id = p.person_id) AS visits
FROM clinic.person p WHERE birth_date + INTERVAL 18 YEAR <= $as_of
"""
ADULT_COLUMNS = columns(
    column("person_id", column_class="key", key="person", nulls="never"),
    column("house_id", column_class="key", key="house"),
    column("birth_date", "date", "quasi_identifier"),
    column("age", "integer", nulls="never"),
    column("visits", "integer", nulls="never"),
)
KEY_KINDS = {
    "person": key_kind("person", "[0-9]{10}", pad=10),
    "house": key_kind("house", "[0-9]{10}", pad=10),
    "visit": key_kind("visit", r"[0-9]{4}\|[A-Z0-9]+\|.+", method="hmac"),
}
GUARDED = NamedSet(
    name="guarded", department="clinic", key="person_id", sql="SELECT person_id FROM clinic.person WHERE guarded"
)

PERSONS: tuple[Mapping[str, Any], ...] = (
    {"person_id": "0000000001", "house_id": "0000000901", "name": "髙橋 一", "kojin_bango": "123456789018",
     "birth_date": date(1948, 2, 29), "sex": "1", "address": "東京都昭和市田中町１丁目", "guarded": False},
    {"person_id": "0000000002", "house_id": "0000000901", "name": "髙橋 二", "kojin_bango": None,
     "birth_date": date(2012, 4, 1), "sex": "2", "address": "昭和市中神町2-3", "guarded": True},
    {"person_id": "0000000003", "house_id": None, "name": None, "kojin_bango": None,
     "birth_date": None, "sex": None, "address": None, "guarded": False},
    {"person_id": "0000000004", "house_id": "0000000902", "name": "﨑山", "kojin_bango": None,
     "birth_date": date(1969, 12, 31), "sex": "2", "address": "田中町3", "guarded": False},
)  # fmt: skip
VISITS: tuple[Mapping[str, Any], ...] = (
    {"year": 2023, "place": "B1", "local_no": "R5-1", "visit_key": "2023|B1|R5-1", "person_id": "0000000001",
     "visited_on": date(2023, 4, 1), "days": 3, "late": None, "level": "軽"},
    {"year": 2023, "place": "B2", "local_no": "R5-1", "visit_key": "2023|B2|R5-1", "person_id": "0000000002",
     "visited_on": date(2023, 9, 30), "days": 0, "late": 2, "level": None},
    {"year": 2022, "place": "B1", "local_no": "R5-1", "visit_key": "2022|B1|R5-1", "person_id": None,
     "visited_on": None, "days": 40, "late": 0, "level": "重"},
)  # fmt: skip


def era(day: date | None) -> str | None:
    """A date as a file of a department writes it."""
    if day is None:
        return None
    for mark, first, before in (("R", date(2019, 5, 1), 2018), ("H", date(1989, 1, 8), 1988), ("S", date.min, 1925)):
        if day >= first:
            return f"{mark}{day.year - before}.{day.month}.{day.day}"
    raise AssertionError(day)


@dataclass(kw_only=True)
class Clinic:
    """The holder's folder, catalogue and ledger; open it as often as a test needs."""

    root: Path
    kind: Kind
    catalogue: Catalogue
    ledger: Ledger
    server: PgServer | None = None
    master: bytes = bytes(range(32))
    departments: Mapping[str, LocalDepartment] = field(default_factory=dict)

    @property
    def department(self) -> LocalDepartment:
        """The department, opened once."""
        if not self.departments:
            self.departments = self.open()
        return self.departments["clinic"]

    def open(self, *, catalogue: Catalogue | None = None, master: bytes | None = None) -> Mapping[str, LocalDepartment]:
        """The departments, opened anew."""
        return open_departments(
            catalogue or self.catalogue,
            root=self.root,
            keyring=KeyRing(master or self.master),
            verify_evidence=ledger_verifier(vkey=VKEY, origin=ORIGIN),
        )

    def evidence(self, order: ScanOrder, *, nonce: str = "ab" * 16, **changes: Any) -> Evidence:
        """The proof of an allow for an order, made the way the broker makes it."""
        scans = {"s1": {"department": "clinic", "dataset": "clinic.person", "order": order_digest(order, nonce=nonce)}}
        entry = decision(next(_requests), **{"scans": scans, **changes})
        return Evidence(receipt=self.ledger.append(entry, sidecars=[SIDECAR]), nonce=nonce, scan="s1")

    def scan(self, order: ScanOrder) -> pa.Table:
        """Run an order with its proof."""
        return self.department.scan(order, self.evidence(order)).read_all()

    @property
    def source(self) -> Path:
        """The database, or the folder of files."""
        return self.root / self.catalogue.departments["clinic"].source_path

    def write(
        self, persons: Sequence[Mapping[str, Any]] = PERSONS, visits: Sequence[Mapping[str, Any]] = VISITS
    ) -> None:
        """Write the source; values are Python values, or texts that stand as they are."""
        tables = {"person": (PERSON_COLUMNS, persons), "visit": (VISIT_COLUMNS, visits)}
        if self.kind == "sqlite":
            _write_sqlite(self.source, tables)
        elif self.kind == "duckdb":
            _write_duckdb(self.source, tables)
        elif self.kind == "postgresql":
            write_postgresql(self, tables)
        else:
            self.source.mkdir(exist_ok=True)
            for name, (declared, rows) in tables.items():
                parts = [rows[:1], rows[1:]] if name == "visit" else [rows]
                for number, part in enumerate(parts):
                    self.write_file(f"{name}_{number}", declared, part)
        self.age()

    @property
    def suffix(self) -> str:
        """How the source's files end; empty for a database."""
        return SUFFIXES.get(self.kind, "")

    def place(self, dataset: str, row: int) -> tuple[str, int]:
        """File and row, as messages name them, of a row of those that :meth:`write` was given."""
        if not self.suffix:
            return f"clinic/{self.source.name}", row + 1
        number, row = (0, row) if dataset == "person" or row == 0 else (1, row - 1)
        above = {".csv": 1, ".xlsx": 2, ".parquet": 0}[self.suffix]
        return f"clinic/files/{dataset}_{number}{self.suffix}", row + above + 1

    def write_file(self, stem: str, declared: Mapping[str, Column], rows: Sequence[Mapping[str, Any]]) -> None:
        """Write one file of the source's format."""
        if self.kind == "excel":
            write_excel(self.source / f"{stem}.xlsx", declared, rows)
        elif self.kind == "parquet":
            write_parquet(self.source / f"{stem}.parquet", declared, rows)
        else:
            self.write_csv(f"{stem}.csv", declared, rows)

    def write_csv(
        self,
        name: str,
        declared: Mapping[str, Column],
        rows: Sequence[Mapping[str, Any]],
        *,
        encoding: str | None = None,
    ) -> None:
        """Write one CSV file as a department exports it: CRLF, eras, ○ and blanks."""
        encoding = encoding or {"csv-cp932": "cp932", "csv-utf8": "utf-8-sig"}[self.kind]
        held = [c for c in declared.values() if not c.compose]
        with (self.source / name).open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file)
            writer.writerow([c.source or c.name for c in held])
            writer.writerows([[as_written(row.get(c.name), c) for c in held] for row in rows])

    def age(self) -> None:
        """Make the files older than a moment, as they are in real life, so that their digests are remembered."""
        for path in [self.source, *self.source.glob("*")] if self.source.exists() else []:
            os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))


def write_excel(path: Path, declared: Mapping[str, Column], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a workbook as a department keeps it: a title above the header, real dates, a hidden sheet, a subtotal."""
    held = [c for c in declared.values() if not c.compose]
    with xlsxwriter.Workbook(path) as book:
        sheet, hidden = book.add_worksheet(), book.add_worksheet("控え")
        hidden.hide()
        hidden.write(0, 0, "見えないもの")
        day = book.add_format({"num_format": "yyyy/m/d"})
        sheet.write(0, 0, "架空データ")
        sheet.write_row(1, 0, [*(c.source or c.name for c in held), "余分"])
        for at, row in enumerate(rows, start=2):
            for position, c in enumerate(held):
                value = row.get(c.name)
                if isinstance(value, bool):
                    sheet.write(at, position, "○" if value else None)
                elif isinstance(value, date):
                    sheet.write_datetime(at, position, value, day)
                elif isinstance(value, int):
                    sheet.write_number(at, position, value)
                elif value is not None:
                    sheet.write_string(at, position, f" {value}　")
        # A blank row, and one that is no record.
        sheet.write_string(len(rows) + 3, 0, "小　計")
        sheet.write_formula(len(rows) + 3, 1, "=NA()", None, "#N/A")


def write_parquet(path: Path, declared: Mapping[str, Column], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a Parquet file with native types, and texts where a test gives some."""
    native = {"text": pa.string(), "integer": pa.int64(), "date": pa.date32(), "boolean": pa.bool_()}
    given: dict[str, Any] = {}
    for c in declared.values():
        if not c.compose:
            text = _has_text(rows, c)
            values = [_native(row.get(c.name), text=text) for row in rows]
            given[c.source or c.name] = pa.array(values, type=pa.string() if text else native[c.type])
    pq.write_table(pa.table({**given, "余分": pa.nulls(len(rows), pa.string())}), path)


def as_written(value: Any, c: Column) -> str:
    """A value as a file of a department writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "○" if value else ""
    return str(era(value)) if isinstance(value, date) else f" {value}　" if c.type == "text" else str(value)


def _write_sqlite(path: Path, tables: Mapping[str, Any]) -> None:
    path.unlink(missing_ok=True)
    affinity = {"text": "TEXT", "integer": "INTEGER", "date": "TEXT", "boolean": "INTEGER"}
    connection = sqlite3.connect(path)
    for name, (declared, rows) in tables.items():
        held = [c for c in declared.values() if not c.compose]
        written = {c.name: "TEXT" if _has_text(rows, c) else affinity[c.type] for c in held}
        listed = ", ".join(f'"{c.source}" {written[c.name]}' for c in held)
        connection.execute(f'CREATE TABLE "{name}" ({listed}, "余分" TEXT)')
        marks = ", ".join("?" * len(held))
        values = [[v.isoformat() if isinstance(v := row.get(c.name), date) else v for c in held] for row in rows]
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks}, NULL)', values)
    connection.commit()
    connection.close()


def _write_duckdb(path: Path, tables: Mapping[str, Any]) -> None:
    path.unlink(missing_ok=True)
    native = {"text": "VARCHAR", "integer": "INTEGER", "date": "DATE", "boolean": "BOOLEAN"}
    with duckdb.connect(str(path)) as connection:
        for name, (declared, rows) in tables.items():
            held = [c for c in declared.values() if not c.compose]
            written = {c.name: "VARCHAR" if _has_text(rows, c) else native[c.type] for c in held}
            listed = ", ".join(f'"{c.source}" {written[c.name]}' for c in held)
            connection.execute(f'CREATE TABLE "{name}" ({listed}, "余分" VARCHAR)')
            texts = {c.name: _has_text(rows, c) for c in held}
            given = {c.name: [_native(row.get(c.name), text=texts[c.name]) for row in rows] for c in held}
            connection.register("given", pa.table({name: pa.array(values) for name, values in given.items()}))
            connection.execute(f'INSERT INTO "{name}" SELECT *, NULL FROM given')


def write_postgresql(clinic: Clinic, tables: Mapping[str, Any]) -> None:
    """Make the tables in a schema of the holder's own, the connection file, and the role that reads what is declared."""
    if clinic.server is None:
        raise AssertionError("a PostgreSQL source needs the server")
    native = {"text": pa.string(), "integer": pa.int64(), "date": pa.date32(), "boolean": pa.bool_()}
    schema = schema_of(clinic.root)
    given = {}
    for name, (declared, rows) in tables.items():
        held = [c for c in declared.values() if not c.compose]
        texts = {c.name: _has_text(rows, c) for c in held}
        given[name] = pa.table(
            {c.source: [_native(row.get(c.name), text=texts[c.name]) for row in rows] for c in held}
            | {"余分": pa.nulls(len(rows), pa.string())},
            schema=pa.schema(
                [(c.source, pa.string() if texts[c.name] else native[c.type]) for c in held] + [("余分", pa.string())]
            ),
        )
    clinic.server.load(schema, given)
    connect(clinic.server, clinic.catalogue, clinic.source, schema=schema)


def add_column(clinic: Clinic, table: str, title: str, values: Mapping[str, str]) -> None:
    """Add a column to a table of the PostgreSQL, by number, which the role may read although nobody declared it."""
    if clinic.server is None:
        raise AssertionError("a PostgreSQL source needs the server")
    schema = schema_of(clinic.root)
    name = f'"{schema}"."{table}"'
    clinic.server.run(
        f'ALTER TABLE {name} ADD COLUMN "{title}" text',
        *(f"UPDATE {name} SET \"{title}\" = '{value}' WHERE \"番号\" = '{key}'" for key, value in values.items()),
        f'GRANT SELECT ("{title}") ON {name} TO "reader {schema[2:]}"',
    )


def _native(value: Any, *, text: bool) -> Any:
    return str(value) if text and value is not None else value


def _has_text(rows: Sequence[Mapping[str, Any]], c: Column) -> bool:
    return any(isinstance(row.get(c.name), str) for row in rows)


def clinic_catalogue(kind: Kind) -> Catalogue:
    """The catalogue of the holder with its source of a kind."""
    path = {
        "sqlite": "clinic/clinic.sqlite",
        "duckdb": "clinic/clinic.duckdb",
        "postgresql": "clinic/connection.yaml",
    }.get(kind, "clinic/files")
    encoding = "cp932" if kind == "csv-cp932" else "utf-8"
    base: dict[str, Any] = {
        "department": "clinic",
        "label": LABEL,
        "absent_row": "none",
        "refresh": "daily",
        "gates": {},
    }
    suffix = SUFFIXES.get(kind)
    files = suffix is not None

    def layouts(name: str) -> tuple[Layout, ...]:
        more: dict[str, Any] = {}
        if kind == "excel":
            more = {"title_rows": 1, "leave_out": LeaveOut(column="番号", values=("小計",))}
            if name == "visit":
                more["leave_out"] = LeaveOut(column="年度", values=("小計",))
        return (Layout(files=(f"{name}_*{suffix}",), encoding=encoding, **more),) if files else ()

    person = Dataset(
        name="clinic.person", columns=PERSON_COLUMNS, unique_by=("person_id",), cohort=True,
        table=None if files else "person", layouts=layouts("person"), **base,
    )  # fmt: skip
    visit = Dataset(
        name="clinic.visit", columns=VISIT_COLUMNS, unique_by=("visit_key",),
        table=None if files else "visit", layouts=layouts("visit"), **base,
    )  # fmt: skip
    adult = Dataset(name="clinic.adult", columns=ADULT_COLUMNS, derived_sql=ADULT_SQL, unique_by=("person_id",), **base)
    return Catalogue(
        departments={
            "clinic": Department(
                id="clinic", label=LABEL, organ="mayor", steward="steward-clinic",
                source_kind="files" if files else kind, source_path=path, sets=(GUARDED,),
            )
        },
        datasets={d.name: d for d in (person, visit, adult)},
        kinds=KEY_KINDS,
        subject_kind="person",
        household_kinds=("house",),
    )  # fmt: skip


def changed(catalogue: Catalogue, dataset: str, **changes: Any) -> Catalogue:
    """A catalogue with one dataset changed."""
    datasets = {**catalogue.datasets, dataset: replace(catalogue.datasets[dataset], **changes)}
    return replace(catalogue, datasets=datasets)


def laid_out(catalogue: Catalogue, dataset: str, **changes: Any) -> Catalogue:
    """A catalogue with the layout of a dataset's files changed."""
    (layout,) = catalogue.datasets[dataset].layouts
    return changed(catalogue, dataset, layouts=(replace(layout, **changes),))


def make_clinic(folder: Path, kind: Kind, server: PgServer | None = None) -> Iterator[Clinic]:
    """A holder with its sources written, for a fixture."""
    (folder / "departments" / "clinic").mkdir(parents=True)
    (folder / "departments" / "clinic" / "extract.yaml").write_text(
        "clinic.person: 2023-09-30\nclinic.visit: 2023-09-29\n"
    )
    with Ledger.create(folder / "ledger.sqlite", signer=SIGNER, origin=ORIGIN, genesis=GENESIS) as ledger:
        clinic = Clinic(
            root=folder / "departments", kind=kind, catalogue=clinic_catalogue(kind), ledger=ledger, server=server
        )
        clinic.write()
        yield clinic


def order(
    clinic: Clinic,
    dataset: str,
    forms: Mapping[str, Form],
    *,
    filter: Condition = ALWAYS,  # noqa: A002 - the order's own word
    predicates: Condition = ALWAYS,
    filter_forms: Mapping[str, Form] | None = None,
    exclude: tuple[str, ...] = (),
    as_of: date = AS_OF,
    space: PseudonymSpace = SPACE,
) -> ScanOrder:
    """An order for columns in forms, with the types that the forms have."""
    declared = clinic.catalogue.datasets[dataset].columns
    return ScanOrder(
        dataset=dataset,
        columns=tuple(
            ScanColumn(column=name, form=form, type=form_type(form, declared[name].type))
            for name, form in forms.items()
        ),
        filter_forms=filter_forms or {},
        filter=filter,
        exclude=exclude,
        predicates=predicates,
        pseudonyms=space,
        as_of=as_of,
    )
