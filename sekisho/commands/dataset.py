"""``sekisho dataset …``: a department's file becomes a dataset: drafted, confirmed by a person, registered (第19条)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from connectors.intake.draft import inline
from governance.errors import BadInput
from sekisho.options import shared_options
from sekisho.registrations import PartState
from sekisho.session import Session
from sekisho.typed_values import read_day


@click.group("dataset")
def command() -> None:
    """Datasets of a department: draft from a file, confirm each class, register."""


@command.command("draft")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--department", required=True, metavar="ID", help="The department that holds the files.")
@click.option("--name", required=True, metavar="NAME", help="The dataset's name in the catalogue, such as watch.")
@click.option("--label", metavar="LABEL", help="Its name for people; the file's name unless given.")
@shared_options
@click.pass_context
def draft(context: click.Context, *, files: tuple[Path, ...], department: str, name: str, label: str | None) -> None:
    """Look at files of one layout and write the draft of a dataset, with proposed classes and the reasons."""
    session = Session(context)
    registrations = session.broker.registrations
    path = registrations.draft(
        session.asker(), files=files, department=department, name=name, label=label, lang=session.lang
    )
    dataset = f"{department}.{name}"
    _show(session, dataset, registrations.parts(dataset), extra={"file": str(path)})
    session.terminal.say(
        ja=f"案を {path} に書きました。理由を読み、違うところを直してから、保護管理者が確かめてください:\n"
        f"  sekisho --as steward-{department} dataset confirm {dataset}",
        en=f"The draft is {path}. Read the reasons, correct it, then have the steward confirm each part:\n"
        f"  sekisho --as steward-{department} dataset confirm {dataset}",
    )


@command.command("show")
@click.argument("dataset", metavar="DATASET")
@shared_options
@click.pass_context
def show(context: click.Context, *, dataset: str) -> None:
    """Show a draft and what of it is confirmed as it stands now, to the department whose it is."""
    session = Session(context)
    _show(session, dataset, session.broker.registrations.look(session.asker(), dataset=dataset))


@command.command("confirm")
@click.argument("dataset", metavar="DATASET")
@click.option(
    "--part", "parts", multiple=True, metavar="PART", help="rows, or a column; asked one by one unless given."
)
@shared_options
@click.pass_context
def confirm(context: click.Context, *, dataset: str, parts: tuple[str, ...]) -> None:
    """Confirm what a row is and the class of each column, as they stand in the draft's file."""
    session = Session(context)
    registrations = session.broker.registrations
    asker = session.asker()
    chosen = parts or _asked(session, registrations.look(asker, dataset=dataset))
    if not chosen:
        session.terminal.say(ja="確かめたものはありません。", en="Nothing was confirmed.")
        return
    _show(session, dataset, registrations.confirm(session.asker(), dataset=dataset, parts=chosen))


@command.command("register")
@click.argument("dataset", metavar="DATASET")
@click.option("--extracted", required=True, metavar="DATE", help="The day that the files' data are of.")
@shared_options
@click.pass_context
def register(context: click.Context, *, dataset: str, extracted: str) -> None:
    """Put a confirmed draft into the catalogue; refused before the guideline is approved."""
    session = Session(context)
    day = read_day(extracted, option="--extracted")
    session.broker.registrations.register(session.asker(), dataset=dataset, extracted=day)
    if session.options.format == "json":
        session.terminal.document({"dataset": {"dataset": dataset, "state": "registered"}})
    session.terminal.say(
        ja=f"○ {dataset} を登録しました。sekisho check で確かめ、使う項目を別表2に載せて、"
        "ガイドラインの承認を受けてください。",
        en=f"{dataset} is registered. Run sekisho check, put the items to be used on annex 2, and have that approved.",
    )


def _asked(session: Session, states: Sequence[PartState]) -> list[str]:
    """The parts that a person at the terminal confirms, asked one by one."""
    if not sys.stdin.isatty():
        raise BadInput("confirm-no-terminal")
    chosen = []
    for state in states:
        if state.confirmed_by is not None:
            continue
        session.terminal.say(ja=f"\n{state.name}: {_summary(state)}", en=f"\n{state.name}: {_summary(state)}")
        question = "このとおりで確かめましたか" if session.lang == "ja" else "Confirmed as it stands"
        if click.confirm(question, default=False, err=True):
            chosen.append(state.name)
    return chosen


def _show(session: Session, dataset: str, states: Sequence[PartState], *, extra: dict[str, str] | None = None) -> None:
    if session.options.format == "json":
        session.terminal.document({"dataset": {"dataset": dataset, **(extra or {}), "parts": _documents(states)}})
        return
    ja = session.lang == "ja"
    session.terminal.table(
        ("部分", "案", "確認") if ja else ("part", "declaration", "confirmed"),
        (
            (state.name, _summary(state), state.confirmed_by or ("未確認" if ja else "not confirmed"))
            for state in states
        ),
        title=dataset,
    )


def _summary(state: PartState) -> str:
    shown = {name: value for name, value in state.declaration.items() if name not in ("label", "source")}
    return inline(shown).removeprefix("{").removesuffix("}")


def _documents(states: Sequence[PartState]) -> list[dict[str, Any]]:
    return [
        {"part": state.name, "declaration": dict(state.declaration), "confirmed_by": state.confirmed_by}
        for state in states
    ]
