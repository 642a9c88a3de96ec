"""The SQL that makes the role which a department's PostgreSQL is read with: exactly what the catalogue names."""

from __future__ import annotations

from importlib import resources

from connectors.postgresql import never_leaves
from connectors.postgresql_names import literal, quoted
from connectors.sources import read_columns, source_name
from governance.catalogue import Catalogue

ROLE = "sekisho_reader"
CONNECTIONS = 5
"""Most connections at once: one for each process that reads, and one to spare for a restart."""


def reader_sql(catalogue: Catalogue, department: str, *, dbname: str, schema: str = "public", role: str = ROLE) -> str:
    """A file for psql, with its explanation in Japanese, that makes the role or brings it up to date.

    It may be run again whenever the catalogue changes. It holds no password.

    Args:
        catalogue: what the department holds.
        department: id of the department.
        dbname: the database that the tables stand in.
        schema: schema of the tables and views.
        role: name of the role.
    """
    grants = []
    for dataset in catalogue.datasets.values():
        if dataset.department != department or dataset.derived:
            continue
        columns = [quoted(source_name(c)) for c in read_columns(dataset) if not never_leaves(c)]
        table = f"{quoted(schema)}.{quoted(dataset.table or '')}"
        grants.append(f"GRANT SELECT ({', '.join(columns)})\n    ON TABLE {table} TO {quoted(role)};")
    template = resources.files("connectors").joinpath("sql", "postgresql_reader.sql").read_text(encoding="utf-8")
    return template.format(
        department_label=" ".join(catalogue.departments[department].label.ja.split()),
        role=quoted(role),
        role_text=literal(role),
        dbname=quoted(dbname),
        schema=quoted(schema),
        connections=CONNECTIONS,
        grants="\n".join(grants),
    )
