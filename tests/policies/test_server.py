"""The server engine with real processes: dead, hung, lying, slow, foreign. Each is no answer, with a code of its own (F10)."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from governance.errors import BadInput
from policies.ask import PolicyUnavailable, ask
from policies.bundle import Bundle
from policies.embedded import EmbeddedEngine
from policies.engine import MAX_ANSWER_BYTES
from policies.http_engine import ServerEngine
from policies.server import OpaServer, find_opa
from tests.policies import world
from tests.policies.engines import open_server

ROWS = world.requests()["rows"]


def _code_of(engine: Any) -> str:
    """The code with which an engine refuses the query of the world."""
    with pytest.raises(PolicyUnavailable) as refused:
        ask(engine, ROWS)
    assert refused.value.exit_status == 4
    assert refused.value.input_digest
    assert refused.value.text("ja")
    assert refused.value.remedy("en")
    return refused.value.code


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def own_server(opa: Path, bundle: Bundle, data: dict[str, Any]) -> Iterator[OpaServer]:
    """A server of this test's own, to be ill-treated."""
    with OpaServer(opa, bundle=bundle, data=data, timeout=1.0) as server:
        yield server


def test_a_killed_server_is_no_answer_and_is_replaced(own_server: OpaServer) -> None:
    """The request that finds the process dead is refused; the next one is answered by another process."""
    first = own_server.pid
    assert first is not None
    assert ask(own_server, ROWS).allow
    os.kill(first, signal.SIGKILL)
    assert _code_of(own_server) == "policy-engine-stopped"
    assert ask(own_server, ROWS).allow
    assert own_server.pid not in (None, first)


def test_a_hung_server_is_no_answer_and_is_replaced(own_server: OpaServer) -> None:
    """A process that does not answer in time is refused, ended and replaced."""
    first = own_server.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    assert _code_of(own_server) == "policy-engine-timeout"
    assert _gone(first)
    assert ask(own_server, ROWS).allow


def test_an_answer_from_a_process_that_is_gone_does_not_count(own_server: OpaServer, data: dict[str, Any]) -> None:
    """Whoever takes over the port of a dead server cannot answer in its place."""
    pid, port = own_server.pid, _port(own_server)
    assert pid is not None
    answer = {"allow": True}
    os.kill(pid, signal.SIGKILL)
    own_server._running.process.wait()  # type: ignore[union-attr]
    body = _whole(provenance={"bundles": {"rules": {"revision": own_server.revision}}}, result=answer)
    with _answering(_says(body), port=port):
        assert _code_of(own_server) == "policy-engine-stopped"
    assert ask(own_server, ROWS).allow


def test_a_stopped_server_leaves_no_process(opa: Path, bundle: Bundle, data: dict[str, Any]) -> None:
    """On leaving, the process is gone; closing twice does nothing more."""
    server = OpaServer(opa, bundle=bundle, data=data)
    with server:
        pid = server.pid
        assert pid is not None
    assert _gone(pid)
    assert server.pid is None
    server.close()


def test_the_server_starts_with_the_first_question_where_nobody_started_it(
    opa: Path, bundle: Bundle, data: dict[str, Any]
) -> None:
    """A question starts the process where there is none."""
    server = OpaServer(opa, bundle=bundle, data=data)
    assert ask(server, ROWS).allow
    server.close()


def test_a_server_that_does_not_come_up_is_no_answer(bundle: Bundle, data: dict[str, Any], tmp_path: Path) -> None:
    """A program that ends instead of serving is reported when it is started."""
    program = tmp_path / "opa"
    program.write_text("#!/bin/sh\n[ \"$1\" = version ] && echo 'Version: 1.20.2' || exit 2\n")
    program.chmod(0o755)
    server = OpaServer(program, bundle=bundle, data=data)
    with pytest.raises(PolicyUnavailable) as refused:
        server.__enter__()
    assert refused.value.code == "policy-engine-not-started"
    assert _code_of(server) == "policy-engine-not-started"


def test_a_program_of_another_version_is_not_started(bundle: Bundle, data: dict[str, Any], tmp_path: Path) -> None:
    """Only the pinned version decides."""
    program = tmp_path / "opa"
    program.write_text("#!/bin/sh\necho 'Version: 0.70.0'\n")
    program.chmod(0o755)
    with pytest.raises(BadInput) as refused:
        OpaServer(program, bundle=bundle, data=data)
    assert refused.value.code == "opa-version"


def test_threads_get_their_own_answers(server: OpaServer, embedded: EmbeddedEngine) -> None:
    """Many threads ask one server, and each gets the answer to its own question."""
    kinds = [kind for _ in range(4) for kind in world.requests()]
    documents = world.requests()
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda kind: ask(server, documents[kind]), kinds))
    for kind, answer in zip(kinds, answers, strict=True):
        assert answer.input_digest == ask(embedded, documents[kind]).input_digest


