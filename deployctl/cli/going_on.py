"""The engine for a release that another process began."""

from deployctl.cli.layout import stations
from deployctl.cli.session import Session
from deployctl.engine.engine import Engine
from deployctl.model.errors import ConfigWrong
from deployctl.model.event import Planned


def go_on(session: Session, *, accept_config: bool) -> Engine:
    """The engine, with the open release shown. Raises ConfigWrong when the settings changed."""
    standing = session.open_release()
    world = session.world
    if standing.config != world.settings.digest and not accept_config:
        raise ConfigWrong(
            f"deployctl.yaml has changed since release {standing.id} began",
            hint="Use the file of that commit, or look at the difference and say --accept-config",
        )
    world.tell(Planned(plan=standing.plan))
    history = session.journal.history
    return session.engine(stations(world, history, standing.plan.release.commit))
