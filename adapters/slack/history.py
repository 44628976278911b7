"""What was written while nobody listened: conversations.history and .replies, oldest first."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from adapters.slack.directory import Directory
from adapters.slack.file_details import describe_stubs
from adapters.slack.files import is_stub
from adapters.slack.incoming import (
    BotIdentity,
    check_fields,
    format_ts,
    is_heard,
    is_of_unheard_bot,
    is_said,
    parse_ts,
    to_message,
)
from adapters.slack.web_api import WebApi
from bot.domain.model import NELLIE, Channel, Message
from bot.text.json_fields import read_field

MOST = 10_000  # messages read back at once, the newest
PAGE = 500
OLDER_THREADS = timedelta(days=7)  # before the beginning, in which threads may have gone on
STUBS = 100  # messages, the newest, of which Slack is asked what the stubs of their files are
UNHEARD = 10  # posts of other bots that are read for a question in their thread
NAMES_WITHIN = 20.0  # seconds that history waits for names

log = structlog.get_logger(__name__, platform="slack")

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of messages, as Slack answers."""

    messages: list[tuple[Fields, Fields]]
    """Each with the fields that matter here, and with all of them."""
    whole: bool
    """Whether everything in it was understood."""
    last: bool
    hides_more: bool
    """There is more, which Slack does not show: on this plan, or by its own mistake."""


async def read_pages(api: WebApi, method: str, arguments: dict[str, Any]) -> AsyncIterator[Page]:
    """The pages of conversations.history, newest first, or of conversations.replies.

    Where Slack says that there is more and not where, the next begins at the end of this one.
    """
    rest: dict[str, str] = {}
    while True:
        answer = await api.read(method, **{**arguments, **rest}, limit=PAGE)
        entries = read_field(answer, "messages", list, [])
        messages = list(filter(None, map(_checked, entries)))
        rest = _rest(method, answer, messages, rest)
        limited = read_field(answer, "is_limited", bool, False)
        cut = not rest and read_field(answer, "has_more", bool, False)
        yield Page(messages, len(messages) == len(entries), not rest, limited or cut)
        if not rest:
            return


def _rest(
    method: str, answer: Fields, messages: list[tuple[Fields, Fields]], before: dict[str, str]
) -> dict[str, str]:
    """Where the next page begins; nowhere where this was the last, or brought nothing further."""
    metadata = read_field(answer, "response_metadata", dict, {})
    if cursor := read_field(metadata, "next_cursor", str, ""):
        return {**before, "cursor": cursor}
    stamps = sorted((message["ts"] for message, _ in messages), key=float)
    if not stamps or not read_field(answer, "has_more", bool, False):
        return {}
    if method == "conversations.history":
        further = float(stamps[0]) < float(before.get("latest", "inf"))
        return {"latest": stamps[0]} if further else {}
    further = float(stamps[-1]) > float(before.get("oldest", "-inf"))
    return {"oldest": stamps[-1]} if further else {}


def _checked(raw: Any) -> tuple[Fields, Fields] | None:
    try:
        message = check_fields(raw)
        parse_ts(read_field(message, "ts", str))
    except ValueError as error:
        log.warning("history_message_not_understood", reason=str(error))
        return None
    return message, raw


class History:
    """Reads the history of channels and threads."""

    def __init__(
        self, *, api: WebApi, directory: Directory, identity: BotIdentity, bots: frozenset[str]
    ) -> None:
        self._api = api
        self._directory = directory
        self._identity = identity
        self._bots = bots

    async def read_since(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        """Every message since then that Nellie would have heard. Raises what Slack refuses."""
        found = await self._find_since(channel.id, after)
        await self._directory.conversation(channel.id)
        current = self._directory.channel(channel.id, direct=channel.direct)
        names = await self._directory.names_in(found, channel.id, NAMES_WITHIN)
        with_stubs = [one["ts"] for one in found if any(map(is_stub, one["files"]))]
        for message in found:
            if message["ts"] in with_stubs[-STUBS:]:
                message["files"] = await describe_stubs(self._api, message["files"])
            yield to_message(message, current, self._identity, names)

    async def read_thread(self, channel: Channel, root: str) -> list[Message]:
        """A whole thread, with Nellie's own answers, for somebody who may read it."""
        arguments = {"channel": channel.id, "ts": root}
        found = [
            message
            async for message, _ in self._read_pages("conversations.replies", arguments)
            if self._hears(message) or self._identity.wrote(message)
        ]
        return await self._to_messages(channel, found)

    async def read_message(self, channel: Channel, ts: str) -> list[Message]:
        """One message, for somebody who may read it, whoever wrote it; none that says nothing."""
        at = {"ts": ts, "oldest": ts, "latest": ts, "inclusive": "true"}
        arguments = {"channel": channel.id, **at}
        found = [
            message
            async for message, _ in self._read_pages("conversations.replies", arguments)
            if message["ts"] == ts and is_said(message)
        ]
        read = await self._to_messages(channel, found)
        return [message for message in read if message.text]

    async def _to_messages(self, channel: Channel, found: list[Fields]) -> list[Message]:
        """As messages, Nellie's own as hers."""
        names = await self._directory.names_in(found, channel.id)
        messages = []
        for fields in found:
            message = to_message(fields, channel, self._identity, names)
            own = self._identity.wrote(fields)
            messages.append(replace(message, author=NELLIE) if own else message)
        return messages

    async def read_unheard_bots(self, channel: Channel, root: str) -> list[Message]:
        """What bots that are not heard wrote in a thread: what began it, and the newest."""
        arguments = {"channel": channel.id, "ts": root}
        found = [
            message
            async for message, _ in self._read_pages("conversations.replies", arguments)
            if is_of_unheard_bot(message, self._identity, self._bots)
        ]
        kept = [*found[:1], *found[1:][-UNHEARD:]]
        names = await self._directory.names_in(kept, channel.id)
        read = [to_message(one, channel, self._identity, names) for one in kept]
        return [message for message in read if message.text]

    async def _find_since(self, channel: str, after: datetime) -> list[Fields]:
        """The messages of a channel and of its threads, also of those that are a little older."""
        found: dict[str, Fields] = {}
        threads: list[str] = []
        begin = max(after - OLDER_THREADS, datetime.fromtimestamp(0, UTC))
        arguments = {"channel": channel, "oldest": format_ts(begin)}
        async for message, raw in self._read_pages("conversations.history", arguments):
            if parse_ts(message["ts"]) > after and self._hears(message):
                found[message["ts"]] = message
            latest_reply = read_field(raw, "latest_reply", str, "")
            if latest_reply and parse_ts(latest_reply) > after:
                threads.append(message["ts"])
            if len(found) >= MOST:
                break
        for root in threads:
            arguments = {"channel": channel, "ts": root, "oldest": format_ts(after)}
            async for message, _ in self._read_pages("conversations.replies", arguments):
                if parse_ts(message["ts"]) > after and self._hears(message):
                    found[message["ts"]] = message
        return [found[ts] for ts in sorted(found, key=float)]

    async def _read_pages(
        self, method: str, arguments: dict[str, Any]
    ) -> AsyncIterator[tuple[Fields, Fields]]:
        """Messages: the fields that matter here, and all of them."""
        async for page in read_pages(self._api, method, arguments):
            for message, raw in page.messages:
                yield message, raw

    def _hears(self, message: Fields) -> bool:
        return is_heard(message, self._identity, self._bots)
