"""``sekisho risk rules|run``: whom people should look at first, within what they can do (第16条・第29条)."""

from __future__ import annotations

from contextlib import nullcontext
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any

import click

from governance.catalogue import Label
from governance.errors import BadInput
from risk.capacity import Person
from risk.picture import distribution_svg
from risk.rule_set import RuleSet
from sekisho.candidate_words import HEADINGS, cycle_document, list_rows
from sekisho.commands.risk_assess import assess
from sekisho.commands.risk_cycles import approve_capacity, list_cycles
from sekisho.commands.risk_list import (
    caption_of,
    checked_rules,
    list_candidates,
    purpose_labels,
    settle,
    show_candidate,
)
from sekisho.commands.risk_proposal import command as proposal
from sekisho.commands.risk_proposal import propose
from sekisho.commands.risk_report import report, threshold_document, threshold_table_of
from sekisho.exports import reserve_export
from sekisho.judgements import Entered, Run, chosen_types, enter, run
from sekisho.options import shared_options
from sekisho.query_documents import stale_text
from sekisho.session import Session
from sekisho.terminal import NOTICE
from sekisho.workbooks import workbook_bytes

_DIGITS = 8


@click.group("risk")
def command() -> None:
    """Hints at whom to look at first. People judge; nobody is treated worse because of a score."""


command.add_command(list_candidates)
command.add_command(show_candidate)
command.add_command(settle)
command.add_command(assess)
command.add_command(list_cycles)
command.add_command(approve_capacity)
command.add_command(report)
command.add_command(propose)
command.add_command(proposal)


@command.command("rules")
@shared_options
@click.pass_context
def show_rules(context: click.Context) -> None:
    """Read the criteria of judgement and check them: their conditions, and what must be no reason alone."""
    session = Session(context)
    rules = checked_rules(session)
    if session.options.format == "json":
        session.terminal.document({"rules": [_rules_document(each) for each in rules.values()]})
        return
    ja = session.lang == "ja"
    session.terminal.table(
        ("類型", "版", "ひな形", "要素", "要約値", "案")
        if ja
        else ("type", "version", "template", "factors", "digest", "proposal"),
        (
            (r.purpose, r.version, r.template, str(len(r.factors)), r.digest[:16], r.proposal or "")
            for r in rules.values()
        ),
    )


@command.command("run")
@click.option("--type", "wanted", required=True, metavar="T", help="A type with criteria, or all.")
@click.option("--capacity", required=True, type=int, metavar="N", help="How many can be looked at in this cycle.")
@click.option("--reserve", type=float, default=0.25, show_default=True, help="Share of it that is kept free.")
@click.option("--picture", type=click.Path(path_type=Path), metavar="F.svg", help="Draw the scores and the thresholds.")
@click.option("--out", type=click.Path(path_type=Path), metavar="F.xlsx", help="Write thresholds and list here (xlsx).")
@shared_options
@click.pass_context
def run_judgement(
    context: click.Context, *, wanted: str, capacity: int, reserve: float, picture: Path | None, out: Path | None
) -> None:
    """Judge everybody of a type, or of all, and choose within the capacity. Alerts take no place of it."""
    session = Session(context)
    if session.options.format not in ("table", "json"):
        raise BadInput("risk-format")
    rules = checked_rules(session)
    purposes = chosen_types(rules, wanted)
    session.check_token()
    if not isfinite(reserve):
        raise BadInput("risk-capacity")
    # A picture that could not be written is found before data leave.
    with (
        reserve_export(picture) if picture is not None else nullcontext() as drawing,
        reserve_export(out) if out is not None else nullcontext() as sheets,
    ):
        outcome = run(
            session.broker,
            rules=rules,
            purposes=purposes,
            token=session.token(),
            hat=session.options.hat,
            capacity=capacity,
            reserve=Fraction(str(reserve)),
            templates=session.deployment.templates,
            as_of=session.as_of(),
        )
        entered = enter(session.broker, outcome)
        if drawing is not None:
            drawing.write(_picture(session, outcome).encode())
        if sheets is not None:
            sheets.write(_sheets(session, outcome, entered))
    if session.options.format == "json":
        session.terminal.document({"judgement": _document(outcome), "cycle": _entered_document(entered)})
        return
    _show(session, outcome)
    _show_entered(session, entered)


