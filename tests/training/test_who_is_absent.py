"""Who was forgotten, or has opted out, is in no dataset: neither id nor name nor words."""

import itertools
import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from doubles.rated_team import ANA, BOB, SUPPORT, RatedTeam
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from training.conftest import Export

from bot.domain.model import Author, Channel
from bot.memory.forgetting import Forgetting
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.stores import Stores
from bot.store.training_turns import TrainingTurns

MALLORY = Author("U0MALLORY9", "Mallory Quince")
SECRET = "The zarquon is behind the fluxmill."
number = itertools.count()

# Words that nobody else writes: whatever is found of them is the forgotten person's.
words = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyzäéøßñжицυλ", min_size=5, max_size=9), min_size=2, max_size=6
)
names = st.lists(
    st.text("abcdefghijklmnoprstuvüöαβжд", min_size=3, max_size=9).map(str.capitalize),
    min_size=1,
    max_size=3,
)


async def forget(database: Database, person: Author, channel: Channel = SUPPORT) -> None:
    forgetting = Forgetting.on(Stores.on(database, lease=15))
    channels = Channels(database)
    state = await channels.state(await channels.id(channel))
    plan = await forgetting.plan(state, BOB, f"person <@{person.id}>", has_rights=True)
    await forgetting.keep_out(state, plan)
    await forgetting.carry_out(state, plan)


async def talk(team: RatedTeam, gone: Author, said: str, channel: Channel = SUPPORT) -> None:
    """Everything that may hold somebody: their words, their question, answers, a correction."""
    await team.say(BOB, "The plates are in the kitchen, on the left.", channel=channel)
    told = await team.say(gone, said, channel=channel)
    await team.say(ANA, f"@{gone.name} well done", channel=channel, mentions=(gone.id,))
    await team.ask(
        "Where is it kept?", f"{gone.name} says: {said}", channel=channel, rests_on=[told.seq]
    )
    await team.ask("What do I say?", f"You say: {said}", asker=gone, channel=channel)
    await team.ask("Who is away?", "Nobody.", channel=channel, good=False, thread="t", id="t")
    await team.say(gone, f"No, {said}", channel=channel, thread="t")
    await team.ask(
        "Where are the plates?", "The plates are in the kitchen, on the left.", channel=channel
    )


@pytest.mark.parametrize("keep_names", [False, True])
async def test_a_forgotten_person_is_nowhere(
    database: Database, export: Export, keep_names: bool
) -> None:
    team = RatedTeam(database)
    await talk(team, MALLORY, SECRET)

    await forget(database, MALLORY)
    written = await export(rated="all", pairs=True, keep_names=keep_names)

    assert "plates" in written.text
    for one in (MALLORY.id, "Mallory", "Quince", "zarquon", "fluxmill"):
        assert one.casefold() not in written.text.casefold()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=names, said=words, digits=st.integers(10**9, 10**12), keep_names=st.booleans())
async def test_no_token_of_a_forgotten_person_is_left(
    database: Database,
    export: Export,
    name: list[str],
    said: list[str],
    digits: int,
    keep_names: bool,
) -> None:
    """The property: whatever they are called, whatever they said."""
    channel = replace(SUPPORT, id=f"C{next(number)}")
    theirs = [f"{one}qxz" for one in said]
    gone = Author(f"U{digits}Q", " ".join(f"{one}qx" for one in name))
    await talk(RatedTeam(database), gone, " ".join(theirs), channel)

    await forget(database, gone, channel)
    with TemporaryDirectory() as folder:
        written = await export(
            rated="all", pairs=True, keep_names=keep_names, folder=Path(folder) / "data"
        )
        text = written.text.casefold()

    assert "plates" in text
    for one in (gone.id, str(digits), *gone.name.split(), *theirs):
        assert one.casefold() not in text


async def test_who_has_opted_out_anywhere_is_nowhere(database: Database, export: Export) -> None:
    team = RatedTeam(database)
    await talk(team, MALLORY, SECRET)
    elsewhere = await team.channel(replace(SUPPORT, id="C2"))
    before = await export(rated="all", pairs=True)

    await Channels(database).set_opt_out(elsewhere, MALLORY.id, out=True)
    written = await export(rated="all", pairs=True)

    assert "zarquon" in before.text
    assert "plates" in written.text
    for one in (MALLORY.id, "Mallory", "Quince", "zarquon", "fluxmill", "you say"):
        assert one.casefold() not in written.text.casefold()
    left_out = written.manifest["left_out"]
    assert left_out["of somebody who has opted out"] == 1
    assert left_out["whose answer may rest on words of somebody who has opted out"] == 1


async def test_an_answer_with_a_word_of_theirs_alone_is_left_out(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    await team.say(MALLORY, SECRET)
    await team.ask("Where is it?", "It is near the fluxmill, I hear.")
    await team.ask("Where are the plates?", "In the kitchen.")
    await Channels(database).set_opt_out(await team.channel(), MALLORY.id, out=True)

    written = await export()

    assert "fluxmill" not in written.text
    assert written.manifest["left_out"] == {
        "whose answer may rest on words of somebody who has opted out": 1
    }


@pytest.mark.parametrize("rests", [True, False])
async def test_no_better_answer_to_what_was_asked_again_holds_their_words(
    database: Database, export: Export, rests: bool
) -> None:
    team = RatedTeam(database)
    await team.ask("Where is it?", "I cannot tell.", good=False)
    said = await team.say(MALLORY, SECRET)
    rests_on = [said.seq] if rests else []
    await team.ask("Where is it?", "It is near the fluxmill, I hear.", rests_on=rests_on)
    await team.ask("Where are the plates?", "In the kitchen.")
    before = await export(pairs=True)
    await Channels(database).set_opt_out(await team.channel(), MALLORY.id, out=True)

    written = await export(pairs=True)

    assert "fluxmill" in json.dumps(before.lines("pairs-train"))
    assert "fluxmill" not in written.text
    assert not written.lines("pairs-train")


async def test_private_questions_and_unremembered_ones_are_left_out(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    await team.ask("What do I earn?", "Ask the office.", private=True, remembered=False)
    await team.ask("Who is my boss?", "Ask the office.", remembered=False)
    await team.ask("Where are the plates?", "In the kitchen.")

    written = await export()

    assert "earn" not in written.text
    assert "boss" not in written.text
    assert written.manifest["left_out"] == {"private": 1, "not remembered": 1}


async def test_who_is_forgotten_in_one_room_has_no_name_of_another_there(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    other = replace(SUPPORT, id="C2")
    await team.say(MALLORY, "Good morning to all of you.", channel=other)
    await team.say(MALLORY, SECRET)
    await team.say(ANA, "Mallory Quince knows where it is.")
    await team.ask("Who knows?", "Nobody I know of.")

    await forget(database, MALLORY)
    written = await export()

    assert "mallory" not in json.dumps(written.text).casefold()
    assert "zarquon" not in written.text


async def test_that_something_was_forgotten_meanwhile_is_seen(database: Database) -> None:
    team, turns = RatedTeam(database), TrainingTurns(database)
    room = await team.channel()
    await team.say(MALLORY, SECRET)
    seen = [await turns.forgotten([room])]

    await forget(database, MALLORY)
    seen.append(await turns.forgotten([room]))
    await Channels(database).set_opt_out(room, BOB.id, out=True)
    seen.append(await turns.forgotten([room]))

    assert len(set(seen)) == 3
