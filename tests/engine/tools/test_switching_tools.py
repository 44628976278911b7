"""Which tools are on in a channel, and who says so."""

from zoneinfo import ZoneInfo

import pytest
from doubles.start_nellie import Start
from doubles.tool_calls import call, context_of, registry_of, switch_on
from jsonschema import Draft202012Validator

from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Channel
from bot.testing import ANA, GENERAL, RunningNellie, ScriptedModel

OTHER = Channel("fake", "team", "C2")


async def names(nellie: RunningNellie, channel: Channel = GENERAL) -> list[str]:
    offered = await registry_of(nellie).tools(await context_of(nellie, channel=channel))
    return [tool.name for tool in offered]


async def test_no_tool_is_on_until_somebody_switches_one_on(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "hello")

    assert await names(nellie) == []
    assert not (await nellie.channel_state()).uses_tools
    assert "No tools are used here" in (await nellie.run_command("tools")).text


@pytest.mark.parametrize(
    ("switched", "on"),
    [
        ("", ["now", "search_memory"]),
        ("calculate", ["calculate", "now", "search_memory"]),
        ("Open-Message, REMIND", ["now", "open_message", "remind", "search_memory"]),
        ("fetch_page", ["fetch_page", "now", "search_memory"]),
    ],
)
async def test_what_is_switched_on_is_on_in_its_channel_alone(
    nellie: RunningNellie, switched: str, on: list[str]
) -> None:
    await switch_on(nellie, switched)

    assert await names(nellie) == on
    assert await names(nellie, OTHER) == []
    assert (await nellie.channel_state()).uses_tools


async def test_the_first_tool_that_is_switched_on_brings_the_usual_ones(
    nellie: RunningNellie,
) -> None:
    first = await nellie.run_command("tools on calculate", admin=True)
    second = await nellie.run_command("tools on remind", admin=True)

    assert first.text == "I may use calculate, now and search_memory here now."
    assert second.text == "I may use remind here now."
    assert not first.private


async def test_what_is_switched_off_is_off_at_once(nellie: RunningNellie) -> None:
    await switch_on(nellie, "calculate")

    await nellie.run_command("tools off search_memory calculate", admin=True)
    result = await call(nellie, "calculate", {"expression": "1 + 1"})

    assert await names(nellie) == ["now"]
    assert (result.is_error, result.text) == (True, "calculate is not on in this channel.")


async def test_all_tools_are_switched_off_and_on_again_as_they_were(nellie: RunningNellie) -> None:
    await switch_on(nellie, "calculate")
    await nellie.run_command("tools off", admin=True)
    off = await names(nellie)
    result = await call(nellie, "now", {})

    await switch_on(nellie)

    assert (off, result.is_error) == ([], True)
    assert await names(nellie) == ["calculate", "now", "search_memory"]


@pytest.mark.parametrize("line", ["tools on", "tools on remind", "tools off", "tools off now"])
async def test_switching_needs_rights(nellie: RunningNellie, line: str) -> None:
    with pytest.raises(NotAllowed):
        await nellie.run_command(line, ANA)

    assert (await nellie.run_command(line, ANA, channel=_direct())).text


def _direct() -> Channel:
    return Channel("fake", "team", "D1", direct=True)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("serch_memory", "search_memory"), ("websearch", "web_search"), ("shell", "/tools lists")],
)
async def test_a_tool_that_is_not_there_is_named(
    nellie: RunningNellie, name: str, hint: str
) -> None:
    with pytest.raises(CommandError, match=hint):
        await nellie.run_command(f"tools on {name}", admin=True)

    assert await names(nellie) == []


async def test_a_tool_without_its_setting_says_which_it_needs(start_nellie: Start) -> None:
    without = await start_nellie()
    reply = await without.run_command("tools on web_search", admin=True)
    listed = await without.run_command("tools")
    result = await call(without, "web_search", {"query": "cranes"})

    assert "NELLIE_SEARXNG" in reply.text
    assert "needs: set NELLIE_SEARXNG" in listed.text
    assert "web_search" not in await names(without)
    assert result.is_error


async def test_every_tool_can_be_offered_to_every_provider(nellie: RunningNellie) -> None:
    offered = registry_of(nellie).sources[0].offered()

    assert len(offered) == 7
    for tool in offered:
        Draft202012Validator.check_schema(dict(tool.schema))
        assert tool.schema["type"] == "object"
        assert tool.name.replace("_", "").isalnum()
        assert set(tool.schema["required"]) <= set(tool.schema["properties"])
        assert not tool.changes


@pytest.mark.parametrize(
    "written", ["{", "[1]", '"x"', '{"expression": }', '{"expression": 1e}', "null", "[" * 9_999]
)
async def test_broken_arguments_are_told_to_the_model(nellie: RunningNellie, written: str) -> None:
    await switch_on(nellie, "calculate")

    result = await call(nellie, "calculate", written)

    assert result.is_error
    assert "JSON" in result.text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"expression": "15% of 80"}, "15% of 80 = 12"),
        ({"expression": 4}, "4 = 4"),
        ({}, "“expression” is missing."),
        ({"expression": ["1"]}, "“expression” is a text."),
    ],
)
async def test_arguments_are_read_kindly(
    nellie: RunningNellie, arguments: dict[str, object], told: str
) -> None:
    await switch_on(nellie, "calculate")

    assert (await call(nellie, "calculate", arguments)).text == told


async def test_a_turn_without_tools_reads_nothing_about_them(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, "hi")

    assert await nellie.rows("SELECT count(*) FROM tool_switch") == [(0,)]
    [prompt] = nellie.model.prompts
    assert sum(len(message.text.encode()) for message in prompt.messages) < 1_000


async def test_the_time_is_told_by_the_askers_clock_or_any_other(nellie: RunningNellie) -> None:
    await switch_on(nellie)
    nellie.platform.zones[ANA.id] = ZoneInfo("Asia/Tokyo")

    own = await call(nellie, "now", {})
    others = await call(nellie, "now", {"zones": ["Berlin", "New York"]})
    unknown = await call(nellie, "now", {"zones": "Mars"})

    assert "in Asia/Tokyo (UTC+09:00)" in own.text
    assert [line.split(" in ")[1][:8] for line in others.text.splitlines()] == [
        "Europe/B",
        "America/",
    ]
    assert unknown.is_error


@pytest.mark.parametrize("calls_tools", [True, False])
async def test_the_list_says_where_the_model_calls_none(
    start_nellie: Start, calls_tools: bool
) -> None:
    nellie = await start_nellie(model=ScriptedModel(calls_tools=calls_tools))
    await switch_on(nellie)

    shown = (await nellie.run_command("tools")).text

    assert ("scripted calls no tools: so I answer without them." in shown) != calls_tools
