"""/model: which language model answers in a channel."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.store.channels import Channels


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCommands:
    """Shows, sets and clears the model of a channel."""

    channels: Channels
    default: Sequence[str]
    """The models tried in order where a channel has not chosen one."""
    choices: Sequence[str]
    """The models that may be chosen."""

    async def show(self, request: Request) -> Reply:
        """Show which model answers here, and which may be chosen."""
        chosen = request.state.model or ", then ".join(self.default)
        return Reply(f"Answering here: {chosen}. To choose from: {', '.join(self.choices)}.")

    async def set(self, request: Request) -> Reply:
        """Choose the model that answers here."""
        request.require_rights()
        asked = request.rest.casefold()
        name = next((one for one in self.choices if one.casefold() == asked), None)
        if name is None:
            known = ", ".join(self.choices)
            raise CommandError(reason=f"Choose one of: {known} (NELLIE_MODELS lists them).")
        await self.channels.set_model(await self.channels.id(request.state.channel), name)
        return Reply(f"From now on {name} answers here.", private=False)

    async def clear(self, request: Request) -> Reply:
        """Go back to the general model."""
        request.require_rights()
        await self.channels.set_model(request.state.id, None)
        general = ", then ".join(self.default)
        return Reply(f"From now on {general} answers here, as in general.", private=False)
