"""HTTP to a server of the fleet: JSON there and back, by the standard library alone.

No proxy is asked and no redirection followed: a fleet answers by itself, and its token goes nowhere else.
"""

from __future__ import annotations

import json
import selectors
import ssl
import weakref
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

from . import _secrets
from .errors import FleetSilentError, Tier0Error

#: Longest wait for an answer, in seconds; the API itself gives up on a request after 60.
TIMEOUT = 90.0


class Server:
    """One HTTP server, by its base URL, and the token that it asks for."""

    def __init__(
        self,
        what: str,
        url: str,
        token: str | None,
        refuse: Callable[[int, Any], Tier0Error],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no URL of the {what}; expected http://HOST:PORT")
        self.what = what
        self.url = url.rstrip("/")
        self._parts = parts
        self._token = token
        self._refuse = refuse
        self._tls = tls
        # Connections that wait for their next request; one alone is taken by one thread.
        self._idle: list[HTTPConnection] = []
        weakref.finalize(self, _close, self._idle)

    def _connection(self, timeout: float) -> HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return HTTPSConnection(host, port, timeout=timeout, context=self._tls)
        return HTTPConnection(host, port, timeout=timeout)

    def _take(self) -> HTTPConnection:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            if not _is_closed(connection):
                return connection
            connection.close()
        return self._connection(TIMEOUT)

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        token = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return {"Accept": "application/json", **token, **more}

    def _silent(self, error: Exception) -> FleetSilentError:
        why = str(error) or type(error).__name__
        if isinstance(error, ssl.SSLError):
            return FleetSilentError(f"the {self.what} at {self.url} cannot be asked by TLS: {_tls_trouble(error)}")
        return FleetSilentError(
            f"the {self.what} at {self.url} does not answer ({why}); `tier0 health` says what is missing, "
            "`tier0 up` starts a fleet"
        )

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """The document at a path; entries of `query` that are None are left out."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        return self._ask("GET", f"{path}?{urlencode(given)}" if given else path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a document. It is sent once: a connection that breaks before the answer is an error."""
        return self._ask("POST", path, json.dumps(body, allow_nan=False).encode())

    def send(self, path: str, file: Path) -> Any:
        """The answer to a file, which is sent as it is."""
        kind = {"Content-Type": "application/octet-stream", "Content-Length": str(file.stat().st_size)}
        with file.open("rb") as body:
            return self._ask("POST", path, body, kind)

    def _ask(
        self, method: str, path: str, body: bytes | IO[bytes] | None, kind: Mapping[str, str] | None = None
    ) -> Any:
        connection = self._take()
        json_body = {"Content-Type": "application/json"} if body is not None else {}
        headers = self._headers(json_body if kind is None else kind)
        prefix = self._parts.path.rstrip("/")
        try:
            connection.request(method, prefix + path, body, headers)
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        except (OSError, HTTPException) as error:
            connection.close()
            raise self._silent(error) from error
        if answer.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        try:
            document = json.loads(content) if content else None
        except ValueError:
            document = None
        if status >= 300:
            raise self._refuse(status, document)
        return document

    def lines(self, path: str, headers: Mapping[str, str], timeout: float) -> Iterator[str]:
        """The lines of an answer that goes on, on a connection of its own; it ends where the server ends it.

        Raises `FleetSilentError` where nothing comes for `timeout` seconds.
        """
        connection = self._connection(timeout)
        try:
            connection.request("GET", self._parts.path.rstrip("/") + path, None, self._headers(headers))
            answer: HTTPResponse = connection.getresponse()
            if answer.status >= 300:
                try:
                    document = json.loads(answer.read())
                except ValueError:
                    document = None
                raise self._refuse(answer.status, document)
            while line := answer.readline():
                yield line.decode("utf-8", "replace").rstrip("\r\n")
        except (OSError, HTTPException) as error:
            raise self._silent(error) from error
        finally:
            connection.close()


def tls_context(ca_file: str | None, certificate: str | tuple[str, str] | None) -> ssl.SSLContext | None:
    """TLS that trusts a PEM file's authorities besides the system's, and shows a certificate; None for the system's alone."""
    if ca_file is None and certificate is None:
        return None
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    if certificate is not None:
        files = (certificate,) if isinstance(certificate, str) else certificate
        _secrets.check(files[-1])
        context.load_cert_chain(*files)
    return context


def _tls_trouble(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = "give connect(ca_file=…), or TIER0_CA_FILE, the file of the authority that its certificate is from"
        return f"its certificate is not trusted ({error.verify_message}); {hint}"
    reason = error.reason or str(error)
    if "WRONG_VERSION_NUMBER" in reason or "RECORD_LAYER_FAILURE" in reason:
        return "it speaks no TLS; ask by http://"
    if "ALERT" in reason:
        hint = "where it asks for a certificate, give connect(client_certificate=…), or TIER0_CERT_FILE and TIER0_KEY_FILE"
        return f"it refused ({reason}); {hint}"
    return reason


def _close(connections: list[HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


def _is_closed(connection: HTTPConnection) -> bool:
    """Whether the server has closed a connection that was kept: then there is something to read, which is its end."""
    if connection.sock is None:
        return True
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return bool(selector.select(0))


def segment(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="")
