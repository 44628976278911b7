"""Channels full of conversation, made in bulk as `engine.receive` would have stored them."""

import os
import random
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import house
from bot.context import cost
from bot.conversation import Author, Channel, Message
from bot.settings import Settings, load
from bot.store.adding import postings
from bot.store.database import Database

# The commonest words of a technical channel, in their order; rarer ones are made of syllables.
_COMMON = """
    i the to it a is you and that in ubuntu for on have of can not but with my do how what if
    or this just be install get there use are no so from me your help know all then one see as
    like any need com try when ok an using http don't yes thanks will does was it's now file
    at installed windows up anyone am work system linux some about problem boot only please hi
    should its did has sudo think would run want apt etc command well gnome which why here
    make out right sure could trying way server find package running by good cd other
    something error also works they still where tried sorry grub more add drive files too
    kernel user time after dev question anything used new change check ask terminal read same
    them usb network hello go working desktop support bit version partition root back first
    screen channel driver into laptop mean might though line mount nvidia paste look fine open
    because start card type having again settings really nothing than fix set before program
    been remove even thing sound computer name manager packages home output people list wiki
    default already access drivers better off without put instead disk video software
    directory very getting another upgrade done found python never menu guess search problems
    ntfs while login down connect able click data old script device show option ssh setup
    different key window hard bad info test last copy edit machine issue reboot restart both
    stop doing firefox everything else wrong log hardware max share correct page config
    password local shell information port connection download answer audio keep point apache
    mysql samba printer backup wifi firewall proxy cron swap raid docker
"""
COMMON = _COMMON.split()
QUESTIONS = (
    "how do I mount a windows partition when the system starts?",
    "which driver does the nvidia card need?",
    "what was the command to restart the network?",
    "where is the apache log?",
    "did anyone get the printer to work?",
    "why does grub not show windows after the upgrade?",
    "what should I put into the config for samba?",
    "is there a way to run a script at login?",
    "how can I change the default kernel?",
    "who knows the password of the wifi?",
    "does the firewall need a reboot?",
    "how much swap should a laptop have?",
    "where did we put the backup of the server?",
    "how do I copy files over ssh without a password?",
    "is there a package for the sound card?",
    "what is wrong with the usb drive?",
    "can python read the old data?",
    "which port does mysql use?",
    "how do I remove a program completely?",
    "what did you say about the raid?",
)
RARE = 50_000  # words beyond the common ones
CHUNK = 50_000  # messages made by one statement
SAMPLES = 40_000  # different messages, of which a channel's are drawn
# A window that is never less than full by the default settings: it goes to and fro between these.
FULL = {"window_low": 8_000, "window_high": 16_000}


@asynccontextmanager
async def temporary(**overrides: object) -> AsyncIterator[tuple[Settings, Database]]:
    """Settings, and the embedded Postgres as it comes: durable, in a folder thrown away."""
    with tempfile.TemporaryDirectory(prefix="nellie-bench-") as folder:
        # As root, the server runs as another user.
        os.chmod(folder, 0o755)  # noqa: S103
        settings = load(home=Path(folder), DATABASE_URL=None, **overrides)
        async with house.database(settings) as database:
            yield settings, database


async def fill(database: Database, sizes: Mapping[Channel, int], *, samples: int = SAMPLES) -> None:
    """Fill new channels with that many messages, each with a full window."""
    async with database.begin() as connection:
        # Making the sample takes longer than a transaction of Nellie's may stand still.
        await connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await _bring(connection, list(spoken(samples)))
        for channel, size in sizes.items():
            key = {"id": channel.id, "size": size, "samples": samples, "window": FULL["window_low"]}
            key["channel"] = await connection.scalar(_CHANNEL, key)
            for first in range(1, size + 1, CHUNK):  # no statement outlasts its time limit
                part = {**key, "first": first, "last": min(first + CHUNK - 1, size)}
                await connection.execute(_MESSAGES, part)
                await connection.execute(_POSTINGS, part)
            for statement in (_WINDOW, _DIGEST):
                await connection.execute(statement, key)
    async with database.single() as connection:
        for upkeep in ("VACUUM ANALYZE", "CHECKPOINT"):  # in daily life they come by themselves
            await connection.execute(sa.text(upkeep))


