"""Nellie on a Discord that others wrote: what people see there, also when things go wrong."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from doubles.canned_responses import CannedResponse
from doubles.discord_server.faults import Fault
from doubles.nellie_process import NellieProcess, running
from doubles.openai_server import OpenAIServer
from doubles.sample_messages import rows
from e2e.discord.edge import Edge
from e2e.discord.twin_channel import TwinChannel, until

from bot.store.database import Database

Start = Callable[..., Awaitable[NellieProcess]]
pytestmark = pytest.mark.e2e
POST = r"POST /channels/\d+/messages$"


async def test_answers_a_mention_by_one_reply(nellie: NellieProcess, channel: TwinChannel) -> None:
    asked = await channel.ask("where is the key?")

    await channel.wait_for_answer(asked, "where is the key?")


async def test_syncs_its_commands_once(start: Start, edge: Edge, channel: TwinChannel) -> None:
    first = await start()
    await first.stop()
    await start()

    await channel.wait_for_answer(await channel.ask("here again?"), "here again?")
    synced = [one for one in edge.rest.requests if one.path.endswith("/commands")]
    assert [one.method for one in synced] == ["GET", "PUT", "GET"]
    assert {"ask", "catchup", "memory", "help"} <= {one["name"] for one in edge.commands}


async def test_answers_a_slash_command_that_it_has_deferred(
    nellie: NellieProcess, channel: TwinChannel, edge: Edge
) -> None:
    interaction = await channel.slash("ask", question="is the kettle on?")

    await channel.wait_for_post("is the kettle on?")
    callbacks = [
        one for one in edge.rest.requests if one.path.startswith(f"/interactions/{interaction}/")
    ]
    assert [one.body["type"] for one in callbacks] == [5]


async def test_shows_a_long_answer_as_it_comes_and_in_parts(
    nellie: NellieProcess, channel: TwinChannel, edge: Edge, model: OpenAIServer
) -> None:
    lines = [f"line {number} of a long answer about the harbour" for number in range(140)]
    text = "\n".join(lines)
    assert len(text) > 5_900
    # What thinks aloud is not shown: of a model that she does not know, the first answer tells.
    first = await channel.ask("hello")

    async def is_answered() -> bool:
        return bool(await channel.replies(first))

    await until(is_answered, first)
    model.respond_with(CannedResponse(text=text, delay=0.003))

    asked = await channel.ask("tell me everything")

    parts: list[str] = []

    async def is_whole() -> bool:
        answers = [one for one in await channel.posts() if one.get("message_reference")]
        parts[:] = [one["content"] for one in answers[1:]]
        return "\n".join(parts).split("\n") == lines

    await until(is_whole, parts)
    assert len(parts) >= 3
    assert max(map(len, parts)) <= 2_000
    assert len(await channel.replies(asked)) >= 1
    assert [one for one in edge.rest.requests if one.method == "PATCH" and channel.id in one.path]


async def test_stops_when_told_to(
    nellie: NellieProcess, channel: TwinChannel, model: OpenAIServer
) -> None:
    model.respond_with(
        CannedResponse(text="I begin to tell you a story that never ends", ending="stall")
    )
    asked = await channel.ask("a story")
    shown: list[object] = []

    async def has_begun() -> bool:
        shown[:] = await channel.replies(asked)
        return any("a story" in str(one) and one["components"] for one in shown)  # type: ignore[index]

    await until(has_begun, shown)
    await channel.press(shown[0], "Stop")  # type: ignore[arg-type]

    async def is_stopped() -> bool:
        shown[:] = await channel.replies(asked)
        return "(stopped)" in str(shown)

    await until(is_stopped, shown)
    asked_for = [
        seen for seen in model.requests if "a story" in str(seen.body.get("messages", "")[-1:])
    ]
    try:
        await asyncio.wait_for(asked_for[-1].hung_up.wait(), 10)
    except TimeoutError:
        raise AssertionError([(one.body, one.hung_up.is_set()) for one in model.requests]) from None


async def test_follows_a_reply_to_nellie(nellie: NellieProcess, channel: TwinChannel) -> None:
    first = await channel.wait_for_answer(
        await channel.ask("what is a bowline?"), "what is a bowline?"
    )

    again = await channel.say("and a clove hitch?", to=first["id"])

    await channel.wait_for_answer(again, "and a clove hitch?")


async def test_forgets_what_is_deleted_and_rewrites_what_is_edited(
    nellie: NellieProcess, channel: TwinChannel, edge: Edge, model: OpenAIServer
) -> None:
    secret = await channel.say("the password is heron")
    changed = await channel.say("the meeting is on monday")
    await channel.wait_for_answer(await channel.ask("one?"), "one?")
    who = edge.twin["users"][0]

    await edge.act("delete", channel=channel.id, message=secret)
    await edge.act("edit", channel=channel.id, user=who, message=changed, text="it is on friday")
    await channel.wait_for_answer(await channel.ask("two?"), "two?")

    # In their channels, other tests may have asked just now what is answered here once more.
    [first, second] = [prompt_of(model, question) for question in ("one?", "two?")]
    assert "heron" in str(first)
    assert "heron" not in str(second)
    assert "it is on friday" in str(second)


def prompt_of(model: OpenAIServer, question: str) -> dict[str, object]:
    """The one prompt that asks this."""
    [prompt] = [
        one for one in model.prompts if one["messages"][-1]["content"].endswith(f" {question}")
    ]
    return prompt


async def test_answers_what_was_asked_while_it_was_away(
    start: Start, channel: TwinChannel, edge: Edge
) -> None:
    program = await start(NELLIE_BACKFILL_DAYS="30")  # to see when it has read

    async def has_read_back() -> bool:
        return any(
            "/archived/" in one.path and channel.id in one.path for one in edge.rest.requests
        )

    await until(has_read_back, channel)
    await channel.wait_for_answer(await channel.ask("are you there?"), "are you there?")
    await program.stop()
    asked = await channel.ask("and now?")

    await start()

    await channel.wait_for_answer(asked, "and now?")


async def test_takes_over_what_was_deleted_and_edited_while_it_was_away(
    start: Start, channel: TwinChannel, edge: Edge, database: Database
) -> None:
    program = await start()
    secret = await channel.say("the password is heron")
    changed = await channel.say("the meeting is on monday")
    await channel.wait_for_answer(await channel.ask("one?"), "one?")
    await program.stop()
    who = edge.twin["users"][0]
    await edge.act("delete", channel=channel.id, message=secret)
    await edge.act("edit", channel=channel.id, user=who, message=changed, text="it is on friday")

    await start()

    async def taken_over() -> bool:
        texts = await rows(database, "SELECT text FROM message WHERE NOT deleted")
        gone = {"the password is heron", "the meeting is on monday"}
        return "it is on friday" in texts and not gone & set(texts)

    await until(taken_over, channel)


@pytest.mark.parametrize("kind", ["429", "500", "503", "cut", "lost", "slow"])
async def test_says_it_once_whatever_the_request_meets(
    nellie: NellieProcess, channel: TwinChannel, edge: Edge, kind: str
) -> None:
    edge.fail(Fault(kind, POST))  # type: ignore[arg-type]

    asked = await channel.ask(f"through {kind}?")

    await channel.wait_for_answer(asked, f"through {kind}?")
    assert not edge.rest.faults.waiting


@pytest.mark.parametrize("happens", ["drop", "reconnect", "invalidate", "replay"])
async def test_loses_and_repeats_nothing_when_the_connection_fails(
    nellie: NellieProcess, channel: TwinChannel, edge: Edge, happens: str
) -> None:
    first = await channel.ask("before?")
    await channel.wait_for_answer(first, "before?")

    getattr(edge.gateway, happens)()
    second = await channel.ask("meanwhile?")

    await channel.wait_for_answer(second, "meanwhile?")
    await channel.wait_for_answer(first, "before?")
    assert len(await channel.replies(first)) == 1


async def test_finishes_in_place_what_a_crash_cut_off(
    start: Start, channel: TwinChannel, model: OpenAIServer
) -> None:
    program = await start()
    model.respond_with(
        CannedResponse(text="It was a dark and stormy night, and then ", ending="stall")
    )
    asked = await channel.ask("a tale")
    shown: list[object] = []

    async def has_begun() -> bool:
        shown[:] = await channel.replies(asked)
        return "dark and" in str(shown)

    await until(has_begun, shown)
    await program.kill()
    await start()

    await channel.wait_for_answer(asked, "a tale")


async def test_a_wrong_token_is_one_clear_line(edge: Edge, address: str) -> None:
    environ = {**edge.environ, "DISCORD_TOKEN": "MTIz.wrong.token", "DATABASE_URL": address}
    async with running(environ) as program:

        async def names_the_token() -> bool:
            return "DISCORD_TOKEN" in program.output

        await until(names_the_token, lambda: program.output)
        assert "Traceback" not in program.output
        assert "MTIz.wrong.token" not in program.output
