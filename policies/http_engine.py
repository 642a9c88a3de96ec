"""The engine behind HTTP: an Open Policy Agent server, asked through opa-python-client.

The client of the library retries, follows redirects and proxies of the environment, and reads answers of any length for
as long as they come. None of that is wanted of something that decides, so it gets a session of ours: one try, one host,
a limit of bytes, and one deadline for the whole answer.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import requests
from opa_client.opa import OpaClient
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

from policies.engine import ENTRYPOINT, MAX_ANSWER_BYTES, TIMEOUT_SECONDS, PolicyUnavailable

_CHUNK = 65_536
# An error of a built-in is an error of the request and not an undefined value that quietly changes the answer; the
# provenance names the bundle that was answered by.
_QUERY = {"strict-builtin-errors": "true", "provenance": "true"}


class _AnswerTooLargeError(Exception):
    pass


class _BoundedAdapter(HTTPAdapter):
    """Reads a whole answer before anybody parses it: at most ``MAX_ANSWER_BYTES``, until the deadline and no longer."""

    def __init__(self, *, deadline_seconds: float) -> None:
        super().__init__(max_retries=0)
        self._seconds = deadline_seconds

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        deadline = time.monotonic() + self._seconds
        kwargs["stream"] = True
        response = super().send(request, *args, **kwargs)
        body = bytearray()
        try:
            # Each turn is at most one read of the socket, which the client's own timeout bounds.
            while chunk := response.raw.read1(_CHUNK, decode_content=False):
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise _AnswerTooLargeError
                if time.monotonic() > deadline:
                    raise requests.ReadTimeout
        except ReadTimeoutError:
            raise requests.ReadTimeout from None
        except HTTPError:
            raise requests.ConnectionError from None
        finally:
            response.close()
        response._content = bytes(body)  # noqa: SLF001 - what requests itself does on a streamed answer
        response._content_consumed = True  # noqa: SLF001
        return response


class _Client(OpaClient):  # type: ignore[misc]
    def _init_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.max_redirects = 0
        # No compression: the limit of bytes is one of the answer itself.
        session.headers.update({**(self.headers or {}), "Accept-Encoding": "identity"})
        adapter = _BoundedAdapter(deadline_seconds=self.timeout)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        session.verify = self.ssl or True
        return session


class ServerEngine:
    """Asks an Open Policy Agent server that holds the rules and the data.

    Args:
        host: name or address of the server.
        port: its port.
        revision: the revision that the server's bundle must state in its provenance; another one is no answer, so that
            a server with yesterday's rules or data cannot decide (I8).
        token: sent as bearer token, where the server asks for one.
        ca: file with the certificate authority to trust, which makes the connection TLS; ``None`` for plain HTTP, which
            is for a server on this machine only.
        timeout: seconds for connecting and for the whole answer.
    """

    name = "opa"

    def __init__(
        self,
        host: str,
        port: int,
        *,
        revision: str,
        token: str | None = None,
        ca: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self.revision = revision
        self._client = _Client(host=host, port=port, ssl=ca or False, token=token, retries=0, timeout=timeout)

    def decide(self, document: Mapping[str, Any]) -> object:
        """Ask the server once; see ``PolicyEngine``."""
        try:
            answer = self._client.query_rule(
                input_data=dict(document), package_path=ENTRYPOINT, query_params=dict(_QUERY)
            )
        except requests.Timeout:
            raise PolicyUnavailable("policy-engine-timeout", engine=self.name) from None
        except requests.HTTPError as error:
            status = 0 if error.response is None else error.response.status_code
            raise PolicyUnavailable("policy-engine-refused", engine=self.name, status=status) from None
        except requests.exceptions.JSONDecodeError:
            raise PolicyUnavailable("policy-answer-malformed", engine=self.name, place="document (json)") from None
        except _AnswerTooLargeError:
            raise PolicyUnavailable("policy-answer-too-large", engine=self.name) from None
        except requests.ConnectionError:
            raise PolicyUnavailable("policy-engine-unreachable", engine=self.name) from None
        except requests.RequestException:
            raise PolicyUnavailable("policy-engine-failed", engine=self.name) from None
        if not isinstance(answer, dict):
            raise PolicyUnavailable("policy-answer-malformed", engine=self.name, place="document (type)")
        if "result" not in answer:
            raise PolicyUnavailable("policy-answer-undefined", engine=self.name)
        if self.revision not in _revisions(answer):
            raise PolicyUnavailable("policy-revision-differs", engine=self.name)
        return answer["result"]

    def is_healthy(self) -> bool:
        """Whether the server says that it is ready."""
        try:
            return bool(self._client.check_health())
        except _AnswerTooLargeError:
            return False

    def close(self) -> None:
        """Close the connection."""
        self._client.close_connection()


def _revisions(answer: Mapping[str, Any]) -> set[str]:
    provenance = answer.get("provenance")
    bundles = provenance.get("bundles") if isinstance(provenance, dict) else None
    found = bundles.values() if isinstance(bundles, dict) else ()
    return {b["revision"] for b in found if isinstance(b, dict) and isinstance(b.get("revision"), str)}
