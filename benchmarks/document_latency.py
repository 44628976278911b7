"""How long recall over documents takes in a channel of 1,000 documents of 100 pages.

Words are drawn as language has them: few are everywhere, most are rare; a question holds some of
each. Beside it stands one round trip to the same Postgres.

python -m benchmarks.document_latency [--quick]
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate
from statistics import median, quantiles

import sqlalchemy as sa

from benchmarks.sample_channels import temporary
from bot.bootstrap import Nellie, started
from bot.core.message_checks import checked
from bot.domain.documents import Passage
from bot.domain.model import Author, Channel, Message
from bot.language.indexing import to_row
from bot.llm.registry import ModelRegistry
from bot.memory.choosing import Room
from bot.memory.recall import RoomOptions
from bot.memory.recollection import Recollection
from bot.store.database import Database

CHANNEL = Channel("bench", "", "archive")
ASKER = Author("asker", "the asker")
VOCABULARY = 40_000  # words
WORDS = 230  # of a passage
SAMPLES = 2_000  # different passages, of which all are drawn
WARM_UP = 20
TALK = 2_000  # messages beside the documents
_CHANCES = list(accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))


async def run(documents: int, pages: int, questions: int) -> dict[str, object]:
    """All figures, in milliseconds."""
    chance = random.Random(7)
    async with temporary() as (settings, database):
        models = ModelRegistry(settings)
        async with started(settings, database, models) as nellie:
            now = datetime.now(UTC)
            talk = [
                Message(CHANNEL, f"m{n}", Author(f"u{n % 9}", f"u{n % 9}"), _text(chance, 9), now)
                for n in range(TALK)
            ]
            await nellie.acceptance.remember(map(checked, talk))
            channel_id = await nellie.stores.channels.id(CHANNEL)
            began = time.monotonic()
            await _fill(database, channel_id, documents, pages, chance)
            print(f"{documents * pages:,} passages in {time.monotonic() - began:.0f} s")
            times = await _measure(nellie, channel_id, questions, chance)
        await models.close()
    return {
        "documents": documents,
        "passages": documents * pages,
        **{f"{name}_p50_ms": round(median(taken), 1) for name, taken in times.items()},
        **{f"{name}_p95_ms": round(quantiles(taken, n=20)[-1], 1) for name, taken in times.items()},
    }


async def _measure(
    nellie: Nellie, channel_id: int, questions: int, chance: random.Random
) -> dict[str, list[float]]:
    recollecting = nellie.gathering.material.recollecting
    times: dict[str, list[float]] = {"round_trip": [], "passages": [], "messages": [], "both": []}
    answered = 0
    for number in range(WARM_UP + questions):
        asked = Message(CHANNEL, "?", ASKER, f"what is {_question(chance)}?", datetime.now(UTC))
        asked = replace(asked, seq=TALK + 1, addressed=True)
        given = RoomOptions(tokens=2_000, before=TALK + 1, window=(), shown=2_000)
        works: Sequence[tuple[str, Awaitable[object]]] = (
            ("round_trip", nellie.stores.channels.state(channel_id)),
            ("passages", recollecting.passages.find(channel_id, asked, tokens=2_000)),
            ("messages", recollecting.recall.find(channel_id, asked, **given)),
            ("both", recollecting.read(channel_id, asked, Room(**given), has_documents=True)),
        )
        for name, work in works:
            began = time.perf_counter()
            found = await work
            if number >= WARM_UP:
                times[name].append(1_000 * (time.perf_counter() - began))
                answered += isinstance(found, Recollection) and bool(found.passages)
    assert answered > questions / 2
    return times


def _question(chance: random.Random) -> str:
    """Two words that are common, three less so, two rare ones."""
    ranks = (*_ranks(chance, 5, 60, 2), *_ranks(chance, 200, 3_000, 3))
    return " ".join(map(_word, (*ranks, *_ranks(chance, 8_000, 30_000, 2))))


def _ranks(chance: random.Random, first: int, last: int, many: int) -> Sequence[int]:
    return [chance.randrange(first, last) for _ in range(many)]


def _word(rank: int) -> str:
    return f"{'bcdfghklmnprst'[rank % 14]}o{rank:x}"


def _text(chance: random.Random, words: int) -> str:
    return " ".join(map(_word, chance.choices(range(VOCABULARY), cum_weights=_CHANCES, k=words)))


async def _fill(
    database: Database, channel_id: int, documents: int, pages: int, chance: random.Random
) -> None:
    samples = [to_row(Passage(number=n, text=_text(chance, WORDS))) for n in range(SAMPLES)]
    async with database.begin() as connection:
        await connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await connection.execute(_SAMPLES, {"rows": json.dumps(samples)})
        await connection.execute(_TERMS)
        key = {"channel": channel_id, "pages": pages, "samples": SAMPLES}
        await connection.execute(_DOCUMENTS, {**key, "documents": documents})
        await connection.execute(_POSTS, key)
        for first in range(1, documents + 1, 50):
            of_these = {**key, "first": first, "last": min(documents, first + 49)}
            await connection.execute(_PASSAGES, of_these)
            await connection.execute(_POSTINGS, of_these)
    async with database.autocommit() as connection:
        for upkeep in ("VACUUM ANALYZE", "CHECKPOINT"):  # in daily life they come by themselves
            await connection.execute(sa.text(upkeep))


_SAMPLES = sa.text("""
    CREATE TEMP TABLE sample ON COMMIT DROP AS
    SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r(
        number int, text text, tokens int, terms json, length smallint)
""")
_TERMS = sa.text("""
    CREATE TEMP TABLE sample_term ON COMMIT DROP AS
    SELECT number, length, t.key AS term, CAST(t.value AS smallint) AS count
    FROM sample, json_each_text(terms) t
""")
_DOCUMENTS = sa.text("""
    INSERT INTO document (channel_id, sha256, kind, title, pages, passages, tokens, notes)
    SELECT :channel, 'sum ' || n, 'PDF', 'title ' || n, :pages, :pages, 30000, '{}'
    FROM generate_series(1, CAST(:documents AS int)) n
""")
_POSTS = sa.text("""
    INSERT INTO posted_file (channel_id, seq, external_id, origin, name, media_type, size, alt,
                             address, state, document_id)
    SELECT channel_id, 0, 'file ' || id, 'operator', 'report-' || id || '.pdf', '', 1, '', '',
           'read', id
    FROM document WHERE channel_id = :channel
""")
_DRAWN = """
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) d
    CROSS JOIN generate_series(1, CAST(:pages AS int)) n
    JOIN {} s ON s.number = abs(hashint8(d * 1000 + n)) % CAST(:samples AS int)
"""
_PASSAGES = sa.text(f"""
    INSERT INTO passage SELECT :channel, d, n, '', s.text, n, n, s.tokens
    {_DRAWN.format("sample")}
""")
_POSTINGS = sa.text(f"""
    INSERT INTO passage_posting SELECT :channel, s.term, d, n, s.count, s.length
    {_DRAWN.format("sample_term")}
""")


if __name__ == "__main__":
    size = (20, 50, 20) if "--quick" in sys.argv else (1_000, 100, 150)
    print(json.dumps(asyncio.run(run(*size))))
