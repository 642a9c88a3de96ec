"""``sekisho case …``: the views of persons who were identified, on the screen, for a few days (第15条・第13条)."""

from __future__ import annotations

from datetime import date

import click

from governance.errors import BadInput
from governance.look_ups import Value
from sekisho.options import shared_options
from sekisho.reidentification import Opened
from sekisho.session import Session


@click.group("case")
def command() -> None:
    """Case views (個別票) of persons who were identified: look, and have the last day put off."""


@command.command("show")
@click.argument("number")
@shared_options
@click.pass_context
def show(context: click.Context, *, number: str) -> None:
    """Look at the case view of a ticket. The holder is asked again whether the person may still be shown."""
    session = screen_session(context)
    show_case(session, number, session.broker.reidentification.show(session.asker(), number=number))


@command.command("extend")
@click.argument("number")
@click.option("--reason", required=True, metavar="TEXT", help="Why the view is needed for longer.")
@shared_options
@click.pass_context
def extend(context: click.Context, *, number: str, reason: str) -> None:
    """Put the last day of a case view off; done by whoever decides, not by whoever asked."""
    session = screen_session(context)
    until = session.broker.reidentification.extend(session.asker(), number=number, reason=reason)
    if session.options.format == "json":
        session.terminal.document({"ticket": {"number": number, "until": until.isoformat()}})
    session.terminal.say(
        ja=f"再識別 {number} の個別票の期限を {until.isoformat()} まで延ばしました。",
        en=f"The case view of {number} counts until {until.isoformat()}.",
    )


def screen_session(context: click.Context) -> Session:
    """A named person goes to the screen and nowhere else (第13条): no file is made of it here."""
    session = Session(context)
    if session.options.format not in ("table", "json"):
        raise BadInput("case-format")
    return session


def show_case(session: Session, number: str, opened: Opened | None) -> None:
    """Show a case view, or that there is nobody."""
    if opened is None:
        if session.options.format == "json":
            session.terminal.document({"case": None, "ticket": number})
        session.terminal.say(ja="該当なし", en="Nobody was found.")
        return
    if session.options.format == "json":
        items = {
            dataset: {name: _plain(value) for name, value in values.items()}
            for dataset, values in opened.view.values.items()
        }
        session.terminal.document(
            {
                "case": {
                    "until": opened.until.isoformat(),
                    "protected": opened.view.reduced is not None,
                    "items": items,
                },
                "ticket": number,
            }
        )
        return
    ja, catalogue = session.lang == "ja", session.deployment.catalogue
    rows = [
        (getattr(catalogue.dataset(dataset).column(name).label, session.lang), _text(value, ja=ja))
        for dataset, values in opened.view.values.items()
        for name, value in values.items()
    ]
    session.terminal.table(
        ("項目", "内容") if ja else ("item", "value"),
        rows,
        title=f"取扱注意　個別票 {number}　{opened.until.isoformat()} まで" if ja
        else f"Confidential: case view {number}, until {opened.until.isoformat()}",
    )  # fmt: skip
    if opened.view.reduced is not None:
        session.terminal.say(
            ja="【支援措置】住所など、居場所につながるものは示しません。印刷したり、ほかの職員に知らせたりしないでください。",
            en="[Protected] What leads to where the person is, such as the address, is not shown. "
            "Do not print or pass on what you see.",
        )


def _plain(value: Value) -> str | int | bool | None:
    return value.isoformat() if isinstance(value, date) else value


def _text(value: Value, *, ja: bool) -> str:
    return ("不明" if ja else "unknown") if value is None else str(_plain(value))
