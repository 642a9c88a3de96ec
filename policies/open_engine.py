"""Opening the engine that a deployment names, over the rules that are shipped and the deployment's data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from governance.catalogue import Catalogue
from governance.guideline import Guideline
from policies.bundle import load_bundle
from policies.data import policy_data
from policies.embedded import EmbeddedEngine
from policies.engine import PolicyEngine
from policies.server import OpaServerEngine, find_opa, started_server


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedEngine:
    """An engine, and the revision of the rules that it runs."""

    engine: PolicyEngine
    digest: str


@contextmanager
def open_engine(
    name: Literal["embedded", "opa"], catalogue: Catalogue, guideline: Guideline, *, url: str | None = None
) -> Iterator[OpenedEngine]:
    """Open an engine and close it on leaving.

    Args:
        url: for ``opa``, a server that runs elsewhere; without it one is started on the loopback address and watched.

    Raises:
        CheckFailed: the bundle is not what its manifest says.
        BadInput: catalogue or guideline do not make valid data.
        Unavailable: the server cannot be started or reached, or holds other rules or data.
    """
    bundle, data = load_bundle(), policy_data(catalogue, guideline)
    if name == "embedded":
        with EmbeddedEngine(bundle.wasm, data=data) as embedded:
            yield OpenedEngine(engine=embedded, digest=bundle.revision)
    elif url is not None:
        remote = OpaServerEngine(url)
        try:
            remote.check_holds(data)
            yield OpenedEngine(engine=remote, digest=bundle.revision)
        finally:
            remote.close()
    else:
        with started_server(find_opa(), data=data) as server:
            yield OpenedEngine(engine=server, digest=bundle.revision)
