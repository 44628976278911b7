"""Starts the servers of this folder, as an operator lists them."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from doubles.nellie_on_slack import free_port

HERE = Path(__file__).parent


def tracker(ledger: Path, **more: Any) -> dict[str, Any]:
    """The tracker as a program."""
    args = [str(HERE / "tracker.py"), str(ledger)]
    return {"command": sys.executable, "args": args, "reads": ["list_*", "get_*"], **more}


def hostile(way: str, **more: Any) -> dict[str, Any]:
    """A server that misbehaves in this way."""
    return {"command": sys.executable, "args": [str(HERE / "hostile.py"), way], **more}


def write_file(folder: Path, **servers: dict[str, Any]) -> str:
    """The file that lists these servers."""
    path = folder / "mcp.json"
    path.write_text(json.dumps({"mcpServers": servers}))
    return str(path)


def read_ledger(ledger: Path) -> list[dict[str, Any]]:
    """The calls that have changed something."""
    lines = ledger.read_text().splitlines() if ledger.exists() else []
    return [json.loads(line) for line in lines]


@asynccontextmanager
async def tracker_on_http(ledger: Path, port: int = 0) -> AsyncIterator[dict[str, Any]]:
    """The tracker behind an address; its process ends with the block."""
    port = port or free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / "tracker.py"),
        str(ledger),
        str(port),
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30):
            while not await _listens(port):  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.05)
        url = f"http://127.0.0.1:{port}/mcp"
        yield {"type": "http", "url": url, "reads": ["list_*", "get_*"]}
    finally:
        process.kill()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
