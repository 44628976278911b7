"""A plan of three steps over two MCP servers and memory, at the console."""

import asyncio
import os
from pathlib import Path

from doubles.console import make_screen, open_pipe, printed
from doubles.mcp_servers.plan import ANSWER, SAID, STEPS, made, planner, switch_all_on, two_servers

from adapters.console.adapter import ConsoleAdapter
from adapters.console.incoming import Person
from bot.domain.model import Channel
from bot.store.database import Database
from bot.testing import RunningNellie, running_nellie

HARBOUR = Channel("console", "local", "harbour")


async def talk(nellie: RunningNellie, console: ConsoleAdapter, keys: int, line: str) -> None:
    await asyncio.to_thread(os.write, keys, f"{line}\n".encode())
    os.close(keys)
    await console.run(nellie.parts.inbox, nellie.parts.turns, nellie.parts.commands)
    await nellie.parts.lanes.idle()


async def test_memory_and_two_servers_are_asked_in_order(
    database: Database, tmp_path: Path
) -> None:
    screen = make_screen(interactive=False)
    async with two_servers(tmp_path) as file:
        for line in (SAID, "@nellie what is the matter at gate 3?"):
            keys, descriptor = open_pipe()
            console = ConsoleAdapter(Person("ana"), HARBOUR, True, screen, descriptor)
            async with running_nellie(
                database, model=planner(), adapters=[console], mcp=file
            ) as nellie:
                if line != SAID:
                    await switch_all_on(nellie.parts, "harbour")
                await talk(nellie, console, keys, line)
                calls = await made(nellie.parts)
            os.close(descriptor)

    assert ANSWER in printed(screen.out)
    assert calls == [(name, "done") for name in STEPS]
