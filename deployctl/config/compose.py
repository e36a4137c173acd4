"""Turns YAML text into a tree of marked values, and refuses what YAML allows but nobody needs."""

from collections.abc import Iterator
from typing import NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from deployctl.config.complaint import Complaint, FileWrong
from deployctl.config.node import Entry, Listing, Mark, Node, Scalar, Table
from deployctl.config.scalar import is_ambiguous, meant
from deployctl.config.syntax import explain

DEEPEST = 32
MOST_VALUES = 10_000
_TAGGED = (ScalarEvent, MappingStartEvent, SequenceStartEvent)
_NO_ALIASES = "aliases blow small files up and hide where a value comes from"
_MOST = 50


def compose(text: str, file: str) -> tuple[Table, tuple[Complaint, ...]]:
    """The tree of the file's one document, and what is wrong but leaves the tree readable.

    Raises FileWrong when there is no tree: bad syntax, aliases, no mapping, too deep.
    """
    composer = _Composer(text, file)
    root = composer.document()
    if composer.broken:
        raise FileWrong(composer.complaints)
    if not isinstance(root, Table):
        what = "the file holds no settings" if _is_empty(root) else "the file is not a mapping"
        cure = "Begin with: project: <name>"
        composer.complain(Mark(line=1, column=1), what, "it must be `key: value` lines", cure)
        raise FileWrong(composer.complaints)
    return root, tuple(composer.complaints)


def _is_empty(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and node.value is None)


class _Composer:
    """Walks the parser's events once; `broken` is set when the tree is not the whole truth."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.complaints: list[Complaint] = []
        self.broken = False
        self._values = 0
        self._events = self._parse(text)

    def complain(self, mark: Mark, what: str, why: str, cure: str) -> None:
        """Note a complaint; after very many, give up."""
        if len(self.complaints) >= _MOST:
            raise FileWrong(self.complaints)
        self.complaints.append(
            Complaint(
                file=self.file, line=mark.line, column=mark.column, what=what, why=why, cure=cure
            )
        )

    def document(self) -> Node | None:
        """The first document; a second one is complained about."""
        root: Node | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                self._check_start(event, first=root is None)
                if root is not None:
                    return root
            elif not isinstance(event, StreamStartEvent | StreamEndEvent) and root is None:
                root = self._node(event, 1)
        return root

    def _check_start(self, event: DocumentStartEvent, *, first: bool) -> None:
        if not first:
            self._break(
                event,
                "a second document begins",
                "one file is one configuration",
                "Delete the `---` line or move the rest to another file.",
            )
        elif event.version or event.tags:
            self._break(
                event,
                "there is a % directive",
                "the file is always read as YAML 1.2",
                "Delete the line that begins with %.",
            )

    def _node(self, event: Event, depth: int) -> Node:
        self._refuse_extras(event)
        self._values += 1
        if self._values > MOST_VALUES:
            why = f"more than {MOST_VALUES} are no configuration"
            self._stop(event, "there are too many values", why, "Is it the right file?")
        if depth > DEEPEST:
            why = f"more than {DEEPEST} levels"
            self._stop(event, "the nesting is too deep", why, "Flatten it.")
        if isinstance(event, MappingStartEvent):
            return self._table(event, depth)
        if isinstance(event, SequenceStartEvent):
            return self._listing(event, depth)
        return self._scalar(event)

    def _scalar(self, event: Event) -> Scalar:
        mark = _mark(event)
        if not isinstance(event, ScalarEvent):  # an alias: already complained about
            return Scalar(mark=mark, text="", value=None)
        if event.style is not None:
            return Scalar(mark=mark, text=event.value, value=event.value)
        if is_ambiguous(event.value):
            self.complain(
                mark,
                f"{event.value} is ambiguous",
                "YAML readers disagree whether it is text, decimal or octal",
                f'Quote it if it is text ("{event.value}"), or drop the leading zero.',
            )
        return Scalar(mark=mark, text=event.value, value=meant(event.value))

    def _listing(self, event: Event, depth: int) -> Listing:
        items: list[Node] = []
        for each in self._events:
            if isinstance(each, SequenceEndEvent):
                break
            items.append(self._node(each, depth + 1))
        return Listing(mark=_mark(event), items=tuple(items))

    def _table(self, event: Event, depth: int) -> Table:
        entries: dict[str, Entry] = {}
        for each in self._events:
            if isinstance(each, MappingEndEvent):
                break
            key = self._node(each, depth + 1)
            value = self._node(next(self._events), depth + 1)
            self._add(entries, key, value)
        return Table(mark=_mark(event), entries=entries)

    def _add(self, entries: dict[str, Entry], key: Node, value: Node) -> None:
        if not isinstance(key, Scalar):
            self.broken = True
            self.complain(
                key.mark,
                "a key is not a word",
                "a list or mapping cannot be a key",
                'Quote the text if a placeholder was meant: "$env".',
            )
        elif key.text == "<<":
            self.broken = True
            self.complain(
                key.mark,
                "merge keys (<<) are not supported",
                _NO_ALIASES,
                "Write the values out, or use the environments' overlays.",
            )
        elif key.text in entries:
            before = entries[key.text].key.line
            self.complain(
                key.mark,
                f"the key `{key.text}` is there twice",
                f"it already stands in line {before}",
                "Delete one of them.",
            )
        else:
            entries[key.text] = Entry(key=key.mark, node=value)

    def _refuse_extras(self, event: Event) -> None:
        if isinstance(event, AliasEvent):
            self._break(
                event,
                f"the alias *{event.anchor} is not supported",
                _NO_ALIASES,
                "Write the value out, or quote the text.",
            )
        elif isinstance(event, NodeEvent) and event.anchor:
            self._break(
                event,
                f"the anchor &{event.anchor} is not supported",
                _NO_ALIASES,
                "Delete it, or quote the text.",
            )
        elif isinstance(event, _TAGGED) and event.tag:
            self._break(
                event,
                f"the tag {event.tag} is not supported",
                "quotes alone make a value text",
                "Delete the tag.",
            )

    def _break(self, event: Event, what: str, why: str, cure: str) -> None:
        self.broken = True
        self.complain(_mark(event), what, why, cure)

    def _stop(self, event: Event, what: str, why: str, cure: str) -> NoReturn:
        self._break(event, what, why, cure)
        raise FileWrong(self.complaints)

    def _parse(self, text: str) -> Iterator[Event]:
        try:
            yield from YAML(typ="safe", pure=True).parse(text)
        except MarkedYAMLError as error:
            line, column, what, why, cure = explain(error, text)
            self.complain(Mark(line=line, column=column), what, why, cure)
            raise FileWrong(self.complaints) from None
        except Exception as error:  # noqa: BLE001 - the parser trips over some texts in its own ways
            what, why = "this is not YAML", f"the parser gave up: {error!r}"[:200]
            self.complain(Mark(line=1, column=1), what, why, "Check quotes and indentation.")
            raise FileWrong(self.complaints) from None


def _mark(event: Event) -> Mark:
    return Mark(line=event.start_mark.line + 1, column=event.start_mark.column + 1)
