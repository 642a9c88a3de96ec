"""Between stages 9 and 10: an aggregate answer is compared with earlier ones before it is released (R17-3)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import rfc8785

from audit.receipt import Receipt
from governance.decisions import CompareBy, DenyReason, Obligations
from governance.errors import Denied, Fault, Unavailable
from governance.facts import QueryFacts
from query_broker.chosen import Chooser
from query_broker.combinations import tells_of_few
from query_broker.combine import Counting
from query_broker.differencing import partitions_of, period_of, populations_document, sketch_length, too_close
from query_broker.earlier import EarlierAnswer, first_answer_to
from query_broker.parse import ParsedQuery
from query_broker.parts import Parts
from query_broker.plan import FederatedPlan
from query_broker.protect import Protected
from query_broker.record import Compared, Outcome, Outpaced, derived_key, result_bytes, result_digest
from query_broker.relational import ColumnRef
from query_broker.request import QueryRequest
from query_broker.telling_keys import sensitive_columns

CONTROL = "populations-compared"
"""The control that refuses an answer too near to an earlier one."""

MAX_ATTEMPTS = 50
"""How often an answer is compared again because others were released meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One question, and how its answer is compared.

    Attributes:
        question: keyed digest of what is asked: text, parameters, output obligation, guideline, recipient, purpose
            and period. The day is not among them: asked a day later, a question gets its first answer.
        extracts: the day that each dataset is of.
        series: with which earlier runs the answer is not compared: those of the same approval with the same values.
            Between two values the populations differ by whoever lies between, month or no month.
    """

    request: QueryRequest
    plan: FederatedPlan
    chooser: Chooser
    by: CompareBy
    question: str
    period: str
    extracts: Mapping[str, str]
    series: str | None

    def counting(self, parts: Parts) -> Counting:
        """How the persons behind the answer are sketched."""
        if self.plan.population is None:
            raise Fault
        return Counting(
            population=self.plan.population,
            smallest=self.plan.output.min_group_size,
            length=sketch_length(self.by.smallest),
            key=derived_key(parts.digest_key, "populations"),
        )

    def first_answer(self, parts: Parts) -> tuple[EarlierAnswer, pa.Table] | None:
        """The answer that this question got already, where it is kept."""
        _, earlier = parts.earlier.up_to_date(parts.ledger)
        found = first_answer_to(self.question, earlier)
        body = parts.answers.get(found.result_digest) if found is not None else None
        if found is None or body is None:
            return None
        table = pa.ipc.open_stream(pa.py_buffer(body)).read_all()
        # What is kept beside the ledger is believed as far as the ledger says the same.
        return (found, table) if result_digest(table, key=parts.digest_key) == found.result_digest else None

    def settle(
        self,
        protected: Protected,
        populations: pa.Table | None,
        record: Callable[[Outcome], tuple[Receipt, str]],
        *,
        key_id: str,
        parts: Parts,
    ) -> tuple[Outcome, Receipt, str]:
        """Compare the answer and have it recorded, in one step as far as others can tell.

        Raises:
            Denied: it is too near to an earlier one.
            BadInput: too many groups.
            Unavailable: others were released faster every time.
        """
        document = self.document(populations, key_id=key_id)
        for _ in range(MAX_ATTEMPTS):
            again = self.first_answer(parts)
            if again is not None:
                outcome = repeated(*again)
                return (outcome, *record(outcome))
            size = self.check(document, parts)
            # Kept before it is recorded: what was never recorded is never looked for.
            parts.answers.put(result_digest(protected.table, key=parts.digest_key), result_bytes(protected.table))
            outcome = Outcome(
                table=protected.table,
                suppressed=protected.suppressed,
                compared=Compared(populations=document, size=size),
                repeats=None,
            )
            try:
                return (outcome, *record(outcome))
            except Outpaced:
                continue
        raise Unavailable("answers-busy")

    def document(self, populations: pa.Table | None, *, key_id: str) -> dict[str, Any]:
        """The sidecar of the release.

        Raises:
            BadInput: too many groups.
        """
        if populations is None or self.plan.population is None:
            raise Fault
        return populations_document(
            populations,
            self.chooser.conditions(self.plan.population.measures),
            question=self.question,
            period=self.period,
            extracts=self.extracts,
            smallest=self.by.smallest,
            key_id=key_id,
            series=self.series,
        )

    def check(self, document: Mapping[str, Any], parts: Parts) -> int:
        """Compare an answer with all earlier ones; how many entries the ledger had.

        Raises:
            Denied: it is too near to one of them, or tells of a few with several.
            BadInput: with the earlier ones there are too many numbers to be compared.
        """
        size, earlier = parts.earlier.up_to_date(parts.ledger)
        new, smallest = partitions_of(document), self.by.smallest
        concerned = [
            answer.partitions
            for answer in earlier
            if answer.concerns(
                recipient=self.request.recipient,
                purpose=self.request.purpose,
                period=self.period,
                extracts=self.extracts,
                series=self.series,
            )
        ]
        near = any(too_close(new, partitions, smallest=smallest) for partitions in concerned)
        if near or tells_of_few(new, concerned, smallest=smallest):
            reason = DenyReason(control=CONTROL, on="query.output", params={"k": smallest})
            raise Denied((parts.guideline.cite(reason, catalogue=parts.catalogue),))
        return size


def repeated(first: EarlierAnswer, table: pa.Table) -> Outcome:
    """The outcome of a question that was answered before."""
    return Outcome(table=table, suppressed=first.suppressed, compared=None, repeats=first.index)


def comparison(
    request: QueryRequest,
    *,
    parsed: ParsedQuery,
    facts: QueryFacts,
    obligations: Obligations,
    plan: FederatedPlan,
    extracts: Mapping[str, str],
    guideline_version: str,
    key: bytes,
) -> Comparison | None:
    """How the answer to a request is compared; ``None`` where it is about rows, not groups."""
    by = obligations.output.compare
    if by is None or plan.population is None:
        if obligations.output.min_group_size > 0:
            raise Fault  # groups that nobody compares; the policy obliges to both
        return None
    cohort = frozenset(scan.id for scan in facts.scans if scan.role == "cohort")
    sensitive = sensitive_columns(obligations)
    read = frozenset(
        ColumnRef(source=scan.id, name=fact.column)
        for scan in facts.scans
        if scan.id in cohort
        for fact in scan.columns
    )
    period = period_of(request.as_of, by.period)
    values = {name: [type(value).__name__, str(value)] for name, value in parsed.parameters.items()}
    asked = {
        "sql": parsed.sql_digest,
        "parameters": values,
        "output": obligations.to_json()["output"],
        "guideline": guideline_version,
        "recipient": request.recipient,
        "purpose": request.purpose,
        "period": period,
    }
    return Comparison(
        request=request,
        plan=plan,
        chooser=Chooser(
            select=parsed.select,
            cohort=cohort,
            plain=read - sensitive,
            parameters=parsed.parameters,
            key=derived_key(key, "conditions"),
        ),
        by=by,
        question=hmac.new(derived_key(key, "question"), rfc8785.dumps(asked), hashlib.sha256).hexdigest(),
        period=period,
        extracts=extracts,
        series=_series(by.series, values, key=key),
    )


def _series(approval: str | None, values: Mapping[str, list[str]], *, key: bytes) -> str | None:
    if approval is None or not values:
        return approval
    return f"{approval} {hmac.new(derived_key(key, 'series'), rfc8785.dumps(values), hashlib.sha256).hexdigest()}"
