"""Pictures of a prompt: shown to a model that can see, left out with a note for one that cannot."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace

from bot.domain.errors import ContextOverflow, ModelError
from bot.domain.model import ChatMessage, Chunk, Prompt
from bot.domain.ports import Model
from bot.llm.overflow_words import own_words

NOT_SEEN = "this model cannot see pictures"
NOT_TAKEN = "the model's server did not take it"
IN_ITS_PLACE = "[a picture ({picture}) that you do not see: {reason}]"
_TOLD = "I have not seen the {pictures}: {model} {reason}."
_CANNOT_SEE, _DID_NOT_TAKE = "cannot see pictures", "did not take {it}"
_TOO_LARGE = 413
ASKED_WITHIN = 5.0  # seconds that a model may take to say whether it sees

# How servers say that a model takes text alone; each is one of them, or several.
_BLIND = re.compile(
    r"not a multi-?modal model|multi-?modal\W.{0,40}?not (?:supported|enabled)"  # vLLM, SGLang
    r"|(?:does not|doesn't|do not|cannot|can't|not) (?:support|accept|process|handle|take)"
    r"[^.]{0,40}?(?:image|vision|visual|picture|multi-?modal)"  # LM Studio, SGLang, OpenAI, xAI
    r"|(?:image|vision|visual)s?[^.]{0,30}? (?:is|are) (?:not|un|only) ?(?:supported|enabled|avail)"
    r"|image_url is only supported|mmproj|missing data required for image"  # llama.cpp, Ollama
    r"|support(?:s)? image input|only supports? text"  # OpenRouter: no endpoints that do
    r"|unknown variant `image_url`|content must be a string|valid string"  # DeepSeek, Groq, FastAPI
    r"|modality is not supported|text.only model",  # TGI
    re.IGNORECASE,
)
_OF_PICTURES = re.compile(r"\b(?:image|picture|vision|base64|image_url|modalit)", re.IGNORECASE)


async def can_see(model: Model, told: bool | None = None) -> bool | None:
    """Whether a model sees, by what the operator says or by its own word; None where unknown."""
    if told is not None:
        return told
    ask = getattr(model, "can_see", None)  # a plugin may be of another class
    try:
        async with asyncio.timeout(ASKED_WITHIN):
            return await ask() if ask else False
    except Exception:  # whatever a plugin raises: trying will show it
        return None


async def fit_pictures(model: Model, prompt: Prompt, told: bool | None) -> tuple[Prompt, str]:
    """The prompt as this model can take it, and what people are told of what was left out."""
    if not prompt.has_images or await can_see(model, told) is not False:
        return prompt, ""
    return leave_out(prompt, blind=True), _note(prompt, model.name, _CANNOT_SEE)


class Sight:
    """Whether one model at one server can see, as far as that is known."""

    def __init__(self, ask: Callable[[], Awaitable[bool | None]], told: bool | None = None) -> None:
        """`told` is what the operator says (NELLIE_VISION): then nothing is asked or learned."""
        self._ask = ask
        self._told = told
        self._sees: bool | None = None
        self._asked = False

    async def sees(self) -> bool | None:
        """None where it is not known; its server is asked once."""
        if self._told is not None:
            return self._told
        if not self._asked:
            self._sees = await self._ask()
            self._asked = True
        return self._sees

    def forget(self) -> None:
        """The server may be another one by now."""
        self._asked, self._sees = False, None

    def refuses(self, error: ModelError) -> bool:
        """Whether it is the pictures that a server refused; that it cannot see is remembered."""
        words = own_words(str(error.details.get("reason", "")))
        if isinstance(error, ContextOverflow):
            return error.details.get("status") == _TOO_LARGE
        if _BLIND.search(words):
            self._asked, self._sees = True, False
            return True
        return _OF_PICTURES.search(words) is not None


async def stream_with_pictures(
    stream: Callable[[Prompt], AsyncGenerator[Chunk]], prompt: Prompt, sight: Sight, model: str
) -> AsyncGenerator[Chunk]:
    """What a model says to a prompt with pictures, or without them where it takes none.

    That they were left out is told with the last chunk.
    """
    reason = _CANNOT_SEE if await sight.sees() is False else ""
    begun = False
    if not reason:
        try:
            async with aclosing(stream(prompt)) as chunks:
                async for chunk in chunks:
                    begun = begun or bool(chunk.text)
                    yield chunk
        except ModelError as error:
            if begun or not sight.refuses(error):
                raise
            reason = _CANNOT_SEE if await sight.sees() is False else _DID_NOT_TAKE
        else:
            return
    note = _note(prompt, model, reason)
    async with aclosing(stream(leave_out(prompt, blind=reason == _CANNOT_SEE))) as chunks:
        async for chunk in chunks:
            yield replace(chunk, note=note or chunk.note) if chunk.finish else chunk


def leave_out(prompt: Prompt, *, blind: bool) -> Prompt:
    """The prompt with a line in the place of each picture, so that the model can say so."""
    reason = NOT_SEEN if blind else NOT_TAKEN
    messages = (_without_images(one, reason) for one in prompt.messages)
    return replace(prompt, messages=tuple(messages))


def _without_images(message: ChatMessage, reason: str) -> ChatMessage:
    if not message.images:
        return message
    stable, rest = message.text[: message.stable], message.text[message.stable :]
    lines = [IN_ITS_PLACE.format(picture=image, reason=reason) for image in message.images]
    return replace(message, text=stable + "\n".join([*lines, rest]), images=())


def _note(prompt: Prompt, model: str, reason: str) -> str:
    count = sum(not image.beside for one in prompt.messages for image in one.images)
    if not count:
        return ""
    pictures, it = ("picture", "it") if count == 1 else (f"{count} pictures", "them")
    return _TOLD.format(pictures=pictures, model=model, reason=reason.format(it=it))
