"""``sekisho risk propose`` and ``sekisho risk proposal …``: criteria that a contractor hands back (第18条)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from governance.errors import BadInput
from governance.text_files import read_bytes
from risk.proposals import MOST_BYTES
from sekisho.commands.risk_list import purpose_labels
from sekisho.options import shared_options
from sekisho.proposals import ProposalStatus
from sekisho.session import Session

_STATES = {
    "ja": {"drafted": "案", "approved": "承認", "rejected": "却下", "withdrawn": "取下げ"},
    "en": {"drafted": "draft", "approved": "approved", "rejected": "rejected", "withdrawn": "withdrawn"},
}
_CHANGES = {
    "ja": {"added": "追加", "removed": "削除", "changed": "変更"},
    "en": {"added": "added", "removed": "removed", "changed": "changed"},
}


@click.command("propose")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--package", required=True, metavar="NO", help="The package that they were made from, such as PK-2023-0001."
)
@shared_options
@click.pass_context
def propose(context: click.Context, *, file: Path, package: str) -> None:
    """Take criteria in that a contractor hands back, and test them on past cycles. Nothing changes by that."""
    session = _session(context)
    session.check_token()
    data = read_bytes(file, file=file.name, most=MOST_BYTES)
    _show(session, session.broker.proposals.draft(session.asker(), data=data, file=file.name, package=package))


@click.group("proposal")
def command() -> None:
    """Criteria that contractors have handed back: list, show, review, approve, reject, withdraw."""


@command.command("list")
@shared_options
@click.pass_context
def list_proposals(context: click.Context) -> None:
    """All proposals, and how far each has come."""
    session = _session(context)
    found = session.broker.proposals.list(session.asker())
    if session.options.format == "json":
        session.terminal.document({"proposals": [_document(status, session) for status in found]})
        return
    ja, labels = session.lang == "ja", purpose_labels(session)
    session.terminal.table(
        ("番号", "段階", "類型", "提供先", "提供物", "版", "見付かったこと", "審査")
        if ja
        else ("proposal", "state", "type", "recipient", "package", "version", "findings", "reviewed by"),
        (
            (
                status.number,
                _STATES[session.lang][status.state],
                getattr(labels[status.stored.detail["purpose"]], session.lang),
                status.stored.detail["recipient"],
                status.stored.detail["package"],
                status.stored.detail["version"],
                str(len(status.stored.detail["findings"])),
                ", ".join(status.reviewers),
            )
            for status in found
        ),
    )


@command.command("show")
@click.argument("number")
@shared_options
@click.pass_context
def show_proposal(context: click.Context, *, number: str) -> None:
    """What a proposal would change, and what its test has found: counts, and never a person."""
    session = _session(context)
    found = [each for each in session.broker.proposals.list(session.asker()) if each.number == number]
    if not found:
        raise BadInput("proposal-unknown")
    _show(session, found[0])


@command.command("review")
@click.argument("number")
@shared_options
@click.pass_context
def review_proposal(context: click.Context, *, number: str) -> None:
    """Say that you have reviewed the changes and the test; not as whoever took the proposal in."""
    session = _session(context)
    _show(session, session.broker.proposals.review(session.asker(), number=number))


@command.command("approve")
@click.argument("number")
@shared_options
@click.pass_context
def approve_proposal(context: click.Context, *, number: str) -> None:
    """Make a reviewed proposal the criteria of its type. The guideline is a draft until it is approved with it."""
    session = _session(context)
    _show(session, session.broker.proposals.approve(session.asker(), number=number))
    session.terminal.say(
        ja="判定の基準を書き換えました。ガイドラインは案に戻っています。version.yaml の版を上げ、"
        "変えた内容を書いてください。sekisho guideline approve で承認を受けるまで、判定は行えません。",
        en="The criteria are replaced, and the guideline is a draft. Raise its version and say what changed in "
        "version.yaml; nobody is judged until it is approved with sekisho guideline approve.",
    )


@command.command("reject")
@click.argument("number")
@shared_options
@click.pass_context
def reject_proposal(context: click.Context, *, number: str) -> None:
    """Refuse a proposal for good; its text is erased."""
    session = _session(context)
    _show(session, session.broker.proposals.reject(session.asker(), number=number))


@command.command("withdraw")
@click.argument("number")
@shared_options
@click.pass_context
def withdraw_proposal(context: click.Context, *, number: str) -> None:
    """Take a proposal back, as whoever took it in; its text is erased."""
    session = _session(context)
    _show(session, session.broker.proposals.withdraw(session.asker(), number=number))


def _session(context: click.Context) -> Session:
    session = Session(context)
    if session.options.format not in ("table", "json"):
        raise BadInput("proposal-format")
    return session


def _document(status: ProposalStatus, session: Session) -> dict[str, Any]:
    detail = dict(status.stored.detail)
    findings = [_finding(each) for each in detail.pop("findings")]
    return {
        "proposal": status.number,
        "state": status.state,
        "drafted_by": status.drafted_by,
        "reviewers": list(status.reviewers),
        **detail,
        "findings": [
            {**raw, "ja": each.text("ja"), "en": each.text("en")}
            for raw, each in zip(status.stored.detail["findings"], findings, strict=True)
        ],
        "articles": list(session.broker.articles_of("proposal.approve")),
    }


def _show(session: Session, status: ProposalStatus) -> None:
    if session.options.format == "json":
        session.terminal.document({"proposal": _document(status, session)})
        return
    ja, lang, detail = session.lang == "ja", session.lang, status.stored.detail
    number, state, version = status.number, _STATES[lang][status.state], detail["version"]
    of, recipient, package = detail["purpose"], detail["recipient"], detail["package"]
    session.terminal.say(
        ja=f"{number}（{state}）: {recipient} が {package} から作った判定の基準。{of} の版 {version}、"
        f"今の版は {detail['replaces_version']}",
        en=f"{number} ({state}): criteria made by {recipient} from {package}, version {version} of {of}; "
        f"now {detail['replaces_version']}",
    )
    session.terminal.table(
        ("要素", "変更", "組", "点", "条件") if ja else ("factor", "change", "group", "points", "condition"),
        (
            (
                each["factor"],
                _CHANGES[lang][each["change"]],
                _before_after(each, "group"),
                _before_after(each, "weight"),
                _before_after(each, "hit"),
            )
            for each in detail["changes"]
        ),
        title="要素の変更" if ja else "Changes of factors",
    )
    session.terminal.table(
        ("回", "基準日", "今の候補", "新たに入る", "外れる", "枠", "枠に新たに入る", "今の的中率", "案の的中率")
        if ja
        else ("cycle", "as of", "listed now", "enter", "leave", "room", "enter the room", "precision now", "proposed"),
        (_test_row(each, ja=ja) for each in detail["tests"]),
        title="過去の回で試した結果（人数だけ。少数は示さない）"
        if ja
        else "Tested on past cycles (counts alone, no small ones)",
    )
    session.terminal.say(
        ja="今ある記録を各回の基準日で判定したもので、当時の記録ではありません。的中率は、職員が確かめた結果のある人だけで計算しています。",
        en="Judged from the records of today as of each cycle's day, not from those of that time. "
        "Precision is of those who were looked at alone.",
    )
    for each in detail["settings"]:
        session.terminal.say(ja=f"要素のほかに変わるもの: {each}", en=f"Would change beside the factors: {each}")
    for finding in detail["findings"]:
        session.terminal.say(ja=_finding(finding).text("ja"), en=_finding(finding).text("en"))


def _finding(finding: Mapping[str, str]) -> BadInput:
    return BadInput(finding["code"], factor=finding["factor"])


def _before_after(change: Mapping[str, Any], part: str) -> str:
    before, after = (change[side] for side in ("before", "after"))
    values = [str(side[part]) if side is not None else "-" for side in (before, after)]
    return values[0] if values[0] == values[1] else " → ".join(values)


def _test_row(test: Mapping[str, Any], *, ja: bool) -> tuple[str, ...]:
    few = "少数" if ja else "few"
    counts = [few if test[name] is None else f"{test[name]:,}" for name in ("listed", "enter", "leave")]
    room = "-" if test["room"] is None else str(test["room"])
    entering = "-" if test["room"] is None else few if test["room_enter"] is None else str(test["room_enter"])
    return (
        test["cycle"] or "-",
        test["as_of"],
        *counts,
        room,
        entering,
        _share(test["precision"]),
        _share(test["precision_proposed"]),
    )


def _share(share: Mapping[str, Any]) -> str:
    if share["of"] is None:
        return "-"
    value = f"{float(share['value']):.0%} " if share["value"] is not None else ""
    return f"{value}({float(share['low']):.0%}–{float(share['high']):.0%}, {share['of']})"
