"""The order to go back: which release, and the proof that it can run again."""

from deployctl.cli.shipping import Order
from deployctl.cli.world import World
from deployctl.model.errors import CheckFailed, UsageWrong
from deployctl.model.event import Notice
from deployctl.model.history import History, Standing
from deployctl.model.release import Kind


def order_back(world: World, history: History, to: str, reason: str) -> Order:
    """The order for a rollback. Raises CheckFailed when an image or revision is gone."""
    target = _target(history, to)
    release = target.plan.release
    pins = {
        name: facts["revision"]
        for name, facts in target.live.items()
        if name in world.settings.services and facts["revision"]
    }
    for name in world.settings.services.keys() - pins.keys():
        text = f"{name} was not part of release {target.id} and stays as it is"
        world.tell(Notice(text=text, warning=True))
    images = {name: image for name, image in release.images.items() if name in pins}
    _prove(world, target, pins)
    return Order(
        commit=release.commit,
        images=images,
        kind=Kind.ROLLBACK,
        reason=reason,
        pins=pins,
        returns_to=target.id,
    )


def _target(history: History, to: str) -> Standing:
    if history.live is None:
        raise UsageWrong(
            "there is nothing to roll back: no release has ended well here",
            hint="See: deployctl history",
        )
    target = _named(history, to) if to else history.way_back()
    if target is None:
        raise UsageWrong(
            f"there is no good release before {history.live.id} to return to",
            hint="See: deployctl history",
        )
    if not target.is_good:
        verdict = f"marked bad ({target.bad})" if target.bad else str(target.verdict or "open")
        raise UsageWrong(
            f"release {target.id} did not end well ({verdict}): there is no proof that it works",
            hint="Choose another one: deployctl history",
        )
    return target


def _named(history: History, to: str) -> Standing:
    """The one good release of that name; one commit may have been released several times."""
    found = history.find(to)
    if not found:
        raise UsageWrong(f"there is no release {to}", hint="See: deployctl history")
    commits = {standing.plan.release.commit.sha for standing in found}
    if len(commits) > 1:
        ids = ", ".join(standing.id for standing in found)
        raise UsageWrong(f"{to} may be any of {ids}", hint="Write more of it.")
    return found[0]


def _prove(world: World, target: Standing, pins: dict[str, str]) -> None:
    """Its revisions are ACTIVE and its images are still in the registry."""
    gone = [
        f"{name}: task definition {arn.rpartition('/')[2]} is not ACTIVE any more"
        for name, arn in pins.items()
        if not world.platform.definitions.get(arn).active
    ]
    for name, facts in target.live.items():
        repository, _, digest = facts["image"].partition("@")
        path = repository.partition("/")[2]
        if name in pins and digest and world.repositories.find(path, digest) is None:
            gone.append(f"{name}: image {digest[:19]} is not in {path} any more")
    if gone:
        raise CheckFailed(
            f"release {target.id} cannot run again:\n" + "\n".join(gone),
            hint="Choose another release with --to, or release its commit again.",
        )
