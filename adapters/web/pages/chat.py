"""A conversation with her, and what is said there."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from adapters.web.conversation import entries
from adapters.web.desk import Desk
from adapters.web.files import Reception
from adapters.web.forms import CODING, read_form
from adapters.web.pages.rooms import NUMBER, Room, asked_number, number
from adapters.web.streams import Place, Stream
from bot.domain.consents import ConsentQuestion
from bot.domain.documents import PostedFile
from bot.domain.errors import CommandError, DatabaseUnavailable, LimitReached, NotAllowed, Refused
from bot.domain.model import Reply
from bot.domain.page import (
    Chat,
    DoneAlready,
    FileRefused,
    FileTooLarge,
    Visitor,
    author_of,
)
from bot.text.words import split_word

PLACE = f"/chat/{{channel:{NUMBER}}}"
LARGEST = 4 * 2**20  # bytes of what is said, in a form's coding
AWAY = (
    "The database does not answer just now, so this was not sent. It is still here: send it again."
)
AWAY_WITH_FILES = (
    "The database does not answer just now, so this was not sent. Your words are still here; send"
    " them again in the conversation, with the files."
)
LOOKS = 1_000_000  # without scripts, before their numbers begin anew
_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ChatPages(Room):
    """Where one talks."""

    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get(PLACE, self.signed_in(self.conversation)),
            web.post(PLACE, self.signed_in(self.desk.whole(self.say))),
        ]

    async def conversation(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What was said lately, or before."""
        before = asked_number(request, "before")
        return await self._show(request, visitor, number(request, "channel") or 0, before=before)

    async def say(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Say something, or give a command."""
        channel_id = number(request, "channel") or 0
        if request.content_type == CODING:
            given = await read_form(request, LARGEST)
            return await self.take(request, visitor, channel_id, given)
        fields: dict[str, str] = {}
        reception = Reception(self.page.uploading, visitor, channel_id)
        try:
            files = await reception.read(request, fields, LARGEST)
        except FileRefused as error:
            status = 413 if isinstance(error, FileTooLarge) else 422
            return await self._show(
                request, visitor, channel_id, status=status, error=str(error), typed=fields
            )
        except DatabaseUnavailable:
            return self._tell_unsent(request, visitor, channel_id, fields, AWAY_WITH_FILES)
        return await self.take(request, visitor, channel_id, fields, files)

    async def take(
        self,
        request: web.Request,
        visitor: Visitor,
        channel_id: int,
        given: Mapping[str, str],
        files: Sequence[PostedFile] = (),
        *,
        known: bool = False,
    ) -> web.Response:
        """What somebody said, or wants to be done."""
        text = given.get("text", "")
        try:
            if text.lstrip().startswith("/") and not files:
                return await self._command(request, visitor, channel_id, given)
            await self._ask(visitor, channel_id, text, token_of(given), files)
        except (Refused, CommandError, NotAllowed, LimitReached, DoneAlready) as error:
            return await self._show(
                request, visitor, channel_id, status=422, error=str(error), typed=given
            )
        except DatabaseUnavailable:
            words = AWAY_WITH_FILES if files else AWAY
            return self._tell_unsent(request, visitor, channel_id, given, words)
        return self.answers.go(request, f"{address_of(channel_id, known=known)}#text")

    def _tell_unsent(
        self,
        request: web.Request,
        visitor: Visitor,
        channel_id: int,
        given: Mapping[str, str],
        words: str,
    ) -> web.Response:
        """What was typed stands there, to be sent again."""
        return self.answers.show(
            request,
            "unsent.html",
            visitor,
            status=503,
            channel_id=channel_id,
            text=given.get("text", ""),
            token=token_of(given),
            words=words,
        )

    async def _ask(
        self,
        visitor: Visitor,
        channel_id: int,
        text: str,
        token: str,
        files: Sequence[PostedFile] = (),
    ) -> None:
        """Ask, once for each token, however often it is sent. What is not stored keeps no files."""
        chatting, desk = self.page.chatting, self.desk
        stored = False
        try:
            forgotten = await chatting.forgotten(visitor, channel_id)
            message = await chatting.question(visitor, channel_id, text, token, files)
            received = await desk.inbox.receive(message)
            stored = received.seq > 0
        finally:
            if not stored:
                await self.page.uploading.let_go(channel_id, files)
        if received.turn:
            desk.streams.note(received.turn, Place(channel_id, forgotten))

    async def _command(
        self, request: web.Request, visitor: Visitor, channel_id: int, given: Mapping[str, str]
    ) -> web.Response:
        line = given["text"].strip()
        chatting, token = self.page.chatting, token_of(given)
        reply = await chatting.carry_out(visitor, channel_id, line, token)
        if reply.attachment:
            return web.Response(
                text=reply.attachment,
                content_type="application/jsonl",
                headers={
                    "Content-Disposition": f'attachment; filename="nellie-{channel_id}.jsonl"',
                    "Cache-Control": "no-store",
                },
            )
        again = f"/{split_word(line[1:])[0]} {reply.confirm}" if reply.confirm else ""
        return await self._show(request, visitor, channel_id, reply=reply, again=again)

    async def _show(
        self,
        request: web.Request,
        visitor: Visitor,
        channel_id: int,
        *,
        before: int | None = None,
        status: int = 200,
        error: str = "",
        typed: Mapping[str, str] | None = None,
        reply: Reply | None = None,
        again: str = "",
    ) -> web.Response:
        chat = await self.page.chatting.chat(visitor, channel_id, before)
        author = author_of(visitor)
        streams = self.desk.streams.asked_by(author.id, chat.readable.channel, chat.forgotten)
        consents = await self._consents(chat, streams)
        values: dict[str, Any] = {
            "chat": chat,
            "entries": entries(chat, streams, consents, newest=before is None),
            "moved": before is not None,
            # An address that differs only by its fragment would be looked at no second time.
            "look": (asked_number(request, "look") or 0) % LOOKS + 1,
            "token": secrets.token_hex(16),
            "error": error,
            "known": "known" in request.query,
            "typed": (typed or {}).get("text", ""),
            "reply": reply,
            "again": again,
        }
        return self.answers.show(
            request, "conversation.html", visitor, status=status, here="/chat", **values
        )

    async def _consents(
        self, chat: Chat, streams: Sequence[Stream]
    ) -> Mapping[int, Sequence[ConsentQuestion]]:
        """What can still be decided, by turn."""
        asking = [one.id for one in chat.turns if one.asks and one.mine and not one.is_open]
        asking += [one.turn.id for one in streams if one.asks]
        return {id_: await self.desk.turns.open_consents(id_) for id_ in asking}


def address_of(channel_id: int, *, known: bool) -> str:
    """Of a conversation, which says where it was known before somebody began it."""
    return f"/chat/{channel_id}?known=1" if known else f"/chat/{channel_id}"


def token_of(given: Mapping[str, str]) -> str:
    """What makes sending a form twice one question; a form without one is a question of its own."""
    token = given.get("token", "")
    return token if _TOKEN.fullmatch(token) else secrets.token_hex(16)
