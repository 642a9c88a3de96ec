"""Shows Sekisho at work on a reference city of synthetic people, and checks that it did what it should.

The city (its data, its queries, its story) belongs to a reference deployment, which this room does not import: it is
found through the entry point group ``sekisho.demos`` (ADR 0006).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol

from governance.catalogue import Label
from governance.errors import BadInput, Denied, SekishoError
from query_broker.release import Release
from sekisho.actions import Asker
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.query_documents import coverage_text, small_groups, stale_text
from sekisho.settings import FILE, EngineName, load_settings
from sekisho.terminal import Terminal

GROUP = "sekisho.demos"

Say = Callable[..., None]
"""``say(ja=…, en=…)``: a line for people."""


class City(Protocol):
    """A reference city: what `sekisho demo` runs."""

    def build(self, folder: Path, *, population: int | None, seed: int | None, say: Say) -> None:
        """Write settings, guideline, catalogue, templates, accounts and sources into an empty folder."""
        ...

    def beginning(self) -> datetime:
        """The moment at which the story begins: not after the deployment's pinned clock."""
        ...

    def story(self) -> Sequence[Step]:
        """What is shown, in this order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that the demo shows.

    Attributes:
        title: what is tried, for people.
        show: does it; says what came out; raises `NotAsExpected` where that is not what should have.
    """

    title: Label
    show: Callable[[Stage], object]


