"""What `nellie run` in Slack weighs without the page, and with every page of it in use."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from benchmarks.api.endpoint import free_port, running, weigh
from benchmarks.loopback_platform import CHANNELS, loopback_platform
from benchmarks.page.browsing import read_again_and_again, signed_in
from bot.store.database import Database
from bot.store.page_sessions import Person

LOOKS = 20  # at every page
ROUNDS = 3  # of questions in all channels, before it is weighed


async def measure(
    database: Database, person: Person, paths: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """Megabytes, after as many questions in Slack and as long a time: jobs run meanwhile."""
    began = time.monotonic()
    used = await _weigh(database, lambda url: _look(database, person, url, paths))
    took = time.monotonic() - began
    without = await _weigh(database, None, until=time.monotonic() + took)
    print(f"{without:.1f} MB without the page, {used:.1f} MB with it in use")
    return {"rss_without_mb": round(without, 1), "rss_more_mb": round(used - without, 1)}


async def _look(
    database: Database, person: Person, url: str, paths: Mapping[str, Sequence[str]]
) -> None:
    async with signed_in(database, url, person) as browser:
        await read_again_and_again(browser, paths, LOOKS)


async def _weigh(
    database: Database, use: Callable[[str], Awaitable[None]] | None, *, until: float = 0.0
) -> float:
    """Of a process that serves the page where it is used; of another one, at a moment."""
    page, health = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    with loopback_platform("slack") as platform:
        environ = {
            **platform.environ,
            "DATABASE_URL": database.url,
            "NELLIE_MODEL": "extractive",
            "NELLIE_HEALTH": health,
            **({"NELLIE_WEB": page} if use else {}),
        }
        command = [sys.executable, "-m", "bot", "run"]
        async with running(command, f"http://{health}/healthz", environ) as process:
            await platform.wait_until_connected()
            for number in range(ROUNDS):
                await platform.mention(CHANNELS, f"weight{number}", end="")
            if use:
                await use(f"http://{page}")
            await asyncio.sleep(max(0.0, until - time.monotonic()))
            return weigh(process)
