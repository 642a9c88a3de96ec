"""Every field of every request, spoiled in every small way: refused under a named control, by both engines alike.

The engines are asked directly, without the schema in front of them: the rules have to stand by themselves (I3, I8).
"""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from policies.embedded import EmbeddedEngine
from policies.server import OpaServer
from tests.policies import world
from tests.policies.engines import normal
from tests.policies.patches import Spoiled, spoiled, spoiled_at_random

KINDS = tuple(world.requests())

RANDOM_REQUESTS = 3_000
"""Requests with several fields spoiled at once, beside the thousands with one."""

_RUN = "rows|groups|wares"
_ASKED = "rows|groups|wares|request"
_SIGNED = "review|consult|decide|deputise"
_PLAIN = (
    "reject|return|revoke|withdraw|recall|look|away|back|read|ledger|approve|draft|confirm|register|check"
    "|suspend|release|suspensions|stop|lift|judge"
    "|terms|order|erase|hold|free|candidates|candidates_protected|settle|report"
    "|trace|audit_trace|own_use|audited"
    "|receive|extend|consider|resolve|answer|correct"
    "|terms|order|erase|hold|free|candidates|candidates_protected|settle"
    "|inspect|close|packages|weigh|adopt|decline|take_back|proposals"
    "|assess|renew"
    "|judge_papers|meet|approve_capacity|see_cycle"
    "|send_sheet|sheets|read_answer|read_sheet|answer_sheet"
)
_BACK = "reject|return"
_SET_ASIDE = "reject|return|revoke|withdraw|recall|resubmit|look"
_INCIDENT = "notice|gauge|whom|shield|tell_first|tell_last|inform|finish|incidents"
_TICKET = "ask_for|grant_ticket|turn_down|carry_out|look_at|prolong|end"
_ALL = ".*"

