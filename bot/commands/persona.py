"""/persona: who Nellie is in a channel."""

from dataclasses import dataclass

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.store.channels import Channels
from bot.text.plurals import counted

LONGEST_PERSONA = 2_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaCommands:
    """Shows, sets and clears the persona of a channel."""

    channels: Channels
    default: str

    async def show(self, request: Request) -> Reply:
        """Show the persona that holds here."""
        return Reply(request.state.persona or f"{self.default} (the general one)")

    async def set(self, request: Request) -> Reply:
        """Set the channel's own persona."""
        request.require_rights()
        text = request.rest
        if not text or len(text) > LONGEST_PERSONA:
            raise CommandError(reason=f"A persona has 1 to {LONGEST_PERSONA:,} characters.")
        await self.channels.set_persona(await self.channels.id(request.state.channel), text)
        noted = counted(len(text), "character")
        return Reply("That is who I am here now.", private=False, noted=noted)

    async def clear(self, request: Request) -> Reply:
        """Go back to the general persona."""
        request.require_rights()
        await self.channels.set_persona(request.state.id, None)
        former = f" I was: {request.state.persona}" if request.state.persona else ""
        return Reply(f"I am my general self here again.{former}", private=False)
