"""Scenes of the demo about a notification of abuse: the child that was named is looked up, and nobody else (第33条)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from functools import partial

from governance.catalogue import Label
from query_broker.release import Release
from reference.akishima.demo_refusals import query_text
from sekisho.demo import NotAsExpected, Stage, Step

TEMPLATE = "cr-notified-child"
PURPOSE = "case_response"

Approve = Callable[[Stage, str], str]
"""Has a template drafted and signed by everybody; gives the approval's number."""
Show = Callable[[Stage, Release], None]
"""Shows the rows and what they cost."""


def notification(approve: Approve, show: Show) -> tuple[Step, ...]:
    """The scenes."""
    return (
        Step(
            title=Label(
                ja="通告への対応: 告げられた生年月日と町で、そのこどもだけを探す",
                en="A notification: the child that was named is looked up by birth date and town",
            ),
            show=partial(_look_up, approve=approve, show=show),
        ),
        Step(
            title=Label(
                ja="通告への対応の目的で、こどもの一覧を出す", en="A list of children for the purpose of notifications"
            ),
            show=lambda stage: stage.refused(
                lambda: stage.ask("center", hat="controller", purpose=PURPOSE, sql=query_text("list_of_children")),
                article=33,
            ),
        ),
    )


def _look_up(stage: Stage, *, approve: Approve, show: Show) -> None:
    number = approve(stage, TEMPLATE)
    born, town = _told(stage)
    release = stage.ask(
        "center", hat="controller", purpose=PURPOSE, approval=number, parameters={"born": born, "town": town}
    )
    stage.say(
        ja=f"○ {number}: 年度末で終わらない承認。電話を先にし、答えを待たない。記録に生年月日と町は残りません。",
        en=f"o {number}: the fiscal year does not end this approval; calls come first. No record holds what was told.",
    )
    show(stage, release)
    if not 1 <= release.rows <= stage.deployment.guideline.tables["purposes"][PURPOSE]["max_rows"]:
        raise NotAsExpected(ja="告げられたこどもが見つかりません。", en="The child that was named was not found.")
    nobody = stage.ask(
        "center", hat="controller", purpose=PURPOSE, approval=number, parameters={"born": born, "town": "000"}
    )
    if nobody.rows:
        raise NotAsExpected(ja="いない町のこどもが見つかりました。", en="Somebody was found in a town that is none.")
    stage.say(
        ja="○ 町が違えば該当なし。いないことも、危険がないことも意味しません。",
        en="o With another town nobody is found; that says neither that there is no child nor that there is no danger.",
    )


def _told(stage: Stage) -> tuple[date, str]:
    """What somebody who telephones tells of a child of the generated city."""
    with (stage.deployment.layout.folder / "notification.csv").open(encoding="utf-8", newline="") as file:
        told = next(csv.DictReader(file))
    return date.fromisoformat(told["born"]), told["town"]