_HARMLESS = (
    (_PLAIN, "recipient|purpose", "null|unknown", "nothing is read for a purpose here"),
    (_SIGNED, "recipient", "null|unknown", "who gets it was judged with the request for approval"),
    (_PLAIN, "basis", "null|unknown", "nothing is asked on a basis here"),
    ("pack|create|hand|take_in", "purpose", "null|unknown", "what is read is asked for a purpose of its own"),
    ("pack|create|hand|take_in", "basis", "null|unknown", "nothing is asked on a basis here"),
    ("(?!rows|groups|wares).*", "zone", "unknown", "where a question is asked matters where data are answered"),
    (_ALL, "principal/post", "unknown", "routes name roles, not posts"),
    (_ALL, "principal/department", "null|unknown", "an account belongs to a holder or not"),
    (_ALL, "principal/id", "unknown", "accounts are not listed in the policy's data; who signs is told apart by them"),
    (_ALL, "principal/roles/1", "absent|unknown", "a role that is not worn"),
    (_ALL, "approval/id", "unknown", "ids are not listed in the policy's data"),
    (_ALL, "approval/requester", "unknown", "somebody else, who signed nothing either"),
    (_SET_ASIDE, "approval/(purpose|guideline_version|sql_digest|basis)", "null|unknown", "anything may be put aside"),
    (_SET_ASIDE, "approval/reviewers", "empty", "whoever signed it, it may be put aside"),
    (_SET_ASIDE, "approval/reviewers/[0-9]+", "absent", "whoever signed it, it may be put aside"),
    (_SET_ASIDE, "approval/(reviewers/[0-9]+|approver)/(id|role)", "unknown", "whoever signed it"),
    (_SET_ASIDE, "approval/approver", "null", "whoever signed it, it may be put aside"),
    ("rows|once|provide", "approval/approver/id", "unknown", "another person of the role that decides"),
    (
        "rows|once|provide|decide|deputise",
        "approval/reviewers/0/id",
        "unknown",
        "another person of the role that reviews",
    ),
    ("consult", "approval/reviewers", "empty", "a consultation waits for nobody"),
    ("consult", "approval/reviewers/[0-9]+", "absent", "a consultation waits for nobody"),
    ("consult", "approval/reviewers/[0-9]+/id", "unknown", "a consultation waits for nobody"),
    ("consult", "approval/reviewers/0/role", "unknown", "a consultation waits for nobody"),
    (_ALL, "approval/reviewers/[1-9]/role", "unknown", "a steward is known by name, whatever the hat"),
    (_ALL, "approval/(reviewers/[0-9]+|approver)/post", "empty|unknown", "routes name roles, not posts"),
    (_ALL, "approval/(reviewers/[0-9]+|approver)/department", "null|unknown", "stewards are known by name"),
    (
        f"groups|wares|request|resubmit|{_BACK}",
        "query/sql_digest",
        "unknown",
        "no approval yet whose text it is held to",
    ),
    (_ALL, "query/output/columns/[0-9]+/name", "unknown", "names of output columns are free"),
    (_ALL, "query/output/columns/[0-9]+/origins", "empty", "an output column may be computed from nothing"),
    (_ALL, "query/output/columns/[0-9]+/origins/[0-9]+", "absent", "or from less"),
    (_ALL, "query/output/columns/[0-9]+", "absent", "fewer output columns"),
    (_ALL, "query/(scopes/[0-9]+/(keys|aggregates)|functions)", "empty", "described, and not judged"),
    (_ALL, "query/(scopes/[0-9]+/(keys|aggregates)|functions)/[0-9]+", "absent|unknown", "described, and not judged"),
    (_ALL, "query/row_limit", "null|wrong type", "another number of rows, or none named"),
    (_ALL, "query/scans/[0-9]+/columns/[0-9]+", "absent", "fewer columns, where no output needs them"),
    (_ALL, "query/scans/[0-9]+/columns/[0-9]+/usages/[0-9]+", "absent", "fewer usages, where one is left"),
    (
        "rows|once|groups|wares|provide",
        "datasets/(a.member|[bc].[a-z]+)/sets",
        ".*",
        "no set that has an age is left out of these",
    ),
    (_ALL, "query/scans/[0-9]+/decides_rows", ".*", "asked of what is out of date only, and then it must be false"),
    ("renew", "renewal/reviewed_by", "unknown", "another person than the one who renews it"),
    (_ALL, "matter/number", "unknown", "documents are not listed in the policy's data"),
    (
        "release|lift|erase|free|consider|resolve|extend|answer|correct",
        "matter/opened_by",
        "unknown",
        "another person than the one who closes it",
    ),
    ("(?!resolve).*", "matter/reviewed_by", "null|unknown", "asked where a request is decided"),
    ("resolve", "matter/reviewed_by", "unknown", "another person than the one who decides"),
    (_ALL, "registration/dataset", "unknown", "a dataset that is not registered yet is in no list"),
    (_ALL, "registration/parts/[0-9]+", "absent", "fewer parts; that none is missing is the broker's fact"),
    (_ALL, "registration/parts/[0-9]+/part", "unknown", "columns that are not registered yet are in no list"),
    ("confirm|draft", "registration/parts/[0-9]+/confirmed_by", "null|unknown", "not asked before the registration"),
    (
        "register|judge|pack|create|take_in",
        "guideline_approval/id",
        "unknown",
        "another person of the role that approves it",
    ),
    (
        "register|judge|pack|create|take_in",
        "guideline_approval/post",
        "empty|unknown",
        "the matrix names roles, not posts",
    ),
    ("deputise", "deputy/deciders/[0-9]+/id", "unknown", "accounts are not listed in the policy's data"),
    ("deputise", "deputy/deciders/[0-9]+/valid_until", "null", "an account without a last day is taken to be in force"),
    ("deputise", "deputy/deciders/0/absence/recorded_by", "unknown", "another than the deputy and the drafter"),
    ("deputise", "deputy/deciders/[12]", "absent", "who decides on another route, or no longer"),
    ("deputise", "deputy/deciders/2/roles/[0-9]+", "unknown", "whose account has ended"),
    ("deputise", "deputy/due", "empty", "nothing that the deputy decided waits"),
    ("deputise", "deputy/due/[0-9]+", "absent", "less of what the deputy decided waits"),
    (
        "away",
        "absence/id",
        "unknown",
        "accounts are not listed in the policy's data; who has a deputy is told by roles",
    ),
    ("back", "absence/recorded_by", "unknown", "who recorded it need not end it"),
    ("preview", "recipient|basis", "null|unknown", "its holder looks at it, and nobody gets it"),
    ("preview", "approval/purpose", "unknown", "the forms are those of the purpose that is stated"),
    ("rows|once|provide|request|resubmit", "query/scopes/2/inputs/2", "absent", "a scope that no other reads"),
    ("wares", "query/scopes/1/id", "unknown", "another name of a scope that no other reads"),
    (f"{_SIGNED}|{_BACK}", "query/scans/[0-9]+/columns/[0-9]+/column", "unknown", "judged with the request"),
    (_BACK, "query/scans/[0-9]+/dataset", "unknown", "the content was judged with the request"),
    (f"{_SIGNED}|{_BACK}|preview", "query/scopes/[0-9]+/(inputs/[0-9]+|grain)", "absent", "judged with the request"),
    ("once", "occasional/uses", "empty", "nothing was used before"),
    ("once", "occasional/uses/[0-9]+", "absent", "less was used before; that none is missing is the broker's fact"),
    ("once", "occasional/uses/[0-9]+/datasets/[0-9]+", "absent|unknown", "less was used before"),
    ("once", "occasional/uses/[0-9]+/purpose", "unknown", "used for another purpose"),
    ("once", "occasional/uses/3/approval", "unknown", "used for another purpose, whatever it was approved by"),
    (_ALL, "provision/id", "unknown", "packages are not listed in the policy's data"),
    (_ALL, "provision/drafted_by", "unknown", "somebody else, who has not reviewed it either"),
    (
        "provide|pack|inspect|hand|close",
        "provision/(digest|reviewed_digest)",
        "null|unknown",
        "no content is looked at here",
    ),
    ("provide|pack", "provision/(k|l|findings)", "wrong type", "it has no content yet that could have a number"),
    ("hand|close", "provision/(k|l|findings)", "null", "its content was judged when it was made"),
    ("close", "provision/drafted_by", "null", "whoever made it, it may be closed"),
    ("close|inspect", "provision/reviewers", "empty", "the first to review it, or whoever closes it"),
    ("close|inspect", "provision/reviewers/[0-9]+", "absent|unknown", "others, who are not the one that acts"),
    ("create|hand", "provision/reviewers/[0-9]+", "unknown", "another person who has reviewed it"),
    (_ALL, "proposal/id", "unknown", "proposals are not listed in the policy's data"),
    ("take_in", "proposal/(drafted_by|digest|drafted_digest)", "unknown", "it has no content yet"),
    ("take_in", "proposal/findings", "wrong type", "it was not tested yet"),
    (
        "take_in|decline|take_back",
        "proposal/findings",
        "null|wrong type",
        "it may be refused or withdrawn, whatever it is",
    ),
    ("decline|take_back", "proposal/(digest|drafted_digest)", "null|unknown", "no content is looked at here"),
    ("decline", "proposal/drafted_by", "null|unknown", "whoever took it in, it may be refused"),
    ("weigh|adopt", "proposal/drafted_by", "unknown", "somebody else, who takes no other part"),
    ("weigh", "proposal/reviewers", "empty", "the first to review it"),
    ("weigh", "proposal/reviewers/[0-9]+", "absent|unknown", "others, who are not the one that acts"),
    ("adopt", "proposal/reviewers/[0-9]+", "unknown", "another person who has reviewed it"),
    ("tickets|tickets_of_all|alerts", "recipient|purpose|basis", "null|unknown", "nothing is read for a purpose here"),
    (_TICKET, "recipient|basis", "null|unknown", "what is shown stays with whoever asked; the annex says who that is"),
    ("grant_ticket|turn_down|prolong|end", "purpose", "null|unknown", "the purpose was judged with the request"),
    ("grant_ticket|turn_down|prolong|end", "ticket/types", "empty", "the purpose was judged with the request"),
    (
        "grant_ticket|turn_down|prolong|end",
        "ticket/types/0",
        "absent|unknown",
        "the purpose was judged with the request",
    ),
    ("grant_ticket|turn_down|prolong", "ticket/requester", "unknown", "another person than the one who decides"),
    ("carry_out|look_at|prolong", "ticket/decided_by", "unknown", "another person than the one who asked"),
    ("end", "ticket/decided_by", "null|unknown", "whoever decided on it, it may be ended"),
    ("(?!end).*", "ticket/verdict", "unknown", "people judge when it ends"),
    ("end", "ticket/until", "null", "however long it would have counted, it may be ended"),
    ("carry_out", "ticket/look_ups/[0-9]+/columns", "empty", "fewer items than the annex lists"),
    ("carry_out", "ticket/look_ups/[0-9]+/columns/[0-9]+", "absent", "fewer items than the annex lists"),
    ("carry_out|look_at", "datasets/a.person/as_of", ".*", "an item may be old; who may not be shown has to be known"),
    ("carry_out", "ticket/look_ups/1", "absent", "fewer holders than the annex lists"),
    (
        "send_sheet",
        "inquiry/(items/[a-z.]+|questions/[0-9]+)",
        "absent",
        "fewer items or questions than the annex lists",
    ),
    ("send_sheet|read_answer", "inquiry/(addressee|reader)", "unknown", "bodies are not listed in the policy's data"),
    ("read_answer", "inquiry/(addressee|due)", "null", "whoever sent it reads it as long as the view counts"),
    ("read_(answer|sheet)|answer_sheet", "inquiry/(items|questions)", "empty", "it was judged when it was sent"),
    ("read_(answer|sheet)|answer_sheet", "inquiry/items/[a-z.]+", "absent|empty", "it was judged when it was sent"),
    (
        "read_(answer|sheet)|answer_sheet",
        "inquiry/(items/[a-z.]+|questions)/[0-9]+",
        "absent|unknown",
        "it was judged when it was sent",
    ),
    ("read_sheet|answer_sheet", "inquiry/holder", "unknown", "another person than the one who answers"),
    ("meet", "assessment/verdict", "unknown", "no verdict is given with this step"),
    ("approve_capacity|see_cycle", "capacity/judged_by", "unknown", "another person than the one who approves it"),
    ("see_cycle", "capacity/decided_by", "unknown", "another person than the one who judged"),
    ("ask_for|carry_out", "guideline_approval/id", "unknown", "another person of the role that approves it"),
    ("ask_for|carry_out", "guideline_approval/post", "empty|unknown", "the matrix names roles, not posts"),
    (_INCIDENT, "recipient|purpose|basis", "null|unknown", "nothing is read for a purpose here"),
    ("gauge|whom|shield|tell_first|tell_last|inform|finish", "matter/opened_by", "unknown", "another person opened it"),
    (
        "notice|gauge|whom|tell_first|tell_last|finish",
        "incident/(route|obstacle)",
        "unknown",
        "nobody is told with this step",
    ),
    ("finish", "incident/measures/[0-9]+", "absent", "one measure is enough"),
)
"""What may be spoiled and still be allowed: in which requests, where, how, and why."""

