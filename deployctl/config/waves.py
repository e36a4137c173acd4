"""In which order services roll: waves computed from what each comes after."""

from collections.abc import Mapping

After = Mapping[str, tuple[str, ...]]


def waves(after: After) -> tuple[tuple[str, ...], ...]:
    """Services by wave, each as early as it may; within a wave in the order of the file.

    `after` names, for each service, those that must be done before it. It must have no cycle.
    """
    done: set[str] = set()
    found: list[tuple[str, ...]] = []
    while len(done) < len(after):
        wave = tuple(name for name in after if name not in done and done.issuperset(after[name]))
        if not wave:
            raise ValueError("a cycle has no waves")
        found.append(wave)
        done.update(wave)
    return tuple(found)


def cycle(after: After) -> tuple[str, ...]:
    """The first cycle, as `(a, b, a)`; empty when there is none. Unknown names are left out."""
    safe: set[str] = set()
    for start in after:
        found = _walk(after, start, safe)
        if found:
            return found
    return ()


def _walk(after: After, start: str, safe: set[str]) -> tuple[str, ...]:
    trail: dict[str, int] = {start: 0}  # name → how many of its predecessors were tried
    while trail:
        here, tried = next(reversed(trail.items()))
        if here in safe or tried >= len(after.get(here, ())):
            safe.add(here)
            del trail[here]
            continue
        trail[here] = tried + 1
        before = after[here][tried]
        if before in trail:
            names = list(trail)
            return (*names[names.index(before) :], before)
        trail[before] = 0
    return ()
