"""A private question is answered for its asker alone, whatever happens before its answer."""

import asyncio
from collections.abc import Awaitable, Callable

from doubles.canned_responses import CannedResponse
from doubles.discord_server import Discord, Fault, Interaction, User
from doubles.nellie_on_discord import NellieOnDiscord
from doubles.nellie_process import NellieProcess
from doubles.openai_server import OpenAIServer

from bot.domain.model import Chunk
from bot.store.turn_listing import TurnListing
from bot.testing import Script, ScriptedModel, says, stalls

Open = Callable[..., Awaitable[NellieOnDiscord]]
Start = Callable[..., Awaitable[NellieProcess]]

SECRET = "The treasure is under the old oak, "
WHOLE = "The treasure is under the old oak, ten paces to the north."


def ask(discord: Discord, question: str) -> Interaction:
    """Ana asks in #general, for her eyes alone."""
    return discord.slash(discord.ana, discord.general, "ask", question=question, private=True)


def public(discord: Discord) -> list[str]:
    """What others read in #general, besides the introduction."""
    shown = [post.text for post in discord.of_bot(discord.general) if not post.ephemeral]
    return [text for text in shown if not text.startswith("Hi, I am")]


def direct(discord: Discord, person: User | None = None) -> list[str]:
    """What Nellie has written to Ana (or somebody else) alone."""
    return discord.visible(discord.world.direct(person or discord.ana))


async def test_a_private_question_that_waits_behind_another_is_answered_privately(
    open_nellie: Open, discord: Discord
) -> None:
    gate = asyncio.Event()
    first_answer = says("The first.")
    model = ScriptedModel(lambda prompt: (gate, *first_answer(prompt)), says("The second."))
    nellie = await open_nellie(discord, model=model)

    first = ask(discord, "one?")
    await discord.until(lambda: model.called.is_set())
    second = ask(discord, "two?")
    await discord.until(lambda: second.thinking)
    gate.set()
    await discord.until(lambda: second.shown)
    await nellie.parts.lanes.idle()

    assert (first.shown, second.shown) == ("The first.", "The second.")
    assert first.ephemeral
    assert second.ephemeral
    assert public(discord) == []
    assert await nellie.texts() == []


async def test_its_asker_can_stop_a_private_answer_that_waited(
    open_nellie: Open, discord: Discord
) -> None:
    gate = asyncio.Event()
    first_answer = says("The first.")
    model = ScriptedModel(lambda prompt: (gate, *first_answer(prompt)), stalls(SECRET))
    nellie = await open_nellie(discord, model=model)
    ask(discord, "one?")
    await discord.until(lambda: model.called.is_set())
    waiting = ask(discord, "two?")
    await discord.until(lambda: waiting.thinking)
    gate.set()
    await discord.until(lambda: waiting.shown)
    assert waiting.original

    discord.press(discord.ana, waiting.original, "Stop")

    await discord.until(lambda: "(stopped)" in waiting.shown)
    await nellie.parts.lanes.idle()
    assert public(discord) == []


async def test_another_replica_answers_by_the_token_or_in_the_askers_direct_messages(
    start: Start, discord: Discord, model: OpenAIServer
) -> None:
    first = await start()
    await discord.until(lambda: discord.commands)
    model.respond_with(CannedResponse(text=SECRET, ending="stall"))
    model.default_response = CannedResponse(text=WHOLE)
    begun = ask(discord, "where is it?")
    await discord.until(lambda: begun.shown)
    second = await start()
    waiting = ask(discord, "and the key?")  # both replicas hear of it, and have its token
    await discord.until(lambda: waiting.thinking)

    await first.kill()
    await discord.until(lambda: waiting.shown == WHOLE)

    assert waiting.ephemeral
    assert begun.shown == SECRET.strip()
    await discord.until(lambda: WHOLE in "".join(direct(discord)))
    assert public(discord) == []
    assert len(direct(discord)) == 1
    assert not any(word in second.output for word in ("treasure", "where is it", "the key"))


