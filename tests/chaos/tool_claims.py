"""What must hold of the calls of tools, whatever went wrong: the server, the rows and the posts."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaos.postgres import Postgres
from doubles.counting_server import CountingServer

from bot.core.tool_rounds import DONE, UNSURE

_CALLS = """
    SELECT c.key, c.state, c.turn_id, t.state, c.call IS NOT NULL OR c.said IS NOT NULL
           OR c.result IS NOT NULL, c.changes, ch.platform, m.external_id
    FROM tool_call c JOIN turn t ON t.id = c.turn_id JOIN channel ch ON ch.id = t.channel_id
    JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
"""


def _pattern(note: str) -> str:
    return re.escape(" ".join(note.split())).replace(re.escape("{tools}"), r"[\w ]+?")


_TOLD = re.compile(_pattern(UNSURE))
_NOTES = re.compile(f" ?({_pattern(UNSURE)}|{_pattern(DONE)}) ?")


@dataclass(frozen=True, slots=True)
class _Call:
    key: str
    state: str
    turn: int
    turn_state: str
    has_words: bool
    changes: bool
    platform: str
    question: str


def without_notes(text: str) -> str:
    """An answer without what is told of its calls; spaces are single ones."""
    return _NOTES.sub(" ", text).strip()


@dataclass(frozen=True)
class ToolClaims:
    """Looks at all calls of a run."""

    server: CountingServer
    postgres: Postgres

    async def broken(self, texts: Mapping[tuple[str, str], str]) -> Sequence[tuple[str, str]]:
        """What should not be, by kind; given each question's answer as it is shown."""
        calls = [_Call(*row) for row in await self.postgres.rows(_CALLS)]
        return [*self._twice(), *self._silent(calls, texts), *_left(calls)]

    def _twice(self) -> Iterator[tuple[str, str]]:
        for key, times in self.server.counted.items():
            if times > 1:
                yield "doubled", f"the call {key} was carried out {times} times"
        berths = Counter(self.server.arguments[key] for key in self.server.counted)
        for berth, times in berths.items():
            if times > 1:
                yield "doubled", f"{berth} was booked by {times} calls"

    def _silent(
        self, calls: Sequence[_Call], texts: Mapping[tuple[str, str], str]
    ) -> Iterator[tuple[str, str]]:
        changes = {one.key: one for one in calls if one.changes}
        for key in self.server.counted.keys() - changes.keys():
            yield "lost", f"the call {key} was carried out and has no row"
        for key, one in changes.items():
            counted = self.server.counted[key]
            if (one.state == "done" and not counted) or (
                counted and one.state not in ("done", "unknown", "running")
            ):
                yield "lost", f"turn {one.turn}: counted {counted} times, and {one.state}"
            text = texts.get((one.platform, one.question), "")
            if one.state == "unknown" and text and not _TOLD.search(" ".join(text.split())):
                yield "lost", f"turn {one.turn}: nobody was told that a call is unknown: {text!r}"


def _left(calls: Sequence[_Call]) -> Iterator[tuple[str, str]]:
    for one in calls:
        if one.turn_state not in ("waiting", "running"):
            if one.state in ("planned", "waiting", "running"):
                yield "stuck", f"turn {one.turn} has ended, and a call of it is {one.state}"
            if one.has_words:
                yield "still_remembered", f"turn {one.turn} has ended, and its calls have words"
