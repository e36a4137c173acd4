"""Where tasks listen: each on its own address, or behind a relay where there is only one."""

from collections.abc import Mapping
from typing import Protocol

from deployctl.sandbox.engine.net import LOOPBACK, Addresses, free_port
from deployctl.sandbox.engine.relay import Relay
from deployctl.sandbox.engine.taskinfo import Task
from deployctl.sandbox.engine.wire import Refusal


class Places(Protocol):
    """Gives a container its address and its ports, and lets requests in and out."""

    def take(self, task: Task) -> tuple[str, dict[int, int]]:
        """The address, and the port on this machine for each container port."""
        ...

    def hold(self, task: str, address: str) -> None:
        """Remember an address that a container of an earlier engine had."""
        ...

    def check(self, ports: Mapping[int, int]) -> None:
        """Raises Refusal when a started container listens where it must not."""
        ...

    def admit(self, address: str, ports: Mapping[int, int]) -> None:
        """The container is ready: requests may come."""
        ...

    def dismiss(self, address: str, ports: Mapping[int, int]) -> None:
        """No new request goes to the container."""
        ...

    def give_back(self, task: str) -> None:
        """The task is gone."""
        ...


class OwnAddresses:
    """Every task has its own 127.X.n.m and listens on the container's own port (Linux)."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def take(self, task: Task) -> tuple[str, dict[int, int]]:
        """One address a task; sidecars share it."""
        wanted = task.ports if task.service else ()  # a one-off task need not listen
        return self._addresses.take(task.arn, wanted), {port: port for port in task.ports}

    def hold(self, task: str, address: str) -> None:
        """Remember an address that a container of an earlier engine had."""
        self._addresses.hold(task, address)

    def check(self, ports: Mapping[int, int]) -> None:
        """A listener on 0.0.0.0 would block every other task's port."""
        for port in ports.values():
            if self._addresses.everywhere(port):
                raise Refusal(
                    500,
                    f"port {port} answers on every address: the program listens on 0.0.0.0; "
                    "in the sandbox it must listen on $HOST",
                )

    def admit(self, address: str, ports: Mapping[int, int]) -> None:
        """The load balancer dials the address itself."""

    def dismiss(self, address: str, ports: Mapping[int, int]) -> None:
        """The load balancer has stopped dialling it."""

    def give_back(self, task: str) -> None:
        """The address may be used again, much later."""
        self._addresses.give_back(task)


class OneAddress:
    """Every task is 127.0.0.1 on ports of its own; a relay spreads the container port's requests.

    Two services cannot share a container port then, and the load balancer sees one target only.
    """

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def take(self, task: Task) -> tuple[str, dict[int, int]]:
        """Free ports, to be taken by the task through $PORT."""
        return LOOPBACK, {port: free_port() for port in task.ports}

    def hold(self, task: str, address: str) -> None:
        """There is nothing to remember: the address is everybody's."""

    def check(self, ports: Mapping[int, int]) -> None:
        """Ports differ: nobody can be in the way."""

    def admit(self, address: str, ports: Mapping[int, int]) -> None:
        """Requests to the container port reach the task, too."""
        for inside, outside in ports.items():
            self._relay.add((LOOPBACK, inside), (address, outside))

    def dismiss(self, address: str, ports: Mapping[int, int]) -> None:
        """Requests to the container port reach the other tasks only."""
        for outside in ports.values():
            self._relay.remove((address, outside))

    def give_back(self, task: str) -> None:
        """There is nothing to give back."""