def _port(server: OpaServer) -> int:
    command = Path(f"/proc/{server.pid}/cmdline").read_bytes().split(b"\0")
    return int(command[command.index(b"--addr") + 1].rpartition(b":")[2])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/data/sekisho/decision"),
        ("GET", "/v1/data"),
        ("GET", "/v1/data/system/token"),
        ("GET", "/v1/data/catalogue"),
        ("GET", "/v1/policies"),
        ("PUT", "/v1/data/guideline"),
        ("PATCH", "/v1/data/guideline"),
        ("PUT", "/v1/policies/another"),
        ("DELETE", "/v1/policies/sekisho/decision.rego"),
        ("POST", "/v1/query"),
        ("POST", "/v1/compile"),
        ("POST", "/"),
        ("GET", "/metrics"),
        ("GET", "/v1/config"),
    ],
)
@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer zzz"], ids=["none", "empty", "another"])
def test_nobody_without_the_token_uses_the_server(method: str, path: str, token: str, server: OpaServer) -> None:
    """Another program of the machine can neither ask nor read nor change anything."""
    answer = requests.request(
        method,
        f"http://127.0.0.1:{_port(server)}{path}",
        json={"input": ROWS},
        headers={"Authorization": token},
        timeout=5,
    )
    assert answer.status_code == 401
    assert "result" not in answer.json()


def test_the_token_is_in_no_argument_and_no_file(server: OpaServer) -> None:
    """Whoever lists processes or looks for files finds no token; the files that the server read are gone."""
    token = server._running.engine._client._session.headers["Authorization"].removeprefix("Bearer ")
    assert len(token) == 64
    assert token.encode() not in Path(f"/proc/{server.pid}/cmdline").read_bytes()
    assert token.encode() not in Path(f"/proc/{server.pid}/environ").read_bytes()
    assert not Path(str(Path(f"/proc/{server.pid}/cwd").readlink()).removesuffix(" (deleted)")).exists()


def test_even_with_the_token_nothing_can_be_changed(server: OpaServer) -> None:
    """The token is for the one question."""
    session = server._running.engine._client._session
    for method, path in (("PUT", "/v1/data/guideline"), ("PUT", "/v1/policies/x"), ("GET", "/v1/data/system")):
        assert session.request(method, f"http://127.0.0.1:{_port(server)}{path}", json={}, timeout=5).status_code == 401


# --- servers that are not ours --------------------------------------------------------------------------------------

