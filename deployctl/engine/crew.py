"""Several pieces of work at once, and the errors of all of them as one."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Final, TypeVar

from deployctl.model.errors import DeployError

_AT_ONCE: Final = 4
_Result = TypeVar("_Result")


def each(
    names: Iterable[str], work: Callable[[str], _Result], *, stop: Callable[[], None]
) -> dict[str, _Result]:
    """Work on all names, some at once; all errors as one when everything has ended."""
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="build") as pool:
        try:
            running = {name: pool.submit(work, name) for name in names}
            wait(running.values())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop()
            raise
    errors = [error for future in running.values() if (error := future.exception())]
    if errors:
        raise _together(errors)
    return {name: future.result() for name, future in running.items()}


def _together(errors: list[BaseException]) -> BaseException:
    first, *others = errors
    if not others or not isinstance(first, DeployError):
        return first
    more = "".join(f"\nAlso: {error}" for error in others)
    joined = type(first)(f"{first}{more}", hint=first.hint)
    joined.__cause__ = first
    return joined
