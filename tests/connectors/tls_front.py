"""A TLS end before the tests' PostgreSQL: answers libpq's request for TLS, and hands what is inside to the socket.

The server that comes as a wheel is built without OpenSSL. Handshake, certificate and name are checked by the driver all
the same, and this is what it checks them against.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
_GSS_REQUEST = bytes.fromhex("0000000804d21630")


class Authority:
    """A certificate authority of the tests."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._signed(self.name, self.key.public_key(), days=(-1, 30), authority=True, host=None)

    def pem(self) -> str:
        """The certificate that verifies what the authority signed."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(self, folder: Path, host: str, *, days: tuple[int, int] = (-1, 30)) -> ssl.SSLContext:
        """A server's side of TLS, with a certificate for a name, valid between two days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        certificate = self._signed(subject, key.public_key(), days=days, authority=False, host=host)
        file = folder / "server.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        days: tuple[int, int],
        authority: bool,
        host: str | None,
    ) -> x509.Certificate:
        now = datetime.now(tz=UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if host is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return builder.sign(self.key, hashes.SHA256())


@contextmanager
def tls_front(target: Path, context: ssl.SSLContext | None) -> Iterator[int]:
    """Listen on a port of this host before a PostgreSQL's socket; without a context, TLS is declined.

    Yields the port.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threads: list[threading.Thread] = []

        def accept() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                thread = threading.Thread(target=_serve, args=(client, target, context))
                thread.start()
                threads.append(thread)

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join(timeout=10)


def _serve(client: socket.socket, target: Path, context: ssl.SSLContext | None) -> None:
    with client, suppress(OSError):
        asked = client.recv(8)
        if asked == _GSS_REQUEST:
            client.sendall(b"N")
            asked = client.recv(8)
        if asked != _SSL_REQUEST:
            return
        if context is None:
            client.sendall(b"N")
            return
        client.sendall(b"S")
        with (
            context.wrap_socket(client, server_side=True) as inside,
            socket.socket(socket.AF_UNIX) as server,
        ):
            server.connect(str(target / ".s.PGSQL.5432"))
            _pump(inside, server)


def _pump(inside: ssl.SSLSocket, server: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(inside, selectors.EVENT_READ, server)
        selector.register(server, selectors.EVENT_READ, inside)
        while True:
            for key, _ in selector.select():
                other: socket.socket = key.data
                data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                if not data:
                    return
                other.sendall(data)
                while key.fileobj is inside and inside.pending():
                    other.sendall(inside.recv(65536))
