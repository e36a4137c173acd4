"""A registry on loopback that speaks the distribution protocol and can misbehave on demand."""

import json
import re
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.fakes.registry import Shelf, Shelves, digest_of

_PATH = re.compile(r"/v2/(?P<name>.+?)/(?P<kind>manifests|blobs)/(?P<ref>.+)")
Answer = tuple[int, dict[str, str], bytes]


class RegistryServer:
    """What the registry holds, how it wants to be greeted, and what goes wrong next.

    `login` is the Authorization it accepts ("" for anyone); `troubles` are status codes given
    instead of the next answers, `hiccup_at` counts the requests until one 503; `mounts` False
    makes it start an upload where a mount was asked; `rival` takes every tag right after a push;
    `sends_to` is another host that uploads are sent to.
    """

    def __init__(self, shelves: Shelves) -> None:
        self.shelves = shelves
        self.login = ""
        self.bearer = False
        self.troubles: deque[int] = deque()
        self.mounts = True
        self.forbids = False
        self.forgets_digest = False
        self.damages = False
        self.rejects = False
        self.hiccup_at = -1
        self.rival = ""
        self.sends_to = ""
        self.asked: list[str] = []
        self.greetings: list[str] = []
        self.host = ""

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        path, query = urlsplit(url).path, parse_qs(urlsplit(url).query)
        self.asked.append(f"{method} {path}")
        self.greetings.append(headers.get("authorization", ""))
        if path == "/token":
            return 200, {}, json.dumps({"token": "from-the-realm"}).encode()
        refusal = self._refusal(headers)
        if refusal:
            return refusal
        match = _PATH.fullmatch(path)
        shelf = self.shelves.get(match["name"]) if match else None
        if match is None or shelf is None:
            return _error(404, "NAME_UNKNOWN", "repository name not known to registry")
        if match["kind"] == "manifests":
            return self._manifest(method, shelf, match["ref"], (headers, body))
        return self._blob(method, shelf, match["ref"], ({k: v[0] for k, v in query.items()}, body))

    def _refusal(self, headers: dict[str, str]) -> Answer | None:
        self.hiccup_at -= 1
        if self.hiccup_at == -1:
            return 503, {}, b"one moment"
        if self.troubles:
            return self.troubles.popleft(), {}, b"trouble"
        if self.forbids:
            return _error(403, "DENIED", "not authorized to perform ecr:PutImage")
        if not self.login or headers.get("authorization") == self.login:
            return None
        how = f'Bearer realm="http://{self.host}/token",service="test"' if self.bearer else "Basic"
        status, _, body = _error(401, "UNAUTHORIZED", "who are you")
        return status, {"WWW-Authenticate": how}, body

    def _manifest(
        self, method: str, shelf: Shelf, ref: str, sent: tuple[dict[str, str], bytes]
    ) -> Answer:
        headers, body = sent
        if method == "PUT" and self.rejects:
            return _error(400, "MANIFEST_INVALID", "layer missing")
        if method == "PUT":
            digest = shelf.put(body, headers.get("content-type", ""), ref)
            if digest is None:
                return _error(400, "TAG_INVALID", f"tag '{ref}' is immutable")
            if self.rival:
                shelf.tags[ref] = self.rival
            return 201, {"Docker-Content-Digest": digest}, b""
        found = shelf.resolve(ref)
        if found is None:
            return _error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        content, media_type = shelf.manifests[found]
        told = {} if self.forgets_digest else {"Docker-Content-Digest": found}
        return 200, {"Content-Type": media_type, **told}, content

    def _blob(
        self, method: str, shelf: Shelf, ref: str, sent: tuple[dict[str, str], bytes]
    ) -> Answer:
        query, body = sent
        if method == "POST":
            origin = self.shelves.get(query.get("from", ""), Shelf())
            if self.mounts and query.get("mount") in origin.blobs:
                shelf.blobs[query["mount"]] = origin.blobs[query["mount"]]
                return 201, {}, b""
            name = next(name for name, one in self.shelves.items() if one is shelf)
            return 202, {"Location": f"{self.sends_to}/v2/{name}/blobs/uploads/7?state=a%2Fb"}, b""
        if method == "PUT":
            if query.get("state") != "a/b" or digest_of(body) != query["digest"]:
                return _error(400, "DIGEST_INVALID", "digest did not match")
            shelf.blobs[query["digest"]] = body
            return 201, {}, b""
        if ref not in shelf.blobs:
            return _error(404, "BLOB_UNKNOWN", "blob unknown")
        return 200, {}, b"damaged" if self.damages else shelf.blobs[ref]


def _error(status: int, code: str, message: str) -> Answer:
    return status, {}, json.dumps({"errors": [{"code": code, "message": message}]}).encode()


@contextmanager
def served(server: RegistryServer) -> Iterator[RegistryServer]:
    """The registry listens on a free loopback port; `server.host` says which."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _any(self) -> None:
            size = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, told, body = server.answer(
                self.command, self.path, headers, self.rfile.read(size)
            )
            self.send_response(status)
            for name, value in told.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = _any  # noqa: N815 - http.server's own names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.host = f"127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
