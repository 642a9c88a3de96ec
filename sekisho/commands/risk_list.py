"""``sekisho risk list|show|settle``: the work list, by pseudonym (第16条・第29条)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, get_args

import click

from governance.catalogue import Label
from governance.errors import BadInput, Lang
from risk.candidates import Candidate, Outcome
from risk.load_rules import load_rules
from risk.rule_set import RuleSet
from sekisho.actions import Action, Asker
from sekisho.candidate_words import (
    DIGITS,
    ENDINGS,
    EVENTS,
    HEADINGS,
    PLACES,
    STATES,
    TASKS,
    VERDICTS,
    candidate_document,
    list_rows,
    reason,
    word,
)
from sekisho.candidates import Settlement
from sekisho.exports import Caption, reserve_export
from sekisho.options import shared_options
from sekisho.output_types import check_rule_types
from sekisho.session import Session
from sekisho.terminal import NOTICE
from sekisho.work_list import Change
from sekisho.workbooks import workbook_bytes


@click.command("list")
@click.option("--all", "closed_too", is_flag=True, help="The closed ones, too.")
@click.option("--type", "wanted", metavar="T", help="Those whom this type found something of.")
@click.option("--out", type=click.Path(path_type=Path), metavar="F.xlsx", help="Write the list here (xlsx).")
@shared_options
@click.pass_context
def list_candidates(context: click.Context, *, closed_too: bool, wanted: str | None, out: Path | None) -> None:
    """The work list: what has to be settled first, then alerts, then by priority, each household together."""
    session = Session(context)
    kind = session.options.format
    if kind not in ("table", "json", "xlsx") or (kind == "xlsx") != (out is not None):
        raise BadInput("risk-list-format")
    rules = load_rules(session.deployment.layout.rules, session.deployment.templates)
    if wanted is not None and wanted not in rules:
        raise BadInput("risk-type-unknown", types=", ".join(rules))
    asker = session.asker()
    with reserve_export(out) if out is not None else nullcontext() as file:
        listed = [
            each
            for each in session.broker.candidates.list(asker)
            if (each.open or closed_too) and (wanted is None or _of_type(each, wanted))
        ]
        if kind == "json":
            waiting = dict(session.broker.candidates.held_back(asker))
            documents = [candidate_document(each) for each in listed]
            session.terminal.document({"candidates": documents, "waiting_for_approval": waiting})
            return
        labels = purpose_labels(session)
        if file is None:
            rows = list_rows(listed, rules=rules, purposes=labels, lang=session.lang)
            session.terminal.table(HEADINGS[session.lang], rows, title=_title(session, len(listed)))
            _say_held_back(session, asker)
            return
        # What only cleared staff may see stays on the screen (第13条).
        printed = [each for each in listed if not each.protected]
        rows = list_rows(printed, rules=rules, purposes=labels, lang=session.lang)
        name = "候補の一覧" if session.lang == "ja" else "Work list"
        file.write(
            workbook_bytes([(name, HEADINGS[session.lang], rows)], caption=caption_of(session), lang=session.lang)
        )
    if len(printed) < len(listed):
        session.terminal.say(
            ja="許可された職員だけに示す候補は、ファイルに載せていません。画面で見てください。",
            en="Candidates for cleared staff alone are not in the file. See them on the screen.",
        )


@click.command("show")
@click.argument("number", metavar="NUMBER")
@shared_options
@click.pass_context
def show_candidate(context: click.Context, *, number: str) -> None:
    """One candidate with its reasons, and what happened since it was listed."""
    session = Session(context)
    found, changes = session.broker.candidates.show(session.asker(), number=number)
    if session.options.format == "json":
        history = [_change_document(change) for change in changes]
        session.terminal.document({"candidate": {**candidate_document(found), "history": history}})
        return
    rules = load_rules(session.deployment.layout.rules, session.deployment.templates)
    ja, lang = session.lang == "ja", session.lang
    session.terminal.table(
        ("項目", "内容") if ja else ("item", "content"), _facts(session, found), title=found.number
    )  # fmt: skip
    if found.task is None:
        labels = purpose_labels(session)
        session.terminal.table(
            ("類型", "区分", "点", "網羅率", "当たった要素", "分からない要素")
            if ja
            else ("type", "band", "score", "coverage", "factors met", "unknown"),
            [
                (
                    word(labels[purpose], lang),
                    each.band if each.band != "none" else "-",
                    f"{float(each.points):g}",
                    f"{float(each.coverage):.0%}",
                    "、".join(reason(rules, purpose, hit, lang) for hit in each.hits) or "-",
                    "、".join(reason(rules, purpose, name, lang) for name in each.unknown) or "-",
                )
                for purpose, each in found.found.items()
            ],
        )
    session.terminal.table(
        ("日時", "できごと", "状態", "職員", "理由", "監査記録")
        if ja
        else ("at", "event", "state", "by", "why", "ledger"),
        [
            (c.at, _event(c.event, lang), word(STATES[c.state], lang), c.principal, c.note or "-", str(c.ledger_index))
            for c in changes
        ],
        title="経過" if ja else "History",
    )


@click.command("settle")
@click.argument("number", metavar="NUMBER")
@click.option("--how", required=True, type=click.Choice(get_args(Settlement)), help="What was found and done.")
@click.option("--reason", "why", required=True, metavar="TEXT", help="Why, in your words.")
@shared_options
@click.pass_context
def settle(context: click.Context, *, number: str, how: Settlement, why: str) -> None:
    """Settle whether somebody who is in the answers no longer has to be handed over (転出先への引継ぎの要否)."""
    session = Session(context)
    after = session.broker.candidates.settle(session.asker(), number=number, how=how, reason=why)
    if session.options.format == "json":
        session.terminal.document({"candidate": candidate_document(after)})
    session.terminal.say(
        ja=f"{after.number}: {word(STATES[after.state], 'ja')}。",
        en=f"{after.number}: {word(STATES[after.state], 'en')}.",
    )


def _say_held_back(session: Session, asker: Asker) -> None:
    for cycle, count in sorted(session.broker.candidates.held_back(asker).items()):
        session.terminal.say(
            ja=f"回 {cycle} の候補 {count:,} 人は、枠の決裁（sekisho risk approve）を待っています。"
            "直ちに確かめる人は、待たずに上に出ています。",
            en=f"{count:,} candidates of cycle {cycle} wait for its capacity to be approved (sekisho risk approve). "
            "Alerts do not wait; they stand above.",
        )


def purpose_labels(session: Session) -> dict[str, Label]:
    """The guideline's names of its purposes."""
    purposes = session.deployment.guideline.tables["purposes"]
    return {name: Label(ja=entry["label"]["ja"], en=entry["label"]["en"]) for name, entry in purposes.items()}


