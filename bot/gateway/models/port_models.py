"""Models with a port of their own (TGI, a file, a plugin) by the names of Chat Completions."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from bot.config.settings import Settings
from bot.domain.api import ApiError, Body, Caller
from bot.domain.model import Chunk, Usage
from bot.domain.ports import Model
from bot.gateway.models.chat_wire import write_answer
from bot.gateway.models.port_prompts import to_prompt
from bot.gateway.models.targets import TargetAnswer
from bot.llm.model_call import ModelCall
from bot.llm.passthrough.estimates import estimate_texts


class PortModel:
    """One such model."""

    is_same_for_all = True
    adds = 0

    def __init__(self, model: Model, settings: Settings) -> None:
        self.id = self.asks = model.name
        self.owned_by = model.name.partition("/")[0]
        self._model = model
        self._settings = settings

    async def chat(self, caller: Caller, body: Body) -> TargetAnswer:
        prompt = to_prompt(self.id, body, self._settings.max_answer)
        deadline = asyncio.get_running_loop().time() + self._settings.turn_timeout
        call = ModelCall(self._model, prompt, self._settings, deadline)
        answer = TargetAnswer(model=self.id)
        answer.usage = Usage(self.id, prompt.tokens, 0, estimated=True)
        return await write_answer(answer, self.id, body, _raising(call, answer))

    async def responses(self, caller: Caller, body: Body) -> TargetAnswer | None:
        return None

    async def embeddings(self, caller: Caller, body: Body) -> TargetAnswer:
        raise ApiError(f"{self.id} makes no embeddings.", status=400, param="model")


async def _raising(call: ModelCall, answer: TargetAnswer) -> AsyncGenerator[Chunk, None]:
    """The chunks; an error is raised, and what the call cost is noted before."""
    texts, reported = list[str](), None
    try:
        async with aclosing(call.chunks()) as chunks:
            async for chunk in chunks:
                texts.append(chunk.text)
                if chunk.usage:
                    reported = answer.usage = chunk.usage
                if chunk.usage and call.error:
                    raise call.error
                yield chunk
    finally:
        if answer.usage and not reported:  # whoever listened has gone
            answer.usage = replace(answer.usage, output=estimate_texts(texts))
