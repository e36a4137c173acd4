"""The shop's API, as the pages see it."""

import contextlib
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 5.0  # seconds
FIRST_PATIENCE = 2.0  # seconds for a question that may be asked again


class ApiProblem(Exception):
    """The API did not answer, or said no. `status` is 404 for what does not exist, else 502."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Catalogue:
    """Talks to the API at `url`, which may carry a path in front (http://host:port/prefix)."""

    def __init__(self, url: str) -> None:
        self._base = urlsplit(url)

    def products(self) -> list[dict[str, Any]]:
        """Everything on the shelf."""
        products: list[dict[str, Any]] = self._call("GET", "/api/products")["products"]
        return products

    def product(self, product: int) -> dict[str, Any]:
        """One product."""
        return self._call("GET", f"/api/products/{product}")

    def order(self, order: str) -> dict[str, Any]:
        """One order."""
        return self._call("GET", f"/api/orders/{order}")

    def rate(self, product: int, stars: int) -> None:
        """Say how one likes it, with 1 to 5 stars."""
        self._call("POST", f"/api/products/{product}/ratings", {"stars": stars})

    def buy(self, product: int) -> str:
        """Order one piece; returns the order's id."""
        cart = self._call("POST", "/api/carts")["id"]
        self._call("POST", f"/api/carts/{cart}/items", {"product": product, "quantity": 1})
        return str(self._call("POST", "/api/orders", {"cart": cart})["id"])

    def _call(self, method: str, path: str, payload: object = None) -> dict[str, Any]:
        """One answer. What only reads is asked once more when the connection goes dead."""
        try:
            if method == "GET":
                with contextlib.suppress(OSError):
                    return self._ask(method, path, None, FIRST_PATIENCE)
            return self._ask(method, path, payload, PATIENCE)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ApiProblem(502, f"{method} {path}: {error!r}") from error

    def _ask(self, method: str, path: str, payload: object, patience: float) -> dict[str, Any]:
        host, port = self._base.hostname or "", self._base.port
        secure = self._base.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(host, port, timeout=patience)
        body = None if payload is None else json.dumps(payload)
        try:
            connection.request(method, self._base.path.rstrip("/") + path, body)
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            status = 404 if response.status == 404 else 502
            raise ApiProblem(status, f"{method} {path}: {response.status} {answer}")
        return answer
