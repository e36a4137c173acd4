"""Checks that names in the file lead somewhere: builds, services, waves."""

from collections.abc import Callable, Iterator, Mapping

from deployctl.config.complaint import Complaint, complain, nearest
from deployctl.config.node import Entry, Listing, Mark, Node, Table, table_at, text_of, texts_of
from deployctl.config.waves import cycle

IsFolder = Callable[[str], bool]
_NO_SERVICE = "it must name one of `services`"


def references(root: Table, is_folder: IsFolder) -> Iterator[Complaint]:
    """Complaints about names that lead nowhere. Works on any tree, also one of wrong shape."""
    services = table_at(root, "services")
    yield from _builds(root, is_folder)
    yield from _images(root)
    yield from _afters(root)
    yield from _waves(root)
    for name, entry in table_at(root, "migrations").items():
        yield from _service_named(entry.node, f"migrations.{name}.service", services)
    smoke = root.entries.get("smoke")
    checks = smoke.node.items if smoke and isinstance(smoke.node, Listing) else ()
    for index, check in enumerate(checks):
        yield from _service_named(check, f"smoke[{index}].service", services)


def _service_named(node: Node, name: str, services: Mapping[str, Entry]) -> Iterator[Complaint]:
    entry = table_at(node).get("service")
    if entry:
        yield from _known(text_of(entry.node), entry.node.mark, name, tuple(services))


def _known(said: str, mark: Mark, name: str, services: tuple[str, ...]) -> Iterator[Complaint]:
    if said and said not in services:
        known = ", ".join(services) or "none"
        yield complain(
            mark,
            f"`{name}` names no service: `{said}`",
            _NO_SERVICE,
            nearest(said, services, f"Known: {known}."),
        )


def _builds(root: Table, is_folder: IsFolder) -> Iterator[Complaint]:
    builds = table_at(root, "builds")
    used: set[str] = set()
    for name, entry in table_at(root, "services").items():
        build = table_at(entry.node).get("build")
        said = text_of(build.node) if build else ""
        used.add(said)
        if not build or not said or said in builds or is_folder(said):
            continue
        close = nearest(said, builds, "")
        if close:
            what = f"`services.{name}.build` is neither a build nor a folder: `{said}`"
            yield complain(build.node.mark, what, "it must be one of them", close)
    for name, entry in builds.items():
        if name not in used:
            yield complain(
                entry.key,
                f"no service uses the build `{name}`",
                "it would never be built",
                f"Delete it, or write build: {name}",
            )


def _images(root: Table) -> Iterator[Complaint]:
    services = table_at(root, "services")
    for name, entry in services.items():
        image_of = table_at(entry.node).get("image_of")
        said = text_of(image_of.node) if image_of else ""
        if not image_of or not said:
            continue
        place = f"services.{name}.image_of"
        yield from _known(said, image_of.node.mark, place, tuple(services))
        other = services.get(said)
        if other and "image_of" in table_at(other.node):
            yield complain(
                image_of.node.mark,
                f"`{place}` names a service without its own image",
                f"`{said}` has image_of too",
                "Name the service that has `build`.",
            )


def _afters(root: Table) -> Iterator[Complaint]:
    services = table_at(root, "services")
    after: dict[str, tuple[str, ...]] = {}
    for name, entry in services.items():
        listed = table_at(entry.node).get("after")
        named = texts_of(listed.node) if listed else ()
        after[name] = tuple(said for said, _ in named)
        for said, mark in named:
            yield from _known(said, mark, f"services.{name}.after", tuple(services))
    found = cycle(after)
    if found:
        yield complain(
            table_at(services[found[0]].node)["after"].key,
            f"`after` goes round in a circle: {' after '.join(found)}",
            "no order satisfies it",
            "Take one of them out.",
        )


def _waves(root: Table) -> Iterator[Complaint]:
    entry = root.entries.get("waves")
    if not entry or not isinstance(entry.node, Listing):
        return
    services = table_at(root, "services")
    wave_of: dict[str, int] = {}
    for index, wave in enumerate(entry.node.items):
        for said, mark in texts_of(wave):
            yield from _known(said, mark, f"waves[{index}]", tuple(services))
            if said in wave_of:
                yield complain(
                    mark, f"`{said}` is in two waves", "a service rolls once", "Delete one of them."
                )
            wave_of[said] = index
    left = [name for name in services if name not in wave_of]
    if left:
        yield complain(
            entry.key,
            f"no wave has {', '.join(left)}",
            "each service must roll",
            "Add it, or delete `waves` and let `after` decide.",
        )
    yield from _contradictions(services, wave_of)


def _contradictions(services: Mapping[str, Entry], wave_of: dict[str, int]) -> Iterator[Complaint]:
    for name, entry in services.items():
        listed = table_at(entry.node).get("after")
        for said, mark in texts_of(listed.node) if listed else ():
            if wave_of.get(said, -1) >= wave_of.get(name, len(wave_of)):
                yield complain(
                    mark,
                    f"`waves` roll `{said}` not before `{name}`",
                    "`after` says so",
                    "Make them agree.",
                )
