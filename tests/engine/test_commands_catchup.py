"""/catchup, as a person types it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest
from doubles.start_nellie import CANARY, Start

from bot.domain.errors import CommandError, ModelUnavailable
from bot.domain.model import Chunk, Prompt
from bot.testing import (
    ANA,
    BOB,
    CARL,
    GENERAL,
    RunningNellie,
    ScriptedModel,
    breaks,
    says,
    waits,
)
from bot.testing.scripted_model import summarizes
from bot.text.plurals import counted


async def test_catching_up_tells_what_was_said_since_one_last_spoke(nellie: RunningNellie) -> None:
    then = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
    await nellie.say(ANA, "good night", at=then - timedelta(hours=9))
    await nellie.say(BOB, "the disk is red", at=then, link="https://chat.example/2")
    await nellie.say(CARL, "no, blue", at=then, link="https://chat.example/3")

    reply = await nellie.run_command("catchup", ANA)

    [prompt] = nellie.model.prompts_for("catchup")
    assert [one.text for one in prompt.source] == ["the disk is red", "no, blue"]
    assert reply.text.splitlines() == [
        "2 messages since 2026-03-01 09:05 UTC:",
        "- bob: the disk is red (09:05) https://chat.example/2",
        "- carl: no, blue (09:05) https://chat.example/3",
    ]
    assert await nellie.rows("SELECT purpose FROM usage") == [("catchup",)]
    assert len(await nellie.texts()) == 3


@pytest.mark.parametrize(("when", "count"), [("2h", 1), ("since 3 days", 2), ("today", None)])
async def test_catching_up_since_a_moment(
    nellie: RunningNellie, when: str, count: int | None
) -> None:
    now = datetime.now(UTC)
    await nellie.say(BOB, "old", at=now - timedelta(days=2))
    await nellie.say(BOB, "older", at=now - timedelta(days=20))
    await nellie.say(BOB, "new", at=now)

    reply = await nellie.run_command(f"catchup {when}", ANA)

    if count:
        assert reply.text.startswith(f"{counted(count, 'message')} since")
    assert nellie.model.prompts_for("catchup")[-1].source[-1].text == "new"


@pytest.mark.parametrize(
    "when",
    [
        *(
            "2026-03-02T09:00:00Z",
            "2026-03-02t09:00z",
            "2026-03-02 09:00Z",
            "2026-03-02T09:00:00.5Z",
        ),
        *("2026-03-02T10:00:00+01:00", "2026-03-02T09:00", "20260302T0900Z", "Since 2026-03-02"),
    ],
)
async def test_a_moment_may_say_its_time_zone(nellie: RunningNellie, when: str) -> None:
    await nellie.say(BOB, "before", at=datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    await nellie.say(BOB, "after", at=datetime(2026, 3, 2, 9, 1, tzinfo=UTC))

    reply = await nellie.run_command(f"catchup {when}", ANA)

    assert reply.text.startswith("1 message since 2026-03-02 09:01 UTC:")


async def test_catching_up_over_days_says_which_and_leaves_out_what_nobody_said(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "the disk is red", at=datetime(2026, 3, 1, 9, 5, tzinfo=UTC))
    await nellie.say(
        CARL, "no, blue", at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC), link="https://x/2"
    )
    nellie.model.follow("catchup", says("- carl: it is blue [2]\n- carl: call 555-0199 [2]"))

    reply = await nellie.run_command("catchup 3650d", ANA)

    assert reply.text.splitlines()[1:] == ["- carl: it is blue (2026-03-02 09:05) https://x/2"]


async def test_a_summary_without_a_word_leaves_an_honest_line(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the disk is red", link="https://x/1")
    nellie.model.follow("catchup", says("Hm."))

    reply = await nellie.run_command("catchup", ANA)

    [_, told] = reply.text.splitlines()
    assert told == (
        "It could not be summed up. No line that the model scripted wrote could be used."
        " Try once more, or with another model: /model set NAME. It begins here: https://x/1"
    )


async def test_catching_up_on_a_lot_reads_the_newest_that_fit(start_nellie: Start) -> None:
    nellie = await start_nellie(context_window=2048)
    await nellie.add_history(*(f"talk number {n} about the harbour" for n in range(300)))

    reply = await nellie.run_command("catchup", ANA)

    [prompt] = nellie.model.prompts_for("catchup")
    assert "300 messages since" in reply.text
    assert "I read the newest" in reply.text
    assert prompt.source[-1].text == "talk number 299 about the harbour"
    assert prompt.tokens * 1.35 + prompt.max_output <= 2048


async def test_catching_up_without_a_model_says_so(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the disk is red")
    nellie.model.follow("catchup", breaks(ModelUnavailable(model="m", reason="gone")))

    with pytest.raises(CommandError, match="cannot be reached: gone"):
        await nellie.run_command("catchup", ANA)

    assert len(await nellie.rows("SELECT * FROM usage")) == 1


async def test_a_summary_pings_nobody(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the disk is red")
    nellie.model.follow("catchup", says("- @every", "one: red\x00"))

    reply = await nellie.run_command("catchup", ANA)

    assert "@everyone" not in reply.text
    assert "\x00" not in reply.text


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "1 message since"), ("  ", "1 message since"), ("harmless", "2 messages")],
)
async def test_what_changes_while_it_is_summed_up_is_not_shown(
    start_nellie: Start, text: str, told: str
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie()
    nellie.model.follow("catchup", waits(gate, summarizes), summarizes)
    await nellie.say(BOB, f"the code is {CANARY}", id="c1")
    await nellie.say(CARL, "the ship is late")

    asked = asyncio.create_task(nellie.run_command("catchup 2h", ANA))
    await nellie.model.called.wait()
    await nellie.parts.inbox.edited(GENERAL, "c1", text)
    gate.set()
    reply = await asked

    assert CANARY not in reply.text
    assert reply.text.startswith(told)


class ChangesMeanwhile(ScriptedModel):
    """While it works, somebody edits what it works on."""

    nellie: RunningNellie

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        await self.nellie.parts.inbox.edited(GENERAL, "c1", f"version {len(self.prompts) + 1}")
        async with aclosing(super().stream(prompt)) as chunks:
            async for chunk in chunks:
                yield chunk


async def test_what_never_stops_changing_is_not_summed_up(start_nellie: Start) -> None:
    model = ChangesMeanwhile()
    nellie = model.nellie = await start_nellie(model=model)
    await nellie.say(BOB, "version 0", id="c1")

    with pytest.raises(CommandError, match="has changed while I summed it up"):
        await nellie.run_command("catchup 2h", ANA)


@pytest.mark.parametrize(
    "when",
    ["0001-01-01T00:00:00+14:00", "0001-01-01T00:30+01:00", "9999-12-31T23:59:59-01:00"],
)
async def test_a_moment_beyond_all_calendars_is_answered_with_what_to_say(
    nellie: RunningNellie, when: str
) -> None:
    with pytest.raises(CommandError, match="Since when"):
        await nellie.run_command(f"catchup {when}", ANA)


FRIDAY = datetime(2026, 8, 14, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("2026-08-14", "1 message on 2026-08-14 (UTC)"),
        ("since 2026-08-14", "2 messages since 2026-08-14 09:00 UTC"),
        ("2026-08-13T00:00:00+00:00/2026-08-15T00:00:00+00:00", "2 messages from 2026-08-13 to"),
        ("2026-08-12", "Nobody said anything then"),
    ],
)
async def test_a_day_is_that_day_alone_unless_it_is_a_beginning(
    nellie: RunningNellie, when: str, told: str
) -> None:
    for days, text in enumerate(("the crane is booked", "the crane is here", "the crane is gone")):
        await nellie.say(BOB, text, at=FRIDAY + timedelta(days=days - 1))

    reply = await nellie.run_command(f"catchup {when}", ANA)

    assert reply.text.startswith(told)


async def test_yesterday_is_over_at_midnight(nellie: RunningNellie) -> None:
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    await nellie.say(BOB, "the mast was painted", at=midnight - timedelta(hours=20))
    await nellie.say(BOB, "the mast is dry", at=midnight)

    in_words = await nellie.ask(ANA, "what did we say yesterday?")
    reply = await nellie.run_command("catchup yesterday", ANA)

    assert "mast was painted" in in_words
    assert in_words == reply.text
    assert "mast is dry" not in reply.text


async def test_what_people_ask_her_is_told_only_where_nothing_else_was_said(
    nellie: RunningNellie,
) -> None:
    await nellie.ask(CARL, "where is the anchor?")
    alone = await nellie.run_command("catchup 2h", ANA)
    await nellie.say(BOB, "the anchor is in the shed")

    beside_others = await nellie.run_command("catchup 2h", ANA)
    summary = await nellie.ask(ANA, "summarize this channel")

    assert "where is the anchor?" in alone.text
    assert beside_others.text.startswith("1 message since")
    assert summary.startswith("1 message since")
