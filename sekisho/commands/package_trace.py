"""``sekisho package trace``: whose package a file came from that turned up somewhere (第27条)."""

from __future__ import annotations

from pathlib import Path

import click

from governance.errors import BadInput
from governance.text_files import read_bytes
from sekisho.options import shared_options
from sekisho.package_trace import MOST_BYTES
from sekisho.session import Session


@click.command("trace")
@click.argument("file", type=click.Path(path_type=Path))
@shared_options
@click.pass_context
def trace(context: click.Context, *, file: Path) -> None:
    """Whose package a file came from: no two recipients have a pseudonym in common. Parquet, or any text."""
    session = Session(context)
    if session.options.format not in ("table", "json"):
        raise BadInput("package-trace-format")
    session.check_token()
    data = read_bytes(file, file=file.name, most=MOST_BYTES)
    found = session.broker.packages.trace(session.asker(), data=data, file=file.name)
    if session.options.format == "json":
        rows = [{"package": t.package, "recipient": t.recipient, "found": t.found, "of": t.of} for t in found]
        session.terminal.document({"traces": rows})
        return
    ja = session.lang == "ja"
    session.terminal.table(
        ("提供物", "提供先", "一致した仮の番号", "ファイルにある仮の番号")
        if ja
        else ("package", "recipient", "pseudonyms found", "pseudonyms in the file"),
        ((each.package, each.recipient, f"{each.found:,}", f"{each.of:,}") for each in found),
    )
    if not found:
        session.terminal.say(
            ja="このファイルの仮の番号は、今ある提供物のどれにもありません。保存期間を過ぎて消した提供物とは比べられません。",
            en="No package that is kept showed a pseudonym of this file; those that were erased cannot be compared.",
        )
