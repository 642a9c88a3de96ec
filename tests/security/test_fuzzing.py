"""Mutants of attacks and honest queries: no leak, nothing uncaught, and what means the same is answered as before.

The large part is a command: ``python -m tests.security.fuzz``.
"""

from __future__ import annotations

from tests.security.deployed import Corpus
from tests.security.fuzz import fuzz


def test_mutants_get_nowhere(corpus: Corpus) -> None:
    """Some hundred mutants: refused, denied, or answered the same in worlds of another name and another number."""
    figures = fuzz(corpus, count=400, seed=20261125)
    met = figures["outcomes"]
    assert figures["wrong"] == []
    assert set(met) <= {"allowed", "denied", "refused", "honest, same meaning", "honest, same meaning, allowed"}
    assert met["honest, same meaning, allowed"] == met["honest, same meaning"] >= 5
    assert min(met["allowed"], met["denied"], met["refused"]) >= 5
