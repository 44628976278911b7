"""A Slack or a TGI in a container, with a second port for the tests: what people say and see."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from aiohttp import web
from doubles.slack_server import Slack
from doubles.tgi_server import TGIServer

CONTROL = 9001
HISTORY = Path("/history/general.json")
"""What was said: a Slack keeps it, whatever becomes of the containers."""


async def slack() -> None:
    """Slack at slack:9000. `/say` says something as Ana; `/answers` are Nellie's in a thread."""
    async with Slack(at="slack:9000") as double:
        messages = double.rooms["C1"].messages
        messages.update(read())

        async def say(request: web.Request) -> web.Response:
            return web.json_response(double.say("U1", "C1", await request.text()))

        async def answers(request: web.Request) -> web.Response:
            return web.json_response(double.answers("C1", request.query["ts"]))

        async with asyncio.TaskGroup() as group:
            group.create_task(keep(messages))
            group.create_task(serve(web.post("/say", say), web.get("/answers", answers)))


def read() -> dict[str, dict[str, Any]]:
    """What was said before the containers were taken down."""
    return json.loads(HISTORY.read_text()) if HISTORY.exists() else {}


async def keep(messages: dict[str, dict[str, Any]]) -> None:
    """Write down what is new or changed, many times a second."""
    kept = ""
    while True:
        if (now := json.dumps(messages)) != kept:
            part = HISTORY.with_suffix(".part")
            part.write_text(now)
            part.replace(HISTORY)
            kept = now
        await asyncio.sleep(0.1)


async def tgi() -> None:
    """TGI at tgi:80. `/prompt` is the last that it was asked to answer."""
    double = TGIServer()
    double.address = ("0.0.0.0", 80)
    async with double:

        async def prompt(request: web.Request) -> web.Response:
            return web.json_response(double.prompts[-1]["inputs"])

        await serve(web.get("/prompt", prompt))


async def serve(*routes: web.RouteDef) -> None:
    """Serve the tests, for ever."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", CONTROL).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run({"slack": slack, "tgi": tgi}[sys.argv[1]]())
