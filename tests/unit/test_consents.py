"""The message that stands for a decision, and who may make one of the test kit's."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.consents import ConsentQuestion, asking_turn, decision_id
from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Turn
from bot.testing import ANA, BOB, FakeTurnControl, new_message


def turn(number: int) -> Turn:
    trigger = new_message(ANA, "send it", addressed=True)
    return Turn(number, trigger.channel, trigger.lane, trigger)


@pytest.mark.parametrize("number", [1, 907, 12_345_678_901])
def test_the_id_of_a_decision_leads_back_to_the_answer_that_asked(number: int) -> None:
    decision = new_message(ANA, "Yes.", id=decision_id(turn(number)))

    assert asking_turn(decision) == number


@pytest.mark.parametrize(
    "id", ["", "consent:", "consent:x:1", "go-on:3:1", "1700.5", "consent:²:1"]
)
def test_what_people_write_themselves_decides_nothing(id: str) -> None:
    assert asking_turn(new_message(ANA, "yes", id=id)) is None


async def test_the_fake_turn_control_takes_a_decision_once_and_from_who_may() -> None:
    until = datetime.now(UTC) + timedelta(minutes=15)
    turns, asking = FakeTurnControl(), turn(3)
    asked = tuple(ConsentQuestion(id, id - 6, "mail: send", until) for id in (7, 8))
    turns.consents, turns.turns, turns.may_decide = {3: asked}, {3: asking}, {ANA.id}

    with pytest.raises(NotAllowed):
        await turns.consent(7, BOB, allows=True, has_rights=False)
    first = await turns.consent(7, ANA, allows=True, has_rights=False)
    with pytest.raises(CommandError):
        await turns.consent(7, ANA, allows=True, has_rights=False)
    last = await turns.consent(8, BOB, allows=False, has_rights=True)

    assert (first.left, first.turn_id) == (asked[1:], 0)
    assert (last.left, last.turn_id) == ((), 1_003)
    assert turns.decided == [(7, ANA.id, True), (8, BOB.id, False)]
