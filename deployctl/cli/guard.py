"""Where every command ends: errors become a message, a cure and an exit code."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import typer

from deployctl.model.errors import DeployError
from deployctl.model.exits import Exit


@contextmanager
def guarded(*, as_json: bool = False) -> Iterator[ExitStack]:
    """Run a command's body. Nothing but an exit code and plain sentences leaves it.

    What the body enters into the stack is closed before an error is told.
    """
    try:
        with ExitStack() as opened:
            yield opened
    except DeployError as error:
        _report(error, as_json=as_json)
        raise typer.Exit(error.exit) from error
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        raise typer.Exit(Exit.INTERRUPTED) from None
    except Exception as bug:
        from deployctl.cli.world import page
        from deployctl.render.complaints import bug_parts

        page(err=True).put(*bug_parts(bug))
        raise typer.Exit(Exit.BUG) from bug


def _report(error: DeployError, *, as_json: bool) -> None:
    from deployctl.cli.world import page
    from deployctl.config import FileWrong
    from deployctl.render.complaints import Complaint, complaint_parts, error_parts
    from deployctl.render.facts import error_json

    if isinstance(error, FileWrong):
        shown = [
            Complaint(where=one.place, what=one.sentence, cure=one.cure) for one in error.complaints
        ]
        page(err=True).put(*complaint_parts(shown))
    else:
        page(err=True).put(*error_parts(error))
    if as_json:
        page().json(error_json(error))
