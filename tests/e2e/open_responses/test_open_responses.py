"""The Open Responses suite against our /v1/responses, over a server that knows chats alone.

The suite is not kept here: clone https://github.com/openresponses/openresponses, `npm install zod`
and `tsx` there, and name the folder in NELLIE_OPEN_RESPONSES. It needs Node.js. Its WebSockets send
a header, as Bun's and Node's of version 22 can: with an older Node.js, `npm install ws` as well.
"""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from doubles.api_endpoint import ApiEndpoint, api_endpoint
from doubles.tool_calling_server import ToolCallingServer

from bot.store.database import Database

SUITE = os.environ.get("NELLIE_OPEN_RESPONSES", "")
SCRIPT = Path("bin/compliance-test.ts")
SOCKETS = Path(__file__).with_name("sockets.mjs")
NAMED = {
    "basic-response",
    "streaming-response",
    "system-prompt",
    "tool-calling",
    "image-input",
    "multi-turn",
}
"""What each of its versions has."""

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not SUITE, reason="NELLIE_OPEN_RESPONSES names no folder of the Open Responses suite"
    ),
    pytest.mark.skipif(not shutil.which("npx"), reason="there is no Node.js"),
]


@pytest.fixture
async def api(database: Database) -> AsyncIterator[ApiEndpoint]:
    async with (
        ToolCallingServer() as upstream,
        api_endpoint(
            database,
            model=("openai/double",),
            openai_base_url=upstream.url,
            openai_api_key="upstream-secret-key",
        ) as endpoint,
    ):
        yield endpoint


@pytest.mark.parametrize("model", ["openai/double", "auto"])
async def test_every_case_of_the_suite_passes(api: ApiEndpoint, model: str) -> None:
    assert (Path(SUITE) / SCRIPT).is_file(), f"{SUITE} has no {SCRIPT}"
    command = ["npx", "tsx", "--import", SOCKETS.as_uri(), str(SCRIPT), "--json"]
    running = await asyncio.create_subprocess_exec(
        *[*command, "--base-url", api.url, "--api-key", api.key, "--model", model],
        cwd=SUITE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

    output, errors = await running.communicate()

    assert output, errors.decode()
    results = json.loads(output)["results"]
    failed = {one["id"]: one.get("errors") for one in results if one["status"] != "passed"}
    assert failed == {}
    assert {one["id"] for one in results} >= NAMED
