"""Turns whose question is not remembered: private ones, and those of people who opted out."""

from dataclasses import dataclass

import pytest
from doubles.replica import Replica
from doubles.sample_messages import ANA, BOB, rows, sample_new_message

from bot.domain.model import Turn
from bot.store.channels import Channels
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages
from bot.store.turn_actions import TurnActions
from bot.store.turn_listing import TurnListing
from bot.store.turn_outcome import Outcome, State
from bot.store.turns import Lease

KNOWN = "SELECT question, asker_id, asker_name, mentions FROM turn ORDER BY id"
TEXT = "what does it cost?"


@dataclass(frozen=True)
class Case:
    """A question in thread t1, and what of it a turn must know to its end."""

    private: bool
    opted_out: bool

    @property
    def remembered(self) -> bool:
        return not (self.private or self.opted_out)

    async def ask(self, replica: Replica, id: str = "m2") -> Lease | None:
        channels = Channels(replica.database)
        await channels.set_opt_out(replica.channel_id, BOB.id, out=self.opted_out)
        accepted = await replica.accept(
            id, text=TEXT, author=BOB, thread="t1", mentions=(ANA.id, "U9"), private=self.private
        )
        return accepted.lease

    def check(self, turn: Turn | None) -> None:
        assert turn
        assert (turn.private, turn.remembered) == (self.private, self.remembered)
        assert (turn.asker.id, turn.asker.name) == (BOB.id, BOB.name)
        assert turn.trigger.text == TEXT
        assert turn.trigger.mentions == (ANA.id, "U9")


CASES = {
    "private": Case(private=True, opted_out=False),
    "opted out": Case(private=False, opted_out=True),
    "both": Case(private=True, opted_out=True),
    "remembered": Case(private=False, opted_out=False),
}
UNREMEMBERED = [name for name, case in CASES.items() if not case.remembered]


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


async def test_is_whole_when_it_has_waited_behind_another(one: Replica, case: Case) -> None:
    lease, turn = await one.ask("m1", thread="t1")
    await case.ask(one)

    case.check(await one.finish(lease, turn))


async def test_is_whole_when_it_is_taken_over(one: Replica, two: Replica, case: Case) -> None:
    lease, turn = await one.ask("m1", thread="t1")
    await case.ask(one)
    await one.finish(lease, turn)
    await one.heartbeat.leave()

    [taken] = await two.take_over()

    case.check(await two.turns.resume(taken))


async def test_is_whole_when_it_has_waited_and_is_taken_over(
    one: Replica, two: Replica, case: Case
) -> None:
    await one.ask("m1", thread="t1")
    await case.ask(one)
    await one.heartbeat.leave()
    [taken] = await two.take_over()

    first = await two.turns.resume(taken)

    assert first
    case.check(await two.finish(taken, first))


async def test_is_whole_when_it_is_resumed_and_when_it_is_looked_up(
    one: Replica, case: Case
) -> None:
    lease = await case.ask(one)
    [turn_id] = await rows(one.database, "SELECT id FROM turn")

    assert lease
    case.check(await one.turns.resume(lease))
    case.check(await TurnActions(one.database, lease=15).get(turn_id))


@pytest.mark.parametrize("state", ["done", "failed"])
@pytest.mark.parametrize("name", UNREMEMBERED)
async def test_nothing_is_left_of_it_once_it_has_ended(
    one: Replica, name: str, state: State
) -> None:
    lease = await CASES[name].ask(one)
    assert lease
    turn = await one.turns.resume(lease)
    assert turn

    await one.turns.close(lease, turn, Outcome(state))

    assert await rows(one.database, KNOWN) == [(None, "", "", [])]
    assert await rows(one.database, "SELECT author_id, text FROM message") == [("", "")]


@pytest.mark.parametrize("name", UNREMEMBERED)
async def test_nothing_is_left_of_it_when_it_is_taken_back(one: Replica, name: str) -> None:
    await CASES[name].ask(one)

    await MessageEdits(one.database).forget_id(one.channel_id, sample_new_message("m2", "?"))

    assert await rows(one.database, "SELECT state FROM turn") == ["cancelled"]
    assert await rows(one.database, KNOWN) == [(None, "", "", [])]


async def test_what_is_remembered_is_known_until_its_asker_is_forgotten(one: Replica) -> None:
    lease, turn = await one.ask("m1", mentions=(BOB.id,))
    await one.finish(lease, turn)
    assert await rows(one.database, KNOWN) == [(None, ANA.id, ANA.name, [BOB.id])]

    theirs = await Messages(one.database).seqs_of_author(one.channel_id, ANA.id)
    await MessageEdits(one.database).forget(one.channel_id, theirs)

    assert await rows(one.database, KNOWN) == [(None, "", "", [])]


@pytest.mark.parametrize("name", UNREMEMBERED)
async def test_what_the_former_version_accepted_is_not_remembered(one: Replica, name: str) -> None:
    lease = await CASES[name].ask(one)
    await rows(  # as it leaves them: it does not know of these columns
        one.database,
        "UPDATE turn SET private = DEFAULT, remembered = DEFAULT, asker_id = DEFAULT,"
        " asker_name = DEFAULT, mentions = DEFAULT",
    )

    assert lease
    turn = await one.turns.resume(lease)

    assert turn
    assert not turn.remembered
    assert turn.trigger.text == TEXT


async def test_a_question_of_the_former_version_that_is_remembered_keeps_its_asker(
    one: Replica,
) -> None:
    lease, _ = await one.ask("m1", text="where?")
    await rows(one.database, "UPDATE turn SET asker_id = DEFAULT, asker_name = DEFAULT")

    turn = await one.turns.resume(lease)

    assert turn
    assert (turn.asker, turn.trigger.text, turn.remembered) == (ANA, "where?", True)


async def test_operators_see_who_waits_and_not_what_for(one: Replica, case: Case) -> None:
    await case.ask(one)

    [shown] = await TurnListing(one.database).turns()

    assert shown.person == BOB.name
    assert TEXT not in repr(shown)
