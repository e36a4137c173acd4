"""Puts an image into the sandbox's registry over its HTTP API."""

import http.client
from http import HTTPStatus
from urllib.parse import quote

from deployctl.adapters.aws.clients import Clients, code_of, translated
from deployctl.model.errors import DeployError, Refused, Unanswered
from deployctl.sandbox.layer import Image, digest


def push(clients: Clients, registry: str, image: Image, name: tuple[str, str]) -> str:
    """Push `image` as (repository, tag), making the repository when it is missing.

    Returns its digest. Raises Refused or Unanswered with what the registry said.
    """
    repository, tag = name
    _make_repository(clients, repository)
    connection = http.client.HTTPConnection(registry, timeout=60)
    try:
        for address, blob in image.blobs.items():
            _push_blob(connection, repository, address, blob)
        _call(
            connection,
            "PUT",
            f"/v2/{repository}/manifests/{tag}",
            (image.manifest, image.media_type),
        )
    except (OSError, http.client.HTTPException) as error:
        raise Unanswered(
            f"the sandbox's registry {registry} does not answer: {error}",
            hint="deployctl sandbox status",
        ) from error
    finally:
        connection.close()
    return digest(image.manifest)


def _make_repository(clients: Clients, repository: str) -> None:
    try:
        with translated(f"make the repository {repository}"):
            clients.client("ecr").create_repository(repositoryName=repository)
    except DeployError as error:
        if code_of(error) != "RepositoryAlreadyExistsException":
            raise


def _push_blob(
    connection: http.client.HTTPConnection, repository: str, address: str, blob: bytes
) -> None:
    there = f"/v2/{repository}/blobs/{address}"
    connection.request("HEAD", there)
    answer = connection.getresponse()
    answer.read()
    if answer.status == HTTPStatus.OK:
        return
    place = _call(connection, "POST", f"/v2/{repository}/blobs/uploads/", (b"", ""))
    binder = "&" if "?" in place else "?"
    target = f"{place}{binder}digest={quote(address)}"
    _call(connection, "PUT", target, (blob, "application/octet-stream"))


def _call(
    connection: http.client.HTTPConnection, method: str, path: str, content: tuple[bytes, str]
) -> str:
    """One call that has to succeed; the Location it answers with."""
    body, media_type = content
    headers = {"Content-Type": media_type} if media_type else {}
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status not in {HTTPStatus.CREATED, HTTPStatus.ACCEPTED}:
        raise Refused(
            f"the sandbox's registry refused {method} {path}: {answer.status} "
            f"{said.decode(errors='replace')}"
        )
    return answer.getheader("Location", "")