async def test_its_asker_can_stop_a_private_answer_in_another_replica(
    start: Start, discord: Discord, model: OpenAIServer
) -> None:
    first = await start()
    await discord.until(lambda: discord.commands)
    stalled = CannedResponse(text=SECRET, ending="stall")
    model.respond_with(stalled, CannedResponse(text=WHOLE), stalled)
    begun = ask(discord, "where is it?")
    await discord.until(lambda: begun.shown)
    await start()
    waiting = ask(discord, "and the key?")
    await discord.until(lambda: waiting.thinking)
    await first.kill()
    await discord.until(lambda: waiting.shown == SECRET.strip())
    assert waiting.original

    discord.press(discord.ana, waiting.original, "Stop")

    await discord.until(lambda: "(stopped)" in waiting.shown)
    assert public(discord) == []


async def test_after_a_restart_a_private_answer_goes_to_its_askers_direct_messages(
    start: Start, discord: Discord, model: OpenAIServer
) -> None:
    program = await start()
    await discord.until(lambda: discord.commands)
    model.respond_with(CannedResponse(text=SECRET, ending="stall"))
    model.default_response = CannedResponse(text=WHOLE)
    lost = ask(discord, "where is it?")
    await discord.until(lambda: lost.shown)

    await program.kill()
    program = await start()
    await discord.until(lambda: WHOLE in "".join(direct(discord)))
    asked = ask(discord, "where is it, then?")
    await discord.until(lambda: asked.shown == WHOLE)

    assert lost.shown == SECRET.strip()
    assert asked.ephemeral
    assert public(discord) == []
    assert not any(word in program.output for word in ("treasure", "where is it"))


def says_after(event: asyncio.Event, *texts: str) -> Script:
    """Says the first text, and the others once the event is set."""
    first, *more = texts
    return lambda prompt: (Chunk(first), event, *map(Chunk, more), Chunk("", "stop"))


async def shown_when_the_token_is_gone(
    open_nellie: Open, discord: Discord, *texts: str, refused: bool = True
) -> list[str]:
    """Ana's direct messages, after a private answer whose token was lost half-way."""
    go = asyncio.Event()
    nellie = await open_nellie(discord, model=ScriptedModel(says_after(go, *texts)))
    asked = ask(discord, "where is it?")
    await discord.until(lambda: asked.acknowledged is not None)
    if texts[0]:
        await discord.until(lambda: asked.shown)
    if refused:
        discord.interactions.life = 0  # Discord's own clock: Nellie does not know
    else:
        nellie.connection.delivery.pending.get(asked.id).token_refused = True  # type: ignore[union-attr]
    go.set()
    await nellie.parts.lanes.idle()
    assert public(discord) == []
    assert await nellie.texts() == []
    return direct(discord)


async def test_an_answer_whose_token_runs_out_half_way_moves_whole_to_direct_messages(
    open_nellie: Open, discord: Discord
) -> None:
    long = "\n".join(f"step {number} of the way to the treasure" for number in range(80))

    shown = await shown_when_the_token_is_gone(open_nellie, discord, long, "\nand there it is.")

    head, _, text = "\n".join(shown).partition("\n")
    assert "#general" in head
    assert text == f"{long}\nand there it is."


async def test_an_answer_that_comes_after_its_token_ran_out_goes_to_direct_messages(
    open_nellie: Open, discord: Discord
) -> None:
    shown = await shown_when_the_token_is_gone(open_nellie, discord, "", WHOLE)

    assert [text.endswith(WHOLE) for text in shown] == [True]


async def test_a_token_that_is_known_to_be_void_is_not_tried(
    open_nellie: Open, discord: Discord
) -> None:
    shown = await shown_when_the_token_is_gone(open_nellie, discord, "", WHOLE, refused=False)

    assert len(shown) == 1
    assert not discord.find("PATCH /webhooks")


async def test_a_question_that_was_acknowledged_too_late_is_answered_in_direct_messages(
    open_nellie: Open, discord: Discord
) -> None:
    discord.interactions.deadline = 0  # 10062: Discord knows nothing of it any more
    nellie = await open_nellie(discord, model=ScriptedModel(says(WHOLE)))

    asked = ask(discord, "where is it?")
    await discord.until(lambda: direct(discord))
    await nellie.parts.lanes.idle()

    assert asked.refused == [10062]
    assert direct(discord)[0].endswith(WHOLE)
    assert public(discord) == []


