"""Nellie on a Discord that others wrote: what people see there, also when things go wrong."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from doubles.discord.faults import Fault
from doubles.openai import OpenAIDouble, Play
from doubles.program import Program, running
from e2e.discord.edge import Edge
from e2e.discord.room import Room, until

Start = Callable[..., Awaitable[Program]]
pytestmark = pytest.mark.e2e
POST = r"POST /channels/\d+/messages$"


async def test_answers_a_mention_by_one_reply(nellie: Program, room: Room) -> None:
    asked = await room.ask("where is the key?")

    await room.answer(asked, "where is the key?")


async def test_syncs_her_commands_once(start: Start, edge: Edge, room: Room) -> None:
    first = await start()
    await first.stop()
    await start()

    await room.answer(await room.ask("here again?"), "here again?")
    synced = [one for one in edge.rest.asked if one.path.endswith("/commands")]
    assert [one.method for one in synced] == ["GET", "PUT", "GET"]
    assert {"ask", "catchup", "memory", "help"} <= {one["name"] for one in edge.commands}


async def test_answers_a_slash_command_that_it_has_deferred(
    nellie: Program, room: Room, edge: Edge
) -> None:
    did = await room.slash("ask", question="is the kettle on?")

    await room.shown("is the kettle on?")
    callbacks = [one for one in edge.rest.asked if one.path.startswith(f"/interactions/{did}/")]
    assert [one.body["type"] for one in callbacks] == [5]


async def test_shows_a_long_answer_as_it_comes_and_in_parts(
    nellie: Program, room: Room, edge: Edge, model: OpenAIDouble
) -> None:
    lines = [f"line {number} of a long answer about the harbour" for number in range(140)]
    text = "\n".join(lines)
    assert len(text) > 5_900
    model.play(Play(text=text, delay=0.003))

    asked = await room.ask("tell me everything")

    parts: list[str] = []

    async def whole() -> bool:
        hers = [one for one in await room.hers() if one.get("message_reference")]
        parts[:] = [one["content"] for one in hers]
        return "\n".join(parts).split("\n") == lines

    await until(whole, parts)
    assert len(parts) >= 3
    assert max(map(len, parts)) <= 2_000
    assert len(await room.replies(asked)) >= 1
    assert [one for one in edge.rest.asked if one.method == "PATCH" and room.id in one.path]


async def test_stops_when_told_to(nellie: Program, room: Room, model: OpenAIDouble) -> None:
    model.play(Play(text="I begin to tell you a story that never ends", ending="stall"))
    asked = await room.ask("a story")
    shown: list[object] = []

    async def begun() -> bool:
        shown[:] = await room.replies(asked)
        return any("a story" in str(one) and one["components"] for one in shown)  # type: ignore[index]

    await until(begun, shown)
    await room.press(shown[0], "Stop")  # type: ignore[arg-type]

    async def stopped() -> bool:
        shown[:] = await room.replies(asked)
        return "(stopped)" in str(shown)

    await until(stopped, shown)
    told = [seen for seen in model.requests if "a story" in str(seen.body.get("messages", "")[-1:])]
    try:
        await asyncio.wait_for(told[-1].left.wait(), 10)
    except TimeoutError:
        raise AssertionError([(one.body, one.left.is_set()) for one in model.requests]) from None


async def test_follows_a_reply_to_her(nellie: Program, room: Room) -> None:
    first = await room.answer(await room.ask("what is a bowline?"), "what is a bowline?")

    again = await room.say("and a clove hitch?", to=first["id"])

    await room.answer(again, "and a clove hitch?")


async def test_forgets_what_is_deleted_and_rewrites_what_is_edited(
    nellie: Program, room: Room, edge: Edge, model: OpenAIDouble
) -> None:
    secret = await room.say("the password is heron")
    changed = await room.say("the meeting is on monday")
    await room.answer(await room.ask("one?"), "one?")
    who = edge.twin["users"][0]

    await edge.do("delete", channel=room.id, message=secret)
    await edge.do("edit", channel=room.id, user=who, message=changed, text="it is on friday")
    await room.answer(await room.ask("two?"), "two?")

    assert "heron" in str(model.prompts[0])
    assert "heron" not in str(model.prompts[-1])
    assert "it is on friday" in str(model.prompts[-1])


async def test_answers_what_was_asked_while_she_was_away(
    start: Start, room: Room, edge: Edge
) -> None:
    program = await start(NELLIE_BACKFILL_DAYS="30")  # to see when it has read

    async def has_read_back() -> bool:
        return any("/archived/" in one.path and room.id in one.path for one in edge.rest.asked)

    await until(has_read_back, room)
    await room.answer(await room.ask("are you there?"), "are you there?")
    await program.stop()
    asked = await room.ask("and now?")

    await start()

    await room.answer(asked, "and now?")


@pytest.mark.parametrize("kind", ["429", "500", "503", "cut", "lost", "slow"])
async def test_says_it_once_whatever_the_request_meets(
    nellie: Program, room: Room, edge: Edge, kind: str
) -> None:
    edge.fail(Fault(kind, POST))  # type: ignore[arg-type]

    asked = await room.ask(f"through {kind}?")

    await room.answer(asked, f"through {kind}?")
    assert not edge.rest.faults.waiting


@pytest.mark.parametrize("happens", ["drop", "reconnect", "invalidate", "replay"])
async def test_loses_and_repeats_nothing_when_the_connection_fails(
    nellie: Program, room: Room, edge: Edge, happens: str
) -> None:
    first = await room.ask("before?")
    await room.answer(first, "before?")

    getattr(edge.gateway, happens)()
    second = await room.ask("meanwhile?")

    await room.answer(second, "meanwhile?")
    await room.answer(first, "before?")
    assert len(await room.replies(first)) == 1


async def test_finishes_in_place_what_a_crash_cut_off(
    start: Start, room: Room, model: OpenAIDouble
) -> None:
    program = await start()
    model.play(Play(text="It was a dark and stormy night, and then ", ending="stall"))
    asked = await room.ask("a tale")
    shown: list[object] = []

    async def begun() -> bool:
        shown[:] = await room.replies(asked)
        return "dark and" in str(shown)

    await until(begun, shown)
    await program.kill()
    await start()

    await room.answer(asked, "a tale")


async def test_a_wrong_token_is_one_clear_line(edge: Edge, address: str) -> None:
    environ = {**edge.environ, "DISCORD_TOKEN": "MTIz.wrong.token", "DATABASE_URL": address}
    async with running(environ) as program:

        async def said() -> bool:
            return "DISCORD_TOKEN" in program.words

        await until(said, lambda: program.words)
        assert "Traceback" not in program.words
        assert "MTIz.wrong.token" not in program.words
