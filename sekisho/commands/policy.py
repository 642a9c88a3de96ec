"""``sekisho policy build`` and ``test``, for those who write rules and with OPA; ``trace``, for everybody."""

from __future__ import annotations

from pathlib import Path

import click
import pyarrow as pa

from governance.errors import BadInput, CheckFailed
from policies.bundle import write_bundle
from policies.server import find_opa
from sekisho.actions import decide_action
from sekisho.exports import Caption, write_export, xlsx_bytes
from sekisho.options import shared_options
from sekisho.policy_checks import check_policy
from sekisho.policy_trace import COLUMNS, Trace, TraceLine, controls_of, markdown, trace
from sekisho.session import Session
from sekisho.terminal import NOTICE


@click.group("policy")
def command() -> None:
    """Build and test the policy; changing its data (tables, catalogue) needs neither."""


@command.command("build")
@shared_options
@click.pass_context
def build(context: click.Context) -> None:
    """Compile the rules with the pinned OPA and replace the committed build."""
    session = Session(context)
    revision = write_bundle(find_opa())
    if session.options.format == "json":
        session.terminal.document({"policy": {"revision": revision}})
    session.terminal.say(ja=f"規則を組み立てました。版 {revision}", en=f"Built the rules, revision {revision}")


@command.command("test")
@shared_options
@click.pass_context
def test(context: click.Context) -> int:
    """Check the rules' form, compile them strictly, run their tests with full coverage, compare the committed build."""
    session = Session(context)
    results = []
    for result in check_policy(find_opa()):
        results.append(result)
        mark = "○" if result.ok else "×"
        session.terminal.say(ja=f"{mark} {result.label.ja}", en=f"{mark} {result.label.en}")
        if not result.ok:
            session.terminal.say(ja=result.output, en=result.output)
    ok = all(result.ok for result in results)
    if session.options.format == "json":
        checks = [{"check": result.label.en, "ok": result.ok} for result in results]
        session.terminal.document({"policy": {"ok": ok, "checks": checks}})
    return 0 if ok else CheckFailed.exit_status


@command.command("trace")
@click.option("--article", type=click.IntRange(1, 999), metavar="N", help="Only this article.")
@click.option("--rule", metavar="ID", help="Only this rule, as a refusal names it (R17-1).")
@click.option("--control", metavar="NAME", help="Only this control, as a refusal names it.")
@click.option("--at", metavar="DATE", help="Only the rules that are in force on that day.")
@click.option("--entry", type=click.IntRange(0), metavar="N", help="Only the controls that decided this ledger entry.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write a page here (.md) or a sheet (.xlsx)."
)
@shared_options
@click.pass_context
def show_trace(
    context: click.Context,
    *,
    article: int | None,
    rule: str | None,
    control: str | None,
    at: str | None,
    entry: int | None,
    out: Path | None,
) -> int:
    """Follow the guideline from article to rule, control, Rego or code, tests, and how often it decided.

    How often needs an account that may read the ledger (--as auditor). Ends with 1 where a link is missing.
    """
    session = Session(context)
    if out is not None and out.suffix not in {".md", ".xlsx"}:
        raise BadInput("trace-file-kind", file=out.name)
    found = _traced(session, with_ledger=session.options.principal is not None or entry is not None)
    day = session.day(at)
    if day is not None:
        found = found.on(day)
    lines = _chosen(session, found, article=article, rule=rule, control=control, entry=entry)
    if out is not None:
        write_export(out, _file(session, lines, kind=out.suffix))
    if session.options.format == "json":
        session.terminal.document(
            {
                "trace": [line.document(lang=session.lang) for line in lines],
                "gaps": [{"at": gap.at, "missing": getattr(gap.missing, session.lang)} for gap in found.gaps],
            }
        )
    elif out is None and len(lines) == 1 and lines[0].control is not None:
        _show_one(session, lines[0])
    elif out is None:
        session.terminal.table(COLUMNS[session.lang], (line.cells(lang=session.lang) for line in lines))
    for gap in found.gaps:
        session.terminal.say(
            ja=f"！ {gap.at}: {gap.missing.ja}がありません。", en=f"! {gap.at}: {gap.missing.en} is missing."
        )
    return CheckFailed.exit_status if found.gaps else 0


def _traced(session: Session, *, with_ledger: bool) -> Trace:
    guideline = session.deployment.guideline
    if not with_ledger:
        return trace(guideline)
    asker = session.asker()
    grounds = session.broker.grounds
    decide_action(asker.request("ledger.read", zone=grounds.zone), None, grounds=grounds)
    ledger = session.broker.ledger
    return trace(guideline, entries=ledger.entries(0, ledger.size))


def _chosen(
    session: Session, found: Trace, *, article: int | None, rule: str | None, control: str | None, entry: int | None
) -> tuple[TraceLine, ...]:
    lines = found.lines
    if article is not None:
        lines = tuple(line for line in lines if line.article == article)
        if not lines:
            raise BadInput("trace-article-unknown", article=article)
    if rule is not None:
        if not found.of_rule(rule):
            raise BadInput("trace-rule-unknown", rule=rule)
        lines = tuple(line for line in lines if line.rule == rule)
    if control is not None:
        if not found.of_control(control):
            raise BadInput("trace-control-unknown", control=control)
        lines = tuple(line for line in lines if line.control == control)
    if entry is not None:
        named = controls_of(session.broker.ledger.entry(entry))
        if not named:
            raise BadInput("trace-entry-other", entry=entry)
        lines = tuple(line for line in lines if line.control in named)
    return lines


def _show_one(session: Session, line: TraceLine) -> None:
    """One control as a list: what a refusal leads to."""
    document = line.document(lang=session.lang)
    names = (
        ("article", "条"), ("title", "条の名"), ("rule", "規則"), ("text", "規則の文"), ("enforced_by", "担い手"),
        ("effective", "効力のある期間"),
        ("control", "統制"), ("says", "断る文"), ("remedy", "どうすればよいか"), ("code", "実装"), ("tests", "試験"),
        ("granted", "認めた回数"), ("refused", "断った回数"),
    )  # fmt: skip
    rows = []
    for name, japanese in names:
        value = document[name]
        text = "\n".join(value) if isinstance(value, list) else "-" if value is None else str(value)
        if name == "effective":
            text = f"{value['from'] or ''}〜{value['to'] or ''}"
        rows.append((japanese if session.lang == "ja" else name, text))
    session.terminal.table(("", ""), rows)


def _file(session: Session, lines: tuple[TraceLine, ...], *, kind: str) -> bytes:
    notice = NOTICE[session.lang] if session.terminal.notice else None
    if kind == ".md":
        return markdown(lines, lang=session.lang, notice=notice).encode()
    columns = COLUMNS[session.lang]
    rows = [line.cells(lang=session.lang) for line in lines]
    table = pa.table({name: [row[at] for row in rows] for at, name in enumerate(columns)})
    caption = Caption(
        notice=notice,
        principal=session.options.principal or "",
        at=session.deployment.clock(),
        articles=sorted({line.article for line in lines}),
    )
    return xlsx_bytes(table, caption=caption)
