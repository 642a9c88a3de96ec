"""``sekisho demo``: build the reference city and run the main job on it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import click

from governance.errors import CheckFailed
from governance.load_catalogue import load_catalogue
from sekisho.demo import Stage, clear, find_city, tell
from sekisho.demo_ending import ending
from sekisho.deployment import Deployment
from sekisho.establish import establish, issue_tokens
from sekisho.layout import Layout
from sekisho.log_file import log_of
from sekisho.options import chosen, shared_options
from sekisho.terminal import NOTICE, Terminal


def _moved(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """The departments of ``DEPARTMENT=postgresql``."""
    pairs = [value.partition("=") for value in values]
    if any(not department or kind != "postgresql" for department, _, kind in pairs):
        raise click.BadParameter("DEPARTMENT=postgresql")
    return tuple(dict.fromkeys(department for department, _, _ in pairs))


@click.command("demo")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("demo-city"),
    show_default=True,
    help="Where the demo lives; an earlier demo there is replaced.",
)
@click.option("--city", metavar="NAME", help="Which city, where several are installed.")
@click.option(
    "--population", type=click.IntRange(1), metavar="N", help="How many people; the city's own number unless given."
)
@click.option("--seed", type=click.IntRange(0), metavar="S", help="Another seed makes another city.")
@click.option(
    "--source",
    "moved",
    multiple=True,
    metavar="DEPARTMENT=postgresql",
    callback=_moved,
    help="Run with a department's data in a PostgreSQL server that is started for the demo and stopped at its end; "
    "may be given more than once. Needs the packages for development.",
)
@shared_options
@click.pass_context
def command(
    context: click.Context,
    *,
    folder: Path,
    city: str | None,
    population: int | None,
    seed: int | None,
    moved: tuple[str, ...],
) -> int:
    """Build a reference city of synthetic people (架空データ) and show the main job on it."""
    started = time.monotonic()
    options = chosen(context)
    terminal = replace(options.terminal(), notice=True)
    reference = find_city(city)
    clear(folder)
    folder.mkdir(mode=0o700, parents=True)
    terminal.say(ja=f"【{NOTICE['ja']}】", en=f"[{NOTICE['en']}]")
    reference.build(folder, population=population, seed=seed, say=terminal.say)
    if moved:
        _move(context, folder, moved, terminal)
    establish(folder, now=reference.beginning())
    issue_tokens(folder)
    context.find_root().with_resource(log_of(folder, also_on_stderr=options.log))
    deployment = Deployment.load(folder)
    engine = options.engine or deployment.settings.engine
    with deployment.broker(engine) as broker:
        stage = Stage(deployment=deployment, broker=broker, engine=engine, terminal=terminal, notes={})
        steps = (*reference.story(), *ending())
        as_expected = tell(steps, stage)
        size = broker.ledger.size
    seconds = round(time.monotonic() - started)
    if not as_expected:
        raise CheckFailed("demo-not-as-expected")
    if options.format == "json":
        terminal.document({"demo": {"as_expected": True, "steps": len(steps), "ledger_size": size}})
    terminal.say(
        ja=f"\n○ {len(steps)} 場面すべて期待どおりでした（{seconds} 秒）。続きを試すには:\n"
        f"   export SEKISHO_DEPLOYMENT={folder}\n"
        "   .venv/bin/sekisho --as auditor ledger list\n"
        "   .venv/bin/sekisho --as privacy approval list",
        en=f"\nAll {len(steps)} steps came out as expected ({seconds} s). To go on:\n"
        f"   export SEKISHO_DEPLOYMENT={folder}\n"
        "   .venv/bin/sekisho --lang en --as auditor ledger list\n"
        "   .venv/bin/sekisho --lang en --as privacy approval list",
    )
    return 0


def _move(context: click.Context, folder: Path, departments: tuple[str, ...], terminal: Terminal) -> None:
    """Start a server until the command ends, and move departments into it."""
    from sekisho.demo_postgresql import demo_server
    from sekisho.demo_sources import check_movable, move_to_postgresql

    catalogue = load_catalogue(Layout(folder).catalogue)
    for department in departments:
        check_movable(catalogue, department)
    server = context.find_root().with_resource(demo_server())
    for department in departments:
        rows = move_to_postgresql(folder, department, server)
        label = catalogue.departments[department].label
        terminal.say(
            ja=f"   {label.ja}のデータを PostgreSQL に移しました（{rows:,} 行）。読み取り専用のロールで接続します。",
            en=f"   Moved {label.en} into PostgreSQL ({rows:,} rows), to be read with a read-only role.",
        )
    terminal.say(
        ja="   サーバーはデモの終わりに止まります。その後の照会には、この部署は応えません（終了コード 4）。",
        en="   The server stops with the demo. Later queries find the department unavailable (exit status 4).",
    )
