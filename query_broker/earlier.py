"""The aggregate answers that were released already, as the ledger has them, and where they are kept.

The ledger holds sketches and digests; it holds no answer (I7). Answers are kept by whoever composes the broker, so that
the same question in the same data period gets its first answer again, byte for byte: asked anew, it could differ by the
few that moved meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from audit.ledger import Ledger
from query_broker.differencing import Partition, partitions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAnswer:
    """A release with populations.

    Attributes:
        index: its entry.
        question: keyed digest of what was asked.
        series: the approval of a template that recurs, and its values, where it is a run of one.
        partitions: who stands behind its numbers.
    """

    index: int
    recipient: str | None
    purpose: str | None
    question: str
    period: str
    extracts: Mapping[str, str]
    result_digest: str
    suppressed: int
    key_id: str
    partitions: tuple[Partition, ...]
    series: str | None = None

    def concerns(
        self,
        *,
        recipient: str | None,
        purpose: str | None,
        period: str,
        extracts: Mapping[str, str],
        series: str | None = None,
    ) -> bool:
        """Whether its recipient could set it beside another answer: of the same period, or of the same data.

        Runs of one series may be set beside each other: for that they are rounded.
        """
        if series is not None and self.series == series:
            return False
        same_data = any(self.extracts.get(dataset) == day for dataset, day in extracts.items())
        return (self.recipient, self.purpose) == (recipient, purpose) and (self.period == period or same_data)


@dataclass(slots=True)
class EarlierAnswers:
    """Reads the ledger as it grows; one for each broker."""

    _ledger: Ledger | None = None
    _read: int = 0
    _found: list[EarlierAnswer] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def up_to_date(self, ledger: Ledger) -> tuple[int, tuple[EarlierAnswer, ...]]:
        """How many entries there are, and every answer with populations among them."""
        with self._lock:
            if ledger is not self._ledger:
                self._ledger, self._read, self._found = ledger, 0, []
            size = ledger.size
            for entry in ledger.entries(self._read, size):
                document = entry.document
                if document["kind"] == "release" and "populations" in document:
                    self._found.append(_answer(entry.index, document, ledger.sidecar(document["populations"])))
            self._read = max(self._read, size)
            return size, tuple(self._found)


class Answers(Protocol):
    """Keeps released aggregate answers by the digest of their bytes."""

    def put(self, digest: str, body: bytes) -> None:
        """Keep an answer, durably; one that is there already stays."""
        ...

    def get(self, digest: str) -> bytes | None:
        """The answer of a digest; ``None`` where it is not kept."""
        ...


@dataclass(frozen=True, slots=True)
class AnswersInMemory:
    """Keeps answers for as long as the process lives."""

    _kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, digest: str, body: bytes) -> None:
        """Keep an answer."""
        self._kept.setdefault(digest, body)

    def get(self, digest: str) -> bytes | None:
        """The answer of a digest."""
        return self._kept.get(digest)


def first_answer_to(question: str, answers: tuple[EarlierAnswer, ...]) -> EarlierAnswer | None:
    """The first release of exactly this question, ``None`` where it is new."""
    return next(_of(question, answers), None)


def _of(question: str, answers: tuple[EarlierAnswer, ...]) -> Iterator[EarlierAnswer]:
    return (answer for answer in answers if answer.question == question)


def _answer(index: int, entry: Mapping[str, Any], populations: Mapping[str, Any]) -> EarlierAnswer:
    return EarlierAnswer(
        index=index,
        recipient=entry["recipient"],
        purpose=entry["purpose"],
        question=populations["question"],
        period=populations["period"],
        extracts=populations["extracts"],
        result_digest=entry["result_digest"],
        suppressed=entry["suppressed_groups"],
        key_id=populations["key_id"],
        partitions=partitions_of(populations),
        series=populations.get("series"),
    )