Handle = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def _answering(handle: Handle, *, port: int = 0) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            handle(self)

        def do_GET(self) -> None:
            handle(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _says(body: bytes, status: int = 200, **headers: str) -> Handle:
    def handle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return handle


def _drips(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            request.wfile.write(b" ")
            request.wfile.flush()
        except OSError:
            return
        time.sleep(0.1)


def _falls_silent(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "100")
    request.end_headers()
    request.wfile.write(b"{")
    request.wfile.flush()
    time.sleep(3)


def _never_ends(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(MAX_ANSWER_BYTES // 65_536 + 100):
        try:
            request.wfile.write(b" " * 65_536)
        except OSError:
            return


def _hangs_up(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    request.wfile.flush()
    request.connection.shutdown(socket.SHUT_RDWR)


def _speaks_no_http(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")


def _whole(**changes: Any) -> bytes:
    body: dict[str, Any] = {"provenance": {"bundles": {"rules": {"revision": "r1"}}}, "result": {}, **changes}
    return json.dumps({key: value for key, value in body.items() if value is not None}).encode()


@pytest.mark.parametrize(
    ("handle", "code"),
    [
        pytest.param(_says(b"", 500), "policy-engine-refused", id="500"),
        pytest.param(_says(b'{"code": "internal_error"}', 503), "policy-engine-refused", id="503"),
        pytest.param(_says(b"{}", 401), "policy-engine-refused", id="401"),
        pytest.param(_says(b"{}", 404), "policy-engine-refused", id="404"),
        pytest.param(_says(b"", 302, Location="/elsewhere"), "policy-engine-failed", id="redirect"),
        pytest.param(_says(b"<html>Welcome</html>"), "policy-answer-malformed", id="a web page"),
        pytest.param(_says(b""), "policy-answer-malformed", id="nothing"),
        pytest.param(_says(b"\xff\xfe\x00"), "policy-answer-malformed", id="bytes"),
        pytest.param(_says(b"true"), "policy-answer-malformed", id="true"),
        pytest.param(_says(b'["allow"]'), "policy-answer-malformed", id="a list"),
        pytest.param(_says(b"[" * 100_000), "policy-engine-failed", id="nested without end"),
        pytest.param(_says(b"{}"), "policy-answer-undefined", id="undefined"),
        pytest.param(_says(_whole(result=None)), "policy-answer-undefined", id="undefined with provenance"),
        pytest.param(_says(_whole(provenance=None)), "policy-revision-differs", id="no provenance"),
        pytest.param(_says(_whole(provenance="r1")), "policy-revision-differs", id="provenance of another shape"),
        pytest.param(_says(_whole(provenance={"bundles": [{"revision": "r1"}]})), "policy-revision-differs", id="a list of bundles"),
        pytest.param(
            _says(_whole(provenance={"bundles": {"rules": {"revision": "r0"}}})), "policy-revision-differs", id="yesterday's rules"
        ),
        pytest.param(_says(_whole(result=True)), "policy-answer-malformed", id="allow and nothing else"),
        pytest.param(_says(_whole(result={"allow": True})), "policy-answer-malformed", id="allow without grounds"),
        pytest.param(_hangs_up, "policy-engine-unreachable", id="hangs up"),
        pytest.param(_speaks_no_http, "policy-engine-unreachable", id="no HTTP"),
        pytest.param(_drips, "policy-engine-timeout", id="a byte at a time"),
        pytest.param(lambda _: time.sleep(3), "policy-engine-timeout", id="silent"),
        pytest.param(_falls_silent, "policy-engine-timeout", id="falls silent"),
        pytest.param(_never_ends, "policy-answer-too-large", id="without end"),
    ],
)  # fmt: skip
def test_a_server_that_answers_nonsense_is_no_answer(handle: Handle, code: str) -> None:
    """Whatever stands behind the port, only a whole answer of the right rules counts."""
    with _answering(handle) as port:
        engine = ServerEngine("127.0.0.1", port, revision="r1", timeout=1.0)
        assert _code_of(engine) == code
        engine.close()


@pytest.mark.parametrize("handle", [_says(b"", 500), _never_ends, _hangs_up, _falls_silent], ids=lambda h: h.__name__)
def test_a_server_that_answers_nonsense_is_not_ready(handle: Handle) -> None:
    """Only a server that says so is ready."""
    with _answering(handle) as port:
        engine = ServerEngine("127.0.0.1", port, revision="r1", timeout=1.0)
        assert not engine.is_healthy()
        engine.close()


def test_nobody_behind_the_port_is_no_answer() -> None:
    """A refused connection is reported as such, at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert _code_of(ServerEngine("127.0.0.1", port, revision="r1", timeout=1.0)) == "policy-engine-unreachable"


def test_a_proxy_of_the_environment_is_not_used(server: OpaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question goes to the engine and nowhere else, whatever the environment says."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert ask(server, ROWS).allow


def test_a_server_without_our_rules_is_no_answer(opa: Path, tmp_path: Path) -> None:
    """A real Open Policy Agent that holds no rule for the decision answers nothing that counts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [opa, "run", "--server", "--addr", f"127.0.0.1:{port}", "--skip-version-check", "--log-level", "error"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    engine = ServerEngine("127.0.0.1", port, revision="r1", timeout=5.0)
    try:
        for _ in range(400):
            if engine.is_healthy():
                break
            time.sleep(0.05)
        assert _code_of(engine) == "policy-answer-undefined"
    finally:
        engine.close()
        process.kill()
        process.wait()


def test_a_server_with_our_rules_but_no_revision_is_no_answer(opa: Path, bundle: Bundle, tmp_path: Path) -> None:
    """Rules that were put there by hand, without the revision that says which, do not decide."""
    with open_server(opa, bundle, tmp_path / "rules") as server:
        server.put_data(world.documents())
        engine = ServerEngine("127.0.0.1", server._client.port, revision="r1", timeout=5.0)
        assert _code_of(engine) == "policy-revision-differs"
        engine.close()


def test_the_pinned_opa_of_the_checkout_is_found(opa: Path) -> None:
    """A checkout uses the binary that its script provides."""
    assert find_opa() == opa


def test_without_a_binary_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the checkout nor on PATH: the message names the version and the script."""
    monkeypatch.setattr("policies.server.ROOM", tmp_path / "policies")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput) as refused:
        find_opa()
    assert refused.value.code == "opa-missing"
    assert "scripts/opa.sh" in refused.value.remedy("en")
    (tmp_path / "opa").write_text("#!/bin/sh\n")
    (tmp_path / "opa").chmod(0o755)
    assert find_opa() == tmp_path / "opa"
