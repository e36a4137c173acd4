"""What parts look like when a command prints them."""

from io import StringIO

from deployctl.render.page import Page, Part


def printed(*parts: Part, tty: bool = False, colour: bool = False, width: int = 80) -> str:
    """The text on the page."""
    stream = StringIO()
    Page(stream=stream, tty=tty, colour=colour, width=width).put(*parts)
    return stream.getvalue()
