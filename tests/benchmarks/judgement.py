"""Everybody judged by all four types, governed, beside a plain script of DuckDB and pandas that judges the same people.

The script starts from what the departments have derived, filtered and masked, as one Parquet file a scan, runs the same
SQL, and judges row by row with loops; it asks no policy, keeps no ledger and no list. The governed side runs from a token
to the work list: four decisions, certificates and releases, the criteria, the choice within a capacity, the cycle with
its ledger entry, in a list that was empty. A run counts only if both judge everybody alike: score, band, queue, reasons.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from governance.log import configure_log
from risk.load_rules import load_rules
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.judgements import Run, enter, run
from tests.benchmarks.governed import Question, build, listen, plain_answer
from tests.benchmarks.measuring import Machine, Times, load
from tests.city import approve, asker
from tests.risk.oracle import judged

TEMPLATES = ("yc-features", "pv-features", "ab-features", "tr-features")
_CAPACITY, _RESERVE = 40, Fraction(1, 4)

Verdicts = Mapping[str, tuple[Fraction, str, str, tuple[str, ...], int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One size, in milliseconds.

    Attributes:
        persons: who were judged.
        listed: who entered the work list.
    """

    residents: int
    persons: int
    listed: int
    plain: Times
    governed: Times


def measure(city: Path, *, residents: int, runs: int) -> Measured:
    """Both sides, in turns."""
    deployment = Deployment.load(city)
    rules = load_rules(deployment.layout.rules, deployment.templates)
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as scratch:
        questions: dict[str, Question] = {}
        with deployment.broker() as broker:
            broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
            approvals = {name: approve(deployment, broker, name) for name in TEMPLATES}
            listening = listen(broker)
            for purpose, each in rules.items():
                broker.ask(
                    AskRequest(
                        token=deployment.token("center"), hat="controller", purpose=purpose,
                        approval=approvals[each.template],
                    )
                )  # fmt: skip
                folder = Path(scratch) / purpose
                folder.mkdir()
                for stream in listening.streams:
                    pq.write_table(stream.table, folder / f"{stream.ids[0]}.parquet")
                questions[purpose] = (listening.sql, dict(listening.parameters), list(listening.streams))

        def plain() -> Mapping[str, Verdicts]:
            found = {}
            for purpose, question in questions.items():
                answer = plain_answer(Path(scratch) / purpose, *question)
                columns = [name for name in answer.column_names if not name.startswith("__")]
                values = {name: answer.column(name).to_pylist() for name in columns if name != "household_id"}
                frame = pd.DataFrame({**values, "resident_id": [str(who) for who in values["resident_id"]]})
                frame = frame.set_index("resident_id").convert_dtypes()
                found[purpose] = judged(deployment.layout.rules / f"{purpose}.yaml", frame)
            return found

        governed_times, plain_times = [], []
        for _ in range(runs):
            deployment.layout.work_list.unlink(missing_ok=True)
            with deployment.broker() as broker:
                _judge(broker, deployment)  # A process that has read the snapshots, as between two people.
                begun = time.perf_counter()
                outcome = _judge(broker, deployment)
                entered = enter(broker, outcome)
                governed_times.append((time.perf_counter() - begun) * 1000)
            begun = time.perf_counter()
            expected = plain()
            plain_times.append((time.perf_counter() - begun) * 1000)
            if _verdicts(outcome) != expected:
                raise SystemExit("the governed judgement and the plain script do not say the same")
    return Measured(
        residents=residents,
        persons=len(outcome.persons),
        listed=len(entered.turn.steps),
        plain=Times.of(plain_times),
        governed=Times.of(governed_times),
    )


def _judge(broker: Broker, deployment: Deployment) -> Run:
    rules = load_rules(deployment.layout.rules, deployment.templates)
    return run(
        broker, rules=rules, purposes=tuple(rules), token=deployment.token("center"), hat="controller",
        capacity=_CAPACITY, reserve=_RESERVE, templates=deployment.templates,
    )  # fmt: skip


def _verdicts(outcome: Run) -> Mapping[str, Verdicts]:
    return {
        purpose: {str(j.subject): (j.score, j.band, j.queue, j.hits, len(j.unknown)) for j in found}
        for purpose, found in outcome.judged.items()
    }


def main() -> None:
    """Measure and print one JSON document. Arguments: runs, then populations."""
    runs, populations = int(sys.argv[1]), [int(argument) for argument in sys.argv[2:]]
    before = load()
    measured: list[Measured] = []
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        configure_log(nowhere)
        for population in populations:
            with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder:
                city = Path(folder) / "city"
                city.mkdir()
                build(city, population)
                measured.append(measure(city, residents=population, runs=runs))
                sys.stderr.write(f"{measured[-1]}\n")
    document = {"machine": asdict(Machine.now(load_before=before)), "measured": [asdict(m) for m in measured]}
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    main()
