"""Every refusal and every failure that Sekisho reports, as one small family.

::

    SekishoError
    ├── BadInput      exit 2  usage, SQL outside the allow-list, unknown names, broken files
    ├── Denied        exit 3  the policy refuses; carries the articles
    ├── Unavailable   exit 4  a department, the policy engine or the ledger does not answer; nothing was released
    ├── CheckFailed   exit 1  a check found a fault: a tampered ledger, an invalid deployment
    └── Fault         exit 5  ours: an incident id and nothing else

An error is a code and parameters. The sentences stand in ``governance/messages/*.yaml``, one file a room, in Japanese
and English, with the remedy. Parameters name things of the schema (a column, a file, a line, an article), never a data
value (I7).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import yaml

Lang = Literal["ja", "en"]

_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageText:
    """The sentence of a code and what to do about it, in one language; ``str.format`` fields are parameters."""

    text: str
    remedy: str


@cache
def _catalogue_of_messages() -> Mapping[str, Mapping[Lang, MessageText]]:
    messages: dict[str, Mapping[Lang, MessageText]] = {}
    for file in sorted(resources.files("governance").joinpath("messages").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".yaml"):
            continue
        for code, languages in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items():
            if code in messages:
                raise ValueError(f"message code {code} is defined twice")
            messages[code] = {
                "ja": MessageText(text=languages["ja"], remedy=languages["remedy_ja"]),
                "en": MessageText(text=languages["en"], remedy=languages["remedy_en"]),
            }
    return messages


def message_codes() -> frozenset[str]:
    """Every code that has a sentence."""
    return frozenset(_catalogue_of_messages())


class SekishoError(Exception):
    """A refusal or a failure with a stable ``code``; its text is looked up, never pasted together.

    Args:
        code: lower-case words joined by hyphens, present in ``governance/messages``.
        params: what the sentence names; schema names, files, lines, numbers of the schema. Never a data value.
    """

    exit_status = 5
    kind = "fault"

    def __init__(self, code: str, /, **params: str | int) -> None:
        if not _CODE.fullmatch(code):
            raise ValueError(f"not an error code: {code!r}")
        self.code = code
        self.params: dict[str, str | int] = params
        super().__init__(code)

    def text(self, lang: Lang = "en") -> str:
        """What was refused, as a sentence."""
        return self._render(lang).text

    def remedy(self, lang: Lang = "en") -> str:
        """What would be acceptable, as a sentence."""
        return self._render(lang).remedy

    def _render(self, lang: Lang) -> MessageText:
        template = _catalogue_of_messages()[self.code][lang]
        named = self._named(lang)
        return MessageText(text=template.text.format_map(named), remedy=template.remedy.format_map(named))

    def _named(self, lang: Lang) -> Mapping[str, str | int]:  # noqa: ARG002 - a list is written as its language does
        """What the sentences name, as it is written in ``lang``."""
        return self.params

    def __str__(self) -> str:
        try:
            return f"[{self.code}] {self.text('en')} {self.remedy('en')}"
        except KeyError:
            return f"[{self.code}]"


class BadInput(SekishoError):  # noqa: N818 - the names are the statuses of the command line's contract
    """Something that was handed in cannot be read or is outside what may be asked."""

    exit_status = 2
    kind = "bad_input"


class Unavailable(SekishoError):  # noqa: N818
    """A part that the answer needs does not answer; nothing was released."""

    exit_status = 4
    kind = "unavailable"


class CheckFailed(SekishoError):  # noqa: N818
    """A check ran to its end and found a fault."""

    exit_status = 1
    kind = "check_failed"


class Fault(SekishoError):  # noqa: N818
    """A fault of ours. Carries an incident id for the log and no other detail."""

    exit_status = 5
    kind = "fault"

    def __init__(self, incident: str | None = None) -> None:
        super().__init__("internal-fault", incident=incident or uuid.uuid4().hex[:12])


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One ground of a decision: a control, what it was about, and the rule of the guideline that it carries out."""

    control: str
    article: int
    rule: str
    on: str
    text: Mapping[Lang, str]
    remedy: Mapping[Lang, str]


class Denied(SekishoError):  # noqa: N818
    """The policy refuses. ``citations`` is never empty: a deny without an article is a fault of ours (I6)."""

    exit_status = 3
    kind = "denied"

    def __init__(self, citations: tuple[Citation, ...], *, decision_id: str | None = None) -> None:
        if not citations:
            raise Fault
        super().__init__("denied", articles=", ".join(sorted({str(c.article) for c in citations}, key=int)))
        self.citations = citations
        self.decision_id = decision_id

    def _named(self, lang: Lang) -> Mapping[str, str | int]:
        numbers = sorted({citation.article for citation in self.citations})
        if lang == "ja":
            return {**self.params, "articles": "・".join(f"第{number}条" for number in numbers)}
        *others, last = map(str, numbers)
        listed = f"articles {', '.join(others)} and {last}" if others else f"article {last}"
        return {**self.params, "articles": listed}
