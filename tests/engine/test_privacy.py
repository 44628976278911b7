"""Canaries: what is said in one channel reaches no other one, by any path, and no log."""

import pytest
from doubles.house import ANA, BOB, CARL, GENERAL, SMALL, House, Open
from doubles.model import Actor, breaks, repeats, says
from doubles.platform import Stage

from bot import logs
from bot.conversation import Channel, Prompt
from bot.errors import CommandError, ModelRejected
from bot.schedule import tidy

PLACES = {
    "canarygeneral": GENERAL,
    "canaryprivate": Channel("stage", "team", "C2", "private"),
    "canarynamesake": Channel("stage", "another team", "C1", "general"),
    "canarythread": Channel("stage", "team", "C1/private thread", "general"),
    "canaryana": Channel("stage", "team", "D1", direct=True),
    "canarybob": Channel("stage", "team", "D2", direct=True),
}
"""Each with what is said there and nowhere else; people, words and message ids are the same."""
COMMANDS = (
    "memory show", "memory search harbour code", "memory log", "memory export", "catchup 30d",
    "persona show", "model show", "usage", "memory forget harbour",
)  # fmt: skip


def material(prompt: Prompt) -> str:
    """All that a model could read of a prompt."""
    return repr(prompt)


async def lived_in(open_house: Open) -> tuple[House, dict[str, str]]:
    """A house in which much was said everywhere, and what each place was shown."""
    house = await open_house(model=Actor(repeats), **SMALL)
    shown = dict.fromkeys(PLACES, "")
    for canary, place in PLACES.items():
        lines = [f"the harbour code is {canary}, said for the {n}th time" for n in range(40)]
        await house.history(*lines, channel=place, author=BOB)
    for _ in range(2):
        for canary, place in PLACES.items():
            for number, person in enumerate((ANA, BOB, CARL)):
                more = {"channel": place, "thread": f"t{number}", "id": f"q{len(shown[canary])}"}
                shown[canary] += await house.ask(person, "what is the harbour code?", **more)
                shown[canary] += await house.ask(person, "and the ships?", channel=place)
        await tidy(house.engine.compaction)  # segments and digests, before the second round
    return house, shown


async def test_nothing_said_in_one_channel_reaches_another_ones_prompt(open_house: Open) -> None:
    house, shown = await lived_in(open_house)

    owners = {f"nellie:{await house.id(place)}": canary for canary, place in PLACES.items()}
    purposes = set()
    for prompt in house.model.prompts:
        own = owners[prompt.cache_key]
        purposes.add(prompt.purpose)
        assert not [one for one in PLACES if one != own and one in material(prompt)]
    assert {"answer", "compaction"} <= purposes
    for own, text in shown.items():
        assert own in text  # so that the others could have been
        assert not [one for one in PLACES if one != own and one in text]


async def test_no_command_shows_another_channels_memory(open_house: Open) -> None:
    house, _ = await lived_in(open_house)

    for own, place in PLACES.items():
        for line in COMMANDS:
            reply = await house.command(line, channel=place, admin=True)
            told = reply.text + reply.attachment
            assert not [one for one in PLACES if one != own and one in told], line
        found = (await house.command(f"memory search {own}", channel=place)).text
        assert not found.startswith("I remember nothing with")
        for other in PLACES.keys() - {own}:
            found = (await house.command(f"memory search {other}", channel=place)).text
            assert found.startswith("I remember nothing with")


async def test_forgetting_everything_here_takes_nothing_away_elsewhere(open_house: Open) -> None:
    house, _ = await lived_in(open_house)

    asked = await house.command("memory forget all", channel=GENERAL, admin=True)
    await house.command(f"memory {asked.confirm}", channel=GENERAL, admin=True)

    for canary, place in PLACES.items():
        left = (await house.command(f"memory search {canary}", channel=place)).text
        assert left.startswith("I remember nothing with") == (place == GENERAL)


async def test_another_ones_direct_messages_are_nobodys_to_see(open_house: Open) -> None:
    house, _ = await lived_in(open_house)
    mine = PLACES["canaryana"]

    thread = {"channel": mine, "thread": "t1", "reply_to": "q0"}  # ids that exist in every place
    answer = await house.ask(ANA, "what did bob say of the harbour code?", **thread)

    assert "canaryana" in answer
    assert "canarybob" not in answer


@pytest.mark.parametrize("level", ["info", "debug"])
async def test_what_people_say_is_in_no_log(
    open_house: Open, capsys: pytest.CaptureFixture[str], level: str
) -> None:
    logs.begin(level, "json")

    house, _ = await lived_in(open_house)
    await house.command("memory forget canarygeneral", admin=True)
    await house.engine.edited(GENERAL, "q0", "canarygeneral, edited")
    await house.engine.deleted(GENERAL, "q0")

    assert "canary" not in capsys.readouterr().err


async def test_what_faults_quote_is_in_no_log(
    open_house: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    quotes = ModelRejected(model="m", reason="bad prompt: canarygeneral")
    model = Actor(breaks(quotes), lambda prompt: (ValueError("canarygeneral"),), says("canaryfine"))
    model.plays("compaction", breaks(quotes))
    model.plays("catchup", breaks(quotes))
    logs.begin("info", "json")
    house = await open_house(model=model, stage=Unwilling(), **SMALL)
    await house.history(*[f"talk {n} of canarygeneral and its ships" for n in range(80)])

    for number in range(3):
        await house.ask(ANA, f"canarygeneral {number}")
    await tidy(house.engine.compaction)
    with pytest.raises(CommandError):
        await house.command("catchup 30d")

    said = capsys.readouterr().err
    assert "attempt failed" in said
    assert "compaction failed" in said
    assert "canary" not in said


class Unwilling(Stage):
    """Its library quotes what it could not post."""

    async def deliver(self, turn, text, posts):  # type: ignore[no-untyped-def]  # as its base
        whole = "".join([piece async for piece in text])
        raise ConnectionError(f"could not post: {whole} {turn.trigger.text}")
