"""Scenes of the demo about the rights of persons: a suspension of use (第28条), and a leak that is feared (第27条)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial

from governance.catalogue import Label
from query_broker.release import Release
from sekisho.demo import NotAsExpected, Stage, Step
from sekisho.incident_papers import calculation_rows, persons_text

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
                ja="漏えいのおそれ: 気付いた職員がすべての回答を止める。報告の要否と期限を計算し、別の人が終える",
                en="A leak is feared: whoever notices stops all releases; reporting is computed; another closes it",
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
    leaked = stage.broker.ledger.of_kind("release")[-1].index
    matters.stop(stage.asker("center", hat="user"), number=number)
    stage.refused(lambda: ask(stage), article=27)
    stage.refused(lambda: matters.lift(stage.asker("center", hat="user"), number=number), article=28)
    _handle(stage, number=number, leaked=leaked)
    matters.lift(stage.asker("cpo"), number=number)
    rows = ask(stage).rows
    stage.say(ja=f"○ cpo が再開しました: {rows:,} 行", en=f"o Lifted by cpo: {rows:,} rows")


def _handle(stage: Stage, *, number: str, leaked: int) -> None:
    """The incident, to its end: what leaked, whether it has to be reported, who is told first."""
    incidents, today = stage.broker.incidents, stage.deployment.clock().date()
    incidents.open(stage.asker("center", hat="user"), number=number, discovered_on=today, entries=[leaked])
    facts = {"property": False, "wrongful": False, "ordinance": False}
    found = incidents.assess(stage.asker("privacy"), number=number, facts=facts, found=None)
    if found.required != "yes":
        raise NotAsExpected(ja="報告を要するはずでした。", en="It had to be one that has to be reported.")
    for name, answer, basis in calculation_rows(found.findings, stage.deployment.catalogue):
        stage.say(ja=f"  ・{name}: {answer}（{basis}）", en=f"  - {name}: {answer}")
    preliminary, final = incidents.due(today)
    stage.say(
        ja=f"○ 本人の数は{persons_text(found.persons)}。"
        f"速報の期限 {preliminary.last_day}、確報の期限 {final.last_day}。",
        en=f"o {found.persons.least:,} persons or more; reports due {preliminary.last_day} and {final.last_day}.",
    )

    def tell() -> None:
        incidents.notify(
            stage.asker("privacy"), number=number, route="letter", obstacle=None, on=today, document="J5-3"
        )

    stage.refused(tell, article=27)
    incidents.contact(stage.asker("privacy2"), number=number, route="in-person", on=today, document=None)
    tell()
    incidents.report(stage.asker("privacy"), number=number, stage="preliminary", on=today, document="J5-2")
    cpo = stage.asker("cpo")
    stage.refused(lambda: incidents.close(cpo, number=number, measures=["access"], document="J5-5"), article=27)
    incidents.report(stage.asker("privacy"), number=number, stage="final", on=today, document="J5-4")
    incidents.close(cpo, number=number, measures=["access"], document="J5-5")
    stage.say(
        ja="○ 支援措置の対象者、ほかの本人の順に知らせ、速報と確報を記録し、cpo が終えました。",
        en="o Persons under protection first, then the others; both reports on record; closed by cpo.",
    )
