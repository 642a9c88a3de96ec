"""The engines over the small world, started once for all tests of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policies.bundle import Bundle, load_bundle
from policies.embedded import EmbeddedEngine
from policies.server import OpaServer
from tests.policies import world
from tests.policies.engines import OpenEmbedded, OpenServer, open_server


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    """The committed build of the rules."""
    return load_bundle()


@pytest.fixture(scope="session")
def data() -> dict[str, Any]:
    """The data documents of the small world."""
    return world.documents()


@pytest.fixture(scope="session")
def embedded(bundle: Bundle, data: dict[str, Any]) -> Iterator[EmbeddedEngine]:
    """The embedded engine."""
    engine = EmbeddedEngine(bundle, data)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def server(opa: Path, bundle: Bundle, data: dict[str, Any]) -> Iterator[OpaServer]:
    """A server of our own."""
    with OpaServer(opa, bundle=bundle, data=data, timeout=10.0) as engine:
        yield engine


@pytest.fixture(scope="module")
def changeable(
    opa: Path, bundle: Bundle, data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[OpenEmbedded, OpenServer]]:
    """Both engines, with data that may be replaced."""
    embedded = OpenEmbedded(bundle, data)
    with open_server(opa, bundle, tmp_path_factory.mktemp("rules")) as server:
        yield embedded, server
    embedded.close()
