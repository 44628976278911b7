"""One call of a channel's model, whole: let in by the quotas, and its usage stored."""

from dataclasses import dataclass, replace
from typing import Self

from bot.domain.model import Prompt, Usage
from bot.limits.quotas import Quotas
from bot.llm.registry import ModelRegistry
from bot.store.channels import Channels, ChannelState
from bot.store.stores import Stores
from bot.store.usage import UsageLog
from bot.text.fingerprints import fingerprint


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """What a model said, to its end."""

    text: str
    note: str = ""
    """What people are told beside it (`Chunk.note`)."""
    finish: str = ""
    """As `Chunk.finish`: "length" where it was cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedCalls:
    """Calls of models that are no answers to questions: commands, digests, rules."""

    channels: Channels
    usage: UsageLog
    models: ModelRegistry
    quotas: Quotas

    @classmethod
    def on(cls, stores: Stores, *, models: ModelRegistry, quotas: Quotas) -> Self:
        """On the stores of one replica."""
        channels, usage = stores.channels, stores.usage
        return cls(channels=channels, usage=usage, models=models, quotas=quotas)

    async def complete(
        self,
        state: ChannelState,
        prompt: Prompt,
        person: str | None = None,
        *,
        further: bool = False,
    ) -> WholeAnswer:
        """What the channel's model answers; `person` is who asked, and pays.

        `further` is a call of a command that has made one already: it is no other question. A
        channel without a row gets one: usage belongs to it. Raises LimitReached and ModelError.
        """
        model, said, calls = self.models.get(state.model), WholeAnswer(""), list[Usage]()
        payer = fingerprint(state.channel.platform, person) if person else None
        if not state.id:
            state = replace(state, id=await self.channels.id(state.channel))
        async with self.quotas.reserved(state, payer, model.name, prompt, further=further):
            try:
                async with self.quotas.call_queue.slot():
                    async for chunk in model.stream(prompt):
                        said = WholeAnswer(
                            said.text + chunk.text,
                            chunk.note or said.note,
                            chunk.finish or said.finish,
                        )
                        if chunk.usage:
                            calls.append(chunk.usage)
            finally:
                await self.usage.add(state.id, calls, prompt.purpose, author=person, payer=payer)
        return said

    def name_of(self, state: ChannelState) -> str:
        """Which models a channel's calls go to."""
        return self.models.get(state.model).name