_NAMED = (
    ("principal$", "single-hat"),
    ("principal/(roles|hats)", "single-hat"),
    ("principal/(oath|training_until)", "training-current"),
    ("principal/valid_until", "account-in-force"),
    ("principal", "identity-verified"),
    ("basis$", "legal-basis"),
    ("stopped$", "releases-not-stopped"),
    ("zone$", "network-zone"),
    ("purpose$", "purpose-stated"),
    ("recipient$", "pseudonym-domain-declared"),
    ("datasets/[^/]+/sets", "protection-current"),
    ("datasets", "sources-fresh"),
    ("approval$", "approval-route"),
    ("approval/(sql_digest|basis)", "approval-unchanged"),
    ("approval/(state|starts_on|expires_at|guideline_version)", "approval-current"),
    ("approval/(purpose|requester|approver$|reviewers$|reviewers/[0-9]+$)", "approval-route"),
    ("approval/(reviewers/[0-9]+|approver)/(step|id|role)", "approval-route"),
    ("query/sql_digest", "approval-unchanged"),
    ("query/scans/[0-9]+/(dataset|columns/[0-9]+/column)$", "purpose-allow-list"),
    ("query/scopes/[0-9]+/inputs", "scans-reached"),
    ("query/output/rows_per_subject", "one-row-per-subject"),
    ("query/output/kind", "purpose-output-kind"),
    ("", "request-well-formed"),
)
"""Under which control, among others, a spoiled field of a query is refused: the first that fits."""


