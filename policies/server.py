"""An Open Policy Agent server as engine: one that runs elsewhere, or one that Sekisho starts and watches."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from opa_client.opa import OpaClient

from governance.errors import Unavailable
from policies.bundle import rule_files
from policies.engine import EngineFailure

START_SECONDS = 20.0
DEFAULT_TIMEOUT_SECONDS = 2.0
MAX_ANSWER_BYTES = 8 * 2**20


class OpaServerEngine:
    """Asks an OPA server over HTTP.

    Args:
        url: ``http://host:port``.
        timeout_seconds: most time for one decision.
        process: the server's process where Sekisho started it; a dead one is noticed before it is asked.
    """

    name = "opa-server"

    def __init__(
        self,
        url: str,
        *,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        process: subprocess.Popen[bytes] | None = None,
    ) -> None:
        parts = urlsplit(url)
        self._process = process
        self._client = OpaClient(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 8181,
            ssl=parts.scheme == "https",
            retries=0,
            timeout=timeout_seconds,
        )

    def decide(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to one decision document, not yet checked.

        Raises:
            EngineFailure: no connection, no answer in time, an error status, undefined, or no object.
        """
        if self._process is not None and self._process.poll() is not None:
            raise EngineFailure("died")
        try:
            answer = self._client.query_rule(
                input_data=dict(document),
                package_path="sekisho",
                rule_name="decision",
                query_params={"strict-builtin-errors": True},
            )
        except requests.exceptions.Timeout:
            raise EngineFailure("late") from None
        except requests.exceptions.HTTPError:
            raise EngineFailure("refused") from None
        except requests.exceptions.JSONDecodeError:
            raise EngineFailure("nonsense") from None
        except requests.exceptions.RequestException:
            raise EngineFailure("died") from None
        except (ValueError, TypeError, RecursionError):
            raise EngineFailure("nonsense") from None
        if not isinstance(answer, dict):
            raise EngineFailure("nonsense")
        if "result" not in answer:
            raise EngineFailure("undefined")
        if not isinstance(answer["result"], dict):
            raise EngineFailure("nonsense")
        result: dict[str, Any] = answer["result"]
        return result

    def check_holds(self, data: Mapping[str, Any]) -> None:
        """Check that a server which runs elsewhere holds our rules and our data, and nothing else under our names.

        Raises:
            Unavailable: it cannot be reached, or holds other rules or data.
        """
        try:
            policies = self._client.get_policies_info()
            held = {name: self._client.get_data(name).get("result") for name in data}
            texts = {self._client.get_policy(name)["result"]["raw"] for name in policies}
        except Exception:  # noqa: BLE001 - the client raises classes of its own beside those of its transport
            raise Unavailable("policy-server-unreachable") from None
        if held != dict(data) or texts != set(rule_files().values()):
            raise Unavailable("policy-server-other-rules")

    def close(self) -> None:
        """Close the connection."""
        self._client.close_connection()


@contextmanager
def started_server(
    opa: Path, *, data: Mapping[str, Any], timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
) -> Iterator[OpaServerEngine]:
    """Start an OPA server on a free loopback port with our rules and data, and stop it on leaving.

    The server is watched and not restarted: one that died is a deny and a line in the log, and for people to look at.

    Raises:
        Unavailable: it does not start, or is not ready within 20 seconds.
    """
    with tempfile.TemporaryDirectory(prefix="sekisho-opa-") as folder:
        rules = Path(folder) / "rules"
        for name, text in rule_files().items():
            path = rules / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        documents = Path(folder) / "data.json"
        documents.write_text(json.dumps(dict(data), ensure_ascii=False), encoding="utf-8")
        port = _free_port()
        arguments = ["run", "--server", "--disable-telemetry", "--log-level", "error"]
        try:
            process = subprocess.Popen(
                [str(opa), *arguments, "--addr", f"127.0.0.1:{port}", str(rules), str(documents)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # it may repeat what it was asked
            )
        except OSError:
            raise Unavailable("policy-server-start") from None
        engine = OpaServerEngine(f"http://127.0.0.1:{port}", timeout_seconds=timeout_seconds, process=process)
        try:
            _wait_until_ready(process, port)
            yield engine
        finally:
            engine.close()
            process.kill()
            process.wait()


def find_opa(named: str | None = None) -> Path:
    """The ``opa`` program: the one named, else ``.tools/opa`` beside the sources, else the one on PATH.

    Raises:
        Unavailable: there is none.
    """
    beside = Path(__file__).resolve().parent.parent / ".tools" / "opa"
    found = named or (str(beside) if beside.exists() else shutil.which("opa"))
    if found is None or not Path(found).exists():
        raise Unavailable("policy-server-missing")
    return Path(found)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if requests.get(f"http://127.0.0.1:{port}/health", timeout=1).ok:
                return
        except requests.exceptions.RequestException:
            time.sleep(0.05)
    raise Unavailable("policy-server-start")
