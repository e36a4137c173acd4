"""Reads the project's Markdown: its pages, links, headings and code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^|\n\n)((?: {4}.*\n)+(?:\n(?: {4}.*\n)+)*)")
_SPAN = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path in the repository."""
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text()

    @property
    def prose(self) -> str:
        """Without code blocks."""
        return _INDENTED.sub("\n\n", _FENCE.sub("", self.text))

    @property
    def links(self) -> tuple[str, ...]:
        """Where its links and pictures lead."""
        return tuple(_LINK.findall(self.prose))

    @property
    def anchors(self) -> set[str]:
        """The link targets that its headings get."""
        titles = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {anchor(title) for title in titles}

    def blocks(self, language: str) -> tuple[str, ...]:
        """Its fenced code blocks in a language."""
        return tuple(body for said, body in _FENCE.findall(self.text) if said == language)

    @property
    def code(self) -> Iterator[str]:
        """Every piece of code: fenced, indented and in the middle of a sentence."""
        yield from (body for _, body in _FENCE.findall(self.text))
        yield from _INDENTED.findall(_FENCE.sub("", self.text))
        yield from _SPAN.findall(self.prose)


def anchor(title: str) -> str:
    """As the common hosts make them: lower case, no punctuation, dashes for spaces."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


PAGES = tuple(
    Page(path=path)
    for path in (
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        ROOT / "examples/shop/README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
    )
)
