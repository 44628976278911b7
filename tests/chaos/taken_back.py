"""What people take back while nobody listens: in the end, nothing may hold it."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from chaos.platforms import Platforms
from chaos.postgres import Postgres
from chaos.traffic import PersonMessage

from bot.language.terms import extract_terms

AT_ONCE = 6  # messages, at most
LATELY = 120  # of the newest that are remembered, from which those are chosen
_KNOWN = """
    SELECT c.platform, m.external_id FROM message m JOIN channel c ON c.id = m.channel_id
    WHERE NOT m.nellie AND NOT m.deleted ORDER BY m.said_at DESC LIMIT :limit
"""
# Summaries that are hidden until they are made again show nothing.
_HOLDERS = """
    SELECT 'message ' || seq AS holder, text FROM message WHERE NOT deleted AND text ~ :marks
    UNION ALL SELECT 'posting ' || seq, term FROM posting WHERE term = ANY(CAST(:terms AS text[]))
    UNION ALL SELECT 'turn ' || id, concat(question, text) FROM turn
    WHERE concat(question, text) ~ :marks
    UNION ALL SELECT 'segment ' || first_seq, CAST(statements AS text) FROM segment
    WHERE NOT dirty AND CAST(statements AS text) ~ :marks
    UNION ALL SELECT 'digest of ' || channel_id, text FROM digest WHERE NOT dirty AND text ~ :marks
"""


@dataclass
class TakenBack:
    """Messages whose words were deleted or rewritten, by the mark with which they began."""

    platforms: Platforms
    postgres: Postgres
    rng: random.Random
    marks: dict[str, PersonMessage] = field(default_factory=dict)

    async def choose(self) -> list[PersonMessage]:
        """Some of what was said lately, is remembered, and is no question."""
        known = set(map(tuple, await self.postgres.rows(_KNOWN, limit=LATELY)))
        found = [
            message
            for message in self.platforms.sent
            if message.key in known and not message.asks and message.id not in self.marks
        ]
        return self.rng.sample(found, min(len(found), self.rng.randint(1, AT_ONCE)))

    def take_back(self, messages: list[PersonMessage], *, edit: bool) -> None:
        """Delete or rewrite them; no replica is told."""
        for message in messages:
            self.marks[message.id] = message
            text = f"nothing, forget it ({len(self.marks)})" if edit else ""
            [traffic] = [one for one in self.platforms.traffic if one.name == message.platform]
            traffic.take_back(message, text)

    async def still_remembered(self) -> Iterator[tuple[PersonMessage, str]]:
        """Each that somebody could still be shown, and where it stands."""
        if not self.marks:
            return iter(())
        by_term = {term: id_ for id_ in self.marks for term in extract_terms(id_)}
        pattern = re.compile(rf"\b({'|'.join(self.marks)})\b")
        values = {"marks": pattern.pattern.replace(r"\b", r"\y"), "terms": list(by_term)}
        rows = await self.postgres.rows(_HOLDERS, **values)
        return (
            (self.marks[id_], f"{holder}: {text[:100]}")
            for holder, text in rows
            for id_ in {by_term.get(text), *pattern.findall(text)} & self.marks.keys()
        )
