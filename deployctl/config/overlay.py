"""Lays an environment's own sections over those of the whole file, keeping line numbers."""

from collections.abc import Mapping

from deployctl.config.node import Entry, Listing, Node, Path, Scalar, Table

SECTIONS = ("builds", "services", "migrations", "cdn", "smoke", "rollback", "state")
"""What an environment may override."""

NAMED = ("builds", "services", "migrations", "environments")
"""Mappings whose keys are names that the user chose."""

_FREE = frozenset({"headers", "header", "env", "args", "files", "json"})
_SOURCES = {
    "context": ("context", "dockerfile", "target", "args"),
    "layer": ("layer",),
    "oci_layout": ("oci_layout",),
    "digest": ("digest",),
}
_OF_WHAT_IS_BUILT = ("platform", "create_repository")
_NONE: Mapping[str, Entry] = {}


def without_extensions(table: Table, path: Path = (), *, free: bool = False) -> Table:
    """The tree without `x-*` keys, except where keys are names of headers, variables, files, …"""
    named = bool(path) and path[-1] in NAMED
    kept = {
        key: Entry(
            key=entry.key,
            node=_bare(entry.node, (*path, key), free=free or key in _FREE),
        )
        for key, entry in table.entries.items()
        if free or named or not key.startswith("x-")
    }
    return Table(mark=table.mark, entries=kept)


def _bare(node: Node, path: Path, *, free: bool) -> Node:
    if isinstance(node, Scalar):
        return node
    if isinstance(node, Table):
        return without_extensions(node, path, free=free)
    items = (_bare(each, (*path, index), free=free) for index, each in enumerate(node.items))
    return Listing(mark=node.mark, items=tuple(items))


def effective(root: Table, environment: str) -> Table:
    """What counts in one environment: the sections, and under `environment` the place itself.

    Mappings merge deeply, lists are replaced, `null` removes what the file says for all.
    """
    entries = {key: entry for key, entry in root.entries.items() if key != "environments"}
    chosen = _environment(root, environment)
    own = chosen.node.entries if isinstance(chosen.node, Table) else _NONE
    for section in SECTIONS:
        if section in own:
            _lay(entries, section, own[section], (section,))
    if isinstance(chosen.node, Table):
        rest = {key: entry for key, entry in own.items() if key not in SECTIONS}
        chosen = Entry(key=chosen.key, node=Table(mark=chosen.node.mark, entries=rest))
    return Table(mark=root.mark, entries=entries | {"environment": chosen})


def _environment(root: Table, environment: str) -> Entry:
    environments = root.entries["environments"].node
    if not isinstance(environments, Table):
        return root.entries["environments"]
    return environments.entries[environment]


def _lay(entries: dict[str, Entry], key: str, over: Entry, path: Path) -> None:
    base = entries.get(key)
    if isinstance(over.node, Scalar) and over.node.value is None:
        entries.pop(key, None)
    elif base and isinstance(base.node, Table) and isinstance(over.node, Table):
        entries[key] = Entry(key=base.key, node=_merged(base.node, over.node, path))
    else:
        entries[key] = over


def _merged(base: Table, over: Table, path: Path) -> Table:
    entries = dict(base.entries)
    if len(path) == 2 and path[0] == "builds":  # noqa: PLR2004 - builds.<name>
        _swap_source(entries, over)
    for key, entry in over.entries.items():
        _lay(entries, key, entry, (*path, key))
    return Table(mark=base.mark, entries=entries)


def _swap_source(entries: dict[str, Entry], over: Table) -> None:
    """An overlay that names another source replaces the whole source, not only adds one."""
    named = [source for source in _SOURCES if source in over.entries]
    if not named:
        return
    if "digest" in named:
        for key in _OF_WHAT_IS_BUILT:
            entries.pop(key, None)
    for source, keys in _SOURCES.items():
        if source not in named:
            for key in keys:
                entries.pop(key, None)
