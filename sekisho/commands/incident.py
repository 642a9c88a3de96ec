"""``sekisho incident …``: where data have leaked, or may have: the stop of all releases, and what follows (第27条)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from governance.errors import BadInput
from sekisho.exports import Caption, reserve_export
from sekisho.incident_tables import show_incident, show_list
from sekisho.options import shared_options
from sekisho.session import Session
from sekisho.terminal import NOTICE
from sekisho.typed_values import read_day

if TYPE_CHECKING:
    from governance.incidents import Stage
    from sekisho.incident_assessment import Finding
    from sekisho.incident_extent import Extent
    from sekisho.incident_log import KnownIncident
    from sekisho.incident_papers import Paper

_NUMBER = click.option("--number", required=True, metavar="NO", help="Number of the report, such as J5-3.")
_ON = click.option("--on", metavar="DATE", help="Day on which it was done, today unless given.")
_DOCUMENT = click.option("--document", metavar="NO", help="Number of the city's document.")
_FILES = (".pdf", ".xlsx")
_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the draft here (.pdf, .xlsx); nothing is recorded.",
)
_ENTRY = click.option(
    "--entry",
    "entries",
    type=int,
    multiple=True,
    metavar="INDEX",
    help="Entry of the ledger that leaked. May be repeated.",
)


@click.group("incident")
def command() -> None:
    """Where data have leaked, or may have: stop all releases; open, assess, report, tell the persons, close."""


@command.command("stop")
@_NUMBER
@shared_options
@click.pass_context
def stop(context: click.Context, *, number: str) -> None:
    """Stop all releases at once."""
    session = Session(context)
    session.broker.matters.stop(session.asker(), number=number)
    session.terminal.say(
        ja="すべての照会の回答を止めました。総括保護管理者に伝え、sekisho incident open で対応を始めてください。"
        "再開は、総括保護管理者が sekisho incident lift で行います。",
        en="All releases are stopped. Tell the chief privacy officer; open the incident with sekisho incident open. "
        "The stop ends with sekisho incident lift.",
    )
    _show_stops(session)


@command.command("lift")
@click.option("--number", required=True, metavar="NO", help="Number of the report under which they were stopped.")
@shared_options
@click.pass_context
def lift(context: click.Context, *, number: str) -> None:
    """End a stop; done by another person than the one who stopped them."""
    session = Session(context)
    session.broker.matters.lift(session.asker(), number=number)
    _show_stops(session)


@command.command("open")
@_NUMBER
@click.option(
    "--discovered", required=True, metavar="DATE", help="Day on which it became known; terms are counted from it."
)
@_ENTRY
@shared_options
@click.pass_context
def open_incident(context: click.Context, *, number: str, discovered: str, entries: tuple[int, ...]) -> None:
    """Open an incident: from now on its terms run, and nothing that may prove it is erased."""
    session = Session(context)
    day = read_day(discovered, option="--discovered")
    opened = session.broker.incidents.open(session.asker(), number=number, discovered_on=day, entries=entries)
    if not session.broker.matters.stops():
        session.terminal.say(
            ja="照会の回答は止まっていません。止めるときは sekisho incident stop です。",
            en="Releases are not stopped; sekisho incident stop stops them.",
        )
    show_list(session, (opened,))


@command.command("list")
@shared_options
@click.pass_context
def list_incidents(context: click.Context) -> None:
    """List the incidents, with their terms and what is overdue."""
    session = Session(context)
    show_list(session, session.broker.incidents.listed(session.asker()))


@command.command("show")
@click.option("--number", metavar="NO", help="Show this incident: what leaked, the calculation, what is recorded.")
@shared_options
@click.pass_context
def show(context: click.Context, *, number: str | None) -> None:
    """Show one incident; without a number, whether releases are stopped, which needs no account."""
    session = Session(context)
    if number is None:
        _show_stops(session)
        return
    incident, extent = session.broker.incidents.shown(session.asker(), number=number)
    show_incident(session, incident, extent, _findings(session, incident, extent) if incident.persons else ())


@command.command("assess")
@_NUMBER
@_ENTRY
@click.option("--elsewhere", is_flag=True, help="Something leaked that is in none of the entries.")
@click.option(
    "--fact", "facts", multiple=True, metavar="NAME=yes|no", help="What the calculation cannot tell. May be repeated."
)
@click.option("--persons", type=click.IntRange(min=0), metavar="N", help="How many persons were found to be concerned.")
@shared_options
@click.pass_context
def assess(
    context: click.Context,
    *,
    number: str,
    entries: tuple[int, ...],
    elsewhere: bool,
    facts: tuple[str, ...],
    persons: int | None,
) -> None:
    """Compute from what leaked whether the commission has to be told; again, as more becomes known."""
    session = Session(context)
    answered = _facts(session, facts)
    done = session.broker.incidents.assess(
        session.asker(), number=number, entries=entries or None, elsewhere=elsewhere, facts=answered, found=persons
    )
    show_incident(session, session.broker.incidents.log.find(number), done.extent, done.findings)


@command.command("protected")
@_NUMBER
@shared_options
@click.pass_context
def protected(context: click.Context, *, number: str) -> None:
    """See, as cleared staff, how many persons under protection are concerned. It is written down nowhere."""
    session = Session(context)
    found = session.broker.incidents.protected(session.asker(), number=number)
    if session.options.format == "json":
        session.terminal.document(
            {"protected": [{"set": each.set, "found": each.found, "at_least": each.at_least} for each in found]}
        )
        return
    ja = session.lang == "ja"
    session.terminal.table(
        ("名簿", "人数") if ja else ("set", "persons"),
        (
            (
                each.set,
                ("わからない" if ja else "not known")
                if each.found is None
                else f"{each.found:,}" + (("以上" if ja else " or more") if each.at_least else ""),
            )
            for each in found
        ),
    )
    session.terminal.say(
        ja="この人数は、記録にも、報告書にも、通知にも書かないでください。"
        "該当する人がいないときも、sekisho incident contact で同じく記録します。",
        en="Write this number into no record, report or letter. "
        "Record sekisho incident contact alike where there is nobody.",
    )


@command.command("contact")
@_NUMBER
@click.option(
    "--route",
    required=True,
    metavar="NAME",
    help="The safe route; where there is nobody, the one that would have been taken.",
)
@_ON
@_DOCUMENT
@shared_options
@click.pass_context
def contact(context: click.Context, *, number: str, route: str, on: str | None, document: str | None) -> None:
    """Record, as cleared staff, that persons under protection were told by a safe route, or that there is nobody."""
    session = Session(context)
    done = session.broker.incidents.contact(
        session.asker(), number=number, route=route, on=_day(session, on), document=document
    )
    show_list(session, (done,))


@command.command("report")
@_NUMBER
@click.option("--stage", type=click.Choice(["preliminary", "final"]), required=True)
@_ON
@_DOCUMENT
@_OUT
@shared_options
@click.pass_context
def report(
    context: click.Context, *, number: str, stage: Stage, on: str | None, document: str | None, out: Path | None
) -> None:
    """Draft a report to the commission with --out; record with --document that it was sent."""
    session = Session(context)
    if out is not None:
        from sekisho.incident_papers import report_paper

        broker, today = session.broker, session.deployment.clock().date()

        def draft(incident: KnownIncident, extent: Extent) -> Paper:
            return report_paper(
                incident,
                extent,
                stage=stage,
                findings=_findings(session, incident, extent),
                due=broker.incidents.deadlines(incident, today),
                terms=broker.incidents.terms(today),
                catalogue=session.deployment.catalogue,
                recipients=session.deployment.guideline.tables["recipients"],
                body=_body(session),
            )

        _write(session, number, out, draft)
        return
    if document is None:
        raise click.UsageError("Give --out to write a draft, or --document to record what was sent.")
    done = session.broker.incidents.report(
        session.asker(), number=number, stage=stage, on=_day(session, on), document=document
    )
    show_list(session, (done,))


@command.command("notify")
@_NUMBER
@click.option("--route", metavar="NAME", help="How the persons were told; with --obstacle, what replaced it.")
@click.option("--obstacle", metavar="NAME", help="Why they could not be told.")
@_ON
@_DOCUMENT
@_OUT
@shared_options
@click.pass_context
def notify(
    context: click.Context,
    *,
    number: str,
    route: str | None,
    obstacle: str | None,
    on: str | None,
    document: str | None,
    out: Path | None,
) -> None:
    """Draft the letter to the persons with --out; record with --route that they were told, or what replaced it."""
    session = Session(context)
    if out is not None:
        from sekisho.incident_papers import letter_paper

        today = session.deployment.clock().date()

        def draft(incident: KnownIncident, extent: Extent) -> Paper:
            return letter_paper(
                incident,
                extent,
                terms=session.broker.incidents.terms(today),
                catalogue=session.deployment.catalogue,
                body=_body(session),
            )

        _write(session, number, out, draft)
        return
    if route is None:
        raise click.UsageError("Give --out to write a draft, or --route to record how the persons were told.")
    done = session.broker.incidents.notify(
        session.asker(), number=number, route=route, obstacle=obstacle, on=_day(session, on), document=document
    )
    show_list(session, (done,))


@command.command("close")
@_NUMBER
@click.option(
    "--measure", "measures", multiple=True, metavar="NAME", help="Measure against repetition. May be repeated."
)
@click.option("--document", required=True, metavar="NO", help="Number of the paper that describes the measures.")
@shared_options
@click.pass_context
def close(context: click.Context, *, number: str, measures: tuple[str, ...], document: str) -> None:
    """Close an incident, as another person than the one who opened it."""
    session = Session(context)
    done = session.broker.incidents.close(session.asker(), number=number, measures=measures, document=document)
    show_list(session, (done,))


def _facts(session: Session, written: tuple[str, ...]) -> dict[str, bool]:
    known = session.broker.incidents.terms(session.deployment.clock().date())["triggers"]
    found: dict[str, bool] = {}
    for text in written:
        name, _, answer = text.partition("=")
        if name not in known or answer not in ("yes", "no"):
            raise BadInput("incident-fact-unknown", facts=", ".join(known))
        found[name] = answer == "yes"
    return found


def _day(session: Session, written: str | None) -> date:
    return read_day(written, option="--on") if written is not None else session.deployment.clock().date()


def _body(session: Session) -> str:
    return str(session.deployment.guideline.tables["parameters"].get("file_register", {}).get("body", "（要記入）"))


def _findings(session: Session, incident: KnownIncident, extent: Extent) -> tuple[Finding, ...]:
    from sekisho.incident_assessment import explained

    if incident.persons is None:
        raise BadInput("incident-not-assessed")
    return explained(
        extent,
        terms=session.broker.incidents.terms(session.deployment.clock().date()),
        facts=incident.facts,
        persons=incident.persons,
        catalogue=session.deployment.catalogue,
    )


def _write(session: Session, number: str, out: Path, draft: Any) -> None:
    from sekisho.incident_papers import paper_pdf, paper_xlsx

    if out.suffix not in _FILES:
        raise BadInput("approval-sheet-file")
    with reserve_export(out) as file:
        incident, extent = session.broker.incidents.shown(session.asker(), number=number)
        paper: Paper = draft(incident, extent)
        caption = Caption(
            notice=NOTICE["ja"] if session.terminal.notice else None,
            principal=session.options.principal or "",
            at=session.deployment.clock(),
            articles=(),
        )
        make = paper_pdf if out.suffix == ".pdf" else paper_xlsx
        file.write(make(paper, caption=caption))
    if session.options.format == "json":
        session.terminal.document({"paper": paper.to_json()})
    session.terminal.say(
        ja=f"案を {out.name} に書き出しました。（要記入）を埋めてください。", en=f"The draft was written to {out.name}."
    )


def _show_stops(session: Session) -> None:
    stops = session.broker.matters.stops()
    if session.options.format == "json":
        session.terminal.document(
            {
                "stopped": bool(stops),
                "stops": [
                    {"number": m.number, "opened_by": m.opened_by, "at": m.at, "ledger": m.ledger_index} for m in stops
                ],
            }
        )
    elif stops:
        session.terminal.table(
            ("報告番号", "止めた人", "日時", "監査記録")
            if session.lang == "ja"
            else ("report", "stopped by", "at", "ledger"),
            ((m.number, m.opened_by, m.at, str(m.ledger_index)) for m in stops),
        )
    else:
        session.terminal.say(ja="照会の回答は止まっていません。", en="Releases are not stopped.")
