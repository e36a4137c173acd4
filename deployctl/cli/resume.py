"""`deployctl resume`: go on with a release that was interrupted, killed or left undecided."""

from enum import StrEnum
from typing import Annotated

import typer

from deployctl.cli.guard import guarded
from deployctl.cli.options import (
    CONFIG,
    AsJson,
    ConfigFile,
    Env,
    Output,
    Reason,
    Screens,
    Timeout,
    Wait,
)


class Word(StrEnum):
    """A person's word on an effect that nobody can look up."""

    NONE = ""
    DONE = "done"
    NOT_DONE = "not-done"


def resume(
    config: ConfigFile = CONFIG,
    env: Env = "",
    assume: Annotated[
        Word, typer.Option("--assume", help="What became of the effect in question.")
    ] = Word.NONE,
    reason: Reason = "",
    accept_config: Annotated[
        bool,
        typer.Option("--accept-config", help="Go on although deployctl.yaml has changed since."),
    ] = False,
    output: Output = Screens.AUTO,
    as_json: AsJson = False,
    wait: Wait = "",
    timeout: Timeout = "",
) -> None:
    """Look what became of every recorded intent, then adopt, attach, redo or ask; then finish."""
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.duration import limit, seconds
        from deployctl.cli.going_on import go_on
        from deployctl.cli.session import at_work, finish
        from deployctl.cli.world import open_world
        from deployctl.model.errors import UsageWrong
        from deployctl.model.policy import Assume

        if assume and not reason:
            raise UsageWrong("--assume needs a --reason: it goes into the journal", hint="Add one.")
        word = Assume(done=assume is Word.DONE, reason=reason) if assume else None
        world = opened.enter_context(open_world(config, env, output=output, until=limit(timeout)))
        with at_work(world, "resume", wait=seconds(wait)) as session:
            engine = go_on(session, accept_config=accept_config)
            outcome = engine.resume(word)
        finish(world, outcome, as_json=as_json)
