"""What one does with an answer: look on while it is made, stop, retry, rate it, decide."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from adapters.web.conversation import Answering, answering, kept
from adapters.web.desk import Desk
from adapters.web.events import HEARTBEAT, Event, send_events
from adapters.web.forms import read_form
from adapters.web.guards import check_reader
from adapters.web.pages.rooms import NUMBER, Room, number, to_number
from adapters.web.settings import WebSettings
from adapters.web.streams import Place, Stream
from bot.domain.errors import DatabaseUnavailable, NotAllowed
from bot.domain.page import ChatTurn, NotThere, Visitor, author_of, is_at_machine

TURN = f"/chat/turns/{{turn:{NUMBER}}}"
LOOKS = (0.05, 0.1, 0.2, 0.5)  # seconds before each look at what another process does; then:
LOOK = 1.0
APART = 0.2  # seconds between two events of one answer
AT_REST = 10  # times as long as writing one took, at least: others wait meanwhile


@dataclass(frozen=True, slots=True)
class TurnPages(Room):
    """One answer."""

    desk: Desk
    settings: WebSettings

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get(f"{TURN}/events", self.events),
            web.post(f"{TURN}/stop", self.signed_in(self.desk.whole(self.stop))),
            web.post(f"{TURN}/retry", self.signed_in(self.desk.whole(self.retry))),
            web.post(f"{TURN}/go-on", self.signed_in(self.desk.whole(self.go_on))),
            web.post(f"{TURN}/rate", self.signed_in(self.desk.whole(self.rate))),
            web.post(f"{TURN}/consent", self.signed_in(self.desk.whole(self.consent))),
        ]

    async def events(self, request: web.Request) -> web.StreamResponse:
        """The answer as it is made; while nobody can say who asks for it, that."""
        check_reader(request.headers, self.settings)
        try:
            return await self.signed_in(self._look_on)(request)
        except DatabaseUnavailable:
            return await send_events(request, self._away())

    async def stop(self, request: web.Request, visitor: Visitor) -> web.Response:
        """End an answer that is being made."""
        turn, channel_id = await self._own(request, visitor)
        if turn.is_open:
            await self.desk.turns.stop(turn.id)
        return self._back(request, channel_id, turn.id)

    async def retry(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Have it answered once more."""
        turn, channel_id = await self._own(request, visitor)
        if await self.desk.turns.retry(turn.id):
            await self._note(visitor, turn.id, channel_id)
        return self._back(request, channel_id, turn.id)

    async def go_on(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Ask for the rest of it."""
        turn, channel_id = await self._own(request, visitor)
        received = await self.desk.turns.go_on(turn.id, author_of(visitor))
        if received.turn:
            await self._note(visitor, received.turn, channel_id)
        return self._back(request, channel_id, received.turn or turn.id)

    async def rate(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Say what one thinks of it."""
        given = await read_form(request)
        turn, channel_id = await self._theirs(request, visitor)
        good = given.get("good") == "1"
        await self.desk.turns.rate(turn.id, author_of(visitor), good=good)
        return self._back(request, channel_id, turn.id)

    async def consent(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Decide whether a tool may change something."""
        given = await read_form(request)
        question, allows = to_number(given.get("question", "")), given.get("allows")
        if question is None or allows not in ("0", "1"):
            raise NotThere
        asking = await self.desk.turns.asking(question)
        if asking is None or asking.id != number(request, "turn"):
            raise NotThere
        turn, channel_id = await self._own(request, visitor)
        end = await self.desk.turns.consent(
            question,
            author_of(visitor),
            allows=allows == "1",
            has_rights=is_at_machine(visitor),
        )
        if end.turn_id:
            await self._note(visitor, end.turn_id, channel_id)
        return self._back(request, channel_id, end.turn_id or turn.id)

    async def _theirs(self, request: web.Request, visitor: Visitor) -> tuple[ChatTurn, int]:
        return await self.page.chatting.turn(visitor, number(request, "turn") or 0)

    async def _own(self, request: web.Request, visitor: Visitor) -> tuple[ChatTurn, int]:
        """A turn with which the visitor may do something. Raises NotThere and NotAllowed."""
        turn, channel_id = await self._theirs(request, visitor)
        if not turn.mine:
            raise NotAllowed(who="who asked")
        return turn, channel_id

    async def _note(self, visitor: Visitor, turn_id: int, channel_id: int) -> None:
        forgotten = await self.page.chatting.forgotten(visitor, channel_id)
        self.desk.streams.note(turn_id, Place(channel_id, forgotten))

    def _back(self, request: web.Request, channel_id: int, turn_id: int) -> web.Response:
        return self.answers.go(request, f"/chat/{channel_id}#turn-{turn_id}")

    async def _look_on(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        turn_id = number(request, "turn") or 0
        with self.desk.streams.reader(visitor.session):
            await self._answer(visitor, turn_id)  # whether they may see it is said before all else
            cookie = self.answers.cookies.session(request)
            return await send_events(request, self._watch(visitor, cookie, turn_id))

    async def _watch(
        self, visitor: Visitor, cookie: str, turn_id: int
    ) -> AsyncIterator[Event | None]:
        """Until it has ended, it is not theirs to see any more, or the server closes."""
        seen, looks, last = -1, 0, time.monotonic()
        streams, shown = self.desk.streams, ""
        while not streams.closing.is_set():
            stream = streams.find(turn_id)
            if stream and stream.is_open:
                if await stream.wait(seen, LOOK) or stream.status != shown:
                    seen, shown, began = stream.changes, stream.status, time.monotonic()
                    html = self._part(kept(stream))
                    took = time.monotonic() - began
                    yield "text", html
                    await self._pause(max(APART, took * AT_REST))
            else:
                seen = -1
                ended, html = await self._look(visitor, turn_id)
                if ended or html != shown:
                    shown = html
                    yield ("done" if ended else "text"), html
                if ended:
                    return
                await self._pause(LOOKS[looks] if looks < len(LOOKS) else LOOK)
                looks += 1
            if time.monotonic() - last > HEARTBEAT:  # also while text comes without a pause
                if not await self._may_look(cookie, turn_id):
                    return
                last = time.monotonic()
                yield None

    async def _may_look(self, cookie: str, turn_id: int) -> bool:
        """Whether they are still signed in and may see it; while nobody can say, they may."""
        with suppress(DatabaseUnavailable):
            try:
                visitor = await self.page.signing.visitor(cookie)
                if visitor is None:
                    return False
                await self._answer(visitor, turn_id)
            except NotThere:
                return False
        return True

    async def _look(self, visitor: Visitor, turn_id: int) -> tuple[bool, str]:
        """Whether it has ended, and what is to be shown now."""
        try:
            found = await self._answer(visitor, turn_id)
        except NotThere:
            return True, self._part(None)
        except DatabaseUnavailable:
            return False, self._part(None, away=True)
        return not found.is_open, self._part(found)

    async def _answer(self, visitor: Visitor, turn_id: int) -> Answering:
        """An answer as it stands. Raises NotThere."""
        stream = self.desk.streams.find(turn_id)
        chatting = self.page.chatting
        try:
            turn, channel_id = await chatting.turn(visitor, turn_id)
        except NotThere:
            return await self._kept(visitor, stream)
        message = None if turn.is_open else await chatting.answer(visitor, turn_id)
        decides = turn.asks and turn.mine and not turn.is_open
        consents = await self.desk.turns.open_consents(turn_id) if decides else ()
        if not message and stream and not turn.is_open:
            place = self.desk.streams.place(turn_id)
            if place and await chatting.forgotten(visitor, channel_id) != place.forgotten:
                stream = None
        return answering(turn, stream, consents, message)

    async def _kept(self, visitor: Visitor, stream: Stream | None) -> Answering:
        """A private answer of which nothing is kept but here. Raises NotThere."""
        place = self.desk.streams.place(stream.turn.id) if stream else None
        if not (stream and place and stream.turn.asker.id == author_of(visitor).id):
            raise NotThere
        if await self.page.chatting.forgotten(visitor, place.channel_id) != place.forgotten:
            raise NotThere
        consents = await self.desk.turns.open_consents(stream.turn.id) if stream.asks else ()
        return kept(stream, consents)

    def _part(self, answer: Answering | None, *, away: bool = False) -> str:
        return self.answers.part("answer.html", answer=answer, away=away)

    async def _away(self) -> AsyncIterator[Event | None]:
        yield "text", self._part(None, away=True)

    async def _pause(self, seconds: float) -> None:
        """Wait, unless the server closes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.desk.streams.closing.wait()
