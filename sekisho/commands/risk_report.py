"""``sekisho risk report``: what a threshold would mean, before anybody is looked at; of what use the criteria are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any

import click

from governance.catalogue import Label
from governance.errors import BadInput, Lang
from risk.capacity import ThresholdRow, places
from risk.evaluation import Report, Share, ShareName, Watched
from risk.rule_set import RuleSet
from sekisho.candidate_words import reason, word
from sekisho.commands.risk_list import caption_of, checked_rules, purpose_labels
from sekisho.evaluations import Evaluation, evaluate_list
from sekisho.exports import reserve_export
from sekisho.judgements import chosen_types, run
from sekisho.options import shared_options
from sekisho.session import Session
from sekisho.workbooks import workbook_bytes

Table = tuple[str, Sequence[str], list[tuple[str, ...]]]

_SHARES: Mapping[ShareName, Label] = {
    "assessed": Label(ja="判断済み", en="assessed"),
    "precision": Label(ja="的中（枠の中）", en="precision"),
    "novel": Label(ja="新たに分かった", en="novel"),
    "unclear": Label(ja="情報不足", en="unclear"),
    "wrong": Label(ja="誤突合", en="wrong"),
    "missed": Label(ja="見落とし（くじ）", en="missed"),
}


@click.command("report")
@click.option("--type", "wanted", default="all", show_default=True, metavar="T", help="A type with criteria, or all.")
@click.option("--capacity", type=int, metavar="N", help="Mark the thresholds that this many reviews a cycle allow.")
@click.option("--reserve", type=float, default=0.25, show_default=True, help="Share of it that is kept free.")
@click.option("--evaluation", is_flag=True, help="Of what use the criteria were, from what people found.")
@click.option("--out", type=click.Path(path_type=Path), metavar="F.xlsx", help="Write the report here (xlsx).")
@shared_options
@click.pass_context
def report(
    context: click.Context, *, wanted: str, capacity: int | None, reserve: float, evaluation: bool, out: Path | None
) -> None:
    """What each threshold would mean: candidates and hours. Nobody is listed. With --evaluation: of what use it was."""
    session = Session(context)
    kind = session.options.format
    if kind not in ("table", "json", "xlsx") or (kind == "xlsx") != (out is not None):
        raise BadInput("risk-report-format")
    rules = checked_rules(session)
    with reserve_export(out) if out is not None else nullcontext() as file:
        if evaluation:
            found = evaluate_list(session.broker.candidates, session.asker())
            document: dict[str, Any] = {"evaluation": _evaluation_document(found)}
            tables = _evaluation_tables(found, session, rules)
        else:
            rows, room = _thresholds(session, rules, wanted=wanted, capacity=capacity, reserve=reserve)
            document = {"thresholds": [threshold_document(row) for row in rows], "room": room}
            tables = [threshold_table_of(rows, purpose_labels(session), lang=session.lang, room=room)]
        if file is not None:
            file.write(workbook_bytes(tables, caption=caption_of(session, "risk.report"), lang=session.lang))
            return
    if kind == "json":
        session.terminal.document(document)
        return
    for title, headings, lines in tables:
        session.terminal.table(headings, lines, title=title)
    if evaluation:
        session.terminal.say(
            ja="見た人だけに結果があるので、割合は見ていない人については何も言いません。人数の少ない割合は出しません（－）。",
            en="Only those who were looked at have an outcome: the shares say nothing of others, and few are not told.",
        )


def threshold_table_of(
    rows: Sequence[ThresholdRow], labels: Mapping[str, Label], *, lang: Lang, room: int | None
) -> Table:
    """Threshold → candidates → hours, as people read it; the rows that a capacity has room for are marked."""
    ja = lang == "ja"
    return (
        "閾値ごとの候補と時間" if ja else "Thresholds",
        ("類型", "点", "候補", "時間", "枠に入る") if ja else ("type", "score", "candidates", "hours", "fits"),
        [
            (
                word(labels[row.purpose], lang),
                str(row.score),
                f"{row.candidates:,}",
                f"{float(row.hours):.1f}",
                "-" if room is None else ("○" if row.candidates <= room else ""),
            )
            for row in rows
        ],
    )


def threshold_document(row: ThresholdRow) -> dict[str, Any]:
    """A threshold for programs."""
    return {
        "type": row.purpose,
        "score": row.score,
        "candidates": row.candidates,
        "hours": round(float(row.hours), 2),
    }


def _thresholds(
    session: Session, rules: Mapping[str, RuleSet], *, wanted: str, capacity: int | None, reserve: float
) -> tuple[Sequence[ThresholdRow], int | None]:
    if not isfinite(reserve):
        raise BadInput("risk-capacity")
    share = Fraction(str(reserve))
    room = places(capacity, share) if capacity is not None else None
    session.check_token()
    outcome = run(
        session.broker,
        rules=rules,
        purposes=chosen_types(rules, wanted),
        token=session.token(),
        hat=session.options.hat,
        # Nobody is chosen here, so that any capacity gives the same thresholds.
        capacity=capacity if capacity is not None else 1,
        reserve=share if capacity is not None else Fraction(0),
        templates=session.deployment.templates,
        as_of=session.as_of(),
    )
    return outcome.thresholds, room


def _evaluation_tables(found: Evaluation, session: Session, rules: Mapping[str, RuleSet]) -> list[Table]:
    ja, lang = session.lang == "ja", session.lang
    labels = purpose_labels(session)
    shares: Table = (
        "回ごとの結果" if ja else "By cycle",
        (
            "回",
            "候補",
            "判断済み",
            "的中（枠の中）",
            "新たに分かった",
            "情報不足",
            "誤突合",
            "見落とし（くじ）",
            "連絡までの日数",
        )
        if ja
        else ("cycle", "listed", "assessed", "precision", "novel", "unclear", "wrong", "missed", "days to contact"),
        [
            (
                each.cycle or ("全体" if ja else "all"),
                "-" if each.listed is None else f"{each.listed:,}",
                *(_share(each.shares[name]) for name in _SHARES),
                "-" if each.days is None else f"{each.days:g}",
            )
            for each in found.reports
        ],
    )
    coverage: Table = (
        "網羅率" if ja else "Coverage",
        ("回", "類型", "平均の網羅率") if ja else ("cycle", "type", "mean coverage"),
        [
            (each.cycle or ("全体" if ja else "all"), word(labels[purpose], lang), f"{float(mean):.0%}")
            for each in found.reports
            for purpose, mean in each.coverage.items()
        ],
    )
    factors: Table = (
        "要素ごとの的中" if ja else "By factor",
        ("類型", "要素", "的中", "全体より低い") if ja else ("type", "factor", "precision", "below the whole"),
        [
            (
                word(labels[each.purpose], lang),
                reason(rules, each.purpose, each.factor, lang),
                _share(each.precision),
                "▲" if each.below else "",
            )
            for each in found.reports[-1].factors
        ],
    )
    names = {name: group.label for each in rules.values() for name, group in each.watched.items()}
    groups: Table = (
        "見守る集まり" if ja else "Watched groups",
        ("回", "集まり", "類型", "ほかの人との比", "警告") if ja else ("cycle", "group", "type", "ratio", "warning"),
        [
            (
                each.cycle,
                word(names[each.group], lang) if each.group in names else each.group,
                word(labels[each.purpose], lang),
                "-" if each.ratio is None else f"{float(each.ratio):.2f}",
                "▲" if each.warning else "",
            )
            for each in found.groups
        ],
    )
    return [shares, coverage, factors, groups]


def _share(share: Share) -> str:
    if share.of is None or share.low is None or share.high is None:
        return "-"
    value = "-" if share.value is None else f"{float(share.value):.0%}"
    return f"{value} ({share.low:.0%}–{share.high:.0%}, n={share.of:,})"


def _evaluation_document(found: Evaluation) -> dict[str, Any]:
    return {
        "cycles": [_report_document(each) for each in found.reports],
        "groups": [_group_document(each) for each in found.groups],
    }


def _report_document(each: Report) -> dict[str, Any]:
    return {
        "cycle": each.cycle,
        "listed": each.listed,
        **{name: _share_document(share) for name, share in each.shares.items()},
        "days_to_contact": each.days,
        "coverage": {purpose: round(float(mean), 4) for purpose, mean in each.coverage.items()},
        "factors": [
            {
                "type": factor.purpose,
                "factor": factor.factor,
                "precision": _share_document(factor.precision),
                "below": factor.below,
            }
            for factor in each.factors
        ],
    }


def _share_document(share: Share) -> dict[str, Any]:
    return {
        "of": share.of,
        "value": None if share.value is None else round(float(share.value), 4),
        "low": None if share.low is None else round(share.low, 4),
        "high": None if share.high is None else round(share.high, 4),
    }


def _group_document(each: Watched) -> dict[str, Any]:
    return {
        "cycle": each.cycle,
        "group": each.group,
        "type": each.purpose,
        "ratio": None if each.ratio is None else round(float(each.ratio), 4),
        "warning": each.warning,
    }
