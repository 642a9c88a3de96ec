"""What a command works with: the options, the terminal, and the deployment, loaded when it is needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from governance.errors import BadInput, Lang
from sekisho.identity import Unverified
from sekisho.log_file import log_of
from sekisho.options import Options, chosen
from sekisho.terminal import NOTICE, Terminal
from sekisho.typed_values import read_day

if TYPE_CHECKING:
    from sekisho.actions import Asker
    from sekisho.broker import Broker
    from sekisho.deployment import Deployment


@dataclass(slots=True)
class Session:
    """One run of one command.

    Nothing is loaded before it is asked for: usage errors need no deployment.
    """

    context: click.Context
    _deployment: Deployment | None = field(default=None, init=False)
    _broker: Broker | None = field(default=None, init=False)
    _logs: bool = field(default=False, init=False)
    _terminal: Terminal | None = field(default=None, init=False)

    @property
    def options(self) -> Options:
        """What was chosen for the run."""
        return chosen(self.context)

    @property
    def lang(self) -> Lang:
        """Language of texts."""
        return self.options.lang

    @property
    def terminal(self) -> Terminal:
        """Standard output and standard error, which say 架空データ in a demo."""
        if self._terminal is None:
            self._terminal = self.options.terminal()
        return self._terminal

    @property
    def folder(self) -> Path:
        """The folder of the deployment that was named; the log goes there from now on.

        Raises:
            BadInput: none was named, or there is no such folder.
        """
        folder = self.options.deployment
        if folder is None:
            raise BadInput("deployment-not-named")
        if not folder.is_dir():
            raise BadInput("deployment-missing")
        if not self._logs:
            self.context.find_root().with_resource(log_of(folder, also_on_stderr=self.options.log))
            self._logs = True
        return folder

    @property
    def deployment(self) -> Deployment:
        """The deployment, loaded and checked.

        Raises:
            BadInput: none was named, or it is not sound.
        """
        from sekisho.deployment import Deployment

        if self._deployment is None:
            self._deployment = Deployment.load(self.folder)
            self._announce(self._deployment)
        return self._deployment

    @property
    def broker(self) -> Broker:
        """The deployment's broker, open until the command ends."""
        if self._broker is None:
            self._broker = self.context.find_root().with_resource(self.deployment.broker(self.options.engine))
        return self._broker

    def token(self) -> str | None:
        """The token of the account that asks."""
        return self.deployment.token(self.options.principal)

    def asker(self) -> Asker:
        """Who asks, with a word to the person where the token names nobody."""
        self.check_token()
        return self.broker.asker(self.token(), hat=self.options.hat)

    def check_token(self) -> None:
        """Tell the person why the token names nobody; the refusal itself is the policy's."""
        reason = self.deployment.identify(self.token(), hat=self.options.hat).reason
        if reason is not None:
            hint = BadInput(_hint(reason))
            self.terminal.say(
                ja=f"{hint.text('ja')} → {hint.remedy('ja')}", en=f"{hint.text('en')} → {hint.remedy('en')}"
            )

    def as_of(self) -> date | None:
        """The date that the answer is computed for, ``None`` for today."""
        text = self.options.as_of
        return read_day(text, option="--as-of") if text is not None else None

    def day(self, text: str | None) -> date | None:
        """The day that ``--at`` names, ``None`` where none is named."""
        return read_day(text, option="--at") if text is not None else None

    def _announce(self, deployment: Deployment) -> None:
        settings = deployment.settings
        if settings.demo:
            now = deployment.clock().isoformat(timespec="minutes")
            self.terminal.say(
                ja=f"【{NOTICE['ja']}】{settings.label.ja}。時計は {now} に止めてあります。",
                en=f"[{NOTICE['en']}] {settings.label.en}. The clock stands at {now}.",
            )


def _hint(reason: Unverified) -> str:
    match reason:
        case "no-token":
            return "token-none"
        case "expired":
            return "token-expired"
        case "not-yet-valid":
            return "token-not-yet-valid"
        case "unknown-account" | "roles-changed":
            return "token-account-changed"
        case _:
            return "token-not-genuine"