def spoken(count: int) -> list[Message]:
    """Messages with Zipf's distribution of words, and of how much each person says."""
    chance = random.Random(1)
    words = [*COMMON, *(_rare(chance) for _ in range(RARE))]
    often = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))
    people = [f"{_rare(chance)}{number}" for number in range(60)]
    active = list(accumulate(1 / (rank + 1) for rank in range(len(people))))
    nowhere, now = Channel("bench", "", ""), datetime.now(UTC)
    made = []
    for _ in range(count):
        length = 1 + min(int(chance.expovariate(1 / 9.3)), 60)
        text = " ".join(chance.choices(words, cum_weights=often, k=length))
        name = chance.choices(people, cum_weights=active)[0]
        made.append(Message(nowhere, "", Author(name, name), text, now))
    return made


def _rare(chance: random.Random) -> str:
    syllables = chance.choices(
        ["ba", "di", "ko", "mu", "ne", "ra", "so", "ti", "ve", "lo", "xa", "pi"],
        k=chance.randint(2, 4),
    )
    return "".join(syllables) + chance.choice(["", "n", "r", "s"])


async def _bring(connection: AsyncConnection, samples: list[Message]) -> None:
    """Copy the sample and its index into tables of this transaction."""
    await connection.execute(_SAMPLE)
    await connection.execute(_SAMPLE_TERM)
    rows, terms = [], []
    for number, said in enumerate(samples):
        found = postings(f"{said.author.name} {said.text}")
        rows.append((number, said.author.name, said.text, cost(said), found["length"]))
        terms += [(number, term, count) for term, count in found["terms"].items()]
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    await raw.copy_records_to_table("sample", records=rows)
    await raw.copy_records_to_table("sample_term", records=terms)


_SAMPLE = sa.text("""
    CREATE TEMP TABLE sample
        (number int PRIMARY KEY, author text, text text, tokens int, length smallint)
    ON COMMIT DROP
""")

_SAMPLE_TERM = sa.text("""
    CREATE TEMP TABLE sample_term (number int, term text, count smallint) ON COMMIT DROP
""")

_CHANNEL = sa.text("""
    INSERT INTO channel (platform, workspace, external_id, name, direct, introduced, seq, last_at)
    VALUES ('bench', '', :id, :id, false, true, :size, now()) RETURNING id
""")

_DRAWN = """
    SELECT seq,
           abs(hashint8extended(seq, CAST(:channel AS bigint)) % CAST(:samples AS int)) AS number
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) seq
"""

_MESSAGES = sa.text(f"""
    INSERT INTO message (channel_id, seq, external_id, author_id, author_name, nellie, text,
                         said_at, thread, reply_to, link, addressed, tokens)
    SELECT :channel, seq, 'old' || seq, author, author, false, text,
           now() - (CAST(:size AS int) - seq) * interval '2 minutes', '', '', '', false, tokens
    FROM ({_DRAWN}) drawn JOIN sample USING (number) ORDER BY seq
""")  # noqa: S608  # only our own constants are put in

_POSTINGS = sa.text(f"""
    INSERT INTO posting (channel_id, term, seq, count, length)
    SELECT :channel, term, seq, count, length
    FROM ({_DRAWN}) drawn JOIN sample USING (number) JOIN sample_term USING (number)
    ORDER BY seq
""")  # noqa: S608  # only our own constants are put in

_WINDOW = sa.text("""
    WITH kept AS (
        SELECT seq, sum(tokens) OVER (ORDER BY seq DESC) AS tokens FROM message
        WHERE channel_id = :channel AND seq > :size - 5000
    )
    UPDATE channel SET watermark = first - 1, window_tokens = total
    FROM (SELECT min(seq) AS first, max(tokens) AS total FROM kept WHERE tokens <= :window) w
    WHERE id = :channel
""")

_DIGEST = sa.text("""
    INSERT INTO digest (channel_id, text, first_seq, last_seq)
    SELECT :channel, string_agg('- ' || text, E'\\n'), 1, 60 FROM sample WHERE number < 60
""")
