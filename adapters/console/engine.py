"""What the console asks of the engine: little enough that an onlooker can stand in for it."""

from typing import Protocol

from bot.domain.model import Message, Received


class Receiver(Protocol):
    """What the console asks of an inbox."""

    async def receive(self, message: Message) -> Received:
        """Take a message."""
        ...


class Answers(Protocol):
    """What the console asks of turns."""

    async def stop(self, turn_id: int) -> None:
        """Stop an answer."""
        ...

    async def wait_until_ended(self, turn_id: int) -> None:
        """Return once it has ended."""
        ...
