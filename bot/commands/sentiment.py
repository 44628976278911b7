"""/sentiment: whether a text is positive or negative; and of a time, how that went."""

from dataclasses import dataclass, replace
from typing import Self

from bot.commands.classify import tell
from bot.commands.explaining import explaining
from bot.commands.publicly import take_public
from bot.commands.request import Request
from bot.domain.model import Reply
from bot.store.stores import Stores
from bot.tasks.classification import Classification
from bot.tasks.material import Materials
from bot.tasks.message_sorting import sort_messages
from bot.tasks.sentiment import SENTIMENTS, draw


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentCommand:
    """Sorts one text, or what people said in a time."""

    classification: Classification
    materials: Materials

    @classmethod
    def on(cls, stores: Stores, classification: Classification) -> Self:
        """On the stores of a replica."""
        return cls(classification=classification, materials=Materials(messages=stores.messages))

    async def run(self, request: Request) -> Reply:
        """Say how a text, a message, a thread or a time sounds."""
        public, arguments = take_public(request.arguments)
        material = await self.materials.read(replace(request, arguments=arguments))
        state, person = request.state, request.person.id
        with explaining("tell how that sounds"):
            if len(material.messages) < 2:
                [one] = await self.classification.classify(
                    state, SENTIMENTS, material.texts, person=person
                )
                await self.materials.require_standing(state, material)
                return Reply(tell(one, SENTIMENTS.labels), private=not public)
            found = await sort_messages(
                self.classification, state, SENTIMENTS, material.messages, person
            )
        await self.materials.require_standing(state, material)
        said = f"{material.what}: {found.describe(SENTIMENTS.labels)}"
        picture = draw(found.pairs, request.zone)
        return Reply(f"{said}\n```\n{picture}\n```" if picture else said, private=not public)
