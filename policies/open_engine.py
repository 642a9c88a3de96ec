"""Opening the engine that a deployment names, over the rules that are shipped and the deployment's data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Literal

from governance.catalogue import Catalogue
from governance.guideline import Guideline
from policies.bundle import load_bundle
from policies.data import policy_data
from policies.embedded import EmbeddedEngine
from policies.engine import PolicyEngine
from policies.server import OpaServer, find_opa


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedEngine:
    """An engine, and its revision: the digest of rules and data that it answers by, as the ledger names them."""

    engine: PolicyEngine
    digest: str


@contextmanager
def open_engine(name: Literal["embedded", "opa"], catalogue: Catalogue, guideline: Guideline) -> Iterator[OpenedEngine]:
    """Open an engine and close it on leaving.

    Args:
        name: ``embedded``, or ``opa`` for a server of our own on the loopback interface, started here and watched.
        catalogue: the deployment's.
        guideline: the deployment's.

    Raises:
        CheckFailed: the bundle is not what its manifest says.
        BadInput: catalogue or guideline do not make valid data, or there is no Open Policy Agent of the pinned version.
        PolicyUnavailable: the server does not start.
    """
    bundle, data = load_bundle(), policy_data(catalogue, guideline)
    if name == "embedded":
        with closing(EmbeddedEngine(bundle, data)) as embedded:
            yield OpenedEngine(engine=embedded, digest=embedded.revision)
    else:
        with OpaServer(find_opa(), bundle=bundle, data=data) as server:
            yield OpenedEngine(engine=server, digest=server.revision)
