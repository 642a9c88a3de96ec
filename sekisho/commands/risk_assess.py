"""``sekisho risk assess``: what people do with one candidate, from the papers to the outcome (第29条)."""

from __future__ import annotations

from typing import get_args

import click

from governance.assessments import AssessmentStep
from risk.candidates import Verdict
from sekisho.assessments import STEPS, Written
from sekisho.candidate_words import STATES, candidate_document, word
from sekisho.options import shared_options
from sekisho.session import Session


@click.command("assess")
@click.argument("number", metavar="NUMBER")
@click.option("--step", required=True, type=click.Choice(STEPS), help="What is done or noted.")
@click.option("--verdict", type=click.Choice(get_args(Verdict)), help="What you judge, with --step judge.")
@click.option("--reason", default="", metavar="TEXT", help="Why, or what was discussed, in your words.")
@click.option("--wish", default="", metavar="TEXT", help="What the person wants.")
@click.option("--wish-missing", default="", metavar="TEXT", help="Why the person was not asked.")
@shared_options
@click.pass_context
def assess(
    context: click.Context,
    *,
    number: str,
    step: AssessmentStep,
    verdict: Verdict | None,
    reason: str,
    wish: str,
    wish_missing: str,
) -> None:
    """Take one step with one candidate, by pseudonym as long as papers are enough.

    begin: look at the papers (書類確認). judge: judge on them; some verdicts need a re-identification. consult, meet:
    note a consultation or a case meeting about somebody whose case view you have. reopen: look again at what ended.
    A case view ends with its judgement: sekisho reidentify close.
    """
    session = Session(context)
    written = Written(verdict=verdict, reason=reason, wish=wish, wish_missing=wish_missing)
    after = session.broker.assessments.take(session.asker(), number=number, step=step, written=written)
    if session.options.format == "json":
        session.terminal.document({"candidate": candidate_document(after)})
    session.terminal.say(
        ja=f"{after.number}: {word(STATES[after.state], 'ja')}。",
        en=f"{after.number}: {word(STATES[after.state], 'en')}.",
    )
