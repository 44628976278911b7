"""What was deleted or edited while nobody listened: taken over as if it had been heard."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from doubles.start_nellie import CANARY, Start, next_prompt

from bot.archives.jsonl import JSONL
from bot.cli.exporting import export_channel
from bot.core.archive_import import import_archive
from bot.domain.model import NELLIE, Author, Channel, Message
from bot.domain.standing import Place, Standing
from bot.testing import (
    ANA,
    BOB,
    CARL,
    GENERAL,
    FakePlatform,
    RunningNellie,
    ScriptedModel,
    new_message,
    repeats_prompt,
    says,
    stalls,
    waits,
)
from bot.testing.fake_platform import ADDRESS


def ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


@pytest.fixture(autouse=True)
def second_look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.core.review.SECOND_LOOK", 0.0)


async def hear(nellie: RunningNellie, author: Author, text: str, **fields: Any) -> Message:
    """Somebody says this on the platform, and Nellie hears it."""
    message = new_message(author, text, **fields)
    message = new_message(
        author, text, **{**fields, "id": message.id, "link": f"{ADDRESS}{message.id}"}
    )
    nellie.platform.messages.append(message)
    await nellie.parts.inbox.receive(message)
    return message


async def review(nellie: RunningNellie, **options: Any) -> None:
    await nellie.parts.inbox.review(GENERAL, **options)


@pytest.mark.parametrize("which", [0, 1, 2])
async def test_what_was_deleted_is_forgotten_wherever_it_stood(
    nellie: RunningNellie, which: int
) -> None:
    said = [await hear(nellie, BOB, f"{number} {CANARY}") for number in range(3)]

    nellie.platform.delete(said[which].id)
    await review(nellie)

    texts = await nellie.texts()
    assert texts == [f"{number} {CANARY}" for number in range(3) if number != which]


async def test_a_whole_channel_that_was_emptied_is_forgotten(nellie: RunningNellie) -> None:
    said = [await hear(nellie, BOB, f"{CANARY} {number}") for number in range(1_200)]

    nellie.platform.delete(*(message.id for message in said))
    await review(nellie)

    assert await nellie.texts() == []
    assert await nellie.find_traces(CANARY) == []


async def test_a_reply_in_a_thread_is_forgotten_and_what_stands_there_is_not(
    nellie: RunningNellie,
) -> None:
    root = await hear(nellie, ANA, "who has the key?")
    one = await hear(nellie, BOB, f"it is {CANARY}", thread=root.id)
    await hear(nellie, CARL, "under the mat", thread=root.id)

    nellie.platform.delete(one.id)
    await review(nellie)

    assert await nellie.texts() == ["who has the key?", "under the mat"]
    assert await nellie.find_traces(CANARY) == []


async def test_what_was_edited_is_rewritten_and_not_answered_again(nellie: RunningNellie) -> None:
    question = await hear(nellie, ANA, f"is {CANARY} the code?", addressed=True)
    await nellie.parts.lanes.idle()

    nellie.platform.edit(question.id, "is it Tuesday?")
    await review(nellie)
    await nellie.parts.lanes.idle()

    assert (await nellie.texts())[0] == "is it Tuesday?"
    assert len(nellie.model.prompts) == 1
    assert "is it Tuesday?" in (await nellie.run_command("memory search Tuesday")).text


async def test_what_was_edited_to_nothing_is_forgotten(nellie: RunningNellie) -> None:
    said = await hear(nellie, BOB, f"the code is {CANARY}")

    nellie.platform.edit(said.id, " \n")
    await review(nellie)

    assert await nellie.find_traces(CANARY) == []


async def test_a_deleted_question_takes_its_answer_along(nellie: RunningNellie) -> None:
    question = await hear(nellie, ANA, f"is {CANARY} the code?", addressed=True)
    await nellie.parts.lanes.idle()

    nellie.platform.delete(question.id)
    await review(nellie)

    assert await nellie.texts() == []
    assert await nellie.find_traces(CANARY) == []


async def test_an_answer_that_cites_what_was_deleted_goes_with_it(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(repeats_prompt, says("fine")))
    said = await hear(nellie, BOB, f"the disk code is {CANARY}")
    await hear(nellie, ANA, "what is the disk code?", addressed=True)
    await nellie.parts.lanes.idle()

    nellie.platform.delete(said.id)
    await review(nellie)

    assert await nellie.find_traces(CANARY) == []
    assert CANARY not in await next_prompt(nellie)


async def test_a_turn_whose_question_was_deleted_is_cancelled(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls(), says("fine")))
    asked = await hear(nellie, ANA, "slow?", addressed=True, thread="t1")
    waiting = await hear(nellie, ANA, "and then?", addressed=True, thread="t1")
    await nellie.model.called.wait()

    nellie.platform.delete(asked.id, waiting.id)
    await review(nellie)
    await nellie.parts.lanes.idle()

    assert await nellie.rows("SELECT state FROM turn") == [("cancelled",), ("cancelled",)]
    assert await nellie.texts() == []


@pytest.mark.parametrize("change", ["deleted", "edited"])
async def test_it_leaves_segments_and_digest_at_once_and_for_good(
    start_nellie: Start, change: str
) -> None:
    nellie = await start_nellie(window_high=400, window_low=100)
    said = await hear(nellie, BOB, f"the disk code is {CANARY}")
    await nellie.add_history(*(f"talk about {n} other things" for n in range(60)))
    await nellie.compact()
    assert CANARY in await next_prompt(nellie)

    if change == "deleted":
        nellie.platform.delete(said.id)
    else:
        nellie.platform.edit(said.id, "the disk code is secret")
    await review(nellie)

    assert CANARY not in await next_prompt(nellie)
    await nellie.parts.jobs.compact_due()
    assert await nellie.find_traces(CANARY) == []


async def test_it_does_not_come_back_with_the_next_reading(nellie: RunningNellie) -> None:
    said = await hear(nellie, BOB, f"the code is {CANARY}")
    nellie.platform.delete(said.id)
    await review(nellie)
    nellie.platform.messages.append(said)

    await nellie.parts.inbox.catch_up(GENERAL)

    assert await nellie.texts() == []


async def test_what_history_never_shows_is_not_missing(nellie: RunningNellie) -> None:
    await hear(nellie, BOB, "stands")
    await nellie.say(ANA, "asked by a command", addressed=True)  # its id is the command's
    await nellie.say(BOB, "from an archive of another channel", link="https://else.example/1")
    await nellie.add_history("from an archive without links")
    await nellie.parts.acceptance.remember(
        [new_message(NELLIE, "an answer of hers", link=f"{ADDRESS}1", tokens=1)]
    )
    await nellie.parts.lanes.idle()
    before = await nellie.texts()

    await review(nellie)

    assert len(before) == 6
    assert await nellie.texts() == before


async def test_what_was_imported_from_elsewhere_is_not_missing(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    other = Channel("fake", "team", "C2", "other")
    await nellie.say(BOB, "the key is in C2", channel=other, link="https://fake.example.org/C2/1")
    path = tmp_path / "c2.jsonl"
    await export_channel(nellie.database, other, path, progress=lambda done, total: None)
    await import_archive(
        nellie.parts,
        JSONL(),
        path,
        GENERAL,
        progress=lambda done, total: None,
        complain=lambda bad: None,
    )
    await hear(nellie, BOB, "stands")

    await review(nellie)

    assert await nellie.texts() == ["the key is in C2", "stands"]


class HearsMeanwhile(FakePlatform):
    """While what stands is read, somebody says something that it does not show yet."""

    nellie: RunningNellie

    async def standing(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncIterator[Standing]:
        async for standing in super().standing(channel, place, edited_since):
            await self.nellie.say(CARL, "just now", at=place.last, link=f"{ADDRESS}new")
            yield standing


async def test_what_comes_in_while_it_looks_is_not_missing(start_nellie: Start) -> None:
    platform = HearsMeanwhile()
    nellie = platform.nellie = await start_nellie(platform=platform)
    await hear(nellie, BOB, "one")

    await review(nellie)

    assert (await nellie.texts())[:2] == ["one", "just now"]


class ShowsLate(FakePlatform):
    """The first look does not see everything yet."""

    looks = 0

    async def standing(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncIterator[Standing]:
        self.looks += 1
        async for standing in super().standing(channel, place, edited_since):
            yield standing if self.looks > 1 else Standing(place, frozenset(), ADDRESS)


async def test_what_only_one_look_misses_is_kept(start_nellie: Start) -> None:
    nellie = await start_nellie(platform=ShowsLate())
    await hear(nellie, BOB, "one")
    await hear(nellie, BOB, "two")

    await review(nellie)

    assert await nellie.texts() == ["one", "two"]


class BreaksOff(FakePlatform):
    """What stands is told in two halves; at the second, the platform breaks off, once."""

    broken = False

    async def standing(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncIterator[Standing]:
        middle = place.first + (place.last - place.first) / 2
        for half in (
            Place(place.thread, middle + timedelta(microseconds=1), place.last),
            Place(place.thread, place.first, middle),
        ):
            if half.first == place.first and not self.broken:
                self.broken = True
                raise ConnectionError("cut")
            async for standing in super().standing(channel, half, edited_since):
                yield standing


async def test_a_look_that_broke_off_forgets_nothing_and_the_next_one_looks_again(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(platform=BreaksOff())
    said = [
        await hear(nellie, BOB, f"m{number}", at=ago(minutes=10 - number)) for number in range(5)
    ]
    nellie.platform.delete(said[0].id, said[4].id)

    with pytest.raises(ConnectionError):
        await review(nellie)
    after_the_first = await nellie.texts()
    await review(nellie)

    assert after_the_first == ["m0", "m1", "m2", "m3", "m4"]
    assert await nellie.texts() == ["m1", "m2", "m3"]


async def test_it_looks_back_from_when_it_looked_last_however_long_that_is_ago(
    nellie: RunningNellie,
) -> None:
    channel_id = await nellie.channel_id()
    await nellie.parts.stores.reviews.set_reviewed_until(channel_id, ago(days=40))
    old = await hear(nellie, BOB, "too old to change", at=ago(days=48))
    away = await hear(nellie, BOB, "said before she went away", at=ago(days=46))

    nellie.platform.delete(old.id, away.id)
    await review(nellie)

    assert await nellie.texts() == ["too old to change"]


async def test_an_edit_that_was_heard_or_is_older_than_the_last_look_is_left_alone(
    nellie: RunningNellie,
) -> None:
    said = await hear(nellie, BOB, "the code is 1", at=ago(days=2))
    nellie.platform.edit(said.id, "@bob (renamed) says that the code is 1")
    nellie.platform.edited_at[said.id] = ago(days=1)
    await nellie.parts.stores.reviews.set_reviewed_until(await nellie.channel_id(), ago(hours=1))

    await review(nellie)

    assert await nellie.texts() == ["the code is 1"]


async def test_the_hourly_look_sees_the_last_hours_alone(nellie: RunningNellie) -> None:
    old = await hear(nellie, BOB, "yesterday", at=ago(days=1))
    new = await hear(nellie, BOB, "just now", at=ago(minutes=5))
    nellie.platform.delete(old.id, new.id)

    await review(nellie, thorough=False)
    hourly = await nellie.texts()
    await review(nellie)

    assert hourly == ["yesterday"]
    assert await nellie.texts() == []


async def test_two_replicas_review_a_channel_one_after_the_other(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.core.review.BUSY", 0.01)
    one, two = await start_nellie(), await start_nellie()
    said = await hear(one, BOB, f"the code is {CANARY}")
    two.platform.messages = one.platform.messages
    one.platform.delete(said.id)
    two.platform.delete(said.id)

    await asyncio.gather(review(one), review(two))

    assert await one.find_traces(CANARY) == []


async def test_an_answer_under_way_to_what_was_deleted_is_dropped(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, repeats_prompt), says("fine")))
    asked = await hear(nellie, ANA, f"is {CANARY} the code?", addressed=True)
    await nellie.model.called.wait()

    nellie.platform.delete(asked.id)
    await review(nellie)
    gate.set()
    await nellie.parts.lanes.idle()

    assert await nellie.find_traces(CANARY) == []
    assert await nellie.rows("SELECT state FROM turn") == [("cancelled",)]


async def test_a_platform_that_says_nothing_of_what_stands_is_believed(
    start_nellie: Start,
) -> None:
    class Silent(FakePlatform):
        async def standing(
            self, channel: Channel, place: Place, edited_since: datetime
        ) -> AsyncIterator[Standing]:
            return
            yield

    nellie = await start_nellie(platform=Silent())
    await hear(nellie, BOB, "one")
    nellie.platform.messages = []

    await review(nellie)

    assert await nellie.texts() == ["one"]


async def test_a_mention_that_an_edit_added_unheard_is_answered_once_if_that_was_just_now(
    nellie: RunningNellie,
) -> None:
    new = await hear(nellie, ANA, "where is the key?")
    old = await hear(nellie, ANA, "where is the disk?")
    both = nellie.platform.messages
    nellie.platform.messages = [replace(one, addressed=True) for one in both]
    nellie.platform.edited_at = {new.id: ago(minutes=1), old.id: ago(hours=1)}

    await review(nellie)
    await review(nellie)
    await nellie.parts.lanes.idle()

    assert list(nellie.platform.shown.values()) == ["You said: where is the key?"]


@pytest.mark.parametrize("off", [0.7, -0.7, 1.0, 59.0, -59.0])
async def test_what_an_archive_dated_a_little_wrong_still_stands(
    nellie: RunningNellie, off: float
) -> None:
    at = ago(minutes=30)
    said = new_message(BOB, "stands", id="r1", at=at, link=f"{ADDRESS}r1")
    gone = new_message(BOB, "gone", id="r2", at=at, link=f"{ADDRESS}r2")
    nellie.platform.messages.append(said)
    for one in (said, gone):
        await nellie.parts.inbox.receive(replace(one, at=at + timedelta(seconds=off)))

    await review(nellie)

    assert await nellie.texts() == ["stands"]


class InHalves(FakePlatform):
    """It tells what stands in two spans."""

    async def standing(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncIterator[Standing]:
        middle = place.first + (place.last - place.first) / 2
        for half in (replace(place, last=middle), replace(place, first=middle)):
            async for standing in super().standing(channel, half, edited_since):
                yield standing


async def test_what_stands_in_another_span_than_is_remembered_is_not_missing(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(platform=InHalves())
    at = ago(minutes=30)
    for number, posted in enumerate([0.6, -0.6]):
        said = new_message(BOB, f"m{number}", id=f"r{number}", link=f"{ADDRESS}r{number}", at=at)
        moved = replace(said, at=at + timedelta(seconds=posted))
        nellie.platform.messages.append(moved)
        await nellie.parts.inbox.receive(replace(said, at=at - timedelta(seconds=posted)))

    await review(nellie)

    assert await nellie.texts() == ["m0", "m1"]


@pytest.mark.parametrize("ahead", [timedelta(minutes=1), timedelta(minutes=5), timedelta(days=400)])
@pytest.mark.parametrize("change", ["edited", "deleted"])
async def test_a_replica_whose_clock_was_ahead_keeps_no_review_from_being_made(
    nellie: RunningNellie, change: str, ahead: timedelta
) -> None:
    said = await hear(nellie, BOB, f"the code is {CANARY}", at=ago(minutes=10))
    channel_id = await nellie.channel_id()
    await nellie.parts.stores.reviews.set_reviewed_until(channel_id, datetime.now(UTC) + ahead)

    if change == "edited":
        nellie.platform.edit(said.id, "harmless")
    else:
        nellie.platform.delete(said.id)
    await review(nellie)

    assert await nellie.find_traces(CANARY) == []
    _, until = await nellie.parts.stores.reviews.cursor(channel_id)
    assert until is not None  # what lay ahead is put right


@pytest.mark.parametrize("behind", [3, 5, 25])
async def test_an_edit_is_found_though_the_platforms_clock_is_behind(
    nellie: RunningNellie, behind: int
) -> None:
    said = await hear(nellie, BOB, f"the code is {CANARY}", at=ago(hours=3))
    await review(nellie)

    nellie.platform.edit(said.id, "harmless")
    nellie.platform.edited_at[said.id] = ago(minutes=behind)
    await review(nellie)

    assert await nellie.texts() == ["harmless"]
