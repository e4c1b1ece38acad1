"""A fleet: finding it, asking it for models, and what it has."""

from __future__ import annotations

import getpass
import importlib
import json
import os
import secrets
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from . import _frames, _secrets, errors
from ._http import Server, segment, tls_context
from ._request import RequestOptions, request
from .documents import (
    AlertDocument,
    EndpointDocument,
    EvaluationDocument,
    LeaderboardDocument,
    ModelDocument,
    RunDocument,
    UploadDocument,
    VersionDocument,
)
from .endpoints import Endpoint
from .errors import NoFleetError
from .runs import Run

if TYPE_CHECKING:
    from typing_extensions import Unpack

    _Certificate = str | os.PathLike[str] | tuple[str | os.PathLike[str], str | os.PathLike[str]]

__all__ = ["Fleet", "connect"]

#: The directory of an embedded fleet where none is named, as of the command line.
DEFAULT_DIRECTORY = ".tier0"
#: Most entries of one page of the API.
_PAGE = 1000


def connect(
    dir: str | os.PathLike[str] | None = None,
    *,
    api_url: str | None = None,
    serving_url: str | None = None,
    api_token: str | None = None,
    serving_token: str | None = None,
    ca_file: str | os.PathLike[str] | None = None,
    client_certificate: _Certificate | None = None,
    data_dir: str | os.PathLike[str] | None = None,
) -> Fleet:
    """Finds a fleet, as the command line does: by its addresses, or by the directory of an embedded one.

    What is not given is taken from the environment: `TIER0_DIR`, `TIER0_API_URL`, `TIER0_SERVING_URL`,
    `TIER0_API_TOKEN_FILE`, `TIER0_SERVING_TOKEN_FILE`, `TIER0_CA_FILE`, `TIER0_CERT_FILE`, `TIER0_KEY_FILE` and
    `TIER0_DATA_DIR`.

    Args:
        dir: Directory of an embedded fleet (`tier0 up`); `./.tier0` where neither it nor `api_url` is given.
        api_url: Base URL of the orchestrator's API, of a fleet that is no embedded one.
        serving_url: Base URL of a model server; where it is not given, the endpoints of the fleet say theirs.
        api_token: The API's bearer token, where it asks for one.
        serving_token: The model server's bearer token, where it asks for one.
        ca_file: PEM file of the authorities that the certificates of both may be from, besides the system's.
        client_certificate: PEM files of the certificate by which both know this program, and of its key; one path where
            a file has both.
        data_dir: A directory that the agents may read (`data.allowed_roots`), where DataFrames are written for them;
            where it is not given, `data/python` in the directory of an embedded fleet, and another one is sent them.

    Raises:
        NoFleetError: No fleet runs in the directory; the message says how to start one.
        SecretFileError: A file with a token or a key cannot be read, or is open to others.
    """
    environment = os.environ.get
    api_url = api_url or (None if dir else environment("TIER0_API_URL"))
    serving_url = serving_url or (None if dir else environment("TIER0_SERVING_URL"))
    api_token = api_token or _token(environment("TIER0_API_TOKEN_FILE"))
    serving_token = serving_token or _token(environment("TIER0_SERVING_TOKEN_FILE"))
    # As it stands in a file, with the end of its line.
    api_token, serving_token = (token and token.strip() for token in (api_token, serving_token))
    tls = _tls(ca_file, client_certificate)
    data = Path(given) if (given := data_dir or environment("TIER0_DATA_DIR")) else None
    directory: Path | None = None
    if dir or api_url is None:
        directory = Path(dir or environment("TIER0_DIR") or DEFAULT_DIRECTORY).absolute()
        addresses = _embedded(directory)
        api_url = api_url or addresses["api_url"]
        serving_url = serving_url or addresses["serving_url"]
        data = data or directory / "data" / "python"
    return Fleet(api_url, serving_url, api_token, serving_token, directory, data, tls)


def _token(path: str | None) -> str | None:
    return _secrets.read(path) if path else None


def _tls(
    ca_file: str | os.PathLike[str] | None, certificate: _Certificate | None
) -> ssl.SSLContext | None:
    """TLS by these files, else by those that the environment names."""
    environment = os.environ.get
    ca_file = ca_file or environment("TIER0_CA_FILE")
    if certificate is None and (cert_file := environment("TIER0_CERT_FILE")):
        key_file = environment("TIER0_KEY_FILE")
        certificate = (cert_file, key_file) if key_file else cert_file
    shown: str | tuple[str, str] | None = None
    if isinstance(certificate, tuple):
        shown = (os.fspath(certificate[0]), os.fspath(certificate[1]))
    elif certificate is not None:
        shown = os.fspath(certificate)
    return tls_context(os.fspath(ca_file) if ca_file else None, shown)


