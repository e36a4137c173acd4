"""Passes TCP connections from one fixed port to whichever of several listeners is alive."""

import asyncio
import contextlib
import threading
from dataclasses import dataclass, field

from deployctl.sandbox.engine.wire import Refusal

_PIECE = 1 << 16
Address = tuple[str, int]


@dataclass(slots=True)
class _Route:
    server: asyncio.Server
    targets: list[Address] = field(default_factory=list)
    turn: int = 0


class Relay:
    """Round-robin relays, all on one thread. The methods may be called from any thread."""

    def __init__(self) -> None:
        self._routes: dict[Address, _Route] = {}
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._thread.start()

    def add(self, door: Address, target: Address) -> None:
        """Send connections to `door` also to `target`; opens the door when it is the first.

        Raises Refusal when the door's port is taken.
        """
        with self._lock:
            if door not in self._routes:
                future = asyncio.run_coroutine_threadsafe(self._open(door), self._loop)
                try:
                    self._routes[door] = _Route(server=future.result(10))
                except OSError as error:
                    raise Refusal(
                        500, f"cannot relay {door[0]}:{door[1]}: {error.strerror}"
                    ) from None
            self._routes[door].targets.append(target)

    def remove(self, target: Address) -> None:
        """No new connection goes to `target`; open ones stay."""
        with self._lock:
            for route in self._routes.values():
                if target in route.targets:
                    route.targets.remove(target)

    def close(self) -> None:
        """Close every door and every connection, and end the thread."""
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _shut(self) -> None:
        for route in self._routes.values():
            route.server.close()
        await asyncio.sleep(0)  # what was accepted a moment ago becomes a task first
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the turn after their writers

    async def _open(self, door: Address) -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(door, reader, writer)

        return await asyncio.start_server(serve, *door)

    async def _serve(
        self, door: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One connection: the next live target, or a closed door when there is none."""
        try:
            for target in self._next(door):
                if await _joined(reader, writer, target):
                    return
        finally:
            writer.close()

    def _next(self, door: Address) -> list[Address]:
        with self._lock:
            route = self._routes[door]
            route.turn += 1
            if not route.targets:
                return []
            first = route.turn % len(route.targets)
            return route.targets[first:] + route.targets[:first]


async def _joined(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Address
) -> bool:
    """Carry both directions to their end; False when the target does not listen."""
    try:
        far_reader, far_writer = await asyncio.open_connection(*target)
    except OSError:
        return False
    try:
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
    finally:
        far_writer.close()
    return True


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()  # one side may end its half first
