"""Scenes of the demo about the rights of persons: a suspension of use (第28条), and a stop of all releases (第27条)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial

from governance.catalogue import Label
from query_broker.release import Release
from sekisho.demo import NotAsExpected, Stage, Step

Ask = Callable[[Stage], Release]
"""Asks the story's approved query again."""


def rights(ask: Ask) -> tuple[Step, ...]:
    """The scenes, which ask the approved query before and after."""
    return (
        Step(
            title=Label(
                ja="利用停止: 名簿に載せた人は、次の照会から除かれる。解くのは別の人",
                en="Suspension: whoever is put on the list is in no further query; another person ends it",
            ),
            show=partial(_suspend, ask=ask),
        ),
        Step(
            title=Label(
                ja="漏えいのおそれ: 気付いた職員がすべての回答を止める。再開するのは総括保護管理者",
                en="A leak is feared: whoever notices stops all releases; the chief privacy officer lifts it",
            ),
            show=partial(_stop, ask=ask),
        ),
    )


def _suspend(stage: Stage, *, ask: Ask) -> None:
    matters, number = stage.broker.matters, "R5-12"
    before = ask(stage).rows
    matters.suspend(stage.asker("steward-shimin"), number=number, identifier=_somebody(stage))
    without = ask(stage).rows
    stage.say(
        ja=f"○ 文書 {number} により名簿に載せました: {before:,} 行 → {without:,} 行。記録に人の番号は残りません。",
        en=f"o Put on the list under {number}: {before:,} rows, then {without:,}. No record holds the person's number.",
    )
    if without != before - 1:
        raise NotAsExpected(ja="一人だけ減るはずでした。", en="It had to be one row fewer.")
    stage.refused(lambda: matters.release(stage.asker("steward-shimin"), number=number), article=28)
    matters.release(stage.asker("cpo"), number=number)
    after = ask(stage).rows
    stage.say(ja=f"○ cpo が解きました: {after:,} 行", en=f"o Ended by cpo: {after:,} rows")
    if after != before:
        raise NotAsExpected(ja="元に戻るはずでした。", en="All rows had to be back.")


def _somebody(stage: Stage) -> str:
    """The number that a family brings to the counter: a child's in the generated city."""
    with (stage.deployment.layout.folder / "latent_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(csv.DictReader(file))["resident_id"]


def _stop(stage: Stage, *, ask: Ask) -> None:
    matters, number = stage.broker.matters, "J5-1"
    matters.stop(stage.asker("center", hat="user"), number=number)
    stage.refused(lambda: ask(stage), article=27)
    stage.refused(lambda: matters.lift(stage.asker("center", hat="user"), number=number), article=28)
    matters.lift(stage.asker("cpo"), number=number)
    rows = ask(stage).rows
    stage.say(ja=f"○ cpo が再開しました: {rows:,} 行", en=f"o Lifted by cpo: {rows:,} rows")
