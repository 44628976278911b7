"""A private question is answered for its asker alone, whatever happens before its answer."""

import asyncio
from collections.abc import Awaitable, Callable

from doubles.canned_responses import CannedResponse
from doubles.discord_server import Discord, Interaction
from doubles.nellie_on_discord import NellieOnDiscord
from doubles.nellie_process import NellieProcess
from doubles.openai_server import OpenAIServer

from bot.testing import ScriptedModel, says, stalls

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


async def test_another_replica_answers_a_private_question_by_its_token_or_not_at_all(
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
    assert public(discord) == []
    assert second.output.count("private_answer_dropped") == 1
    assert not any(word in second.output for word in ("treasure", "where is it", "the key"))


async def test_its_asker_can_stop_a_private_answer_in_another_replica(
    start: Start, discord: Discord, model: OpenAIServer
) -> None:
    first = await start()
    await discord.until(lambda: discord.commands)
    model.default_response = CannedResponse(text=SECRET, ending="stall")
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


async def test_after_a_restart_a_private_answer_is_shown_to_nobody_and_the_next_question_answered(
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
    await discord.until(lambda: "private_answer_dropped" in program.output)
    asked = ask(discord, "where is it, then?")
    await discord.until(lambda: asked.shown == WHOLE)

    assert lost.shown == SECRET.strip()
    assert asked.ephemeral
    assert public(discord) == []
    assert not any(word in program.output for word in ("treasure", "where is it"))
