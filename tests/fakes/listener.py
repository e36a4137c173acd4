"""A listener that remembers what it was told."""

from deployctl.model.event import Building, Event, LogLine, Notice


class Listener:
    """Give it as `tell`; safe for several threads, as list.append is."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def warnings(self) -> list[str]:
        return [one.text for one in self.events if isinstance(one, Notice) and one.warning]

    @property
    def lines(self) -> list[tuple[str, str]]:
        return [(one.source, one.text) for one in self.events if isinstance(one, LogLine)]

    @property
    def builds(self) -> list[tuple[str, str]]:
        """Service and state, in the order told."""
        return [(one.service, one.state) for one in self.events if isinstance(one, Building)]
