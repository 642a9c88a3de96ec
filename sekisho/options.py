"""Options that every command takes, before or after its name: which deployment, as whom, in which form and language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from governance.errors import BadInput, Lang
from sekisho.settings import ENGINES, EngineName, load_settings
from sekisho.terminal import FORMATS, Format, Terminal

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was chosen for one run.

    Attributes:
        deployment: folder of the deployment.
        principal: the account whose token is used.
        hat: the one role that is worn.
        as_of: the date that derived datasets are computed for, as it was typed.
        log: whether the log is also written to standard error.
    """

    deployment: Path | None = None
    principal: str | None = None
    hat: str | None = None
    as_of: str | None = None
    format: Format = "table"
    lang: Lang = "ja"
    engine: EngineName | None = None
    log: bool = False

    def terminal(self) -> Terminal:
        """Standard output and standard error for these options, which say 架空データ where the deployment is a demo."""
        notice = self.deployment is not None and _is_demo(self.deployment)
        return Terminal(lang=self.lang, format=self.format, notice=notice)


def _is_demo(folder: Path) -> bool:
    try:
        return load_settings(folder).demo
    except BadInput:
        return False


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    # The innermost place where an option was given wins; the environment never replaces what was typed further out.
    if value is None or value is False or parameter.name is None:
        return
    options = chosen(context)
    typed = context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    if typed or getattr(options, parameter.name) is None:
        context.find_root().obj = replace(options, **{parameter.name: value})


def _option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    return click.option(*names, expose_value=False, callback=_keep, **settings)


_OPTIONS = (
    _option(
        "--deployment",
        type=click.Path(path_type=Path),
        envvar="SEKISHO_DEPLOYMENT",
        metavar="DIR",
        help="The deployment's folder (or SEKISHO_DEPLOYMENT).",
    ),
    _option("--as", "principal", metavar="PRINCIPAL", help="The account that asks; its signed token is used."),
    _option("--hat", metavar="ROLE", help="The one role worn for this request."),
    _option("--as-of", metavar="DATE", help="The date that the answer is computed for (2023-10-01, R5.10.1)."),
    _option("--format", type=click.Choice(FORMATS), help="Form of the output; table unless given."),
    _option("--lang", type=click.Choice(["ja", "en"]), help="Language of texts; ja unless given."),
    _option("--engine", type=click.Choice(ENGINES), help="Policy engine; the deployment's unless given."),
    _option("--log", is_flag=True, help="Write the log to standard error, too."),
)


def shared_options(command: Command) -> Command:
    """Add the options to a command; their values are read with `chosen`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen(context: click.Context) -> Options:
    """The options of a run."""
    options = context.find_root().obj
    return options if isinstance(options, Options) else Options()
