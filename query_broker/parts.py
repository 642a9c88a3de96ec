"""Everything with an effect that the path of a query uses, handed in by whoever composes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.ledger import Ledger
from connectors.department import Department
from governance.catalogue import Catalogue
from governance.guideline import Guideline
from policies.engine import PolicyEngine
from query_broker.combine import Combiner
from query_broker.earlier import Answers, AnswersInMemory, EarlierAnswers
from query_broker.pace import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of one deployment.

    Attributes:
        policy_digest: digest of the rules that the engine runs, for the ledger.
        digest_key: keys the digests that stand for texts in records.
        max_cells: most cells that one department may send for one query.
        answers: keeps released aggregate answers, so that a question gets its first one again.
        earlier: what the ledger says of them.
        pace: by which answers of some purposes wait.
    """

    catalogue: Catalogue
    guideline: Guideline
    engine: PolicyEngine
    policy_digest: str
    departments: Mapping[str, Department]
    ledger: Ledger
    combiner: Combiner
    digest_key: bytes
    max_cells: int = 200_000_000
    answers: Answers = field(default_factory=AnswersInMemory)
    earlier: EarlierAnswers = field(default_factory=EarlierAnswers)
    pace: Pace = field(default_factory=Pace)
