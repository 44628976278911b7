"""Who she is, in a few sentences that hold with and without a language model."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.commands.request import Request
from bot.domain.model import Reply
from bot.store.messages import Messages
from bot.text.plurals import counted

NO_MODEL = "extractive"
SHOWN_PERSONA = 300  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Tells who she is, what she remembers here, and what answers."""

    messages: Messages
    default: Sequence[str]
    """The models tried in order where a channel has not chosen one."""

    async def run(self, request: Request) -> Reply:
        """Say who she is."""
        state = request.state
        count = await self.messages.count(state.id)
        first = await self.messages.first(state.channel, state.id) if count else None
        since = f" since {first.at:%Y-%m-%d}" if first else ""
        memory = f"{counted(count, 'message')}{since}" if count else "nothing yet"
        models = [state.model] if state.model else list(self.default)
        sentences = [
            f"I am Nellie, a teammate who remembers what is said here: {memory}.",
            "Ask me about it, or what you missed.",
            _how(models),
            f"Who I am in this channel: {state.persona[:SHOWN_PERSONA]}" if state.persona else "",
            "Say “help” for what else I can do, and “forget me” to have what you said forgotten.",
        ]
        return Reply(" ".join(filter(None, sentences)))


def only_quotes(models: Sequence[str]) -> bool:
    """Whether no language model is among these."""
    return list(models) == [NO_MODEL]


def _how(models: Sequence[str]) -> str:
    if only_quotes(models):
        return "I have no language model here: I quote what was said."
    return f"A language model answers from that ({', then '.join(models)})."
