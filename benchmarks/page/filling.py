"""A memory of years: channels, questions with all that is kept of their answers, summaries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from benchmarks.sample_channels import fill
from bot.domain.model import Channel
from bot.domain.page import TERMINAL
from bot.store.database import Database

OVER = timedelta(days=120)
LARGE = "large"  # what the largest channels are called
SCRIPTS = (
    "general",
    "разработка",
    "デザイン",
    "운영",
    "الدعم",
    "ελληνικά",
    "हिन्दी",
    "ไทย",
    "🚀-launch",
)
QUESTION_EVERY = 10  # messages


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    messages: int
    """A tenth as many questions."""
    channels: int
    large: int
    """Channels that share half of the messages."""
    empty: int
    """Channels beside them in which little was said, on another platform."""


def names(size: Size) -> Mapping[Channel, int]:
    """The channels of who sits at the machine, with their messages."""
    half = size.messages // 2
    large = {
        Channel(TERMINAL, "you", f"{LARGE}-{number}"): half // size.large
        for number in range(size.large)
    }
    many = size.channels - size.large
    small = {
        Channel(TERMINAL, "you", f"{SCRIPTS[number % len(SCRIPTS)]}-{number}"): half // many
        for number in range(many)
    }
    return {**large, **small}


async def fill_memory(database: Database, size: Size) -> None:
    """Fill an empty database."""
    await fill(database, names(size), over=OVER)
    async with database.begin() as connection:
        await connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        for statement in (*_OF_TURNS, _COMPACTIONS, _SEGMENTS):
            await connection.execute(statement, {"every": QUESTION_EVERY})
        await connection.execute(_WAITING)
        await connection.execute(_EMPTY, {"channels": size.empty, "scripts": list(SCRIPTS)})
    async with database.autocommit() as connection:
        for upkeep in ("VACUUM ANALYZE", "CHECKPOINT"):  # in daily life they come by themselves
            await connection.execute(sa.text(upkeep))


_ANSWERS = sa.text("""
    UPDATE message SET nellie = true, author_id = 'nellie', author_name = 'Nellie',
        rests_on = ARRAY[seq - 1, greatest(1, seq / 2), greatest(1, seq / 3)],
        shown_from = greatest(1, seq - 200)
    WHERE seq % CAST(:every AS int) = 4
""")
_TURNS = sa.text("""
    INSERT INTO turn (channel_id, lane, trigger_seq, asker_id, asker_name, state, attempts, posted,
                      created_at, finished_at, error)
    SELECT channel_id, '', seq, author_id, author_name,
           CASE WHEN seq % 500 = 3 THEN 'failed' ELSE 'done' END, 1, ARRAY['old' || seq + 1],
           said_at, said_at + (1 + seq % 97 / 10.0) * interval '1 second',
           CASE WHEN seq % 500 = 3 THEN 'the model did not answer' END
    FROM message WHERE seq % CAST(:every AS int) = 3 ORDER BY said_at
""")
_USAGE = sa.text("""
    INSERT INTO usage (channel_id, at, purpose, turn_id, author_id, payer, model, input, cached,
                       cache_write, output, attempt, estimated)
    SELECT channel_id, finished_at, 'answer', id, asker_id, asker_id,
           (ARRAY['openai/gpt', 'openai/gpt', 'tgi'])[1 + id % 3], 9000 + id % 2000, 7000, 400,
           150 + id % 200, 1, false
    FROM turn WHERE :every > 0 ORDER BY finished_at
""")
_COMPACTIONS = sa.text("""
    INSERT INTO usage (channel_id, at, purpose, model, input, cached, output, attempt,
                       estimated)
    SELECT channel_id, said_at, 'summary', 'openai/gpt', 12000, 0, 700, 1, false
    FROM message WHERE seq % (CAST(:every AS int) * 20) = 0
""")
_TRACES = sa.text("""
    INSERT INTO answer_trace (channel_id, turn_id, at, waited_ms, first_text_ms, whole_ms, stages,
                              parts, budget, window_messages, in_window)
    SELECT channel_id, id, finished_at, 20, 300 + id % 4000, 1000 + id % 9700,
           '{"gather": 20, "model": 900}', '{"system": 400, "window": 8000}', 16000, 200, 3
    FROM turn WHERE state = 'done' AND :every > 0 ORDER BY finished_at
""")
_RATINGS = sa.text("""
    INSERT INTO rating (channel_id, turn_id, author_id, good, at)
    SELECT channel_id, id, asker_id, id % 6 > 0, finished_at FROM turn
    WHERE id % CAST(:every AS int) = 0
""")
_TOOLS = sa.text("""
    INSERT INTO tool_call (turn_id, channel_id, round, position, tool, changes, state, hash, key,
                           planned_at, ended_at)
    SELECT id, channel_id, 1, 1, 'search', false, 'done', '', '', created_at, finished_at FROM turn
    WHERE id % CAST(:every AS int) = 1
""")
_OF_TURNS = (_ANSWERS, _TURNS, _USAGE, _TRACES, _RATINGS, _TOOLS)
_SEGMENTS = sa.text("""
    INSERT INTO segment (channel_id, first_seq, last_seq, statements, participants, began, ended,
                         tokens, seqs)
    SELECT channel_id, min(seq), max(seq),
           (SELECT json_agg(json_build_object('text', 'they settled point ' || n || ' of it',
                                              'sources', json_build_array(min(seq) + n)))
            FROM generate_series(0, 7) n),
           '{ana,bob}', min(said_at), max(said_at), 240, array_agg(seq)
    FROM message WHERE :every > 0 GROUP BY channel_id, seq / 60
""")
_WAITING = sa.text("""
    UPDATE turn SET state = 'waiting', finished_at = NULL, posted = '{}'
    WHERE id IN (SELECT id FROM turn ORDER BY id DESC LIMIT 12)
""")
_EMPTY = sa.text("""
    INSERT INTO channel (platform, workspace, external_id, name, direct, introduced, seq, last_at)
    SELECT 'bench', '', 'C' || n,
           (CAST(:scripts AS text[]))[1 + n % cardinality(CAST(:scripts AS text[]))] || '-' || n,
           false, true, n % 40, now() - n * interval '1 minute'
    FROM generate_series(1, CAST(:channels AS int)) n
""")
