"""Reads deployctl.yaml: settings for an environment, or everything that is wrong with it."""

from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from deployctl.config.complaint import Complaint, FileWrong, complain, nearest
from deployctl.config.compose import compose
from deployctl.config.node import Table, plain, scalars
from deployctl.config.overlay import SECTIONS, effective, without_extensions
from deployctl.config.place import placed
from deployctl.config.placeholder import complaints as about_placeholders
from deployctl.config.placeholder import with_environment
from deployctl.config.reference import references
from deployctl.config.settings import Settings, settled
from deployctl.config.shape.file import File
from deployctl.config.shape.part import NAME
from deployctl.config.source import read
from deployctl.config.translate import translated


def load(path: Path, environment: str) -> Settings:
    """The settings of one environment.

    The whole file is checked, all environments with it, so that a mistake in one is found on the
    way through another. Raises FileWrong (exit 3) with every complaint at once.
    """
    every = load_all(path)
    if environment in every:
        return every[environment]
    known = ", ".join(every)
    raise FileWrong(
        [
            Complaint(
                file=str(path),
                line=0,
                column=0,
                what=f"there is no environment `{environment}`",
                why=f"the file has: {known}",
                cure=nearest(environment, every, "Name one of them with --env."),
            )
        ]
    )


def load_all(path: Path) -> dict[str, Settings]:
    """The settings of every environment, in the order of the file. Raises FileWrong."""
    return parse(read(path), path)


def check_file(path: Path) -> tuple[Complaint, ...]:
    """Everything that is wrong with the file, in its order; empty when it can be used."""
    try:
        load_all(path)
    except FileWrong as wrong:
        return wrong.complaints
    return ()


def parse(text: str, path: Path) -> dict[str, Settings]:
    """As `load_all`, from text; `path` names it in complaints and says where its folder is."""
    found: list[Complaint] = []
    settings: dict[str, Settings] = {}
    tree, doubtful = compose(text, str(path))
    found.extend(doubtful)
    root = without_extensions(tree)
    for way, scalar in scalars(root):
        found.extend(about_placeholders(_section_path(way), scalar))
    folder = path.absolute().parent
    for name in _environments(root, found):
        _one(root, name, folder, found, settings)
    if found:
        raise FileWrong(replace(each, file=str(path)) for each in found)
    return settings


def _section_path(way: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """An overlay's strings follow the rules of the section they override."""
    if way[:1] != ("environments",):
        return way
    return way[2:] if way[2:3] and way[2] in SECTIONS else ("environment", *way[2:])


def _environments(root: Table, found: list[Complaint]) -> tuple[str, ...]:
    entry = root.entries.get("environments")
    if entry and isinstance(entry.node, Table) and entry.node.entries:
        for name, each in entry.node.entries.items():
            if not NAME.fullmatch(name):
                found.append(
                    complain(
                        each.key,
                        f"`{name}` is not a usable name for an environment",
                        "names appear in keys and commands",
                        "Use lower-case letters, digits, - and _; not x- in front.",
                    )
                )
        return tuple(entry.node.entries)
    mark = entry.key if entry else root.mark
    what = "`environments` is not a mapping of names" if entry else "there is no `environments`"
    found.append(
        complain(
            mark,
            what,
            "a release needs a place to go to",
            'Write: environments: {staging: {account: "222222222222", region: eu-west-1, '
            "cluster: shop}}",
        )
    )
    return ()


def _one(
    root: Table, name: str, folder: Path, found: list[Complaint], settings: dict[str, Settings]
) -> None:
    """Check one environment; what an earlier one complained about is not said again."""
    known = {(each.line, each.column, each.what) for each in found}
    tree = effective(root, name)
    complaints, file = _shaped(tree, name, folder)
    found.extend(each for each in complaints if (each.line, each.column, each.what) not in known)
    if file and not complaints:
        settings[name] = settled(file, name, folder)


def _shaped(tree: Table, name: str, folder: Path) -> tuple[list[Complaint], File | None]:
    filled = with_environment(tree, name)
    complaints = [
        *references(filled, lambda said: _is_folder(folder / said)),
        *placed(filled, name),
    ]
    try:
        return complaints, File.model_validate(plain(filled))
    except ValidationError as error:
        return [*translated(error, filled, name), *complaints], None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a name that no file system takes
        return False
