"""Whatever people, channels and replicas do: a key reads what its person may read, and no more."""

import asyncio
import random
import re
from contextlib import AsyncExitStack

import pytest
from doubles.teammate import Teammate

from bot.domain.model import Author, Channel, Prompt
from bot.store.database import Database
from bot.testing import ScriptedModel, says
from bot.testing.fake_platform import FakePlatform
from bot.testing.scripted_model import Steps

PEOPLE = [Author(f"U{at}", f"person{at}") for at in range(4)]
CHANNELS = [
    Channel("fake", "team", "C0", "dev"),
    Channel("fake", "team", "C1", "ops"),
    Channel("fake", "other", "C2", "dev"),  # a namesake
    Channel("fake", "team", "D3", "person3", direct=True),
]
MOST_STALE = 300.0  # seconds after leaving, from which on nothing may be read
STEPS = 60

SECRET = re.compile(r"the secret of \w+ is x\w+x")


def tells_all_secrets(prompt: Prompt) -> Steps:
    """Says every secret that stands in the prompt."""
    found = SECRET.findall("\n".join(message.text for message in prompt.messages))
    return says(", ".join(sorted(set(found))) or "none")(prompt)


def secret(channel: Channel) -> str:
    return f"the secret of {channel.id}{channel.workspace} is x{channel.id}x"


class World:
    """Who is where, since when; two replicas on one database and one platform."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # a seed that repeats is the point
        self.platform = FakePlatform()
        self.now = 0.0
        self.left: dict[tuple[str, str], float] = {}
        """When somebody left a channel; missing for who never was in it."""
        self.led: dict[str, list[tuple[Channel | None, str]]] = {one.id: [] for one in PEOPLE}
        """Each one's conversations: the channel that one began from, and its name."""
        self.platform.readers = {channel.id: set() for channel in CHANNELS}

    def move(self) -> None:
        """Somebody comes or goes."""
        channel, person = self.random.choice(CHANNELS), self.random.choice(PEOPLE)
        readers = self.platform.readers[channel.id]
        if person.id in readers:
            readers.remove(person.id)
            self.left[channel.id, person.id] = self.now
        else:
            readers.add(person.id)

    def certainly_may_not(self, channel: Channel, person: Author) -> bool:
        """Never in there, or away for five minutes and more."""
        if person.id in self.platform.readers[channel.id]:
            return False
        left = self.left.get((channel.id, person.id))
        return left is None or self.now - left >= MOST_STALE

    def may_name(self, channel: Channel) -> str:
        """One of the ways to ask for a channel."""
        plain = "@me" if channel.direct else channel.name
        ways = (plain, f"#{plain}", channel.id, f"{channel.workspace}/{channel.id}")
        return f"nellie/fake/{self.random.choice(ways)}"

    def name_conversation(self, person: Author) -> str:
        """One of few names, or one that looks like where an older one began."""
        led = [(channel, name) for channel, name in self.led[person.id] if channel and name]
        if not led or self.random.random() < 0.4:
            return self.random.choice(("", "a", "b"))
        channel, name = self.random.choice(led)
        path = f"{channel.platform}/{channel.workspace}/{channel.id}/{name}"[-100:]
        return self.random.choice((path, path, f"/{path}", path.replace("/", ":")))


async def ask(teammate: Teammate, world: World, person: Author) -> bool:
    """Somebody lists and asks, in any way that there is; whether they were told a secret."""
    channel, conversation = world.random.choice(CHANNELS), world.name_conversation(person)
    more = {"metadata": {"conversation": conversation}} if conversation else {}
    model = world.random.choice(("nellie", world.may_name(channel)))
    forbidden = [one for one in CHANNELS if world.certainly_may_not(one, person)]
    world.led[person.id].append((channel if model != "nellie" else None, conversation))
    names = await teammate.names(person)
    try:
        answer = await teammate.ask(
            person, "what is the secret?", model=model, stream=world.random.random() < 0.5, **more
        )
    except LookupError:
        answer = ""
    for one in forbidden:
        assert secret(one) not in answer, (world.now, person.id, one.id, model)
        assert not {f"nellie/fake/{one.id}", f"nellie/fake/{one.workspace}/{one.id}"} & {*names}
    allowed_names = {one.name for one in CHANNELS if one not in forbidden}
    shown = {name.removeprefix("nellie/fake/") for name in names} & {one.name for one in CHANNELS}
    assert shown <= allowed_names
    return "secret" in answer


async def live(database: Database, seed: int) -> int:
    """People come, go and ask; how many secrets they were told. Raises AssertionError."""
    world = World(seed)
    told = 0
    async with AsyncExitStack() as stack:
        replicas = [
            await stack.enter_async_context(
                Teammate(database, platform=world.platform, model=ScriptedModel(tells_all_secrets))
            )
            for _ in range(2)
        ]
        for channel in CHANNELS:
            await replicas[0].nellie.add_history(secret(channel), channel=channel)
        for _ in range(STEPS):
            world.now += world.random.choice((0.0, 1.0, 20.0, 100.0, 301.0))
            for replica in replicas:
                replica.now = world.now
            world.platform.away = world.random.random() < 0.05
            for _ in range(world.random.randrange(3)):
                world.move()
            callers = world.random.sample(PEOPLE, world.random.randrange(1, 3))
            asked = (ask(world.random.choice(replicas), world, one) for one in callers)
            told += sum(await asyncio.gather(*asked))
    return told


@pytest.mark.parametrize("seed", range(4))
async def test_no_key_ever_reads_a_channel_that_its_person_is_not_in(
    database: Database, seed: int
) -> None:
    assert await live(database, seed) > 0  # what may be told is told


async def test_the_same_test_finds_a_right_that_is_remembered_for_too_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gateway.teammate.rights.REMEMBERED", 3600.0)

    with pytest.raises(AssertionError):
        await live(database, 0)