async def test_what_cannot_reach_its_asker_is_dropped_with_a_line_for_operators(
    open_nellie: Open, discord: Discord
) -> None:
    box = discord.world.direct(discord.ana)
    discord.fail(Fault("403", rf"POST /channels/{box.id}/messages", times=9, code=50007))

    shown = await shown_when_the_token_is_gone(open_nellie, discord, "", WHOLE)

    assert shown == []
    assert len(discord.find(f"POST /channels/{box.id}/messages")) == 1


async def test_the_line_says_what_was_dropped_and_none_of_it(
    open_nellie: Open, discord: Discord
) -> None:
    discord.interactions.deadline = 0
    discord.fail(Fault("403", "POST /users/@me/channels", times=9, code=50007))
    nellie = await open_nellie(discord, model=ScriptedModel(says(WHOLE)))

    ask(discord, "where is it?")
    await discord.until(lambda: discord.find("POST /users/@me/channels"))
    await nellie.parts.lanes.idle()

    [line] = await TurnListing(nellie.database).turns()
    assert (line.state, line.error, line.name) == ("failed", "PrivateAnswerDropped", "general")
    assert "treasure" not in repr(line)


async def test_a_private_answer_in_direct_messages_can_be_stopped_by_its_asker(
    open_nellie: Open, discord: Discord
) -> None:
    discord.interactions.deadline = 0
    nellie = await open_nellie(discord, model=ScriptedModel(stalls(SECRET * 3)))
    box = discord.world.direct(discord.ana)
    ask(discord, "where is it?")
    await discord.until(lambda: discord.of_bot(box))

    discord.interactions.deadline = 3
    discord.press(discord.ana, discord.of_bot(box)[0], "Stop")

    await discord.until(lambda: "(stopped)" in direct(discord)[0])
    await nellie.parts.lanes.idle()
    assert public(discord) == []


async def test_a_private_answer_outlives_its_channel(open_nellie: Open, discord: Discord) -> None:
    go = asyncio.Event()
    nellie = await open_nellie(discord, model=ScriptedModel(says_after(go, SECRET, WHOLE)))
    asked = ask(discord, "where is it?")
    await discord.until(lambda: asked.shown)

    discord.remove(discord.general)
    go.set()
    await nellie.parts.lanes.idle()

    assert [text.endswith(WHOLE) for text in direct(discord)] == [True]


async def test_a_private_answer_whose_place_is_gone_goes_to_direct_messages(
    open_nellie: Open, discord: Discord
) -> None:
    go = asyncio.Event()
    nellie = await open_nellie(discord, model=ScriptedModel(says_after(go, SECRET, WHOLE)))
    asked = ask(discord, "where is it?")
    await discord.until(lambda: asked.shown)
    assert asked.original

    discord.world.remove(asked.original)  # 10008: by its token there is nothing to edit
    go.set()
    await nellie.parts.lanes.idle()

    assert [text.endswith(WHOLE) for text in direct(discord)] == [True]
    assert public(discord) == []


async def test_a_rate_limit_of_direct_messages_passes_and_drops_nothing(
    open_nellie: Open, discord: Discord
) -> None:
    box = discord.world.direct(discord.ana)
    limited = Fault("429", rf"POST /channels/{box.id}/messages", times=5, seconds=0.05)
    discord.fail(limited)  # as often as discord.py itself asks again

    await shown_when_the_token_is_gone(open_nellie, discord, "", WHOLE)

    await discord.until(lambda: WHOLE in "".join(direct(discord)))
    assert len(direct(discord)) == 1


async def test_what_stands_in_direct_messages_is_completed_also_where_nobody_can_look(
    start: Start, discord: Discord, model: OpenAIServer
) -> None:
    box = discord.world.direct(discord.ana)
    discord.interactions.deadline = 0
    first = await start()
    await discord.until(lambda: discord.commands)
    model.respond_with(CannedResponse(text=SECRET, ending="stall"))
    model.default_response = CannedResponse(text=WHOLE)
    ask(discord, "where is it?")
    await discord.until(lambda: "treasure" in "".join(direct(discord)))

    await first.kill()
    discord.fail(Fault("403", rf"GET /channels/{box.id}/messages", times=99, code=50001))
    await start()

    await discord.until(lambda: WHOLE in "".join(direct(discord)))
    assert len(direct(discord)) == 1
