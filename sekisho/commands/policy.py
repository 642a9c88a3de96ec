"""``sekisho policy build`` and ``sekisho policy test``: for those who write rules; both need OPA."""

from __future__ import annotations

import click

from governance.errors import CheckFailed
from policies.bundle import write_bundle
from policies.server import find_opa
from sekisho.options import shared_options
from sekisho.policy_checks import check_policy
from sekisho.session import Session


@click.group("policy")
def command() -> None:
    """Build and test the policy; changing its data (tables, catalogue) needs neither."""


@command.command("build")
@shared_options
@click.pass_context
def build(context: click.Context) -> None:
    """Compile the rules with the pinned OPA and replace the committed build."""
    session = Session(context)
    revision = write_bundle(find_opa())
    if session.options.format == "json":
        session.terminal.document({"policy": {"revision": revision}})
    session.terminal.say(ja=f"規則を組み立てました。版 {revision}", en=f"Built the rules, revision {revision}")


@command.command("test")
@shared_options
@click.pass_context
def test(context: click.Context) -> int:
    """Check the rules' form, compile them strictly, run their tests with full coverage, compare the committed build."""
    session = Session(context)
    results = []
    for result in check_policy(find_opa()):
        results.append(result)
        mark = "○" if result.ok else "×"
        session.terminal.say(ja=f"{mark} {result.label.ja}", en=f"{mark} {result.label.en}")
        if not result.ok:
            session.terminal.say(ja=result.output, en=result.output)
    ok = all(result.ok for result in results)
    if session.options.format == "json":
        checks = [{"check": result.label.en, "ok": result.ok} for result in results]
        session.terminal.document({"policy": {"ok": ok, "checks": checks}})
    return 0 if ok else CheckFailed.exit_status