def _embedded(directory: Path) -> Mapping[str, str]:
    """The addresses of the fleet that runs in a directory."""
    hint = f"start one with `tier0 up --detach --dir {directory}`, or name another: connect(dir=…), connect(api_url=…)"
    try:
        text = (directory / "fleet.json").read_text(encoding="utf-8")
    except OSError as error:
        raise NoFleetError(f"no fleet runs in {directory}; {hint}") from error
    # A supervisor that was killed leaves its record behind, but not its lock.
    if not _is_locked(directory / "run" / "lock"):
        raise NoFleetError(f"no fleet runs in {directory}, though one did; {hint}")
    return cast("Mapping[str, str]", json.loads(text))


def _is_locked(path: Path) -> bool:
    try:
        locks = importlib.import_module("fcntl")
        with path.open("r+b") as file:
            locks.flock(file, locks.LOCK_EX | locks.LOCK_NB)
    except BlockingIOError:
        return True
    except ImportError:
        return True
    except OSError:
        return False
    return False


class Fleet:
    """A fleet that was found. It keeps no state but its addresses; `connect` makes one.

    Attributes:
        api_url: Base URL of the orchestrator's API.
        serving_url: Base URL of the model server; None where the endpoints say theirs.
        directory: Directory of an embedded fleet; None of another.
        data_dir: Where DataFrames are written for the agents; None where nothing was named.
    """

    def __init__(
        self,
        api_url: str,
        serving_url: str | None,
        api_token: str | None = None,
        serving_token: str | None = None,
        directory: Path | None = None,
        data_dir: Path | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.api = Server("orchestrator", api_url, api_token, errors.of_api, tls)
        self.api_url = self.api.url
        self.serving_url = serving_url.rstrip("/") if serving_url else None
        self.directory = directory
        self.data_dir = data_dir
        self._serving_token = serving_token
        self._tls = tls
        self._servers: dict[str, Server] = {}

    def __repr__(self) -> str:
        return f"<tier0.Fleet {self.directory or self.api_url}>"

    def change(self, path: str, body: Mapping[str, Any]) -> Any:
        """Makes a change through the API, in the name of the person who runs this program."""
        try:
            by = f"tier0-python/{getpass.getuser()}"[:64]
        except (KeyError, OSError, ImportError):
            by = "tier0-python"
        return self.api.post(path, {**body, "by": by})

    def model_server(self, url: str | None = None) -> Server:
        """A model server, by its address; the fleet's own where none is given."""
        url = url or self.serving_url
        if url is None:
            raise NoFleetError("no model server is known; give connect(serving_url=…), or TIER0_SERVING_URL")
        if url not in self._servers:
            self._servers[url] = Server("model server", url, self._serving_token, errors.of_serving, self._tls)
        return self._servers[url]

    # Runs.

    def submit(
        self,
        text: str | None = None,
        *,
        data: Any = None,
        target: str | None = None,
        keep_data: bool = False,
        **options: Unpack[RequestOptions],
    ) -> Run:
        """Asks for a model: by a sentence that the catalogue resolves, or by a table and the column to be predicted.

        Args:
            text: A sentence such as "Train churn prediction model for Kisqali HCPs".
            data: A DataFrame of pandas or polars, a list of dicts, or where a table is: a path, `file://`, `s3://`,
                `gs://`, `az://`, `https://`, `postgres://`. A DataFrame is written into `data_dir`, and removed
                once the run was seen to have ended; where there is none, it is sent to the API. Its index is not written.
            target: The column to be predicted.
            keep_data: Whether the file of a DataFrame stays, so that the run can be retried from its first stages.
            options: See `RequestOptions`.

        Returns:
            The run, which has begun; `wait()` follows it.

        Raises:
            RefusedError: The request was not accepted; `subject` names the field, `suggestions` say what would be.
            DataError: The DataFrame cannot be written.
        """
        members = request(options)
        cleanup = None
        if text is not None:
            members["text"] = text
        if target is not None:
            members["target"] = target
        if data is not None:
            path: Path | None = None
            if isinstance(data, (str, os.PathLike)):
                members["dataUri"] = _location(data)
            elif self.data_dir is None:
                sent = self._send(data)
                members |= {"dataUri": sent["uri"], "dataFormat": sent["data_format"]}
            else:
                path = self._write(data, self.data_dir)
                members["dataUri"] = str(path)
            if path is not None and not keep_data:
                written = path

                def cleanup() -> None:
                    written.unlink(missing_ok=True)

        try:
            run = self.change("/api/v1/runs", members)
        except errors.ApiError:
            if cleanup is not None:
                cleanup()
            raise
        return Run(self, run["run_id"], cleanup)

    def _write(self, data: Any, into: Path) -> Path:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _frames.write(data, into.absolute(), f"table-{secrets.token_hex(8)}")

    def _send(self, data: Any) -> UploadDocument:
        """Sends a table to the API, which stores it where all agents read."""
        with tempfile.TemporaryDirectory(prefix="tier0-") as directory:
            path = self._write(data, Path(directory))
            return cast(UploadDocument, self.api.send(f"/api/v1/uploads?name={path.name}", path))

    def run(self, run_id: str) -> Run:
        """A run by its identifier.

        Raises:
            NotFoundError: The fleet does not know it.
        """
        run = Run(self, run_id)
        run._known_by = 0.0
        run.refresh()
        return run

    def runs(self, *, limit: int = 20, status: str | None = None, search: str | None = None) -> list[RunDocument]:
        """The latest runs, the newest first, at most 1000.

        Args:
            status: `queued`, `running`, `succeeded`, `failed` or `cancelled`; all where it is None.
            search: A text in their identifier, name or request.
        """
        query = {"limit": limit, "status": status, "search": search}
        return cast("list[RunDocument]", self.api.get("/api/v1/runs", query)["runs"])

    # Models.

    def models(self, prefix: str = "") -> list[ModelDocument]:
        """The registered models, by their names."""
        return list(self._pages("/api/v1/models", "models", {"prefix": prefix or None}))

    def model(self, name: str) -> ModelDocument:
        """A model with its latest versions."""
        return cast(ModelDocument, self.api.get(f"/api/v1/models/{segment(name)}"))

    def version(self, model: str, version: int | str = "latest") -> VersionDocument:
        """A version of a model, by its number, an alias such as `champion`, or `latest`."""
        return cast(VersionDocument, self.api.get(_version(model, version)))

    def evaluation(self, model: str, version: int | str = "latest") -> EvaluationDocument:
        """How a version was evaluated: threshold, curves, confusion, importance, inputs, model card."""
        return cast(EvaluationDocument, self.api.get(f"{_version(model, version)}/evaluation"))

    def leaderboard(self, model: str, version: int | str = "latest") -> LeaderboardDocument:
        """How a version was chosen."""
        return cast(LeaderboardDocument, self.api.get(f"{_version(model, version)}/leaderboard"))

    def search(self, query: str = "", order: str = "") -> list[VersionDocument]:
        """Versions that meet a query, such as `metrics.roc_auc > 0.8 and stage = production`."""
        given = {"query": query or None, "order": order or None}
        return list(self._pages("/api/v1/versions", "versions", given))

    def set_stage(
        self, model: str, version: int | str, stage: str, reason: str = "", *, registry_only: bool = False
    ) -> VersionDocument:
        """Moves a version to a registry stage: `staging`, `shadow`, `production` or `archived`.

        No traffic moves: `Endpoint.promote` and `Endpoint.rollback` do that.
        """
        body = {"stage": stage, "reason": reason, "registry_only": registry_only}
        return cast(VersionDocument, self.change(f"{_version(model, version)}/stage", body))

    # Endpoints and alerts.

    def endpoints(self) -> list[EndpointDocument]:
        """The endpoints, by their names."""
        return list(self._pages("/api/v1/endpoints", "endpoints", {}))

    def endpoint(self, name: str) -> Endpoint:
        """An endpoint, by its name; it is asked for when something of it is needed."""
        return Endpoint(self, name)

    def alerts(self, *, endpoint: str | None = None, state: str = "open") -> list[AlertDocument]:
        """Alerts, the last found first; `state` is `open`, `active`, `acknowledged`, `resolved` or `all`."""
        return list(self._pages("/api/v1/alerts", "alerts", {"endpoint": endpoint, "state": state}))

    def acknowledge(self, alert_id: str, note: str = "") -> AlertDocument:
        """Notes that a person has seen an alert."""
        return cast(AlertDocument, self.change(f"/api/v1/alerts/{segment(alert_id)}/acknowledge", {"note": note}))

    def health(self) -> dict[str, Any]:
        """How the fleet is, part by part."""
        return cast("dict[str, Any]", self.api.get("/api/v1/health"))

    def _pages(self, path: str, member: str, query: Mapping[str, Any]) -> Iterator[Any]:
        after: str | None = None
        while True:
            page = self.api.get(path, {**query, "after": after, "limit": _PAGE})
            yield from page[member]
            after = page.get("next")
            if after is None:
                return


def _version(model: str, version: int | str) -> str:
    return f"/api/v1/models/{segment(model)}/versions/{segment(str(version))}"


def _location(data: str | os.PathLike[str]) -> str:
    """Where a table is, as the agents understand it: URIs as they are, paths in full."""
    text = os.fspath(data)
    return text if "://" in text else os.path.abspath(text)
