"""What a question costs in round trips to Postgres: each is a wake-up of another process."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest
from doubles.start_nellie import Start

from bot.domain.model import Prompt
from bot.limits.quotas import WAITED
from bot.store.database import Database
from bot.testing import ANA, BOB, RunningNellie, ScriptedModel, Steps, echoes
from bot.testing.heard_statements import hearing

BEFORE = ["accept", "material"]
WAITING = ["material", "messages"]  # what was found when it came may have changed
AFTER = ["text", "close"]
POLLING = ["SELECT EXISTS (SELECT FROM turn WHERE id = $1 AND state IN ("]  # of the test itself
BY_THE_CLOCK = ("WITH live AS", "UPDATE lane SET until =")  # takeover and heartbeat, whoever asks
ONCE_A_CONNECTION = ("CREATE FUNCTION pg_temp.",)  # as statements are prepared
AROUND_OTHERS = ("BEGIN ISOLATION LEVEL READ COMMITTED;", "COMMIT;")  # of SQLAlchemy
# By what stands in each statement and in no other.
_KINDS = {
    "INSERT INTO message": "accept",
    "pg_temp.open_turn": "accept",
    "ORDER BY m.seq DESC": "window",
    "ORDER BY m.said_at DESC, m.seq DESC": "window",
    "WITH RECURSIVE state AS": "material",
    "AS bigint[])) ORDER BY seq": "messages",
    "AS text[]), text = CASE": "text",
    "AS text[]) FROM fast": "posted",
    "pg_temp.close_": "close",
}


class Trips(list[str]):
    """The statements that went to Postgres, in their order."""

    async def begin_anew(self) -> None:
        """Forget them all, also those of which asyncpg tells in a moment."""
        await asyncio.sleep(0)
        self.clear()

    def note(self, text: str) -> None:
        left_out = text.lstrip().startswith((*BY_THE_CLOCK, *ONCE_A_CONNECTION))
        if left_out or text in AROUND_OTHERS:
            return
        found = [kind for words, kind in _KINDS.items() if words in text]
        self.append(found[0] if found else " ".join(text.split())[:60])


@pytest.fixture
def database(own_database: Database) -> Database:
    """What is heard of its connections is heard from their beginning."""
    return own_database


@pytest.fixture
def trips(database: Database) -> Iterator[Trips]:
    heard = Trips()
    with hearing(database, heard.note):
        yield heard


@pytest.mark.parametrize(("finds_posts", "after"), [(True, AFTER), (False, ["posted", *AFTER])])
async def test_a_question_in_a_thread_makes_two_round_trips_before_the_model_and_two_after(
    start_nellie: Start, trips: Trips, finds_posts: bool, after: list[str]
) -> None:
    def script(prompt: Prompt) -> Steps:
        asyncio.get_running_loop().call_soon(trips.note, "the model")  # as asyncpg tells the others
        return echoes(prompt)

    nellie = await start_nellie(model=ScriptedModel(script))
    nellie.platform.finds_posts = finds_posts
    await _talk(nellie)
    await trips.begin_anew()

    await nellie.ask(ANA, "which printer is broken now?", thread="t1")
    await asyncio.sleep(0)

    asked = trips.index("the model")
    assert sorted(trips[:asked]) == sorted(BEFORE)
    assert trips[asked + 1 :] == after


async def test_a_question_that_waited_costs_no_more(start_nellie: Start, trips: Trips) -> None:
    gate = asyncio.Event()

    def script(prompt: Prompt) -> Steps:
        return (gate, *echoes(prompt))

    nellie = await start_nellie(model=ScriptedModel(script))
    nellie.platform.finds_posts = True
    await _talk(nellie, gate)
    await nellie.open_turn(ANA, "which printer is broken?", thread="t2")
    waiting = await nellie.open_turn(BOB, "and who mends the printer?", thread="t2")
    await asyncio.sleep(WAITED * 1.1)
    await trips.begin_anew()

    gate.set()
    await nellie.parts.turns.wait_until_ended(waiting)
    await nellie.parts.lanes.idle()
    await asyncio.sleep(0)

    asked = Counter(trip for trip in trips if trip in {*WAITING, *AFTER})
    assert set(trips) <= {*WAITING, *AFTER, *POLLING}
    assert asked == Counter(AFTER) + Counter(WAITING) + Counter(AFTER)


async def test_a_message_that_asks_nothing_is_one_round_trip(
    start_nellie: Start, trips: Trips
) -> None:
    nellie = await start_nellie()
    await _talk(nellie)
    await trips.begin_anew()

    for number in range(3):
        await nellie.say(BOB, f"floor {number} is quiet")
    await asyncio.sleep(0)

    assert trips == ["accept"] * 3


async def test_a_message_where_there_are_rules_is_one_round_trip_all_the_same(
    start_nellie: Start, trips: Trips
) -> None:
    nellie = await start_nellie()
    for name in ("triage", "mood"):
        await nellie.run_command(f"rules add {name}: bug, praise", admin=True)
        await nellie.run_command(f"rules tell {name} bug <@U1|ana>", admin=True)
    await _talk(nellie)
    await trips.begin_anew()

    for number in range(3):
        await nellie.say(BOB, f"floor {number} is quiet")
    await asyncio.sleep(0)

    assert trips == ["accept"] * 3


async def test_no_connection_asks_what_a_type_is(start_nellie: Start, trips: Trips) -> None:
    """asyncpg would, for arrays of numbers: in three trips, whose plan each connection keeps."""
    nellie = await start_nellie()
    await _talk(nellie)
    await asyncio.sleep(0)

    assert {"accept", "material", "text", "close"} <= set(trips)
    assert not [trip for trip in trips if "typeinfo" in trip]


async def _talk(nellie: RunningNellie, *gates: asyncio.Event) -> None:
    """Old talk that a question finds, and an answer, after which each statement is known."""
    for gate in gates:
        gate.set()
    await nellie.add_history(*(f"the printer broke on floor {number}" for number in range(5)))
    await nellie.ask(ANA, "which printer is broken?", thread="t1")
    for gate in gates:
        gate.clear()
