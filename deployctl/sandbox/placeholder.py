"""The image that services run before anything was released to them."""

from pathlib import Path

from deployctl.sandbox.layer import Image, Layer, make_image, make_tar, pack

_PLACE = "placeholder/server.py"


def placeholder_image(base: tuple[Layer, ...] = ()) -> Image:
    """A tiny web server. `base` holds Python; without it the host's Python runs the file."""
    server = Path(__file__).with_name("placeholder_server.py").read_bytes()
    own = pack(make_tar([(_PLACE, server, 0o644)]))
    run: dict[str, object] = {
        "Entrypoint": ["python3", f"/{_PLACE}"],
        "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LD_LIBRARY_PATH=/usr/local/lib"]
        if base
        else [],
        "ExposedPorts": {"8080/tcp": {}},
        "StopSignal": "SIGTERM",
    }
    return make_image((*base, own), run)
