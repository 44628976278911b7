"""A plan of three steps over two MCP servers and memory, on Discord."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from doubles.discord_server import Discord
from doubles.mcp_servers.plan import ANSWER, SAID, STEPS, made, planner, switch_all_on, two_servers
from doubles.nellie_on_discord import NellieOnDiscord

Open = Callable[..., Awaitable[NellieOnDiscord]]


async def test_memory_and_two_servers_are_asked_in_order(
    open_nellie: Open, discord: Discord, tmp_path: Path
) -> None:
    async with two_servers(tmp_path) as file:
        nellie = await open_nellie(discord, model=planner(), mcp=file)
        discord.say(discord.bob, discord.general, SAID)
        await nellie.texts()
        await switch_all_on(nellie.parts, discord.general.id)

        text = f"{discord.bot.mention} what is the matter at gate 3?"
        answer = await nellie.ask(discord.ana, discord.general, text)

        assert answer == ANSWER
        assert await made(nellie.parts) == [(name, "done") for name in STEPS]