def checked_rules(session: Session) -> Mapping[str, RuleSet]:
    """The criteria, checked against what their templates will put out."""
    deployment = session.deployment
    rules = load_rules(deployment.layout.rules, deployment.templates)
    check_rule_types(
        rules,
        templates=deployment.templates,
        guideline=deployment.guideline,
        catalogue=deployment.catalogue,
        as_of=deployment.clock().date(),
    )
    return rules


def caption_of(session: Session, action: Action = "risk.read") -> Caption:
    """What stands on a sheet that is about the work list."""
    return Caption(
        notice=NOTICE[session.lang] if session.deployment.settings.demo else None,
        principal=session.options.principal or "",
        at=session.deployment.clock(),
        articles=session.broker.articles_of(action),
    )


def _of_type(candidate: Candidate, purpose: str) -> bool:
    found = candidate.found.get(purpose)
    return found is not None and bool(found.hits) and found.queue != "none"


def _title(session: Session, count: int) -> str:
    return f"候補の一覧 {count:,} 人" if session.lang == "ja" else f"Work list, {count:,} people"


def _facts(session: Session, found: Candidate) -> list[tuple[str, str]]:
    ja, lang = session.lang == "ja", session.lang
    outcome = found.outcome
    return [
        ("仮の番号" if ja else "pseudonym", str(found.subject)[:DIGITS]),
        ("世帯" if ja else "household", str(found.household)[:DIGITS] if found.household is not None else "-"),
        ("区分" if ja else "place", word(PLACES["alert" if found.alert else found.place], lang)),
        ("状態" if ja else "state", word(STATES[found.state], lang)),
        ("確かめること" if ja else "to settle", word(TASKS[found.task], lang) if found.task is not None else "-"),
        ("終わり方" if ja else "ending", word(ENDINGS[found.ending], lang) if found.ending is not None else "-"),
        ("判断" if ja else "outcome", word(VERDICTS[outcome.verdict], lang) if outcome is not None else "-"),
        ("本人の意向" if ja else "what the person wants", _wish(outcome, ja=ja) if outcome is not None else "-"),
        ("回" if ja else "cycles", f"{found.first_cycle} – {found.last_cycle}"),
    ]


def _wish(outcome: Outcome, *, ja: bool) -> str:
    if outcome.wish is not None:
        return outcome.wish
    if outcome.wish_missing is not None:
        return f"未聴取（{outcome.wish_missing}）" if ja else f"not asked ({outcome.wish_missing})"
    return "-"


def _event(event: str, lang: Lang) -> str:
    return word(EVENTS[event], lang) if event in EVENTS else event


def _change_document(change: Change) -> dict[str, Any]:
    return {
        "event": change.event,
        "state": change.state,
        "principal": change.principal,
        "at": change.at,
        "ledger_index": change.ledger_index,
        "note": change.note,
    }
