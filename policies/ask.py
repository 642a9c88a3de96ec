"""Asks a policy engine and believes its answer only where it is whole.

One question, one call, one answer. Whatever goes wrong on the way, an engine that is down, a rule that is undefined, an
answer of another shape, ends in ``PolicyUnavailable``, which whoever asked records as a deny (I3). ``allow`` is taken
from the answer only where every control that it says is required is among those that it says have granted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from governance.decisions import Decision, DenyReason, Obligations, parse_obligations
from governance.errors import BadInput, Fault
from governance.log import get_log
from policies.engine import PolicyEngine, PolicyUnavailable
from policies.schema_check import misfit

__all__ = ["PolicyUnavailable", "ask", "input_digest"]


_OBLIGED = ("query", "approval.preview")
"""Actions that are done, or looked at, under obligations."""


def ask(engine: PolicyEngine, document: Mapping[str, Any]) -> Decision:
    """The decision about one request.

    Args:
        engine: where the rules are evaluated.
        document: the decision input, as ``policies/schemas/decision_input.schema.json`` has it.

    Returns:
        The decision, allow or deny, with the digest of ``document`` and the name of the engine.

    Raises:
        PolicyUnavailable: the engine gave no answer that can be used; each way to fail has its own code.
        Fault: ``document`` does not fit its schema. It is made by the broker, so this is a fault of ours.
    """
    digest = input_digest(document)
    try:
        return _decision(engine, document, digest)
    except PolicyUnavailable as failure:
        failure.input_digest = digest
        raise


def input_digest(document: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical form (RFC 8785) of a decision input, in hex digits.

    Raises:
        Fault: the document does not fit its schema or has no canonical form.
    """
    place = misfit("decision_input", dict(document))
    if place is None:
        try:
            return hashlib.sha256(rfc8785.dumps(dict(document))).hexdigest()
        except rfc8785.CanonicalizationError:
            place = "document (canonical form)"
    fault = Fault()
    incident = fault.params["incident"]
    get_log().error("decision input does not fit its schema", incident=incident, reason=place, stage="decide")
    raise fault


def _decision(engine: PolicyEngine, document: Mapping[str, Any], digest: str) -> Decision:
    answer = _answer(engine, document)
    place = misfit("decision_answer", answer)
    if place is not None or not isinstance(answer, dict):
        raise PolicyUnavailable("policy-answer-malformed", engine=engine.name, place=place or "document (type)")
    _check_verdict(engine, answer)
    return Decision(
        allow=answer["allow"] is True,
        required=tuple(answer["required"]),
        granted_under=tuple(answer["granted_under"]),
        deny=tuple(DenyReason(control=r["control"], on=r["on"], params=r["params"]) for r in answer["deny"]),
        obligations=_obligations(engine, document, answer),
        input_digest=digest,
        engine=engine.name,
    )


def _answer(engine: PolicyEngine, document: Mapping[str, Any]) -> object:
    try:
        return engine.decide(document)
    except PolicyUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - whatever an engine fails with, it must come out as no answer
        get_log().error("policy engine failed", engine=engine.name, exception_type=type(error).__name__)
        raise PolicyUnavailable("policy-engine-failed", engine=engine.name) from None


def _check_verdict(engine: PolicyEngine, answer: Mapping[str, Any]) -> None:
    required, granted = set(answer["required"]), set(answer["granted_under"])
    withheld = required - granted
    explained = {reason["control"] for reason in answer["deny"]}
    sound = granted <= required and (not withheld if answer["allow"] is True else withheld <= explained)
    if not sound:
        raise PolicyUnavailable("policy-answer-contradicts", engine=engine.name)


def _obligations(engine: PolicyEngine, document: Mapping[str, Any], answer: Mapping[str, Any]) -> Obligations | None:
    """The obligations of an allowed query; whole, or the allow does not count."""
    obliged = answer["obligations"]
    if answer["allow"] is not True or document["action"] not in _OBLIGED:
        if obliged is not None:
            raise PolicyUnavailable("policy-answer-contradicts", engine=engine.name)
        return None
    if obliged is None:
        raise PolicyUnavailable("policy-answer-contradicts", engine=engine.name)
    reads = {scan["id"]: {column["column"] for column in scan["columns"]} for scan in document["query"]["scans"]}
    if obliged["scans"].keys() != reads.keys():
        raise PolicyUnavailable("policy-answer-contradicts", engine=engine.name)
    if any(reads[scan] - obliged["scans"][scan]["forms"].keys() for scan in reads):
        raise PolicyUnavailable("policy-answer-contradicts", engine=engine.name)
    try:
        return parse_obligations(obliged)
    except BadInput:
        raise PolicyUnavailable(
            "policy-answer-malformed", engine=engine.name, place="obligations (form or condition)"
        ) from None