class NotAsExpected(Exception):  # noqa: N818 - it is no error of the product but a finding of the demo
    """A step of the story did not come out as it should have."""

    def __init__(self, *, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja = ja
        self.en = en


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a step works with: the deployment, its broker, and the terminal.

    Attributes:
        notes: what one step leaves for a later one, such as the number of an approval.
    """

    deployment: Deployment
    broker: Broker
    engine: EngineName
    terminal: Terminal
    notes: dict[str, str]

    def say(self, *, ja: str, en: str) -> None:
        """A line for people."""
        self.terminal.say(ja=f"   {ja}", en=f"   {en}")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, of: int) -> None:
        """Some rows of a result that has ``of`` of them."""
        title = f"{of:,} 行のうち {len(rows)} 行" if self.terminal.lang == "ja" else f"{len(rows)} of {of:,} rows"
        self.terminal.table(columns, rows, title=f"   {title}", aside=True)

    def cost(self, release: Release) -> None:
        """What an answer cost, under which articles, and where it stands in the ledger."""
        labels = {name: self.deployment.catalogue.departments[name].label for name in release.cells}
        self.say(
            ja=f"○ {release.rows:,} 行。{small_groups(release, 'ja')}各課から出たセル: "
            + "、".join(f"{labels[name].ja} {count:,}" for name, count in release.cells.items()),
            en=f"o {release.rows:,} rows. {small_groups(release, 'en')}Cells that left: "
            + ", ".join(f"{labels[name].en} {count:,}" for name, count in release.cells.items()),
        )
        if release.known:
            catalogue = self.deployment.catalogue
            ja, en = coverage_text(release, catalogue, "ja"), coverage_text(release, catalogue, "en")
            self.say(ja=f"  {ja}", en=f"  {en}")
        self.late(release.stale)
        self.say(
            ja=f"  根拠: 第{'・'.join(map(str, release.articles))}条。"
            f"記録: 決定 {release.decision_index}、出力 {release.ledger_index}",
            en=f"  Granted under articles {', '.join(map(str, release.articles))}. "
            f"Ledger: decision {release.decision_index}, release {release.ledger_index}",
        )

    def late(self, stale: Mapping[str, date]) -> None:
        """Which sources were out of date and not asked, if any."""
        if stale:
            deployment = self.deployment
            catalogue, guideline, today = deployment.catalogue, deployment.guideline, deployment.clock().date()
            self.say(
                ja=f"  {stale_text(stale, catalogue, guideline, today=today, lang='ja')}",
                en=f"  {stale_text(stale, catalogue, guideline, today=today, lang='en')}",
            )

    def asker(self, principal: str, *, hat: str | None = None) -> Asker:
        """An account, with its own token."""
        return self.broker.asker(self.deployment.token(principal), hat=hat)

    def ask(self, principal: str | None, **request: object) -> Release:
        """Ask as an account, with its own token; keywords are those of `AskRequest`."""
        return self.broker.ask(AskRequest(token=self.deployment.token(principal), **request))  # type: ignore[arg-type]

    def earlier(self, now: datetime) -> Broker:
        """The same deployment's broker at an earlier moment; a context manager."""
        return Deployment.load(self.deployment.layout.folder, now=now).broker(self.engine)

    def refused(self, attempt: Callable[[], object], *, article: int) -> Denied:
        """Do what has to be refused under an article, and say what was answered.

        Raises:
            NotAsExpected: it was allowed, or refused for other reasons.
        """
        try:
            attempt()
        except Denied as denied:
            if article not in {citation.article for citation in denied.citations}:
                raise NotAsExpected(
                    ja=f"第{article}条で断られるはずが、根拠は第{denied.params['articles']}条でした。",
                    en=f"It had to be refused under article {article}, not under {denied.params['articles']}.",
                ) from None
            cited = [(c.rule, c.text["ja"], c.text["en"]) for c in denied.citations if c.article == article]
            for rule, ja, en in dict.fromkeys(cited):  # about several things in the same words
                self.say(ja=f"× 第{article}条 {rule}: {ja}", en=f"x article {article} {rule}: {en}")
            others = sorted({c.article for c in denied.citations} - {article})
            if others:
                self.say(
                    ja=f"  ほかに第{'・'.join(map(str, others))}条にも当たります。",
                    en=f"  Also under articles {', '.join(map(str, others))}.",
                )
            return denied
        raise NotAsExpected(ja="断られるはずが、認められました。", en="It had to be refused and was allowed.")


def find_city(name: str | None) -> City:
    """The demo that this installation offers, or the one of a name.

    Raises:
        BadInput: there is none, there are several and none was named, or no such name.
    """
    found: dict[str, EntryPoint] = {point.name: point for point in entry_points(group=GROUP)}
    if not found:
        raise BadInput("demo-none")
    if name is None and len(found) > 1:
        raise BadInput("demo-which", names=", ".join(sorted(found)))
    point = found.get(name) if name is not None else next(iter(found.values()))
    if point is None:
        raise BadInput("demo-which", names=", ".join(sorted(found)))
    city: City = point.load()
    return city


def clear(folder: Path) -> None:
    """Empty the demo's folder for a new run.

    Raises:
        BadInput: the folder holds something that is no demo deployment; nothing is removed then.
    """
    if not folder.exists():
        return
    if not folder.is_dir() or (any(folder.iterdir()) and not _is_demo(folder)):
        raise BadInput("demo-folder-taken")
    shutil.rmtree(folder)


def tell(steps: Sequence[Step], stage: Stage) -> bool:
    """Show every step; whether each came out as it should."""
    as_expected = True
    for number, step in enumerate(steps, start=1):
        stage.terminal.say(ja=f"\n■ {number}. {step.title.ja}", en=f"\n# {number}. {step.title.en}")
        try:
            step.show(stage)
        except NotAsExpected as finding:
            as_expected = False
            stage.say(ja=f"！ 期待と違います: {finding.ja}", en=f"! Not as expected: {finding.en}")
        except SekishoError as error:
            as_expected = False
            stage.say(
                ja=f"！ 期待と違います: {error.text('ja')} [{error.code}]",
                en=f"! Not as expected: {error.text('en')} [{error.code}]",
            )
    return as_expected


def _is_demo(folder: Path) -> bool:
    try:
        return (folder / FILE).is_file() and load_settings(folder).demo
    except BadInput:
        return False
