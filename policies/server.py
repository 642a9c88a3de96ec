"""An Open Policy Agent server of our own: started on this machine, watched, replaced when it fails, stopped.

It serves the checked rules and the data of one deployment on a port of the loopback interface, to the holder of a
random token only. The files that it reads lie in a private folder for as long as it takes to start.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from governance.errors import BadInput
from governance.log import get_log
from policies.bundle import OPA_VERSION, ROOM, Bundle, check_opa
from policies.engine import TIMEOUT_SECONDS, PolicyUnavailable
from policies.http_engine import ServerEngine
from policies.revision import revision_of
from policies.server_bundle import write_server_bundle

_LOOPBACK = "127.0.0.1"
_START_SECONDS = 20.0
_STOP_SECONDS = 5.0
_GRACE_SECONDS = 0.5
_POLL_SECONDS = 0.05
_PORTS_TRIED = 3


def find_opa() -> Path:
    """The pinned Open Policy Agent: the one that ``make .tools/opa`` provides in a checkout, else the one on PATH.

    Raises:
        BadInput: neither is there.
    """
    tool = ROOM.parent / ".tools" / "opa"
    if tool.is_file():
        return tool
    found = shutil.which("opa")
    if found is None:
        raise BadInput("opa-missing", version=OPA_VERSION)
    return Path(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    """A process and the way to ask it."""

    process: subprocess.Popen[bytes]
    engine: ServerEngine

    def comes_up(self) -> bool:
        """Whether the process serves; one that ends instead (its port was taken) does not."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.engine.is_healthy():
                # Somebody else may listen there, and ours have failed for that; it says so by ending.
                return not _has_ended(self.process, within=_POLL_SECONDS)
            time.sleep(_POLL_SECONDS)
        return False

    def end(self) -> None:
        """End the process at once."""
        self.engine.close()
        self.process.kill()
        self.process.wait()


class OpaServer:
    """A policy engine with a server process behind it. Use it as a context manager.

    A request that finds the process dead or hung is refused with ``PolicyUnavailable``; the process is replaced, and
    the next request is answered again.

    Args:
        opa: the pinned Open Policy Agent.
        bundle: the checked rules.
        data: the data documents.
        timeout: seconds for one decision.

    Raises:
        BadInput: no Open Policy Agent of the pinned version.
    """

    name = "opa"

    def __init__(self, opa: Path, *, bundle: Bundle, data: Mapping[str, Any], timeout: float = TIMEOUT_SECONDS) -> None:
        check_opa(opa)
        self._opa, self._bundle, self._data, self._timeout = opa, bundle, dict(data), timeout
        self.revision = revision_of(bundle, data)
        self._lock = threading.Lock()
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        with self._lock:
            self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the server, ``None`` while there is none."""
        running = self._running
        return None if running is None else running.process.pid

    def decide(self, document: Mapping[str, Any]) -> object:
        """Ask the server once; see ``PolicyEngine``."""
        with self._lock:
            running = self._running or self._start()
        try:
            answer = running.engine.decide(document)
        except PolicyUnavailable as failure:
            lost = failure.code in ("policy-engine-timeout", "policy-engine-unreachable")
            died = _has_ended(running.process, within=_GRACE_SECONDS if lost else 0.0)
            if lost or died:
                self._abandon(running)
            if died:
                raise PolicyUnavailable("policy-engine-stopped", engine=self.name) from None
            raise
        # Only while our process lives is the port its own: an answer counts if it still does after the answer.
        if _has_ended(running.process, within=0.0):
            self._abandon(running)
            raise PolicyUnavailable("policy-engine-stopped", engine=self.name)
        return answer

    def close(self) -> None:
        """Stop the server."""
        with self._lock:
            running = self._running
        if running is not None:
            running.process.terminate()
            _has_ended(running.process, within=_STOP_SECONDS)
            self._abandon(running)

    def _abandon(self, running: _Running) -> None:
        with self._lock:
            if self._running is running:
                self._running = None
        running.end()
        get_log().info("policy server stopped", engine=self.name, pid=running.process.pid)

    def _start(self) -> _Running:
        for _ in range(_PORTS_TRIED):
            token, port = secrets.token_hex(32), _free_port()
            with tempfile.TemporaryDirectory(prefix="sekisho-policy-") as folder:
                write_server_bundle(Path(folder) / "rules", bundle=self._bundle, data=self._data, token=token)
                process = self._spawn(Path(folder), port)
                engine = ServerEngine(_LOOPBACK, port, revision=self.revision, token=token, timeout=self._timeout)
                running = _Running(process=process, engine=engine)
                if running.comes_up():
                    self._running = running
                    get_log().info("policy server started", engine=self.name, pid=process.pid, policy=self.revision)
                    return running
            running.end()
        raise PolicyUnavailable("policy-engine-not-started", engine=self.name)

    def _spawn(self, folder: Path, port: int) -> subprocess.Popen[bytes]:
        command: list[str | Path] = [self._opa.resolve(), "run", "--server", "--addr", f"{_LOOPBACK}:{port}"]
        command += ["--authentication", "token", "--authorization", "basic"]
        command += ["--skip-version-check", "--log-level", "error", "--bundle", "rules"]
        return subprocess.Popen(
            command,
            cwd=folder,
            env={"HOME": os.fspath(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _has_ended(process: subprocess.Popen[bytes], *, within: float) -> bool:
    try:
        process.wait(timeout=within)
    except subprocess.TimeoutExpired:
        return False
    return True


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
