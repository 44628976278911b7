"""Who was forgotten stays forgotten when what they said before is read in later."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from doubles.start_nellie import CANARY, Start

from bot.archives.jsonl import JSONL
from bot.core.archive_import import import_archive
from bot.domain.model import Author, Channel, Message
from bot.testing import BOB, CARL, GENERAL, FakePlatform, RunningNellie, new_message
from bot.testing.fake_platform import ADDRESS

PEOPLE = [BOB, Author("184467440737095516", "zoe"), Author("wörk@er %_", "Ω")]


class CommandsWhileRead(FakePlatform):
    """Somebody types a command when the history was listed, and is not stored yet."""

    nellie: RunningNellie
    command = ""
    person = BOB

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        async for message in super().history(channel, after):
            yield message
        if self.command:
            await self.nellie.run_command(self.command, self.person, admin=True)


def add_past(nellie: RunningNellie, author: Author, text: str, **details: object) -> None:
    id_ = f"past-{len(nellie.platform.messages)}"
    at = datetime.now(UTC) - timedelta(days=3)
    message = new_message(author, text, id=id_, at=at, link=f"{ADDRESS}{id_}", **details)
    nellie.platform.messages.append(message)


@pytest.mark.parametrize("person", PEOPLE, ids=["BOB", "number", "odd"])
@pytest.mark.parametrize("command", ["memory forget me", "memory forget person {}"])
async def test_who_asks_to_be_forgotten_before_the_past_is_read_in_is_not_in_it(
    start_nellie: Start, person: Author, command: str
) -> None:
    platform = CommandsWhileRead()
    nellie = platform.nellie = await start_nellie(platform=platform)
    platform.command, platform.person = command.format(person.id), person
    add_past(nellie, person, f"x {CANARY}")
    add_past(nellie, CARL, "I stay", mentions=(person.id,))

    await nellie.parts.inbox.joined(GENERAL)

    assert "I stay" in await nellie.texts()
    assert await nellie.find_traces(CANARY) == []
    assert await nellie.find_traces(person.id) == []


async def test_who_is_forgotten_with_messages_is_not_in_what_is_read_in_either(
    start_nellie: Start,
) -> None:
    platform = CommandsWhileRead()
    nellie = platform.nellie = await start_nellie(platform=platform)
    await nellie.say(BOB, "now")
    platform.command = "memory forget me yes-1"
    add_past(nellie, BOB, f"x {CANARY}")

    await nellie.parts.inbox.catch_up(GENERAL)

    assert await nellie.texts() == []
    assert await nellie.find_traces(CANARY) == []


async def test_a_channel_that_was_forgotten_reads_in_nothing_from_before(
    start_nellie: Start,
) -> None:
    platform = CommandsWhileRead()
    nellie = platform.nellie = await start_nellie(platform=platform)
    await nellie.say(CARL, "now")
    platform.command = "memory forget all yes-1"
    for person in PEOPLE:
        add_past(nellie, person, f"x {CANARY}")

    await nellie.parts.inbox.catch_up(GENERAL)

    assert await nellie.find_traces(CANARY) == []


async def test_an_archive_brings_back_nothing_of_who_was_forgotten(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    await nellie.say(BOB, "one")
    await nellie.run_command("memory forget me yes-1", BOB)
    path = tmp_path / "archive.jsonl"
    lines = [
        {
            "id": f"p{number}",
            "author": {"id": author.id, "name": author.name},
            "text": text,
            "at": "2026-01-02T12:00:00+00:00",
        }
        for number, (author, text) in enumerate([(BOB, CANARY), (CARL, "I stay")])
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines))

    await import_archive(
        nellie.parts, JSONL(), path, GENERAL, progress=lambda _done, _all: None, complain=print
    )

    assert await nellie.texts() == ["I stay"]


async def test_who_was_forgotten_is_remembered_from_then_on_and_elsewhere_as_ever(
    nellie: RunningNellie,
) -> None:
    elsewhere = Channel("fake", "team", "C9", "elsewhere")
    await nellie.say(CARL, "hello")

    reply = await nellie.run_command("memory forget me", BOB)
    await nellie.say(BOB, "after")
    await nellie.say(BOB, "there", channel=elsewhere, at=datetime.now(UTC) - timedelta(days=1))

    assert "What was said before now will not be read in later" in reply.text
    assert await nellie.texts() == ["hello", "after"]
    assert await nellie.texts(elsewhere) == ["there"]
