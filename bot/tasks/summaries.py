"""A text that somebody typed, or a document, in a few lines."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Self

from bot.documents.blocks import Block
from bot.documents.passages import cut
from bot.domain.documents import FilePost, FoundPassage
from bot.domain.errors import CommandError, EmptyAnswer, LimitReached, ModelError
from bot.domain.model import Prompt
from bot.limits.charged_calls import ChargedCalls
from bot.memory.document_summaries import Asked, DocumentSummaries, Whole, sum_up
from bot.prompting.budget import Budget
from bot.store.channels import ChannelState
from bot.store.stores import Stores
from bot.text.tokens import estimate

FAILED = "I could not sum it up. {error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSummaries:
    """All of it is read, in rounds where it is long; the person who asks pays for each."""

    calls: ChargedCalls
    documents: DocumentSummaries
    budget: Budget

    @classmethod
    def on(cls, stores: Stores, calls: ChargedCalls, budget: Budget) -> Self:
        """On the stores of one replica."""
        return cls(
            calls=calls, documents=DocumentSummaries(documents=stores.documents), budget=budget
        )

    async def of_text(self, state: ChannelState, text: str, person: str) -> str:
        """The lines. Raises CommandError."""
        calls = _Calls(self.calls, state, person)
        found = await asyncio.to_thread(_passages, text)
        whole = Whole(name="the text", noun="text", room=self._room, cache_key=f"nellie:{state.id}")
        return await calls.read(sum_up(found, whole, calls.ask, _show))

    async def of_document(self, state: ChannelState, post: FilePost, person: str) -> str:
        """The document's name, and the lines with their pages. Raises CommandError."""
        calls = _Calls(self.calls, state, person)
        asked = Asked(post, None, self._room, f"nellie:{state.id}")
        return await calls.read(self.documents.pieces(asked, calls.ask, _show))

    @property
    def _room(self) -> int:
        """Tokens of a text in one prompt."""
        return self.budget.total // 2


@dataclass(slots=True)
class _Calls:
    """The calls for one summary, and what the last of them said beside it."""

    calls: ChargedCalls
    state: ChannelState
    person: str
    note: str = field(default="", init=False)
    asked: bool = field(default=False, init=False)

    async def ask(self, prompt: Prompt) -> AsyncGenerator[str]:
        further, self.asked = self.asked, True
        answer = await self.calls.complete(self.state, prompt, self.person, further=further)
        if not answer.text.strip():
            raise EmptyAnswer(model=self.calls.name_of(self.state))
        self.note = answer.note
        yield answer.text

    async def read(self, pieces: AsyncGenerator[str]) -> str:
        try:
            async with aclosing(pieces):
                text = "".join([piece async for piece in pieces])
        except (LimitReached, ModelError) as error:
            raise CommandError(reason=FAILED.format(error=error)) from error
        return f"{text}\n({self.note})" if self.note else text


def _show(_: str) -> None:
    """A command shows nothing before its reply."""


def _passages(text: str) -> list[FoundPassage]:
    blocks = (Block(part) for part in text.split("\n\n") if part.strip())
    return [
        FoundPassage(document_id=0, name="", passage=one, tokens=estimate(one.text))
        for one in cut(blocks)
    ]
