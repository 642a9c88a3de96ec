"""Scenes of the demo about duties of the office: 代決と後閲 (第19条), and a request for disclosure (第28条)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import partial

from governance.approvals import Step as ApprovalStep
from governance.catalogue import Label
from sekisho.demo import NotAsExpected, Stage, Step
from sekisho.request_letters import receipt
from sekisho.subject_requests import Review

_RECORDED, _UNKNOWN = "R5-40", "R5-41"
_NOBODY = "9999999999"
_TRAP = "B-17"
"""A planted child who lives with the guardian that could ask for its records, with an open case of abuse."""

_FOUND = {"yes": Label(ja="あり", en="yes"), "no": Label(ja="なし", en="no"), "unknown": Label(ja="不明", en="unknown")}


def duties(template: str, *, upto_decision: Sequence[tuple[str, str, ApprovalStep]]) -> tuple[Step, ...]:
    """The scenes.

    Args:
        template: what an approval is asked for.
        upto_decision: who signs before it is decided, under which hat.
    """
    return (
        Step(
            title=Label(
                ja="代決: 総括保護管理者の不在を記録したときに限り、総務部長が代わって決裁する。戻ったら後閲",
                en="A deputy decides in a recorded absence alone; the chief looks at it afterwards",
            ),
            show=partial(_deputise, template=template, signers=upto_decision),
        ),
        Step(
            title=Label(
                ja="開示請求: 記録のある人もない人も、受付の窓口では同じ扱い。中身を見るのは許可された職員だけ",
                en="A request for disclosure: the desk says the same whatever is on record; cleared staff alone look",
            ),
            show=_disclose,
        ),
    )


def _deputise(stage: Stage, *, template: str, signers: Sequence[tuple[str, str, ApprovalStep]]) -> None:
    approvals, absences = stage.broker.approvals, stage.broker.absences
    number = approvals.request(stage.asker("center", hat="controller"), template=template).id
    for name, hat, step in signers:
        approvals.sign(stage.asker(name, hat=hat), approval=number, step=step)
    stage.refused(lambda: approvals.sign(stage.asker("cpo-deputy"), approval=number, step="deputise"), article=19)
    today = stage.deployment.clock().date()
    absence = absences.record(stage.asker("privacy"), account="cpo", first=today, last=today)
    stage.say(
        ja=f"○ {absence.recorded_by} が {absence.id} の不在を記録しました: {absence.first} から {absence.last} まで",
        en=f"o {absence.recorded_by} has recorded that {absence.id} is away from {absence.first} to {absence.last}",
    )
    granted = approvals.sign(stage.asker("cpo-deputy"), approval=number, step="deputise")
    stage.say(
        ja=f"○ cpo-deputy が {number} を代決しました。後閲の期限は {granted.acknowledge_by}",
        en=f"o cpo-deputy has decided {number}; to be looked at until {granted.acknowledge_by}",
    )
    stage.refused(lambda: approvals.acknowledge(stage.asker("cpo-deputy"), approval=number), article=19)
    absences.end(stage.asker("cpo"), account="cpo")
    looked = approvals.acknowledge(stage.asker("cpo"), approval=number)
    if looked.state != "granted" or looked.acknowledged is None:
        raise NotAsExpected(ja="後閲が済んでいません。", en="It was not looked at afterwards.")
    stage.say(ja="○ cpo が戻り、後閲しました。", en="o cpo is back and has looked at it.")


def _disclose(stage: Stage) -> None:
    requests = stage.broker.requests
    persons = {_RECORDED: _recorded(stage), _UNKNOWN: _NOBODY}
    papers = set()
    for number, person in persons.items():
        taken = requests.receive(
            stage.asker("privacy"), number=number, right="disclosure", by="representative", identifier=person
        )
        papers.add(receipt(taken, notice=None).replace(number, ""))
    if len(papers) != 1:
        raise NotAsExpected(ja="受付票が、人によって違います。", en="The receipts differ from person to person.")
    stage.say(
        ja=f"○ 二人とも同じ受付票です。回答の日は {taken.due}、延長は調べる前に限ります。",
        en=f"o Both receipts are the same; both are answered on {taken.due}, and prolonged before the review only.",
    )
    stage.refused(
        lambda: requests.review(stage.asker("privacy"), number=_RECORDED, identifier=persons[_RECORDED]), article=28
    )
    reviews = [
        requests.review(stage.asker("privacy2"), number=number, identifier=person) for number, person in persons.items()
    ]
    _tell(stage, reviews)
    if [review.careful for review in reviews] != [True, False]:
        raise NotAsExpected(ja="害のおそれの判断が違います。", en="The possible harm was not told apart.")
    for number in persons:
        requests.decide(stage.asker("cpo"), number=number, outcome="refused")
    stage.say(
        ja="○ cpo が決めました。どちらの通知も同じ文面で、記録の有無は、通知からも監査記録からも分かりません。",
        en="o cpo has decided. Both letters have one wording and say of no record; neither does the ledger.",
    )


def _tell(stage: Stage, reviews: Sequence[Review]) -> None:
    for review in reviews:
        found = _FOUND[review.found]
        stage.say(
            ja=f"○ privacy2 にだけ見えること: {review.request.number} は支援措置などの登録{found.ja}"
            + ("。代理人に答えると害のおそれ" if review.careful else ""),
            en=f"o What privacy2 alone sees: {review.request.number}, under protection or with a case: {found.en}"
            + ("; an answer to the representative could do harm" if review.careful else ""),
        )


def _recorded(stage: Stage) -> str:
    """The number that a representative brings to the desk."""
    with (stage.deployment.layout.folder / "planted.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(row["key"] for row in csv.DictReader(file) if row["trap"] == _TRAP)
