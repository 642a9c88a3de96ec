"""Every field of every request, spoiled in every small way: refused under a named control, by both engines alike (I3, I8).

The engines are asked directly, without the schema in front of them: the rules have to stand by themselves.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from policies.embedded import EmbeddedEngine
from policies.server import OpaServer
from tests.policies import world
from tests.policies.engines import normal
from tests.policies.patches import Spoiled, spoiled

KINDS = tuple(world.requests())

_ANY = "absent|null|empty|wrong type|wrapped|unknown"

HARMLESS = [
    (re.compile(rf"/(?:{place}) (?:{how})"), reason)
    for place, how, reason in (
        ("basis|recipient|purpose", "null", "null is what says that there is none"),
        ("basis", "unknown", "a legal basis is not judged yet, only written down"),
        ("zone", "unknown", "zones are not judged yet, only written down"),
        ("principal/post", "unknown", "a post is no role; routes name roles"),
        ("principal/department", "null|unknown", "an account belongs to a holder or not"),
        ("principal/id", "unknown", "accounts are not listed in the policy's data"),
        ("principal/roles/1", "absent|unknown", "a role that is not worn"),
        ("approval/id", "unknown", "ids are not listed in the policy's data"),
        ("approval/requester", "unknown", "somebody else, who signed nothing either"),
        ("approval/purpose", _ANY, "asked only where a query or a signature runs on it"),
        ("approval/(reviewers/[0-9]+|approver)/(post|department)", _ANY, "routes name roles and stewards, not posts"),
        ("approval/reviewers/[0-9]+/role", _ANY, "a steward is known by name, whatever the hat"),
        ("approval/reviewers/0/(id|step)", _ANY, "not asked of whoever gives another signature"),
        ("query/output/columns/[0-9]+/name", "unknown", "names of output columns are free"),
        ("query/output/columns/[0-9]+/origins", "empty", "an output column may be computed from nothing"),
        ("query/output/columns/[0-9]+/origins/[0-9]+", "absent", "an output column may be computed from less"),
        ("query/output/columns/[0-9]+", "absent", "fewer output columns"),
        ("query/scopes/[0-9]+/keys|query/scopes/[0-9]+/aggregates|query/functions", "empty", "described, not judged"),
        ("query/(scopes/[0-9]+/(keys|aggregates)|functions)/[0-9]+", "absent|unknown", "described, not judged"),
        ("query/row_limit", "null|wrong type", "a smaller number of rows, or none named"),
        ("query/scans/[0-9]+/columns/[0-9]+", "absent", "fewer columns, where no output needs them"),
        ("query/scans/[0-9]+/columns/[0-9]+/usages/[0-9]+", "absent", "fewer usages, where one is left"),
    )
]
"""What may be spoiled and still be allowed, and why. Every entry is met by at least one case."""

NAMED = [
    (re.compile(place), control)
    for place, control in (
        (r"/principal$", "single-hat"),
        (r"/principal/(roles|hats)", "single-hat"),
        (r"/principal", "identity-verified"),
        (r"/purpose$", "purpose-stated"),
        (r"/recipient$", "pseudonym-domain-declared"),
        (r"/datasets/", "sources-fresh"),
        (r"/datasets$", "sources-fresh"),
        (r"/approval$", "approval-route"),
        (r"/approval/(id)$", "request-well-formed"),
        (r"/approval/(purpose|approver|reviewers)", "approval-route"),
        (r"/approval/requester", "approval-route"),
        (r"/approval/sql_digest", "approval-unchanged"),
        (r"/approval/", "approval-current"),
        (r"/query/scans/[0-9]+/(dataset|columns/[0-9]+/column)$", "purpose-allow-list"),
        (r"/query/scans/[0-9]+/columns/[0-9]+$", "request-well-formed"),
        (r"/query/output/rows_per_subject", "one-row-per-subject"),
        (r"/query/output/kind", "purpose-output-kind"),
        (r"/query/scopes/[0-9]+/grain", "request-well-formed"),
        (r"/", "request-well-formed"),
    )
]
"""Under which control, among others, a spoiled field is refused: the first that fits."""


def _cases(kind: str) -> Iterator[Spoiled]:
    return spoiled(world.requests()[kind])


def _is_harmless(case: Spoiled) -> bool:
    return any(pattern.fullmatch(case.id) for pattern, _ in HARMLESS)


@pytest.mark.parametrize("kind", KINDS)
def test_spoiled_fields_are_refused_by_both_engines_alike(
    kind: str, embedded: EmbeddedEngine, server: OpaServer
) -> None:
    """Both engines give one answer to each spoiled request, and it is no allow unless the field may be anything."""
    asked = 0
    for case in _cases(kind):
        answer: Any = embedded.decide(case.document)
        assert normal(answer) == normal(server.decide(case.document)), case.id
        assert answer["allow"] is False or _is_harmless(case), case.id
        asked += 1
    assert asked >= 50


def test_a_spoiled_query_is_refused_under_the_control_of_its_field(embedded: EmbeddedEngine) -> None:
    """What is refused names the control that the field is the business of; nothing is refused without a reason."""
    for case in _cases("rows"):
        answer: Any = embedded.decide(case.document)
        if answer["allow"]:
            continue
        expected = next(control for place, control in NAMED if place.match(case.at))
        refusing = {reason["control"] for reason in answer["deny"]}
        assert expected in refusing or "request-well-formed" in refusing, (case.id, refusing)
        assert refusing == set(answer["required"]) - set(answer["granted_under"])