def _show(session: Session, outcome: Run) -> None:
    ja, selection = session.lang == "ja", outcome.selection
    labels = purpose_labels(session)
    session.terminal.table(
        ("類型", "点", "候補", "時間") if ja else ("type", "score", "candidates", "hours"),
        ((_of(labels[r.purpose], session), str(r.score), f"{r.candidates:,}", f"{float(r.hours):.1f}")
         for r in outcome.thresholds),
        title="閾値ごとの候補と、見るのにかかる時間" if ja else "Candidates and hours by threshold",
    )  # fmt: skip
    # Nothing holds an alert back; candidates within the capacity are shown once that is approved.
    session.terminal.table(
        ("番号", "類型", "区分", "点", "網羅率", "当たった要素")
        if ja
        else ("pseudonym", "type", "band", "score", "coverage", "factors met"),
        (row for person in selection.alerts for row in _rows(session, outcome, person)),
        title=f"直ちに確かめる（枠の外） {len(selection.alerts):,}"
        if ja
        else f"Alerts, outside of the capacity: {len(selection.alerts):,}",
    )
    session.terminal.say(
        ja=f"今回見る候補 {len(selection.chosen):,}、枠を超えて待つ候補 {len(selection.waiting):,}、"
        f"すでに支援中 {len(selection.supported):,}、"
        f"データ不足 {len(selection.little_data):,}。点は気付きの手がかりで、判断は人が行います。"
        "月ごとの記録によるので、急ぐことは、関係する所から電話で知らせてもらってください。",
        en=f"Candidates of this cycle {len(selection.chosen):,}, waiting beyond the capacity "
        f"{len(selection.waiting):,}, supported already {len(selection.supported):,}, "
        f"too little data {len(selection.little_data):,}. A score is a hint; people judge. Records come monthly: "
        "what is urgent has to be telephoned.",
    )
    stale = {name: day for release in outcome.releases.values() for name, day in release.stale.items()}
    if stale:
        deployment = session.deployment
        catalogue, guideline, today = deployment.catalogue, deployment.guideline, deployment.clock().date()
        session.terminal.say(
            ja=stale_text(stale, catalogue, guideline, today=today, lang="ja"),
            en=stale_text(stale, catalogue, guideline, today=today, lang="en"),
        )


def _sheets(session: Session, outcome: Run, entered: Entered) -> bytes:
    """The thresholds, and whom this cycle looks at as far as that is approved: the alerts, at first.

    What only cleared staff may see stays on the screen (第13条).
    """
    labels, lang = purpose_labels(session), session.lang
    cycle = entered.cycle.id
    listed = [
        each
        for each in session.broker.candidates.list(session.asker())
        if each.open and each.last_cycle == cycle and each.place != "waiting" and not each.protected
    ]
    return workbook_bytes(
        [
            threshold_table_of(outcome.thresholds, labels, lang=lang, room=outcome.room),
            (
                "今回見る人" if lang == "ja" else "This cycle",
                HEADINGS[lang],
                list_rows(listed, rules=outcome.rules, purposes=labels, lang=lang),
            ),
        ],
        caption=caption_of(session),
        lang=lang,
    )


