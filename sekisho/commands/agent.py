"""``sekisho agent role``: what the department's side of a deployment needs from others."""

from __future__ import annotations

import re

import click

from connectors.postgresql_role import ROLE, reader_sql
from governance.catalogue import Catalogue
from governance.errors import BadInput
from governance.load_catalogue import load_catalogue
from sekisho.layout import Layout
from sekisho.options import shared_options
from sekisho.session import Session

_NAME = re.compile(r"[\w. -]{1,63}")


def _name(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """A name that can stand in a comment and in a message of PostgreSQL as it is."""
    if not _NAME.fullmatch(value):
        raise click.BadParameter(_NAME.pattern)
    return value


@click.group("agent")
def command() -> None:
    """The departments' side: how sources are reached, for a department's own people."""


@command.command("role")
@click.argument("department")
@click.option("--dbname", metavar="NAME", required=True, callback=_name, help="The database that the tables stand in.")
@click.option("--schema", metavar="NAME", default="public", show_default=True, callback=_name, help="Their schema.")
@click.option("--role", metavar="NAME", default=ROLE, show_default=True, callback=_name, help="The role's name.")
@shared_options
@click.pass_context
def role(context: click.Context, *, department: str, dbname: str, schema: str, role: str) -> None:
    """Print the SQL with which a DBA makes the role that reads a department's PostgreSQL: what the catalogue names."""
    session = Session(context)
    catalogue = load_catalogue(Layout(session.folder).catalogue)
    sql = reader_sql(catalogue, _on_postgresql(catalogue, department), dbname=dbname, schema=schema, role=role)
    if session.options.format == "json":
        session.terminal.document({"role": {"department": department, "role": role, "sql": sql}})
    else:
        session.terminal.text(sql)


def _on_postgresql(catalogue: Catalogue, department: str) -> str:
    found = [d.id for d in catalogue.departments.values() if d.source_kind == "postgresql"]
    if department not in found:
        raise BadInput("agent-role-department", department=department, departments=", ".join(found) or "-")
    return department
