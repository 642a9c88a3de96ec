"""The engines under test, and one whose data a test may replace: a real server without authorization."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from opa_client.opa import OpaClient

from policies.bundle import Bundle, write_sources
from policies.embedded import EmbeddedEngine
from policies.engine import ENTRYPOINT


class OpenServer:
    """A real Open Policy Agent with the rules, whose data can be replaced from case to case."""

    name = "opa"

    def __init__(self, port: int) -> None:
        self._client = OpaClient(host="127.0.0.1", port=port, retries=0, timeout=10.0)

    def put_data(self, data: Mapping[str, Any]) -> None:
        """Replace the data documents."""
        for root in ("catalogue", "guideline"):
            self._client.update_or_create_data(data[root], root)

    def decide(self, document: Mapping[str, Any]) -> object:
        """The answer; an error of a built-in is an error."""
        return self._client.query_rule(dict(document), ENTRYPOINT, query_params={"strict-builtin-errors": "true"})[
            "result"
        ]

    def close(self) -> None:
        """Close the connection."""
        self._client.close_connection()


class OpenEmbedded:
    """The embedded engine, whose data can be replaced from case to case."""

    name = "embedded"

    def __init__(self, bundle: Bundle, data: Mapping[str, Any]) -> None:
        self._engine = EmbeddedEngine(bundle, data, instances=1)

    def put_data(self, data: Mapping[str, Any]) -> None:
        """Replace the data documents."""
        self._engine._policy.set_data(dict(data))

    def decide(self, document: Mapping[str, Any]) -> object:
        """The answer."""
        return self._engine.decide(document)

    def close(self) -> None:
        """Give back the instance."""
        self._engine.close()


@contextmanager
def open_server(opa: Path, bundle: Bundle, folder: Path) -> Iterator[OpenServer]:
    """Start a server with the rules of ``bundle`` and no data."""
    write_sources({name: text for name, text in bundle.sources.items() if name.endswith(".rego")}, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [opa, "run", "--server", "--addr", f"127.0.0.1:{port}", "--skip-version-check", "--log-level", "error"]
    process = subprocess.Popen([*command, folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_http(port)
        server = OpenServer(port)
        yield server
        server.close()
    finally:
        process.kill()
        process.wait()


def wait_for_http(port: int) -> None:
    """Wait until something answers HTTP there."""
    for _ in range(400):
        try:
            requests.get(f"http://127.0.0.1:{port}/health", timeout=1)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing answers on port {port}")


def normal(answer: Any) -> Any:
    """An answer with its lists in one order, so that sets compare equal however an engine lists them."""
    if isinstance(answer, dict):
        return {key: normal(answer[key]) for key in sorted(answer)}
    if isinstance(answer, list):
        return sorted((normal(value) for value in answer), key=lambda value: json.dumps(value, sort_keys=True))
    return answer
