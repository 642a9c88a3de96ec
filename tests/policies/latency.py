"""How long one decision takes with either engine: ``python -m tests.policies.latency``.

The query is the medium one of the small world: five scans, thirteen columns, an approval. It is no test: nothing here
asserts a time.
"""

from __future__ import annotations

import statistics
import sys
import time
from contextlib import closing

from policies.ask import ask
from policies.bundle import load_bundle
from policies.embedded import EmbeddedEngine
from policies.engine import PolicyEngine
from policies.server import OpaServer, find_opa
from tests.policies import world

_ROUNDS = 300


def _p50(engine: PolicyEngine) -> float:
    document = world.requests()["rows"]
    taken = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        ask(engine, document)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def main() -> None:
    """Write the median of each engine, in milliseconds."""
    bundle, data = load_bundle(), world.documents()
    with closing(EmbeddedEngine(bundle, data)) as embedded, OpaServer(find_opa(), bundle=bundle, data=data) as server:
        for engine in (embedded, server):
            sys.stdout.write(f"{engine.name}: {_p50(engine):.1f} ms (median of {_ROUNDS}, checks of ask included)\n")


if __name__ == "__main__":
    main()
