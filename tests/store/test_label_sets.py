"""Labels that channels keep, with examples: raced, limited, and taken back."""

import asyncio

import pytest
from doubles.sample_messages import rows, sample_new_message

from bot.domain.errors import DatabaseUnavailable
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.label_sets import MOST_EXAMPLES, MOST_SETS, LabelSets, NewExample
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages

LABELS = ("bug", "praise")


@pytest.fixture
def sets(database: Database) -> LabelSets:
    return LabelSets(database)


def example(text: str, label: str = "bug", **fields: object) -> NewExample:
    given = {"author_id": "U1", "added_by": "U1", **fields}
    return NewExample(label=label, text=text, **given)  # type: ignore[arg-type]  # as given


async def test_a_set_is_kept_with_its_examples_in_their_order(sets: LabelSets, room: int) -> None:
    await sets.put(room, "kinds", LABELS)
    for text in ("one", "two"):
        assert isinstance(await sets.add(room, "kinds", example(text)), int)

    kept = await sets.find(room, "kinds")

    assert kept is not None
    assert kept.labels == LABELS
    assert [one.text for one in kept.examples] == ["one", "two"]
    assert await sets.find(room, "others") is None
    assert await sets.find(0, "kinds") is None


async def test_a_label_in_other_capitals_is_the_same_label(sets: LabelSets, room: int) -> None:
    await sets.put(room, "kinds", LABELS)
    await sets.add(room, "kinds", example("one"))

    assert await sets.put(room, "kinds", ("Bug", "idea")) == (("bug", "idea"), 0)

    kept = await sets.find(room, "kinds")
    assert kept is not None
    assert kept.labels == ("bug", "idea")
    assert [(one.label, one.text) for one in kept.examples] == [("bug", "one")]


async def test_the_same_words_are_added_once_whoever_races(
    sets: LabelSets, database: Database, room: int
) -> None:
    await sets.put(room, "kinds", LABELS)
    new = [example(text, label) for text in ("It  crashes", "it crashes") for label in LABELS]

    added = await asyncio.gather(*(sets.add(room, "kinds", one) for one in new * 3))

    assert added.count("known") == 11
    assert len(await rows(database, "SELECT id FROM label_example")) == 1


async def test_no_race_makes_more_than_there_may_be(
    sets: LabelSets, database: Database, room: int
) -> None:
    names = [f"s{number}" for number in range(MOST_SETS + 5)]
    made = await asyncio.gather(*(sets.put(room, name, LABELS) for name in names))
    assert made.count(None) == 5
    [name, *_] = await rows(database, "SELECT name FROM label_set ORDER BY name")
    texts = [str(number) for number in range(MOST_EXAMPLES - 2)]
    for text in texts:
        await sets.add(room, name, example(text))

    added = await asyncio.gather(*(sets.add(room, name, example(f"x{n}")) for n in range(6)))

    assert added.count("full") == 4


async def test_an_example_of_a_message_needs_the_message_as_it_is(
    sets: LabelSets, messages: Messages, database: Database, room: int
) -> None:
    await sets.put(room, "kinds", LABELS)
    new = sample_new_message("m1")
    await messages.add(room, [new])
    text = new.message.text

    assert await sets.add(room, "kinds", example(text + "!", seq=1)) == "unkept"
    assert await sets.add(room, "kinds", example(text, seq=2)) == "unkept"
    assert isinstance(await sets.add(room, "kinds", example(text, seq=1)), int)
    await MessageEdits(database).forget(room, [1])
    assert await sets.add(room, "kinds", example(text, seq=1)) == "unkept"
    assert await rows(database, "SELECT id FROM label_example") == []


@pytest.mark.parametrize("whose", ["author_id", "added_by"])
async def test_nothing_is_added_of_who_opted_out_also_meanwhile(
    sets: LabelSets, channels: Channels, database: Database, room: int, whose: str
) -> None:
    await sets.put(room, "kinds", LABELS)
    new = [example(str(number), **{whose: "U9"}) for number in range(20)]

    await asyncio.gather(
        *(sets.add(room, "kinds", one) for one in new[:10]),
        channels.set_opt_out(room, "U9", out=True),
        *(sets.add(room, "kinds", one) for one in new[10:]),
    )

    assert await rows(database, "SELECT id FROM label_example") == []


async def test_other_channels_keep_theirs(
    sets: LabelSets, channels: Channels, database: Database, room: int
) -> None:
    await sets.put(room, "kinds", LABELS)
    await sets.put(room + 1_000, "kinds", LABELS)
    for channel in (room, room + 1_000):
        await sets.add(channel, "kinds", example("one"))

    await channels.set_opt_out(room, "U1", out=True)
    assert await sets.remove(room, "kinds")

    assert await rows(database, "SELECT channel_id FROM label_example") == [room + 1_000]
    assert await rows(database, "SELECT channel_id FROM label_set") == [room + 1_000]


async def test_a_dead_database_is_said() -> None:
    database = Database("postgresql://nobody@127.0.0.1:9/none")
    sets = LabelSets(database)

    for call in (sets.find(1, "kinds"), sets.put(1, "kinds", LABELS), sets.all(1)):
        with pytest.raises(DatabaseUnavailable):
            await call
    await database.close()
