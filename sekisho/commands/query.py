"""``sekisho query run`` and ``sekisho query explain``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import IO

import click
import pyarrow as pa

from governance.errors import BadInput, Unavailable
from governance.text_files import read_utf8
from query_broker.release import Release
from sekisho.ask_request import AskRequest
from sekisho.exports import (
    Caption,
    Coverage,
    Reading,
    csv_bytes,
    parquet_bytes,
    people_rows,
    reserve_export,
    xlsx_bytes,
)
from sekisho.options import shared_options
from sekisho.query_documents import (
    coverage_text,
    explanation_document,
    explanation_text,
    release_document,
    small_groups,
    stale_text,
)
from sekisho.readings import reading_of
from sekisho.session import Session
from sekisho.terminal import NOTICE
from sekisho.typed_values import read_parameters

_FILES = {"csv", "parquet", "xlsx"}


@click.group("query")
def command() -> None:
    """Ask for data across departments, for a purpose and under an approval."""


_PURPOSE = click.option("--purpose", metavar="P", help="The purpose of use.")
_APPROVAL = click.option("--approval", metavar="ID", help="Number of the approval whose template is run.")
_PARAMETERS = click.option("--param", "parameters", multiple=True, metavar="K=V", help="A parameter of the template.")
_SQL = click.option(
    "--sql-file", type=click.Path(path_type=Path), metavar="F", help="File of a query without approval."
)
_BASIS = click.option(
    "--basis", metavar="B", help="Kind of legal basis; the approval's, or the purpose's own, unless given."
)
_RECIPIENT = click.option("--recipient", metavar="R", help="Who receives the result; the purpose's own unless given.")


@command.command("run")
@_PURPOSE
@_APPROVAL
@_PARAMETERS
@_SQL
@_RECIPIENT
@_BASIS
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the result here (csv, parquet, xlsx)."
)
@shared_options
@click.pass_context
def run_query(
    context: click.Context,
    *,
    purpose: str | None,
    approval: str | None,
    parameters: tuple[str, ...],
    sql_file: Path | None,
    recipient: str | None,
    basis: str | None,
    out: Path | None,
) -> None:
    """Run a query and show the result with what it cost."""
    session = Session(context)
    kind = session.options.format
    if out is None and kind in {"parquet", "xlsx"}:
        raise BadInput("output-file-needed", format=kind)
    if out is not None and kind not in _FILES:
        raise BadInput("output-format-needed", format=kind)
    try:
        request = _request(
            session,
            purpose=purpose,
            approval=approval,
            parameters=parameters,
            sql_file=sql_file,
            recipient=recipient,
            basis=basis,
        )
        session.check_token()
        with reserve_export(out) if out is not None else nullcontext() as file:
            _show(session, session.broker.ask(request), approval=approval, file=file)
    except Unavailable:
        _say_fallback(session, purpose)
        raise


def _say_fallback(session: Session, purpose: str | None) -> None:
    """What the guideline says to do instead, where a purpose cannot wait for the part that is down."""
    instead = session.deployment.guideline.tables["purposes"].get(purpose, {}).get("fallback")
    if instead is not None:
        session.terminal.say(ja=f"！ {instead['ja']}", en=f"! {instead['en']}")


@command.command("explain")
@_PURPOSE
@_APPROVAL
@_PARAMETERS
@_SQL
@_RECIPIENT
@_BASIS
@click.option("--at", metavar="DATE", help="As on that day: the rules and numbers that are in force then.")
@shared_options
@click.pass_context
def explain_query(
    context: click.Context,
    *,
    purpose: str | None,
    approval: str | None,
    parameters: tuple[str, ...],
    sql_file: Path | None,
    recipient: str | None,
    basis: str | None,
    at: str | None,
) -> None:
    """Show what would happen, without running it: facts, decision, SQL, what each department would send."""
    session = Session(context)
    day = session.day(at)
    request = _request(
        session,
        purpose=purpose,
        approval=approval,
        parameters=parameters,
        sql_file=sql_file,
        recipient=recipient,
        basis=basis,
    )
    session.check_token()
    explanation = session.broker.explain(request, at=day)
    if day is not None:
        session.terminal.say(
            ja=f"{day.isoformat()} に照会したとした場合です。何も取り出さず、データは今あるものとして見ています。",
            en=f"As if asked on {day.isoformat()}. Nothing is released, and the data are taken to be those of today.",
        )
    guideline, catalogue = session.deployment.guideline, session.deployment.catalogue
    if session.options.format == "json":
        session.terminal.document(
            {"explanation": explanation_document(explanation, guideline, catalogue, lang=session.lang)}
        )
    else:
        session.terminal.text(explanation_text(explanation, guideline, catalogue, lang=session.lang))


def _request(
    session: Session,
    *,
    purpose: str | None,
    approval: str | None,
    parameters: tuple[str, ...],
    sql_file: Path | None,
    recipient: str | None,
    basis: str | None,
) -> AskRequest:
    sql = read_utf8(sql_file, file=sql_file.name) if sql_file is not None else None
    options = session.options
    template = session.broker.template_of(approval) if approval is not None else None
    return AskRequest(
        token=session.token(),
        hat=options.hat,
        purpose=purpose,
        approval=approval,
        parameters=read_parameters(parameters, declared=template.parameters) if template is not None else {},
        sql=sql,
        recipient=recipient,
        basis=basis,
        as_of=session.as_of(),
    )


def _show(session: Session, release: Release, *, approval: str | None, file: IO[bytes] | None) -> None:
    terminal, catalogue = session.terminal, session.deployment.catalogue
    template = session.broker.template_of(approval) if approval is not None else None
    reading = reading_of(template, guideline=session.deployment.guideline, lang=session.lang)
    caption = Caption(
        notice=NOTICE["ja"] if terminal.notice else None,
        principal=session.options.principal or "",
        at=session.deployment.clock(),
        articles=release.articles,
        coverage=tuple(
            Coverage(
                dataset=catalogue.dataset(name).label.ja, known=known, of=release.rows, stale=release.stale.get(name)
            )
            for name, known in release.known.items()
        ),
    )
    kind = session.options.format
    if kind == "json":
        terminal.document({"release": release_document(release)})
    elif kind == "table":
        _show_table(session, release.table, reading)
    elif file is not None:
        file.write(_file_bytes(kind, release.table, caption=caption, reading=reading))
    else:
        terminal.text(csv_bytes(release.table, caption=caption).decode("utf-8-sig"))
    _say_cost(session, release)


def _file_bytes(kind: str, table: pa.Table, *, caption: Caption, reading: Reading) -> bytes:
    """A sheet for people, or a file for programs with the names and values of the query."""
    match kind:
        case "xlsx":
            return xlsx_bytes(table, caption=caption, reading=reading)
        case "parquet":
            return parquet_bytes(table, caption=caption)
        case _:
            return csv_bytes(table, caption=caption)


def _say_cost(session: Session, release: Release) -> None:
    departments = session.deployment.catalogue.departments
    cells = [f"{getattr(departments[name].label, session.lang)} {count:,}" for name, count in release.cells.items()]
    session.terminal.say(
        ja=f"{release.rows:,} 行。{small_groups(release, 'ja')}各課から出たセル: {'、'.join(cells)}。"
        f"根拠: 第{'・'.join(map(str, release.articles))}条。"
        f"監査記録: 決定 {release.decision_index}・出力 {release.ledger_index}。",
        en=f"{release.rows:,} rows. {small_groups(release, 'en')}Cells that left: {', '.join(cells)}. "
        f"Granted under articles {', '.join(map(str, release.articles))}. "
        f"Ledger: decision {release.decision_index}, release {release.ledger_index}.",
    )
    catalogue = session.deployment.catalogue
    if release.known:
        session.terminal.say(ja=coverage_text(release, catalogue, "ja"), en=coverage_text(release, catalogue, "en"))
    today = session.deployment.clock().date()
    if release.stale:
        guideline = session.deployment.guideline
        session.terminal.say(
            ja=stale_text(release.stale, catalogue, guideline, today=today, lang="ja"),
            en=stale_text(release.stale, catalogue, guideline, today=today, lang="en"),
        )
    if release.expires_in_days is not None:
        session.terminal.say(
            ja=f"この結果は {release.expires_in_days} 日以内に消してください。",
            en=f"Delete this result within {release.expires_in_days} days.",
        )


def _show_table(session: Session, table: pa.Table, reading: Reading) -> None:
    session.terminal.table(
        [reading.heading(name) for name in table.column_names],
        people_rows(table, lang=session.lang, reading=reading),
    )
