"""The command ``sekisho``: a thin layer over the Python API. Here is what all commands have in common.

Exit statuses: 0 done · 1 a check found a fault · 2 bad input or usage · 3 denied by policy · 4 something is unavailable
· 5 a fault of ours. An error is shown once, with its code, its reasons and what to do; no traceback and no value.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from governance.errors import BadInput, Fault, SekishoError
from governance.log import get_log
from sekisho.log_file import silence_log
from sekisho.options import Options, chosen, shared_options

_COMMANDS: Mapping[str, str] = {
    "agent": "sekisho.commands.agent",
    "approval": "sekisho.commands.approval",
    "case": "sekisho.commands.case",
    "check": "sekisho.commands.check",
    "dataset": "sekisho.commands.dataset",
    "demo": "sekisho.commands.demo",
    "guideline": "sekisho.commands.guideline",
    "incident": "sekisho.commands.incident",
    "inquiry": "sekisho.commands.inquiry",
    "absence": "sekisho.commands.absence",
    "init": "sekisho.commands.init",
    "ledger": "sekisho.commands.ledger",
    "package": "sekisho.commands.package",
    "policy": "sekisho.commands.policy",
    "purpose": "sekisho.commands.purpose",
    "query": "sekisho.commands.query",
    "retention": "sekisho.commands.retention",
    "reidentify": "sekisho.commands.reidentify",
    "risk": "sekisho.commands.risk",
    "subject": "sekisho.commands.subject",
    "token": "sekisho.commands.token",
}
_INTERRUPTED = 130
_OPTION_NAME = re.compile(r"--?[a-z][a-z-]{0,30}")


class _Rooms(click.Group):
    """Commands by name, each imported when it is called: a message about usage need not load an engine."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the library's signature
        """The names of all commands."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name]).command
        return command


@click.group(cls=_Rooms, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@shared_options
@click.version_option(package_name="sekisho")
def cli() -> None:
    """Sekisho 関所: the checkpoint that every cross-department query in a municipality has to pass."""


def main() -> None:
    """Entry point of the command."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], *, root: click.Group = cli) -> int:
    """Run one command of ``root`` and return its exit status."""
    silence_log()
    try:
        with root.make_context("sekisho", list(arguments)) as context:
            return _status(root, context)
    except click.exceptions.Exit as request:
        return request.exit_code
    except click.Abort:
        return _INTERRUPTED
    except click.UsageError as error:
        options = chosen(error.ctx) if error.ctx is not None else Options()
        options.terminal().error(_usage(error))
        return BadInput.exit_status


def _status(root: click.Group, context: click.Context) -> int:
    try:
        status = root.invoke(context)
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SekishoError as error:
        get_log().info("refused", code=error.code, exit_status=error.exit_status)
        chosen(context).terminal().error(error)
        return error.exit_status
    except Exception as error:  # noqa: BLE001 - whatever it is, no traceback and no value may reach a terminal
        fault = Fault()
        get_log().error(
            "fault",
            incident=str(fault.params["incident"]),
            exception_type=type(error).__name__,
            reason=_places(error),
            exit_status=fault.exit_status,
        )
        chosen(context).terminal().error(fault)
        return fault.exit_status
    return status if isinstance(status, int) else 0


def _places(error: BaseException) -> str:
    """Where an exception came from, as files and lines; never its message, which may hold values."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}" for frame in frames]
    return " > ".join(places[-12:])


def _usage(error: click.UsageError) -> BadInput:
    """A usage error with the option's name and without what was typed, which may be anything."""
    command = error.ctx.command_path if error.ctx is not None else "sekisho"
    name = ""
    if isinstance(error, click.NoSuchOption):
        name = error.option_name if _OPTION_NAME.fullmatch(error.option_name) else ""
    elif isinstance(error, click.BadParameter) and error.param is not None:
        name = error.param.opts[0]
        if isinstance(error.param.type, click.Choice):
            return BadInput("usage-choice", option=name, choices=", ".join(error.param.type.choices), command=command)
    return BadInput("usage", option=name or "-", command=command)
