"""Static files under names that carry their content's hash, so that browsers may keep them."""

import hashlib
import mimetypes
import re
from pathlib import Path

from shop_web.serving import Answer

FOLDER = Path(__file__).parent / "static"
FILES = {file.name: file.read_bytes() for file in sorted(FOLDER.iterdir()) if file.is_file()}


def fingerprint(content: bytes) -> str:
    """The short hash that stands in the file's public name."""
    return hashlib.sha256(content).hexdigest()[:10]


def public_path(name: str) -> str:
    """`shop.css` → `/static/shop.1a2b3c4d5e.css`."""
    file = Path(name)
    return f"/static/{file.stem}.{fingerprint(FILES[name])}{file.suffix}"


def serve(path: str) -> Answer:
    """The file behind a public path.

    While two versions of the shop run side by side, a page of the one may ask the other for its
    style. It gets what we have, uncached: the wrong shade for a second is better than a 404.
    """
    match = re.fullmatch(r"/static/([a-z]+)\.[0-9a-f]{10}\.([a-z]+)", path)
    name = f"{match[1]}.{match[2]}" if match else ""
    if name not in FILES:
        return Answer(status=404, body=b"No such file.\n", kind="text/plain")
    fresh = path == public_path(name)
    caching = "public, max-age=31536000, immutable" if fresh else "no-store"
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Answer(body=FILES[name], kind=kind, headers={"Cache-Control": caching})