def _show_entered(session: Session, entered: Entered) -> None:
    cycle, turn = entered.cycle, entered.turn
    new = len(turn.selection.chosen)
    session.terminal.say(
        ja=f"候補の一覧に、回 {cycle.id} として載せました（監査記録 {cycle.ledger_index}）。"
        f"枠 {cycle.room} のうち前の回から残る人 {turn.carried:,}、新しく見る {new:,}、"
        f"見落としの確認（くじ） {entered.sampled:,}、確かめること（転出先への引継ぎの要否など） {entered.tasks:,}、"
        f"終えた人 {entered.ended:,}。直ちに確かめる人は sekisho risk list で今すぐ見られます。ほかの候補は、"
        f"枠の決裁（sekisho risk approve {cycle.id} --room {cycle.room}）の後に見られます。",
        en=f"Entered into the work list as cycle {cycle.id} (ledger {cycle.ledger_index}). "
        f"Of {cycle.room} places {turn.carried:,} are of earlier cycles, {new:,} are new; "
        f"drawn to look for what is missed {entered.sampled:,}, to be settled {entered.tasks:,}, "
        f"ended {entered.ended:,}. Alerts are shown by sekisho risk list now, other candidates once the capacity is "
        f"approved (sekisho risk approve {cycle.id} --room {cycle.room}).",
    )


def _entered_document(entered: Entered) -> dict[str, Any]:
    return {
        **cycle_document(entered.cycle),
        "carried": entered.turn.carried,
        "chosen": len(entered.turn.selection.chosen),
        "sampled": entered.sampled,
        "to_settle": entered.tasks,
        "ended": entered.ended,
    }


def _rows(session: Session, outcome: Run, person: Person) -> list[tuple[str, ...]]:
    labels = purpose_labels(session)
    rows: list[tuple[str, ...]] = []
    for purpose, found in person.judged.items():
        if found.hits and found.queue != "none":
            factors = outcome.rules[purpose].factors
            rows.append(
                (
                    str(person.subject)[:_DIGITS],
                    _of(labels[purpose], session),
                    found.band if found.band != "none" else "-",
                    f"{float(found.score):g}",
                    f"{float(found.coverage):.0%}",
                    "、".join(_of(factors[name].label, session) for name in found.hits),
                )
            )
    return rows


def _document(outcome: Run) -> dict[str, Any]:
    selection = outcome.selection
    return {
        "rules": {purpose: {"version": r.version, "digest": r.digest} for purpose, r in outcome.rules.items()},
        "articles": sorted({article for release in outcome.releases.values() for article in release.articles}),
        "releases": {purpose: release.ledger_index for purpose, release in outcome.releases.items()},
        "thresholds": [threshold_document(row) for row in outcome.thresholds],
        "lowest_chosen": {purpose: float(score) for purpose, score in selection.thresholds.items()},
        "stale": {
            purpose: {name: day.isoformat() for name, day in release.stale.items()}
            for purpose, release in outcome.releases.items()
        },
        **{
            name: [_person(person) for person in getattr(selection, name)]
            for name in ("alerts", "supported", "little_data")
        },
        # Shown by the work list, once the capacity is approved.
        "chosen": len(selection.chosen),
        "waiting": len(selection.waiting),
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "pseudonym": str(person.subject),
        "priority": person.priority,
        "types": {
            purpose: {
                "queue": found.queue,
                "band": found.band,
                "score": float(found.score),
                "coverage": round(float(found.coverage), 4),
                "hits": list(found.hits),
                "unknown": list(found.unknown),
            }
            for purpose, found in person.judged.items()
        },
    }


def _rules_document(rules: RuleSet) -> dict[str, Any]:
    return {
        "type": rules.purpose,
        "version": rules.version,
        "template": rules.template,
        "digest": rules.digest,
        "proposal": rules.proposal,
        "factors": {
            name: {"ja": factor.label.ja, "en": factor.label.en, "weight": factor.weight, "evidence": factor.evidence}
            for name, factor in rules.factors.items()
        },
    }


def _picture(session: Session, outcome: Run) -> str:
    labels, demo = purpose_labels(session), session.deployment.settings.demo
    return distribution_svg(
        {purpose: [found.score for found in judged] for purpose, judged in outcome.judged.items()},
        thresholds=outcome.selection.thresholds,
        titles={purpose: _of(labels[purpose], session) for purpose in outcome.judged},
        caption="　".join(["取扱注意", *([NOTICE[session.lang]] if demo else [])]),
        threshold_word="閾値" if session.lang == "ja" else "threshold",
    )


def _of(label: Label, session: Session) -> str:
    return label.ja if session.lang == "ja" else label.en
