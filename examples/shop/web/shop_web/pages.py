"""The pages, as HTML."""

from html import escape
from typing import Any

from shop_web.assets import public_path


def page(title: str, content: str, *, head: str = "") -> str:
    """The frame around every page."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · The Tea Shop</title>
<link rel="stylesheet" href="{public_path("shop.css")}">
<link rel="icon" href="{public_path("cup.svg")}">{head}
</head>
<body>
<header><a href="/"><img src="{public_path("cup.svg")}" alt="" width="40"> The Tea Shop</a></header>
<main>
{content}
</main>
</body>
</html>
"""


def money(cents: int) -> str:
    """`3900` → `39.00 €`."""
    return f"{cents / 100:.2f} €"


def home(products: list[dict[str, Any]]) -> str:
    """The shelf."""
    cards = "\n".join(
        f'<li><a href="/products/{product["id"]}"><h2>{escape(product["name"])}</h2></a>'
        f"<p>{escape(product['description'])}</p><strong>{money(product['price_cents'])}</strong></li>"
        for product in products
    )
    return page("Welcome", f'<h1>Everything for tea</h1>\n<ul class="shelf">\n{cards}\n</ul>')


def product_page(product: dict[str, Any]) -> str:
    """One product and a button to buy it."""
    return page(
        product["name"],
        f"""<h1>{escape(product["name"])}</h1>
<p>{escape(product["description"])}</p>
<p><strong>{money(product["price_cents"])}</strong></p>
<form method="post" action="/products/{product["id"]}/buy"><button>Buy now</button></form>""",
    )


def order_page(order: dict[str, Any]) -> str:
    """An order; the page looks again by itself until the worker has shipped it."""
    items = "\n".join(
        f"<li>{item['quantity']} &times; {escape(item['name'])}</li>" for item in order["items"]
    )
    waiting = order["status"] != "shipped"
    return page(
        "Your order",
        f"""<h1>Thank you</h1>
<ul>
{items}
</ul>
<p>Total <strong>{money(order["total_cents"])}</strong>,
status <strong class="{order["status"]}">{order["status"]}</strong></p>""",
        head='\n<meta http-equiv="refresh" content="1">' if waiting else "",
    )


def sorry(title: str, why: str) -> str:
    """The page for what went wrong."""
    return page(title, f"<h1>{escape(title)}</h1>\n<p>{escape(why)}</p>")
