"""How a department's PostgreSQL is reached: ``connection.yaml`` on the department's side.

::

    host: db.example.lg.jp      # as the server's certificate has it, or the folder of its Unix socket
    dbname: residents
    user: sekisho_reader
    ca: ca.pem                  # certificate of the authority, beside this file
    password_file: password     # the password and nothing else, 0600

The catalogue names this file and nothing of what stands in it. Over the network there is one way: TLS with a verified
certificate and name. The environment (``PGHOST``, ``PGSERVICE``, …) and the account's own ``.pgpass`` have no say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.private_files import read_private
from connectors.sources import inside, relative_name
from governance import located_yaml
from governance.errors import BadInput
from governance.schema_check import check_schema

APPLICATION_NAME = "sekisho"
"""What the server's DBA sees in ``pg_stat_activity`` and the log."""

_DEAD_PEER_MS = 30_000
_IDLE_IN_TRANSACTION = "60s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A checked connection file.

    Attributes:
        file: its name in messages, relative to the departments' folder.
        schema: schema of the tables and views that the catalogue names.
        user: the role that reads.
        conninfo: libpq's connection string. Holds the password, so it is not shown.
    """

    file: str
    schema: str
    user: str
    dbname: str
    conninfo: str = field(repr=False)


def load_connection(path: Path, *, root: Path) -> Connection:
    """Read a connection file and the password beside it.

    Raises:
        BadInput: a file is malformed or open to other accounts, a path leads out of the departments' folder, a
            server on the network comes without the certificate of its authority, or there is no way to log in.
        Unavailable: a file is missing or cannot be read.
    """
    file = relative_name(path, root=root)
    located = located_yaml.load(read_private(path, file=file), file=file)
    check_schema(located, "postgresql_connection")
    given: dict[str, Any] = located.data
    on_this_host = given["host"].startswith("/")
    login = _login(given, path, root=root, on_this_host=on_this_host)
    if login is None:
        raise BadInput("database-no-login", file=file)
    if on_this_host:
        transport = {"sslmode": "disable"}
    else:
        if "ca" not in given:
            raise BadInput("database-ca-missing", file=file, line=located.line("host"))
        authority = inside(path.parent, given["ca"], root=root)
        if not authority.is_file():
            raise BadInput("database-ca-missing", file=file, line=located.line("ca"))
        transport = {"sslmode": "verify-full", "sslrootcert": str(authority), "ssl_min_protocol_version": "TLSv1.2"}
    parameters = {
        "host": given["host"],
        "hostaddr": "",
        "port": str(given.get("port", 5432)),
        "dbname": given["dbname"],
        "user": given["user"],
        **transport,
        "sslcertmode": "disable",
        "gssencmode": "disable",
        "target_session_attrs": "any",
        **login,
        "application_name": APPLICATION_NAME,
        "client_encoding": "UTF8",
        "connect_timeout": str(given.get("connect_seconds", 5)),
        "keepalives": "1",
        "keepalives_idle": "10",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "tcp_user_timeout": str(_DEAD_PEER_MS),
        "options": _session(given),
    }
    return Connection(
        file=file,
        schema=given.get("schema", "public"),
        user=given["user"],
        dbname=given["dbname"],
        conninfo=" ".join(f"{name}={_quoted(value)}" for name, value in parameters.items()),
    )


def _login(given: dict[str, Any], path: Path, *, root: Path, on_this_host: bool) -> dict[str, str] | None:
    """What libpq logs in with, and the only way of logging in that it takes part in."""
    if "password_file" in given:
        secret = inside(path.parent, given["password_file"], root=root)
        name = relative_name(secret, root=root)
        try:
            password = read_private(secret, file=name).decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise BadInput("database-password-malformed", file=name) from None
        if not password or any(character < " " for character in password):
            raise BadInput("database-password-malformed", file=name)
        return {"password": password, "passfile": "", "require_auth": "scram-sha-256"}
    if "passfile" in given:
        passfile = inside(path.parent, given["passfile"], root=root)
        # libpq leaves a file that others can read aside without a word that a program could see.
        read_private(passfile, file=relative_name(passfile, root=root))
        return {"passfile": str(passfile), "require_auth": "scram-sha-256"}
    # Over the socket of this host the server knows the account that calls (peer), and asks for nothing.
    return {"password": "", "passfile": "", "require_auth": "none"} if on_this_host else None


def _session(given: dict[str, Any]) -> str:
    """Settings of every session, in force before its first statement."""
    settings = {
        "default_transaction_read_only": "on",
        "default_transaction_isolation": "repeatable read",
        "statement_timeout": f"{given.get('statement_seconds', 300)}s",
        "lock_timeout": f"{given.get('lock_seconds', 5)}s",
        "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION,
        # A name without a schema is one of the server's own, and nobody's.
        "search_path": "pg_catalog,pg_temp",
        # Rows that a row-level policy hides would be missing without a word: an error instead.
        "row_security": "off",
        "TimeZone": given.get("zone", "Asia/Tokyo"),
        "DateStyle": "ISO,YMD",
        "extra_float_digits": "1",
        # Rows in the order in which they stand, whatever another session happens to be reading.
        "synchronize_seqscans": "off",
    }
    return " ".join(f"-c {name}={_escaped(value)}" for name, value in settings.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
