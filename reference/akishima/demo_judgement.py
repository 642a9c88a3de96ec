"""Scenes of the demo about judgement: whom people should look at first, within what they can do (第16条・第29条)."""

from __future__ import annotations

from fractions import Fraction

from governance.catalogue import Label
from risk.load_rules import load_rules
from sekisho.demo import NotAsExpected, Stage, Step
from sekisho.judgements import Run, run

CAPACITY, RESERVE = 40, Fraction(1, 4)
"""What five members of staff can look at in a month, a quarter of it kept free for what is urgent."""


def judgement() -> tuple[Step, ...]:
    """The scenes; the four types' approvals stand already."""
    return (
        Step(
            title=Label(
                ja="判定: 四つの類型の手がかりから、一か月に見られる30人を選ぶ",
                en="Judgement: from the signs of four types, the thirty whom people can look at in a month",
            ),
            show=_choose,
        ),
        Step(
            title=Label(ja="分析の委託先が判定をしようとする", en="A vendor tries to judge"),
            show=lambda stage: stage.refused(lambda: _run(stage, "vendor-a", "analyst"), article=6),
        ),
    )


def _run(stage: Stage, account: str, hat: str) -> Run:
    deployment = stage.deployment
    rules = load_rules(deployment.layout.rules, deployment.templates)
    return run(
        stage.broker,
        rules=rules,
        purposes=tuple(rules),
        token=deployment.token(account),
        hat=hat,
        capacity=CAPACITY,
        reserve=RESERVE,
        templates=deployment.templates,
    )


def _choose(stage: Stage) -> None:
    outcome, lang = _run(stage, "center", "controller"), stage.terminal.lang
    purposes = stage.deployment.guideline.tables["purposes"]
    selection, rows = outcome.selection, []
    for purpose in outcome.judged:
        lowest = selection.thresholds.get(purpose)
        rows.append(
            [
                purposes[purpose]["label"][lang],
                f"{sum(each.queue == 'candidate' for each in outcome.judged[purpose]):,}",
                f"{sum(purpose in person.listed_for for person in selection.chosen):,}",
                "-" if lowest is None else f"{float(lowest):g}",
            ]
        )
    heading = {"ja": ["類型", "候補", "今回見る人", "閾値"], "en": ["type", "candidates", "this month", "threshold"]}
    stage.table(heading[lang], rows, of=len(rows))
    stage.say(
        ja=f"○ 今回見る {len(selection.chosen)} 人、枠の外で直ちに確かめる {len(selection.alerts)} 人、待つ候補 "
        f"{len(selection.waiting):,} 人、すでに支援中 {len(selection.supported):,} 人。判断は人が行います。",
        en=f"o {len(selection.chosen)} this month, {len(selection.alerts)} alerts outside of the capacity, "
        f"{len(selection.waiting):,} waiting, {len(selection.supported):,} supported already. People judge.",
    )
    room = int(CAPACITY * (1 - RESERVE))
    if len(selection.chosen) > room or (selection.waiting and len(selection.chosen) != room):
        raise NotAsExpected(ja=f"{room} 人を選ぶはずでした。", en=f"It had to be {room} people.")
    if any(not found.hits for person in selection.chosen for found in person.judged.values() if found.band != "none"):
        raise NotAsExpected(ja="理由のない候補があります。", en="There is a candidate without a reason.")
