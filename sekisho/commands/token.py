"""``sekisho token …``: the local issuer of signed tokens (第20条), for whoever has the deployment's keys."""

from __future__ import annotations

import click

from sekisho.establish import issue_token
from sekisho.issuer_keys import rotate
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


@command.command("rotate")
@click.option("--at-once", is_flag=True, help="The key may be known to others: no token of it counts from now on.")
@shared_options
@click.pass_context
def rotate_key(context: click.Context, *, at_once: bool) -> None:
    """Replace the key that signs tokens; those of the old one count until they end, unless --at-once is given."""
    session = Session(context)
    deployment = session.deployment
    key = rotate(deployment.layout, deployment.settings, now=deployment.clock(), at_once=at_once)
    if session.options.format == "json":
        session.terminal.document({"key": key, "at_once": at_once})
    if at_once:
        session.terminal.say(
            ja="○ 鍵を取り替えました。前のトークンは今から無効です。発行し直してください（sekisho token issue）。",
            en="The key was replaced. No earlier token counts any more; issue new ones (sekisho token issue).",
        )
    else:
        session.terminal.say(
            ja="○ 鍵を取り替えました。これまでのトークンは、期限まで使えます。",
            en="The key was replaced. Earlier tokens count until they end.",
        )
