"""``sekisho check``: is a deployment sound, its sources included."""

from __future__ import annotations

import click

from governance.errors import CheckFailed
from sekisho.checks import check
from sekisho.options import shared_options
from sekisho.session import Session


@click.command("check")
@shared_options
@click.pass_context
def command(context: click.Context) -> int:
    """Check a deployment as a whole: settings, guideline, catalogue, templates, accounts, keys, ledger, sources."""
    session = Session(context)
    results = []
    for result in check(session.folder, engine=session.options.engine):
        results.append(result)
        if session.options.format != "json":
            mark = "○" if result.ok else "×"
            session.terminal.say(ja=f"{mark} {result.label.ja}", en=f"{mark} {result.label.en}")
            for error in result.errors:
                session.terminal.error(error)
    faults = [error for result in results for error in result.errors]
    if session.options.format == "json":
        session.terminal.document(
            {
                "check": {
                    "ok": not faults,
                    "parts": [
                        {
                            "part": result.part,
                            "ok": result.ok,
                            "faults": [
                                {
                                    "code": error.code,
                                    "text": error.text(session.lang),
                                    "remedy": error.remedy(session.lang),
                                    **({"file": error.params["file"]} if "file" in error.params else {}),
                                    **({"line": error.params["line"]} if "line" in error.params else {}),
                                }
                                for error in result.errors
                            ],
                        }
                        for result in results
                    ],
                }
            }
        )
    return CheckFailed.exit_status if faults else 0
