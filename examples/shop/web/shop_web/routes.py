"""Which address of the shop shows which page."""

import json
import logging
import re

from shop_web import assets, pages
from shop_web.catalogue import ApiProblem, Catalogue
from shop_web.serving import Answer, Application, Request, commit

log = logging.getLogger("shop")


def application(catalogue: Catalogue) -> Application:
    """The pages over a catalogue."""

    def answer(request: Request) -> Answer:
        try:
            return dispatch(catalogue, request)
        except ApiProblem as problem:
            if problem.status == 404:
                return html(pages.sorry("Not here", "We do not have that."), 404)
            log.warning("%s", problem)
            return html(pages.sorry("One moment", "The shop is busy. Please try again."), 502)

    return answer


def dispatch(catalogue: Catalogue, request: Request) -> Answer:
    """Find the page and render it, or do what a form asks."""
    words = request.path.strip("/").split("/")
    if request.method == "POST":
        return submit(catalogue, request, words)
    match words:
        case [""]:
            return html(pages.home(catalogue.products()))
        case ["products", product] if number(product):
            return html(pages.product_page(catalogue.product(int(product))))
        case ["orders", order]:
            return html(pages.order_page(catalogue.order(order)))
        case ["static", _]:
            return assets.serve(request.path)
        case _:
            return facts(request)


def submit(catalogue: Catalogue, request: Request, words: list[str]) -> Answer:
    """Do what the form asks, and send the browser on."""
    match words:
        case ["products", product, "buy"] if number(product):
            return see(f"/orders/{catalogue.buy(int(product))}")
        case _:
            raise ApiProblem(404, request.path)


def facts(request: Request) -> Answer:
    """What machines ask. Healthy means: the pages can be served; the API has a check of its own."""
    if request.path == "/healthz":
        return as_json({"status": "ok"})
    if request.path == "/version":
        return as_json({"service": "web", "commit": commit()})
    raise ApiProblem(404, request.path)


def number(text: str) -> bool:
    """Whether a product may have this id."""
    return re.fullmatch(r"\d{1,9}", text, re.ASCII) is not None


def html(text: str, status: int = 200) -> Answer:
    """A page. It is never stored: what it links to is."""
    return Answer(status=status, body=text.encode(), headers={"Cache-Control": "no-cache"})


def as_json(thing: object) -> Answer:
    """A fact for machines."""
    return Answer(
        body=json.dumps(thing).encode() + b"\n",
        kind="application/json",
        headers={"Cache-Control": "no-store"},
    )


def see(path: str) -> Answer:
    """Send the browser on after a form."""
    return Answer(status=303, headers={"Location": path, "Cache-Control": "no-store"})
