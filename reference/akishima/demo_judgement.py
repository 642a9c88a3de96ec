"""Scenes of the demo about judgement: whom people should look at first, within what they can do (第16条・第29条)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from connectors.extracts import FILE
from governance.catalogue import Label
from risk.load_rules import load_rules
from sekisho.candidate_words import HEADINGS, list_rows
from sekisho.demo import NotAsExpected, Stage, Step
from sekisho.judgements import Run, enter, run

_ROWS = 8

CAPACITY, RESERVE = 40, Fraction(1, 4)
"""What five members of staff can look at in a month, a quarter of it kept free for what is urgent."""

_LATE, _TYPE = "kaigo.cert", "young_carer"


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
            title=Label(
                ja="枠の決裁: 決裁までは直ちに確かめる人だけが見える。所長が閾値ごとの時間を見て決裁する",
                en="The capacity is approved: alerts alone are shown before; the head looks at the hours and approves",
            ),
            show=_approve,
        ),
        Step(
            title=Label(
                ja="候補の一覧: きょうだいは並べ、理由と網羅率を添える。見ることも記録に残る",
                en="The work list: siblings together, with reasons and coverage; every look is recorded",
            ),
            show=_look,
        ),
        Step(
            title=Label(
                ja="一覧を、監査責任者と学校窓口が見ようとする", en="The auditor and a school try to see the list"
            ),
            show=_refuse_others,
        ),
        Step(
            title=Label(
                ja="要介護認定の抽出が届かない: 介護の要素は「不明」になり、ほかの要素で判定が続く",
                en="No new extract of care certificates: the factors of care are unknown, and the judgement goes on",
            ),
            show=_without_a_late_source,
        ),
        Step(
            title=Label(ja="分析の委託先が判定をしようとする", en="A vendor tries to judge"),
            show=lambda stage: stage.refused(lambda: _run(stage, "vendor-a", "analyst"), article=6),
        ),
    )


def _run(stage: Stage, account: str, hat: str, *types: str) -> Run:
    deployment = stage.deployment
    rules = load_rules(deployment.layout.rules, deployment.templates)
    return run(
        stage.broker,
        rules=rules,
        purposes=types or tuple(rules),
        token=deployment.token(account),
        hat=hat,
        capacity=CAPACITY,
        reserve=RESERVE,
        templates=deployment.templates,
    )


def _choose(stage: Stage) -> None:
    outcome, lang = _run(stage, "center", "controller"), stage.terminal.lang
    cycle = enter(stage.broker, outcome).cycle
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
    stage.say(
        ja=f"○ 候補の一覧に、回 {cycle.id} として載せました。見落としを確かめるため、候補でない人から "
        f"{cycle.counts['sample']} 人をくじで選びました。",
        en=f"o Entered into the work list as cycle {cycle.id}; {cycle.counts['sample']} of those on no list "
        "were drawn, to see how many the criteria miss.",
    )
    room = int(CAPACITY * (1 - RESERVE))
    if len(selection.chosen) > room or (selection.waiting and len(selection.chosen) != room):
        raise NotAsExpected(ja=f"{room} 人を選ぶはずでした。", en=f"It had to be {room} people.")
    if any(not found.hits for person in selection.chosen for found in person.judged.values() if found.band != "none"):
        raise NotAsExpected(ja="理由のない候補があります。", en="There is a candidate without a reason.")


def _approve(stage: Stage) -> None:
    lang, broker = stage.terminal.lang, stage.broker
    worker = stage.asker("center", hat="user")
    before, held = broker.candidates.list(worker), sum(broker.candidates.held_back(worker).values())
    newest = broker.capacities.cycles(stage.asker("center-head", hat="center_head"))[-1].cycle
    stage.refused(
        lambda: broker.capacities.approve(stage.asker("center", hat="controller"), cycle=newest.id, room=newest.room),
        article=6,
    )
    broker.capacities.approve(stage.asker("center-head", hat="center_head"), cycle=newest.id, room=newest.room)
    after = broker.candidates.list(worker)
    purposes = stage.deployment.guideline.tables["purposes"]
    rows = [
        [
            purposes[row["type"]]["label"][lang],
            str(row["score"]),
            f"{row['candidates']:,}",
            f"{row['minutes'] / 60:.1f}",
        ]
        for row in newest.thresholds
    ]
    heading = {"ja": ["類型", "点", "候補", "時間"], "en": ["type", "score", "candidates", "hours"]}
    stage.table(heading[lang], rows[:_ROWS], of=len(rows))
    stage.say(
        ja=f"○ 決裁の前は {len(before):,} 人（直ちに確かめる人など）、決裁を待つ候補 {held:,} 人。"
        f"枠 {newest.room} 件の決裁の後は {len(after):,} 人。",
        en=f"o Before the approval {len(before):,} people (alerts and the like) and {held:,} held back; "
        f"after {newest.room} places were approved, {len(after):,}.",
    )
    if len(before) + held != len(after) or any(each.place == "chosen" and not each.alert for each in before):
        raise NotAsExpected(ja="決裁の前に候補が見えました。", en="Candidates were shown before the approval.")


def _look(stage: Stage) -> None:
    lang = stage.terminal.lang
    deployment = stage.deployment
    listed = stage.broker.candidates.list(stage.asker("center", hat="user"))
    families = Counter(each.household for each in listed if each.household is not None)
    rules = load_rules(deployment.layout.rules, deployment.templates)
    purposes = {
        name: Label(ja=entry["label"]["ja"], en=entry["label"]["en"])
        for name, entry in deployment.guideline.tables["purposes"].items()
    }
    rows = list_rows(listed, rules=rules, purposes=purposes, lang=lang)
    shown = [[row[0], row[2], row[4], row[5], row[6], row[7]] for row in rows[:_ROWS]]
    stage.table([HEADINGS[lang][position] for position in (0, 2, 4, 5, 6, 7)], shown, of=len(rows))
    siblings = sum(count > 1 for count in families.values())
    stage.say(
        ja=f"○ {len(listed):,} 人。きょうだいなど同じ世帯の人が並ぶ世帯 {siblings:,}。",
        en=f"o {len(listed):,} people; {siblings:,} households with several of them, who stand together.",
    )
    homes = [each.household for each in listed]
    if any(home is not None and homes.count(home) != _together(homes, home) for home in homes):
        raise NotAsExpected(ja="きょうだいが離れています。", en="Siblings stand apart.")


def _together(homes: Sequence[object], home: object) -> int:
    """How many of a household stand behind each other from its first place on."""
    first = homes.index(home)
    return next((n for n, each in enumerate(homes[first:]) if each != home), len(homes) - first)


def _refuse_others(stage: Stage) -> None:
    for account, hat in (("auditor", "auditor"), ("school-contact", "school_contact")):
        stage.refused(partial(stage.broker.candidates.list, stage.asker(account, hat=hat)), article=6)


def _without_a_late_source(stage: Stage) -> None:
    """The day that the section states is put back for the scene; its data stay as they are."""
    stated = stage.deployment.layout.departments / _LATE.partition(".")[0] / FILE
    before = stated.read_text(encoding="utf-8")
    try:
        stated.write_text(re.sub(r"(?m)^(kaigo\.certificate): .*$", r"\1: 2023-07-31", before), encoding="utf-8")
        outcome = _run(stage, "center", "controller", _TYPE)
    finally:
        stated.write_text(before, encoding="utf-8")
    release, judged = outcome.releases[_TYPE], outcome.judged[_TYPE]
    factors = outcome.rules[_TYPE].factors
    unknown = [name for name in factors if judged and all(name in found.unknown for found in judged)]
    labels = {lang: [getattr(factors[name].label, lang) for name in unknown] for lang in ("ja", "en")}
    stage.say(
        ja=f"○ だれについても不明とした要素: {'、'.join(labels['ja'])}。候補 "
        f"{sum(found.queue == 'candidate' for found in judged):,} 人。介護の課から出たセル {release.cells['kaigo']}。",
        en=f"o Unknown of everybody: {'; '.join(labels['en'])}. Candidates "
        f"{sum(found.queue == 'candidate' for found in judged):,}. Cells that left for it: {release.cells['kaigo']}.",
    )
    stage.late(release.stale)
    if set(release.stale) != {_LATE} or release.cells["kaigo"] or not unknown:
        raise NotAsExpected(ja="古い情報が使われました。", en="Data that are out of date were used.")
