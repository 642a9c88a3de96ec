"""Scenes of the demo about controlled re-identification: one child, asked for by one, decided by another (第15条)."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pyarrow as pa

from governance.catalogue import Label
from governance.decisions import PseudonymSpace
from masking.keys import KeyRing
from risk.candidates import Candidate
from sekisho.demo import NotAsExpected, Stage, Step
from sekisho.inquiries import Inquiries
from sekisho.reidentification import Opened

WORKER, HEAD = "center", "center-head"
REASON = "判定の手がかりが重なっており、家庭の状況を面接で確かめる必要がある"
CONTACT = "学校に確かめたうえで家庭訪問"
QUESTIONS = ("attendance", "condition")
STRANGERS = (
    ("vendor-a", "analyst"),
    ("auditor", "auditor"),
    ("operator", "operator"),
    ("custodian", "key_custodian"),
    ("steward-shimin", "data_steward"),
)


def reidentification() -> tuple[Step, ...]:
    """The scenes; the work list stands already."""
    return (
        Step(
            title=Label(
                ja="再識別: 候補の一人を、申請、別の人の決裁、市民課での特定をへて、期限つきの個別票で見る",
                en="Re-identification: one candidate, asked for, decided by another, found by the register's holder",
            ),
            show=_one_child,
        ),
        Step(
            title=Label(
                ja="照会票: その人の学校に、点数も理由も載せずに尋ねる。その学校の窓口だけが回答する",
                en="Inquiry: the school is asked without points or reasons, and its contact alone answers",
            ),
            show=_ask_the_school,
        ),
        Step(
            title=Label(
                ja="再識別: 名簿に載った人は、いない人と同じ「該当なし」になる",
                en="Re-identification: whoever must not be shown looks like somebody whom nobody knows",
            ),
            show=_nobody,
        ),
    )


def _one_child(stage: Stage) -> None:
    candidate = _candidates(stage)[0]
    reidentification = stage.broker.reidentification
    for account, hat in STRANGERS:
        stage.say(
            ja=f"{account} が {candidate.number} を特定しようとする",
            en=f"{account} tries to identify {candidate.number}",
        )
        stage.refused(partial(_request, stage, candidate, account, hat), article=15)
    number = _request(stage, candidate, WORKER, "user")
    stage.say(
        ja=f"○ {WORKER} が {candidate.number} の再識別 {number} を申請しました。決裁の前には行えません。",
        en=f"o {WORKER} asked for {candidate.number}: {number}. Before the decision nothing is done, nor by oneself.",
    )
    stage.refused(lambda: reidentification.run(stage.asker(WORKER, hat="user"), number=number), article=15)
    stage.refused(lambda: reidentification.grant(stage.asker(WORKER, hat="user"), number=number), article=15)
    reidentification.grant(stage.asker(HEAD), number=number)
    opened = _found(reidentification.run(stage.asker(WORKER, hat="user"), number=number))
    _show(stage, opened)
    if opened.until != stage.deployment.clock().date() + timedelta(days=14):
        raise NotAsExpected(ja="期限は14日のはずでした。", en="It had to count fourteen days.")
    stage.refused(lambda: reidentification.run(stage.asker(WORKER, hat="user"), number=number), article=15)
    stage.refused(lambda: reidentification.show(stage.asker("center2", hat="user"), number=number), article=15)


def _ask_the_school(stage: Stage) -> None:
    reidentification, inquiries = stage.broker.reidentification, Inquiries.of(stage.broker)
    worker, contact = stage.asker(WORKER, hat="user"), stage.asker("school-contact")
    number = next(
        each.standing.number
        for each in reversed(reidentification.tickets(worker))
        if each.standing.state == "open" and each.standing.requester == WORKER
    )
    stage.refused(lambda: inquiries.send(worker, number=number, questions=("attendance", "income")), article=29)
    view = reidentification.store().view(number)
    school = view.values["kyoiku.enrolment"]["school_name"] if view is not None else None
    if school is None:
        stage.say(
            ja="○ 市の学校に籍がない人なので、照会票は出せません。電話で確かめます。",
            en="o At no school of the city: no sheet is sent, and the telephone is used.",
        )
        stage.refused(lambda: inquiries.send(worker, number=number, questions=QUESTIONS), article=29)
        return
    sent = inquiries.send(worker, number=number, questions=QUESTIONS)
    # The demo has the account of one school's contact: at another school it sees nothing, at this one it answers.
    there, elsewhere = (
        replace(contact, principal=replace(contact.principal, unit=unit) if contact.principal is not None else None)
        for unit in (str(school), "ほかの学校")
    )
    stage.refused(lambda: inquiries.read(elsewhere, number=number), article=29)
    read = inquiries.read(there, number=number)
    inquiries.answer(there, number=number, answers=dict.fromkeys(QUESTIONS, "週に一日ほど遅れて来る。（架空）"))
    back = inquiries.read(worker, number=number)
    names = [name for values in read.sheet.items.values() for name in values]
    stage.say(
        ja=f"○ 照会票 {sent.ticket}（期限 {sent.due.isoformat()}）: 載せた項目 {len(names)}、問い {len(QUESTIONS)}。"
        "その学校の窓口が回答し、照会した職員が見ました。監査記録には、問いや回答の文は残りません。",
        en=f"o Sheet {sent.ticket} (until {sent.due.isoformat()}): {len(names)} items, {len(QUESTIONS)} questions. Its "
        "contact answered, whoever asked has read it; the ledger holds none of the words.",
    )
    if set(names) != {"name_kanji", "name_kana", "grade", "class"} or set(back.sheet.answers) != set(QUESTIONS):
        raise NotAsExpected(ja="照会票の項目が違います。", en="The sheet had other items.")


def _nobody(stage: Stage) -> None:
    candidate, reidentification = _candidates(stage)[0], stage.broker.reidentification
    number = _request(stage, candidate, WORKER, "user")
    reidentification.grant(stage.asker(HEAD), number=number)
    _found(reidentification.run(stage.asker(WORKER, hat="user"), number=number))
    document = "R5-21"
    stage.broker.matters.suspend(
        stage.asker("steward-shimin"), number=document, identifier=_number_of(stage, candidate)
    )
    if reidentification.show(stage.asker(WORKER, hat="user"), number=number) is not None:
        raise NotAsExpected(ja="もう見られないはずでした。", en="It had to be shown no more.")
    stage.say(
        ja=f"○ 文書 {document} により利用停止となった人の {number}: 該当なし。個別票は消えました。支援措置も同じです。",
        en=f"o {number}, of a person suspended under {document}: nobody, and the view is erased. Protection alike.",
    )
    stage.broker.matters.release(stage.asker("cpo"), number=document)


def _candidates(stage: Stage) -> list[Candidate]:
    """Candidates whom nobody has looked at yet and who were found for a type, the most urgent first."""
    listed = stage.broker.candidates.list(stage.asker(WORKER, hat="user"))
    return [
        each
        for each in listed
        if each.state == "candidate"
        and each.task is None
        and any(f.hits and not f.supported for f in each.found.values())
    ]


def _request(stage: Stage, candidate: Candidate, account: str, hat: str) -> str:
    purpose = next(name for name, found in candidate.found.items() if found.hits and not found.supported)
    return stage.broker.reidentification.request(
        stage.asker(account, hat=hat), candidate=candidate.number, purpose=purpose, reason=REASON, contact=CONTACT
    )


def _found(opened: Opened | None) -> Opened:
    if opened is None:
        raise NotAsExpected(ja="特定できるはずでした。", en="Somebody had to be found.")
    return opened


def _show(stage: Stage, opened: Opened) -> None:
    """The items, without what stands in them: even of made-up people the demo prints no name."""
    catalogue, lang = stage.deployment.catalogue, stage.terminal.lang
    labels = [
        catalogue.dataset(dataset).column(name).label.ja
        if lang == "ja"
        else catalogue.dataset(dataset).column(name).label.en
        for dataset, values in opened.view.values.items()
        for name in values
    ]
    stage.say(
        ja=f"○ 個別票（{opened.until.isoformat()} まで、申請した人だけ）: {'、'.join(labels)}",
        en=f"o Case view (until {opened.until.isoformat()}, for whoever asked alone): {', '.join(labels)}",
    )


def _number_of(stage: Stage, candidate: Candidate) -> str:
    """The number that a family brings to the counter; found among the generated children, as only their side can."""
    deployment = stage.deployment
    with (deployment.layout.folder / "latent_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        children = [row["resident_id"] for row in csv.DictReader(file)]
    tables = deployment.guideline.tables
    domain = tables["purposes"]["truancy"]["domain"]
    made = KeyRing.load(deployment.layout.master_key).pseudonyms(
        pa.array(children),
        kind=deployment.catalogue.kinds[deployment.catalogue.subject_kind],
        space=PseudonymSpace(domain=domain, epoch=tables["domains"][domain]["epoch"]),
    )
    return next(child for child, each in zip(children, made.to_pylist(), strict=True) if each == candidate.subject)
