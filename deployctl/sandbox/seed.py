"""Fills a fresh sandbox: the placeholder image and, for containers, the Python base image."""

from collections.abc import Callable

from deployctl.model.errors import DeployError
from deployctl.sandbox import pyroot
from deployctl.sandbox.aws import clients_at
from deployctl.sandbox.docker_socket import DockerSocket
from deployctl.sandbox.facts import PLACEHOLDER, PYTHON
from deployctl.sandbox.layer import Layer
from deployctl.sandbox.placeholder import placeholder_image
from deployctl.sandbox.registry_push import push
from deployctl.sandbox.state import State


def seed(state: State, say: Callable[[str], None]) -> None:
    """Push the images every sandbox has; in containers also name the base image in the engine.

    Raises what the registry or the engine refused.
    """
    registry, aws = f"127.0.0.1:{state.port}", clients_at(state.port)
    base: tuple[Layer, ...] = ()
    if state.backend == "containers":
        base = (pyroot.base_layer(say),)
        image = pyroot.base_image(base[0], mark=registry)
        push(aws, registry, image, (PYTHON, pyroot.TAG))
        _offer(DockerSocket(state.docker), f"{registry}/{PYTHON}")
    push(aws, registry, placeholder_image(base), (PLACEHOLDER, "1"))


def _offer(engine: DockerSocket, repository: str) -> None:
    """Let Dockerfiles say FROM deployctl-sandbox-python:3 with no network.

    Fetched from our registry, not loaded: so the engine knows the layer is there and later
    pushes of images built on it send only what is new.
    """
    earlier = engine.image_id(f"{pyroot.NAME}:{pyroot.TAG}")
    engine.pull(repository, pyroot.TAG)
    engine.tag(f"{repository}:{pyroot.TAG}", repository=pyroot.NAME, tag=pyroot.TAG)
    engine.drop_unnamed(earlier)


def withdraw(state: State) -> None:
    """Drop the engine's images of this sandbox's registry; the base image keeps its own name."""
    if state.backend != "containers":
        return
    try:
        DockerSocket(state.docker).forget_images(f"127.0.0.1:{state.port}")
    except DeployError:
        return  # the engine is gone, and so is nothing of ours that matters
