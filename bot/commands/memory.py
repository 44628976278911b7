"""/memory show, search, log, rebuild, export: what is remembered of a channel."""

from dataclasses import dataclass

from bot.archives.jsonl import to_json_line
from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Message, Reply
from bot.memory.passage_recall import PassageRecall
from bot.prompting.message_line import format_line, quote
from bot.store.channels import Channels, ChannelState
from bot.store.messages import Messages
from bot.store.search import Search
from bot.store.summaries import LedgerLine, Summaries
from bot.text.mentions import split_mentions
from bot.text.plurals import counted
from bot.text.tokens import clip

SEARCH_RESULTS = 10  # messages that /memory search shows
SEARCHED_OF_PERSON = 1_000  # messages with the words, among which those of a person are looked for
FILE_RESULTS = 5  # passages of files
RESULT_TOKENS = 120  # tokens of each
LOG_ENTRIES = 10  # compactions that /memory log shows
EXPORT_LIMIT = 100_000  # messages that go out in one attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryCommands:
    """Shows, searches, summarizes again and exports a channel's memory."""

    channels: Channels
    messages: Messages
    summaries: Summaries
    search: Search
    passages: PassageRecall

    async def show(self, request: Request) -> Reply:
        """Say how much is remembered, and show the digest."""
        state = request.state
        count = await self.messages.count(state.id)
        if not count:
            return Reply("I remember nothing here yet.")
        segments = await self.summaries.count_segments(state.id)
        digest = await self.summaries.digest(state.id)
        first = await self.messages.first(state.channel, state.id)
        since = f", since {first.at:%Y-%m-%d %H:%M}" if first else ""
        lines = [f"I remember {counted(count, 'message')} here{since}."]
        if segments:
            blocks = counted(segments, "block")
            lines.append(f"Older ones are summarized in {blocks}: /memory log.")
        if await self.channels.opted_out(state.id, request.person.id):
            lines.append("I remember nothing that you say here: you opted out.")
        if digest:
            lines += ["", "In short:", digest]
        return Reply("\n".join(lines))

    async def find(self, request: Request) -> Reply:
        """Show the messages that match the words best, and what was read of files."""
        if not request.rest:
            raise CommandError(reason="Search for what? For example /memory search backup disk.")
        found = await self._search(request.state, request.rest)
        in_files = await self._search_files(request.state, request.rest)
        if not (found or in_files):
            return Reply(f"I remember nothing with “{request.rest[:80]}”.")
        lines = [
            f"#{message.seq} {format_line(message, RESULT_TOKENS)} {message.link}".strip()
            for message in found
        ]
        return Reply("\n".join([*lines, *in_files]))

    async def _search_files(self, state: ChannelState, asked: str) -> list[str]:
        people, words = split_mentions(asked)
        if people or not state.has_documents:
            return []
        found = await self.passages.find_by_words(state.id, words, limit=FILE_RESULTS)
        return [f"{one.citation} {clip(quote(one.passage.text), RESULT_TOKENS)}" for one in found]

    async def _search(self, state: ChannelState, asked: str) -> list[Message]:
        """What holds these words; of the people whom they mention alone, if they mention any."""
        people, words = split_mentions(asked)
        if not people:
            return await self.search.find(state.channel, state.id, words, limit=SEARCH_RESULTS)
        if words:
            found = await self.search.find(state.channel, state.id, words, limit=SEARCHED_OF_PERSON)
            return [one for one in found if one.author.id in people][:SEARCH_RESULTS]
        seqs = [seq for id_ in people for seq in await self.messages.seqs_of_author(state.id, id_)]
        return await self.messages.get(state.channel, state.id, sorted(seqs)[-SEARCH_RESULTS:])

    async def log(self, request: Request) -> Reply:
        """Show the latest compactions and what they cost."""
        ledger = await self.summaries.ledger(request.state.id, limit=LOG_ENTRIES)
        lines = [_ledger_line(entry) for entry in ledger]
        return Reply("\n".join(lines) or "I have summarized nothing here yet.")

    async def rebuild(self, request: Request) -> Reply:
        """Have every summary made again by the clock."""
        request.require_rights()
        count = await self.summaries.mark_all_dirty(request.state.id)
        if not count:
            return Reply("I have summarized nothing here yet.")
        summaries = counted(count, "summary", "summaries")
        return Reply(
            f"I make {summaries} here again from the messages, one after the other; until that is"
            " done, none of them is shown or used. No message is lost. /memory log tells what is"
            " done.",
            noted=summaries,
        )

    async def export(self, request: Request) -> Reply:
        """Hand over every message as JSON lines."""
        request.require_rights()
        count = await self.messages.count(request.state.id)
        if count > EXPORT_LIMIT:
            raise CommandError(
                reason=f"{count:,} messages are too many for a file here: use `nellie export`."
            )
        walk = self.messages.read_in_order(request.state.channel, request.state.id)
        lines = [to_json_line(message) async for message in walk]
        return Reply(f"{counted(len(lines), 'message')}.", attachment="\n".join([*lines, ""]))


def _ledger_line(entry: LedgerLine) -> str:
    flagged = f", {entry.flagged} made up and left out" if entry.flagged else ""
    return (
        f"{entry.at:%Y-%m-%d %H:%M}  #{entry.first}-#{entry.last}:"
        f" {counted(entry.messages, 'message')},"
        f" {entry.tokens_before:,} -> {entry.tokens_after:,} tokens, {entry.model}"
        f"{flagged}{' (rebuilt)' if entry.rebuilt else ''}"
    )
