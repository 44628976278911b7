"""/catchup: what a person missed; and what one thread is about."""

from dataclasses import dataclass

from bot.commands.request import Request
from bot.domain.model import Reply
from bot.memory.catchup import Catchup


@dataclass(frozen=True, slots=True)
class CatchupCommand:
    """Sums up what was said since the person last spoke, or since a given time."""

    catchup: Catchup

    async def run(self, request: Request) -> Reply:
        """Sum up what was said."""
        text = await self.catchup.summarize_since(
            request.state, request.person.id, request.arguments, request.zone
        )
        return Reply(text)

    async def sum_up_thread(self, request: Request) -> Reply:
        """Sum up the thread of this id; without one, what was said in the channel."""
        text = await self.catchup.summarize_thread(
            request.state, request.person.id, request.arguments.strip()
        )
        return Reply(text)
