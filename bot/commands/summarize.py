"""/summarize: a thread, a time, a message or a text in a few lines."""

from dataclasses import dataclass, replace
from typing import Self

from bot.commands.publicly import take_public
from bot.commands.request import Request
from bot.domain.model import Reply
from bot.memory.catchup import Catchup, Read
from bot.store.stores import Stores
from bot.tasks.material import Materials
from bot.tasks.summaries import TextSummaries


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarizeCommand:
    """Sums up what was said, with links, or what was typed."""

    materials: Materials
    catchup: Catchup
    texts: TextSummaries

    @classmethod
    def on(cls, stores: Stores, *, catchup: Catchup, texts: TextSummaries) -> Self:
        """On the stores of one replica."""
        return cls(
            materials=Materials.for_all(stores.messages),
            catchup=catchup,
            texts=texts,
        )

    async def run(self, request: Request) -> Reply:
        """Sum up what the arguments name, or what they are."""
        public, arguments = take_public(request.arguments)
        request = replace(request, arguments=arguments)
        material = await self.materials.read(request)
        if not material.single:
            return Reply(await self._of_talk(request), private=not public)
        text = await self.texts.of_text(request.state, material.texts[0], request.person.id)
        await self.materials.require_standing(request.state, material)
        return Reply(f"In short, {material.what}:{text}", private=not public)

    async def _of_talk(self, request: Request) -> str:
        """What was said, read again where it changes meanwhile."""

        async def read() -> Read:
            material = await self.materials.read(request)
            return Read(material.messages, material.what)

        return await self.catchup.summarize(request.state, request.person.id, read)
