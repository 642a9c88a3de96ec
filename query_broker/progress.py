"""How far a query has come, and the record of its end: one canonical log line, and an entry in the ledger."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.receipt import Receipt
from governance.decisions import Report
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
        report: how exactly it is told how much was read and how long that took, once decided; ``None``: as it is.
    """

    request: QueryRequest
    parts: Parts
    started: float = field(init=False)
    stage: str = "parse"
    facts: QueryFacts | None = None
    decision: Receipt | None = None
    report: Report | None = None

    def __post_init__(self) -> None:
        self.started = self.parts.pace.now()

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
            rows=self.report.counted(release.rows) if self.report else release.rows,
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
            milliseconds=self._milliseconds(),
            **values,
        )

    def hold(self) -> None:
        """Wait with what came of it, where that may not leave as soon as it is ready."""
        if self.report is not None and self.report.seconds is not None:
            self.parts.pace.hold(self.started, step=self.report.seconds)

    def _milliseconds(self) -> int:
        taken = round((self.parts.pace.now() - self.started) * 1000)
        step = (self.report.seconds if self.report else None) or 0
        return -(-taken // (step * 1000)) * step * 1000 if step else taken


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
    finally:
        progress.hold()


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
