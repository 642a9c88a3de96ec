"""``sekisho purpose …``: purposes of use with their terms; reviewing and renewing them for the next fiscal year."""

from __future__ import annotations

import click

from sekisho.options import shared_options
from sekisho.session import Session


@click.group("purpose")
def command() -> None:
    """Purposes of use: their terms, their reviews, and their renewal for the next fiscal year."""


_PURPOSE = click.option("--purpose", required=True, metavar="P", help="The purpose of use.")


@command.command("review")
@_PURPOSE
@click.option(
    "--number", required=True, metavar="NO", help="Number of the document that holds the review, such as K5-8."
)
@shared_options
@click.pass_context
def review(context: click.Context, *, purpose: str, number: str) -> None:
    """Put on record that a purpose was reviewed: effect, errors, burden, fairness."""
    session = Session(context)
    session.broker.renewals.review(session.asker(), purpose=purpose, number=number)
    _show(session)


@command.command("renew")
@_PURPOSE
@click.option("--number", required=True, metavar="NO", help="Number of the decision's document, such as K5-9.")
@shared_options
@click.pass_context
def renew(context: click.Context, *, purpose: str, number: str) -> None:
    """Renew a purpose for the next fiscal year, in season and by somebody else than the reviewer."""
    session = Session(context)
    renewed = session.broker.renewals.renew(session.asker(), purpose=purpose, number=number)
    session.terminal.say(
        ja=f"利用目的 {purpose} を更新しました。期間は {renewed.begins} から {renewed.ends} までです。",
        en=f"Renewed the purpose {purpose}, from {renewed.begins} to {renewed.ends}.",
    )
    _show(session)


@command.command("list")
@shared_options
@click.pass_context
def show(context: click.Context) -> None:
    """Show the purposes with their terms, reviews and renewals. Needs no account."""
    _show(Session(context))


def _show(session: Session) -> None:
    documents = [
        {
            "purpose": line.purpose,
            "label": getattr(line.label, session.lang),
            "status": line.status,
            "from": line.begins,
            "to": line.ends,
            "reviewed_on": line.reviewed_on,
            "reviewed_by": line.reviewed_by,
            "next_from": line.next_begins,
            "next_to": line.next_ends,
        }
        for line in session.broker.renewals.terms(session.deployment.clock().date())
    ]
    if session.options.format == "json":
        session.terminal.document({"purposes": documents})
        return
    headings = (
        ("利用目的", "名称", "状態", "初日", "末日", "見直し", "見直した人", "次の初日", "次の末日")
        if session.lang == "ja"
        else ("purpose", "label", "status", "from", "to", "reviewed", "by", "next from", "next to")
    )
    session.terminal.table(headings, ([value or "-" for value in document.values()] for document in documents))
