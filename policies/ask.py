"""One question, one answer, both checked: the only way in which the rest of Sekisho asks a policy engine (I3).

1. The document fits its schema, or nothing is asked.
2. The engine is asked once.
3. What comes back fits the schema of answers; no answer, an error and a misfit are all no answer.
4. An allow is believed only where it names every control that it required among those that granted, carries no reason
   against itself, and, for a query, brings obligations for exactly the scans that were asked about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from governance.decisions import Decision, DenyReason, parse_obligations
from governance.errors import SekishoError, Unavailable
from policies.engine import EngineFailure, PolicyEngine
from policies.schema_check import misfit


class PolicyUnavailable(Unavailable):
    """There is no usable answer. Whoever catches this records a deny.

    Attributes:
        input_digest: digest of the document that was asked, for the ledger.
    """

    def __init__(self, code: str, /, *, input_digest: str, **params: str | int) -> None:
        super().__init__(code, **params)
        self.input_digest = input_digest


def ask(engine: PolicyEngine, document: Mapping[str, Any]) -> Decision:
    """Ask an engine to decide.

    Raises:
        PolicyUnavailable: with a code for each way of not answering.
    """
    digest = _digest(document)
    # Step 1: the document fits.
    place = misfit("decision_input", document)
    if place is not None:
        raise PolicyUnavailable("policy-input-invalid", input_digest=digest, place=place)
    # Step 2: one question.
    try:
        answer = engine.decide(document)
    except EngineFailure as failure:
        raise PolicyUnavailable(f"policy-engine-{failure.kind}", input_digest=digest) from None
    except Exception:  # noqa: BLE001 - whatever an engine raises is no answer, and its text may repeat the question
        raise PolicyUnavailable("policy-engine-failed", input_digest=digest) from None
    # Step 3: the answer fits.
    place = misfit("decision_answer", answer)
    if place is not None:
        raise PolicyUnavailable("policy-answer-invalid", input_digest=digest, place=place)
    # Step 4: an allow is sound.
    if answer["allow"] is True and not _is_sound(answer, document):
        raise PolicyUnavailable("policy-answer-unsound", input_digest=digest)
    try:
        obligations = parse_obligations(answer["obligations"]) if answer["obligations"] is not None else None
    except SekishoError:
        raise PolicyUnavailable("policy-answer-invalid", input_digest=digest, place="obligations") from None
    return Decision(
        allow=answer["allow"] is True,
        required=tuple(sorted(answer["required"])),
        granted_under=tuple(sorted(answer["granted_under"])),
        deny=tuple(DenyReason(control=d["control"], on=d["on"], params=d["params"]) for d in answer["deny"]),
        obligations=obligations,
        input_digest=digest,
        engine=engine.name,
    )


def _is_sound(answer: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    required = set(answer["required"])
    if not required or not required <= set(answer["granted_under"]) or answer["deny"]:
        return False
    if document["action"] != "query":
        return answer["obligations"] is None
    query, obligations = document["query"], answer["obligations"]
    if query is None or obligations is None:
        return False
    asked = {scan["id"]: {column["column"] for column in scan["columns"]} for scan in query["scans"]}
    return {scan: set(o["forms"]) for scan, o in obligations["scans"].items()} == asked


def _digest(document: Mapping[str, Any]) -> str:
    try:
        return hashlib.sha256(rfc8785.dumps(dict(document))).hexdigest()
    except (rfc8785.CanonicalizationError, ValueError, RecursionError):
        return hashlib.sha256(b"").hexdigest()
