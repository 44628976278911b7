"""search_memory: what was said in this channel, by words, by person and by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain

from bot.domain.documents import FoundPassage
from bot.domain.model import Message
from bot.domain.tool_errors import ToolFailed
from bot.domain.toolbox import ToolContext
from bot.domain.tools import Tool
from bot.memory.local_times import LocalTimes
from bot.memory.passage_recall import PassageRecall
from bot.memory.semantic_index import SemanticIndex
from bot.store.messages import Messages
from bot.store.search import Search, Wanted
from bot.tools.arguments import Arguments
from bot.tools.builtin.people import find_people
from bot.tools.builtin.times import read_past
from bot.tools.builtin.tool import Told, schema, text_of
from bot.tools.quotes import quote_messages, quote_passages

SHOWN, MOST_SHOWN = 12, 40  # messages
PASSAGES = 4  # of files
LOOKED_AT = 200  # messages by words, and by meaning, of which the best are shown
PEOPLE = 500  # of a channel, whose names are known
LONGEST_WORDS = 300  # characters
_SMOOTH = 60  # the further down two lists, the less it matters by how much
_INSTANT = timedelta(microseconds=1)

TOOL = Tool(
    name="search_memory",
    description="Searches everything that was said in this channel, also long ago, and the files"
    " that were posted: by words (any of them may match, in several wordings at once), by person,"
    " by time, or all together. Returns quotes with time, author and link; of files with the page.",
    schema=schema(
        words={
            "type": "array",
            "items": {"type": "string"},
            "description": "What to look for, in several wordings: names, synonyms, codes. Leave"
            " out for the newest that was said.",
        },
        person=text_of("Only what this person said: a name, or me for the asker."),
        since=text_of("Only from then on: 2026-11-30, 2026-11-30T14:00, or yesterday."),
        until=text_of("Only until then, in the same way; a day is included."),
        limit={"type": "integer", "description": f"Messages to return; {SHOWN} by default."},
    ),
    status="searching memory",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchMemory:
    """Searches the memory of the channel in which it is called, and of no other."""

    messages: Messages
    search: Search
    semantic_index: SemanticIndex | None
    local_times: LocalTimes
    passages: PassageRecall
    tool = TOOL
    missing = ""

    async def run(self, arguments: Arguments, context: ToolContext) -> Told:
        """The messages that match best, as quotes. Raises ToolFailed."""
        words = " ".join(arguments.texts("words", LONGEST_WORDS))
        wanted = await self._read_wanted(arguments, context)
        limit = arguments.number("limit", SHOWN, 1, MOST_SHOWN)
        found = await self._find(words, wanted, context)
        in_files = await self._find_in_files(words, wanted, context)
        if not (found or in_files):
            return Told("Nothing that was said here matches. Try other words, or fewer limits.")
        text, shown = quote_messages(found[:limit])
        order = "the best first" if words else "the newest first"
        head = f"What was said in this channel ({order}), as quotes:"
        more = f"\n({len(found) - len(shown)} more match.)" if len(found) > len(shown) else ""
        of_messages = f"{head}\n{text}{more}" if found else ""
        of_files = quote_passages(in_files)
        rests_on = (one.seq for one in shown), (-one.document_id for one in in_files)
        return Told(
            "\n".join(filter(None, (of_messages, of_files))),
            tuple(dict.fromkeys(chain.from_iterable(rests_on))),
        )

    async def _find_in_files(
        self, words: str, wanted: Wanted, context: ToolContext
    ) -> list[FoundPassage]:
        """Parts of files that were posted in that time; a file is nobody's words."""
        if not words or wanted.authors is not None:
            return []
        found = await self.passages.find_by_words(context.channel_id, words, limit=PASSAGES)
        return [
            one
            for one in found
            if one.at
            and not (wanted.start and one.at < wanted.start)
            and not (wanted.end and one.at >= wanted.end)
        ]

    async def _read_wanted(self, arguments: Arguments, context: ToolContext) -> Wanted:
        person, since = arguments.text("person", 100), arguments.text("since", 100)
        until, authors = arguments.text("until", 100), None
        if person:
            people = await self.messages.authors(context.channel_id, limit=PEOPLE)
            authors = find_people(person, people, context.turn.asker)
        start = end = None
        if since or until:
            zone, now = await self.local_times.zone_of(context.turn), datetime.now(UTC)
            if since:
                start = read_past(since, now, zone).start
            if until:
                span = read_past(until, now, zone)
                end = span.end if span.end and span.end > span.start else span.start + _INSTANT
        if start and end and start >= end:
            raise ToolFailed(reason="“since” is after “until”.")
        return Wanted(authors=authors, start=start, end=end, without=context.turn.trigger.seq)

    async def _find(self, words: str, wanted: Wanted, context: ToolContext) -> list[Message]:
        channel, channel_id = context.turn.channel, context.channel_id
        by_words = await self.search.wanted(channel, channel_id, words, wanted, limit=LOOKED_AT)
        if not words or self.semantic_index is None:
            return by_words
        nearest = await self.semantic_index.find_nearest(channel_id, words, limit=LOOKED_AT)
        order = [hit.seq for hit in sorted(nearest, key=lambda hit: -hit.score)]
        read = {one.seq: one for one in await self.messages.get(channel, channel_id, order)}
        by_meaning = [read[seq] for seq in order if seq in read and wanted.has(read[seq])]
        return _merge(by_words, by_meaning)


def _merge(*lists: Sequence[Message]) -> list[Message]:
    """What stands high in any of these, the best first."""
    scores, messages = dict[int, float](), dict[int, Message]()
    for order in lists:
        for place, message in enumerate(order):
            scores[message.seq] = scores.get(message.seq, 0.0) + 1 / (_SMOOTH + place)
            messages[message.seq] = message
    return sorted(messages.values(), key=lambda one: -scores[one.seq])
