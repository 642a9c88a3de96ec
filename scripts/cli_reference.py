"""Writes docs/cli.md from the command's own help, so that the page cannot say something else than the command.

python scripts/cli_reference.py          write it
python scripts/cli_reference.py --check  exit with 1 where it is stale
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "cli.md"

HEAD = """\
# The command `sekisho`

Written by `scripts/cli_reference.py` from the command's own help; a test compares. Options of the first section are
taken before and after the name of every command, and are left out below.

Exit statuses: 0 done · 1 a check found a fault · 2 bad input or usage · 3 denied by policy · 4 something is
unavailable, nothing was released · 5 a fault of ours, with an incident id. With `--format json` standard output carries
exactly one JSON document, an error included (`{"error": {"kind", "code", "exit_status", "text", "remedy", …}}`);
everything for people goes to standard error. The log goes to `log/sekisho.jsonl` in the deployment.
"""


def reference() -> str:
    """The page."""
    sys.path.insert(0, str(ROOT))
    from sekisho.cli import cli

    shared = {option for parameter in cli.params for option in parameter.opts}
    return HEAD + "".join(_sections(cli, "sekisho", shared))


def _sections(command: click.Command, path: str, shared: set[str]) -> Iterator[str]:
    context = click.Context(command, info_name=path, terminal_width=100, max_content_width=100)
    is_root = path == "sekisho"
    if not isinstance(command, click.Group) or is_root:
        own = click.Command(
            None,
            params=[p for p in command.params if is_root or not set(p.opts) & shared],
            help=command.help,
            add_help_option=False,
        )
        help_text = own.get_help(click.Context(own, info_name=path, terminal_width=100, max_content_width=100))
        yield f"\n## `{path}`\n\n```text\n{help_text}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _sections(inner, f"{path} {name}", shared)


def main() -> int:
    """Write or check the page."""
    text = reference()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
