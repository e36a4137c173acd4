"""`$env`, `$git_sha` and `${stack:…}` in the strings of the file; `$$` is a literal dollar."""

import re
from collections.abc import Iterator

from deployctl.config.complaint import Complaint, complain, nearest
from deployctl.config.node import Entry, Listing, Node, Path, Scalar, Table

_TOKEN = re.compile(r"\$(\$|\{[^}]*\}?|[A-Za-z_][A-Za-z0-9_]*)")
_STACK = re.compile(r"\{stack:[A-Za-z][A-Za-z0-9-]*\.[A-Za-z0-9]+\}")
_DOLLAR = re.compile(r"\$(?!\{stack:)")
_FROM_STACKS = {
    ("environment", "cluster"),
    ("environment", "url"),
    ("environment", "connect_to"),
    ("cdn", "distribution"),
}
_KNOWN = ("env", "git_sha")
_WHERE = "build args, layer env, migration env and smoke checks"


def escaped(text: str) -> str:
    """The text as it must be written in the file to mean itself."""
    return _DOLLAR.sub("$$", text)


def is_late(path: Path) -> bool:
    """Whether strings at this place keep `$git_sha` until the commit is known."""
    match path:
        case ("builds", _, "args", *_) | ("builds", _, "layer", "env", *_):
            return True
        case ("migrations", _, "env", *_) | ("smoke", *_):
            return True
        case _:
            return False


def with_environment(table: Table, environment: str, path: Path = ()) -> Table:
    """The tree with `$env` filled in; where the commit comes later, `$git_sha` and `$$` stay."""
    entries = {
        key: Entry(key=entry.key, node=_with(entry.node, environment, (*path, key)))
        for key, entry in table.entries.items()
    }
    return Table(mark=table.mark, entries=entries)


def _with(node: Node, environment: str, path: Path) -> Node:
    if isinstance(node, Table):
        return with_environment(node, environment, path)
    if isinstance(node, Listing):
        items = (_with(each, environment, (*path, i)) for i, each in enumerate(node.items))
        return Listing(mark=node.mark, items=tuple(items))
    if not isinstance(node.value, str):
        return node
    value = _filled(node.value, environment, late=is_late(path))
    return Scalar(mark=node.mark, text=node.text, value=value)


def _filled(text: str, environment: str, *, late: bool) -> str:
    def one(found: re.Match[str]) -> str:
        word = found.group(1)
        if word == "env":
            return environment
        if word.startswith("{stack:"):
            return found.group().replace("$env", environment)
        return "$" if word == "$" and not late else found.group()

    return _TOKEN.sub(one, text)


def complaints(path: Path, scalar: Scalar) -> Iterator[Complaint]:
    """What is wrong with the placeholders of one string of the file as it was written."""
    if not isinstance(scalar.value, str):
        return
    for found in _TOKEN.finditer(scalar.value):
        said = _wrong(found.group(1), path)
        if said:
            yield complain(scalar.mark, *said)


def _wrong(word: str, path: Path) -> tuple[str, str, str] | None:
    if word in {"$", "env"}:
        return None
    if word == "git_sha":
        if is_late(path):
            return None
        return "`$git_sha` cannot stand here", f"it is known only in {_WHERE}", "Write the value."
    if word.startswith("{stack:"):
        return _wrong_stack(word, path)
    if word.startswith("{ssm:"):
        what = f"`${word}` is not available in this version"
        return what, "only $env, $git_sha and ${stack:…} are", "Write the value itself."
    bare = word.strip("{}")
    cure = f"Write `$${word}` if a dollar sign is meant."
    known = nearest(bare, (f"${each}" for each in _KNOWN), "")
    why = "the placeholders are $env and $git_sha, without braces"
    return f"unknown placeholder `${word}`", why, f"{known} {cure}".strip()


def _wrong_stack(word: str, path: Path) -> tuple[str, str, str] | None:
    if not _STACK.fullmatch(word.replace("$env", "env")):
        why = "it must name a CloudFormation stack and one of its outputs"
        return f"`${word}` is not a stack's output", why, "Write it like ${stack:shop.AlbDns}."
    if path in _FROM_STACKS:
        return None
    why = "only an environment's cluster, url and connect_to and the cdn's distribution take it"
    return f"`${word}` cannot stand here", why, "Write the value itself."
