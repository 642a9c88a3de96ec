"""How far a query has come, and the record of its end: one canonical log line, and an entry in the ledger."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.receipt import Receipt
from governance.errors import Denied, Fault, SekishoError
from governance.facts import QueryFacts
from governance.log import get_log
from query_broker.parts import Parts
from query_broker.record import record_refusal
from query_broker.release import Release
from query_broker.request import QueryRequest


@dataclass(slots=True, kw_only=True)
class Progress:
    """The state of one query on its way.

    Attributes:
        stage: the stage it is in, for the record of where it ended.
        facts: once described.
        decision: receipt of the decision, once that is in the ledger.
    """

    request: QueryRequest
    parts: Parts
    started: float = field(default_factory=time.monotonic)
    stage: str = "parse"
    facts: QueryFacts | None = None
    decision: Receipt | None = None

    @property
    def grounds(self) -> dict[str, Any]:
        """What every entry about a decision rests on."""
        return {
            "request": self.request,
            "guideline": self.parts.guideline,
            "policy_digest": self.parts.policy_digest,
        }

    def released(self, release: Release) -> None:
        """Log the release."""
        self._line(
            "released",
            exit_status=0,
            rows=release.rows,
            columns=release.table.num_columns,
            cells=dict(release.cells),
            articles=list(release.articles),
            ledger_index=release.ledger_index,
        )

    def ended(self, error: SekishoError, *, cause: BaseException | None = None) -> None:
        """Log an end without a release; of a foreign exception only type and place, its text may hold values."""
        articles = sorted({c.article for c in error.citations}) if isinstance(error, Denied) else []
        foreign: dict[str, Any] = {}
        if cause is not None and cause.__traceback__ is not None:
            last = traceback.extract_tb(cause.__traceback__)[-1]
            foreign = {
                "incident": error.params.get("incident"),
                "exception_type": type(cause).__name__,
                "reason": f"{Path(last.filename).name}:{last.lineno}",
            }
        self._line(error.kind, exit_status=error.exit_status, code=error.code, articles=articles, **foreign)

    def _line(self, outcome: str, **values: object) -> None:
        """The one canonical line of a request."""
        request = self.request
        get_log().info(
            "query",
            request=request.id,
            principal=request.principal.id if request.principal else None,
            approval=request.approval.id if request.approval else None,
            engine=self.parts.engine.name,
            guideline=self.parts.guideline.version,
            departments=sorted({self.parts.catalogue.dataset(s.dataset).department for s in self.facts.scans})
            if self.facts
            else [],
            scans=len(self.facts.scans) if self.facts else 0,
            stage=self.stage,
            outcome=outcome,
            milliseconds=round((time.monotonic() - self.started) * 1000),
            **values,
        )


@contextmanager
def recorded(request: QueryRequest, parts: Parts) -> Iterator[Progress]:
    """Every end of a query that is no release and no deny of the policy goes into ledger and log as a refusal."""
    progress = Progress(request=request, parts=parts)
    try:
        yield progress
    except Denied as error:
        progress.ended(error)
        if progress.decision is not None:
            # Allowed, and refused for what came of it: the decision alone would not say so.
            error.decision_id = str(progress.decision.index)
            _record(progress, error)
        raise
    except Exception as error:
        known = error if isinstance(error, SekishoError) else Fault()
        progress.ended(known, cause=error.__cause__ if known is error else error)
        if not known.code.startswith("ledger"):
            _record(progress, known)
        if known is error:
            raise
        raise known from None


def _record(progress: Progress, error: SekishoError) -> None:
    try:
        record_refusal(
            progress.parts.ledger,
            request=progress.request,
            error=error,
            stage=progress.stage,
            decision=progress.decision,
            facts=progress.facts,
            guideline=progress.parts.guideline,
        )
    except SekishoError as unrecorded:
        # What it is raised during may be a foreign exception, and no traceback may show that one's text (I7).
        raise unrecorded from None
