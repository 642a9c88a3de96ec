"""The large part of fuzzing: ``python -m tests.security.fuzz --count 100000`` prints figures as JSON.

Each mutant of an attack or of an honest query goes through every stage before the departments. What would be answered is run
in the first world and in the worlds of another name and another number, and must look the same in all of them. Mutants
of which the same runs are run once.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from governance.errors import Denied, Fault, SekishoError
from governance.log import configure_log
from query_broker.parse import parse
from query_broker.parts import Parts
from query_broker.pipeline import explain
from query_broker.plan import FederatedPlan
from query_broker.release import Release
from query_broker.request import QueryRequest
from tests.invariants.canaries import told
from tests.security.cases import attacks, honest
from tests.security.deployed import Corpus, build, open_corpus
from tests.security.in_process import InProcess
from tests.security.masked import comparable
from tests.security.mutations import SAME, mutated
from tests.security.worlds import MARKS

ROOT = Path(__file__).resolve().parents[2]


def seen(corpus: Corpus, sql: str, *, world: Any, combiner: InProcess) -> Any:
    """What the asker sees of a question, but for the names of pseudonyms."""
    try:
        release: Release = corpus.ask(sql, world=world, combiner=combiner)
    except SekishoError as refusal:
        return ("refusal", refusal.code)
    rows = [tuple(row.values()) for row in release.table.to_pylist()]
    text = repr(rows)
    return ("answer", release.table.schema.names, comparable(rows), bool(MARKS.search(text)))


def what_runs(request: QueryRequest, plan: FederatedPlan, parts: Parts) -> str:
    """Everything that an answer depends on: the plan, and what is computed from the protected answer."""
    parsed = parse(
        request.sql,
        catalogue=parts.catalogue,
        declared=request.declared,
        parameters=request.parameters,
        digest_key=parts.digest_key,
    )
    return f"{plan}{parsed.finish}"


def fuzz(corpus: Corpus, *, count: int, seed: int) -> dict[str, Any]:
    """Ask mutants; the figures, with the mutants that went wrong."""
    chance = random.Random(seed)
    texts = [case.sql for case in attacks()], [case.sql for case in honest() if case.oracle and case.purpose == "stat"]
    met: Counter[str] = Counter()
    times: list[float] = []
    wrong: list[str] = []
    parts = corpus.broker._all_parts()
    answered: dict[str, bool] = {}
    combiner = InProcess()
    for number in range(count):
        is_honest = number % 4 == 3
        original = chance.choice(texts[is_honest])
        sql, names = mutated(original, chance)
        request = corpus.request(sql)
        plan = None
        started = time.perf_counter()
        try:
            explanation = explain(request, parts)
            plan = explanation.plan
            outcome = "allowed" if plan is not None else "denied"
        except Fault:
            outcome = "fault"
        except SekishoError as refusal:
            outcome = "denied" if isinstance(refusal, Denied) else "refused"
            if MARKS.search(told(refusal).text):
                outcome = "leak"
        except Exception as error:  # noqa: BLE001 - that there is none is what is looked for
            outcome = f"uncaught {type(error).__name__}"
        times.append(time.perf_counter() - started)
        met[outcome] += 1
        if plan is not None:
            runs = what_runs(request, plan, parts)
            if runs not in answered:
                first, *others = (seen(corpus, sql, world=w, combiner=combiner) for w in ("base", "name", "number"))
                answered[runs] = any(other != first for other in others) or first[-1] is True
            if answered[runs]:
                outcome = "leak"
                met["leak"] += 1
        if is_honest and set(names) <= set(SAME):
            met["honest, same meaning"] += 1
            met["honest, same meaning, allowed"] += outcome == "allowed"
            if outcome != "allowed":
                wrong.append(sql)
        if outcome not in ("allowed", "denied", "refused"):
            wrong.append(sql)
    times.sort()
    return {
        "count": count,
        "seed": seed,
        "outcomes": dict(sorted(met.items())),
        "different answers run in three worlds": len(answered),
        "milliseconds of the decision": {
            "median": round(times[len(times) // 2] * 1000, 1),
            "p99": round(times[int(len(times) * 0.99)] * 1000, 1),
        },
        "wrong": wrong[:20],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz; 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    configure_log(io.StringIO(), level=0)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "corpus"
        place.mkdir()
        build(place, ROOT)
        with open_corpus(place) as corpus:
            figures = fuzz(corpus, count=options.count, seed=options.seed)
    sys.stdout.write(json.dumps(figures, ensure_ascii=False, indent=2) + "\n")
    return 1 if figures["wrong"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
