"""A YAML document as a tree in which every value still knows its line and column."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place in the file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A single value. `text` is what the file says, `value` what YAML 1.2 means by it."""

    mark: Mark
    text: str
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A sequence of values."""

    mark: Mark
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A value under a key, with the place of the key."""

    key: Mark
    node: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Values under keys, in file order."""

    mark: Mark
    entries: Mapping[str, Entry]


Node = Scalar | Listing | Table


def plain(node: Node) -> Plain:
    """The values alone."""
    match node:
        case Scalar():
            return node.value
        case Listing():
            return [plain(each) for each in node.items]
        case Table():
            return {key: plain(entry.node) for key, entry in node.entries.items()}


def table_at(node: Node, *keys: str) -> Mapping[str, Entry]:
    """The entries of the mapping under `keys`, or none when there is no mapping."""
    for key in keys:
        entry = node.entries.get(key) if isinstance(node, Table) else None
        if entry is None:
            return {}
        node = entry.node
    return node.entries if isinstance(node, Table) else {}


def scalars(node: Node, path: Path = ()) -> Iterator[tuple[Path, Scalar]]:
    """Every single value with the way to it."""
    match node:
        case Scalar():
            yield path, node
        case Listing():
            for index, each in enumerate(node.items):
                yield from scalars(each, (*path, index))
        case Table():
            for key, entry in node.entries.items():
                yield from scalars(entry.node, (*path, key))


def text_of(node: Node) -> str:
    """The string a scalar holds, or "" for anything else."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""


def texts_of(node: Node) -> tuple[tuple[str, Mark], ...]:
    """The strings of a list with their places; other things in it are left out."""
    items = node.items if isinstance(node, Listing) else ()
    return tuple((text_of(each), each.mark) for each in items if text_of(each))
