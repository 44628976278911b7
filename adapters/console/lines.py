"""Where lines come from: a pipe, or a terminal at which a person types."""

from typing import Protocol

LEAVING = {"exit", "quit", "/exit", "/quit"}
"""What a person at a terminal says to leave."""


class Lines(Protocol):
    """What the console reads, a line or a pasted message at a time."""

    def open(self) -> None:
        """Begin; the task that calls it is cancelled when the person leaves at once."""
        ...

    async def read_line(self) -> str | None:
        """The next one without its end; None at the end of input."""
        ...

    def forget(self) -> None:
        """Something was forgotten: do not offer again what was typed."""
        ...

    async def close(self) -> None:
        """Give the terminal back as it was."""
        ...
