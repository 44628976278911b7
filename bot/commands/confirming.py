"""Yes and no, to a command that asked: by a button, by a command, or in so many words."""

from dataclasses import dataclass, replace

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.store.confirmations import Confirmations
from bot.text.words import split_word

NOTHING_ASKED = (
    "I have asked you nothing here that is still open. Say once more what I should do, and I ask."
)
LEFT = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class Confirming:
    """Keeps what each person was asked last, and finds it again when they answer."""

    confirmations: Confirmations

    async def keep(self, request: Request, name: str, reply: Reply) -> None:
        """Keep what a reply asks; or let go of it, where it was just confirmed."""
        channel = request.state.channel
        if not request.state.id or request.by_button:
            return
        if reply.confirm:
            await self.confirmations.ask(
                request.state.id,
                channel,
                request.person.id,
                f"{name} {reply.confirm}",
                thread=request.thread,
            )
        elif request.is_confirmed:
            await self.confirmations.drop(request.state.id, channel, request.person.id)

    async def yes(self, request: Request) -> tuple[str, Request]:
        """The command that a person was asked about, with its name. Raises CommandError."""
        found = await self.confirmations.find(
            request.state.id, request.state.channel, request.person.id
        )
        if found is None:
            raise CommandError(reason=NOTHING_ASKED)
        name, arguments = split_word(found)
        return name, replace(request, arguments=arguments)

    async def no(self, request: Request) -> Reply:
        """Leave all as it is."""
        await self.confirmations.drop(request.state.id, request.state.channel, request.person.id)
        return Reply(LEFT)
