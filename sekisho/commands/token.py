"""``sekisho token …``: the local issuer of signed tokens (第20条), for whoever has the deployment's keys."""

from __future__ import annotations

import click

from sekisho.establish import issue_token
from sekisho.options import shared_options
from sekisho.session import Session


@click.group("token")
def command() -> None:
    """Signed tokens of accounts, from the local issuer."""


@command.command("issue")
@click.argument("accounts", nargs=-1, required=True, metavar="PRINCIPAL...")
@shared_options
@click.pass_context
def issue(context: click.Context, *, accounts: tuple[str, ...]) -> None:
    """Issue tokens to accounts whose persons have been identified; an earlier token of the same account ends."""
    session = Session(context)
    ends = [issue_token(session.deployment, account) for account in accounts]
    if session.options.format == "json":
        tokens = [{"principal": a, "expires": e.isoformat()} for a, e in zip(accounts, ends, strict=True)]
        session.terminal.document({"tokens": tokens})
    for account, end in zip(accounts, ends, strict=True):
        until = end.isoformat(timespec="minutes")
        session.terminal.say(ja=f"○ {account} のトークンを発行しました（{until} まで）", en=f"{account}: until {until}")
