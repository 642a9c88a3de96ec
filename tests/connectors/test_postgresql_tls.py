"""Over the network there is TLS with a verified certificate and name, or no connection."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from governance.errors import Unavailable
from tests.connectors.clinic import AS_OF, Clinic
from tests.connectors.postgresql import private
from tests.connectors.tls_front import Authority, tls_front

OURS = Authority("The holder's own")
ANOTHER = Authority("Somebody else")


def through(clinic: Clinic, port: int, *, host: str = "localhost") -> None:
    """Let the connection file lead over the network."""
    document = yaml.safe_load(clinic.source.read_text())
    private(clinic.source, yaml.safe_dump({**document, "host": host, "port": port, "ca": "ca.pem"}, allow_unicode=True))
    clinic.source.with_name("ca.pem").write_text(OURS.pem())


def test_a_verified_server_is_read(pg_clinic: Clinic, tmp_path: Path) -> None:
    """Certificate of the named authority, for the name in the file; the session's TLS is 1.2 or later."""
    context = OURS.server(tmp_path, "localhost")
    with tls_front(pg_clinic.server.server.socket, context) as port:  # type: ignore[union-attr]
        through(pg_clinic, port)
        assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4
        pg_clinic.departments = {}


def old(folder: Path) -> ssl.SSLContext:
    """A server that speaks TLS 1.1 at best."""
    context = OURS.server(folder, "localhost")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(lambda folder: ANOTHER.server(folder, "localhost"), id="another authority"),
        pytest.param(lambda folder: OURS.server(folder, "db.example.lg.jp"), id="another name"),
        pytest.param(lambda folder: OURS.server(folder, "localhost", days=(-20, -1)), id="expired"),
        pytest.param(old, id="an old TLS"),
        pytest.param(lambda _folder: None, id="no TLS"),
    ],
)
def test_a_server_that_cannot_be_verified_gets_no_password(
    pg_clinic: Clinic, tmp_path: Path, server: Callable[[Path], ssl.SSLContext | None]
) -> None:
    """Each is a failure of TLS by its own code, and nothing was sent to whoever answered."""
    with tls_front(pg_clinic.server.server.socket, server(tmp_path)) as port:  # type: ignore[union-attr]
        through(pg_clinic, port)
        with pytest.raises(Unavailable) as caught:
            pg_clinic.department.rows("clinic.person", as_of=AS_OF)
    assert caught.value.code == "database-tls"
    assert caught.value.params["file"] == "clinic/connection.yaml"