def _harmless_by(kind: str, case: Spoiled) -> int | None:
    for number, (kinds, place, how, _) in enumerate(_HARMLESS):
        if re.fullmatch(kinds, kind) and re.fullmatch(f"/(?:{place}) (?:{how})", case.id):
            return number
    return None


@pytest.fixture(scope="module")
def answered(embedded: EmbeddedEngine) -> dict[str, list[tuple[Spoiled, Any]]]:
    """Every spoiled request of each kind with the answer of the embedded engine.

    The facts are those of one template in all of these; spoiling them for the query and the review is enough.
    """
    return {
        kind: [
            (case, embedded.decide(case.document))
            for case in spoiled(request)
            if kind not in ("request", "resubmit", "consult", "decide", "deputise", "preview")
            or not case.at.startswith("/query/s")
        ]
        for kind, request in world.requests().items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_spoiled_field_is_refused_unless_it_may_be_anything(
    kind: str, answered: dict[str, list[tuple[Spoiled, Any]]]
) -> None:
    """No request is allowed with a field spoiled, but for those that the table above gives a reason for."""
    allowed = [case for case, answer in answered[kind] if answer["allow"] is not False]
    assert [case.id for case in allowed if _harmless_by(kind, case) is None] == []
    assert len(answered[kind]) >= 90


def test_everything_called_harmless_is_met(answered: dict[str, list[tuple[Spoiled, Any]]]) -> None:
    """Each entry of the table of harmless spoilings stands for a case that is allowed."""
    met = {_harmless_by(kind, case) for kind in KINDS for case, answer in answered[kind] if answer["allow"]}
    assert [_HARMLESS[number] for number in range(len(_HARMLESS)) if number not in met] == []


def test_a_spoiled_query_is_refused_under_the_control_of_its_field(
    answered: dict[str, list[tuple[Spoiled, Any]]],
) -> None:
    """A refusal names the control whose business the field is, and every control that withholds its grant."""
    refused = [(case, answer) for case, answer in answered["rows"] if not answer["allow"]]
    for case, answer in refused:
        refusing = {reason["control"] for reason in answer["deny"]}
        expected = next(control for place, control in _NAMED if re.match(f"/(?:{place})", case.at))
        assert refusing & {expected, "request-well-formed"}, (case.id, refusing)
        assert refusing == set(answer["required"]) - set(answer["granted_under"]), case.id
    assert len(refused) >= 500


@pytest.mark.parametrize(("kind", "every"), [("rows", 3), *((kind, 10) for kind in KINDS if kind != "rows")])
def test_engines_answer_spoiled_requests_alike(
    kind: str, every: int, answered: dict[str, list[tuple[Spoiled, Any]]], server: OpaServer
) -> None:
    """The embedded engine and the server give the same answer to the same spoiled request, whatever its shape (I8)."""
    for case, answer in answered[kind][::every]:
        assert normal(answer) == normal(server.decide(case.document)), case.id


def test_engines_answer_requests_spoiled_at_random_alike(embedded: EmbeddedEngine, server: OpaServer) -> None:
    """Several fields spoiled at once are refused or allowed alike, and never because two faults cancel each other."""
    chance = random.Random(20231001)
    requests = world.requests()
    for _ in range(RANDOM_REQUESTS):
        kind = chance.choice(KINDS)
        document, harmless = requests[kind], dict[str, bool]()
        for _ in range(chance.randint(2, 4)):
            case = spoiled_at_random(document, chance)
            if case.at in harmless:
                continue  # Another type for a wrong type may be the right one again.
            # What went with a whole part is gone.
            harmless = {at: is_harmless for at, is_harmless in harmless.items() if not at.startswith(f"{case.at}/")}
            document, harmless[case.at] = case.document, _harmless_by(kind, case) is not None
        answer: Any = embedded.decide(document)
        assert normal(answer) == normal(server.decide(document))
        assert answer["allow"] is False or all(harmless.values())


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"action": None},
        {"action": {"query": True}},
        {"action": "query"},
        {"action": "query", "query": []},
        {"action": "query", "query": {"scans": {}}},
        {"action": "zzz", "principal": {"hats": ["runner"]}},
        {"decision": {"allow": True}, "allow": True, "granted": ["request-well-formed"]},
        {"data": {"guideline": {"requirements": {"query": ["x"]}}}},
    ],
    ids=str,
)
def test_engines_refuse_what_is_no_request_alike(
    document: dict[str, Any], embedded: EmbeddedEngine, server: OpaServer
) -> None:
    """A document that is no request is refused with a reason, by both engines alike."""
    answer: Any = embedded.decide(document)
    assert normal(answer) == normal(server.decide(document))
    assert answer["allow"] is False
    assert answer["deny"]
