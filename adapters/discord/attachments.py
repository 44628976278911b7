"""Files that come with a message: text is read, up to a size; the others are named."""

import asyncio
from collections.abc import Iterable

import aiohttp
import discord

LARGEST = 100_000  # bytes of a file that is read
MOST = 5  # files of one message that are read
PATIENCE = 5  # seconds for one file

_TEXT = ("text/", "application/json", "application/xml", "application/x-yaml", "application/toml")
_ENDINGS = (
    ".c", ".cfg", ".conf", ".cpp", ".css", ".csv", ".diff", ".go", ".h", ".html", ".ini", ".java",
    ".js", ".json", ".jsonl", ".log", ".md", ".patch", ".py", ".rb", ".rs", ".rst", ".sh", ".sql",
    ".toml", ".ts", ".txt", ".xml", ".yaml", ".yml",
)  # fmt: skip


def is_text(name: str, content_type: str | None) -> bool:
    """Whether a file says of itself that people can read it."""
    return (content_type or "").startswith(_TEXT) or name.lower().endswith(_ENDINGS)


async def read(files: Iterable[discord.Attachment]) -> list[str]:
    """A block of text for each file: what it holds, or that it was not read."""
    files = list(files)
    readable = [
        file for file in files if is_text(file.filename, file.content_type) and file.size <= LARGEST
    ][:MOST]
    texts = dict(zip(readable, await asyncio.gather(*map(_content, readable)), strict=True))
    return [_block(file.filename, texts.get(file)) for file in files]


async def _content(file: discord.Attachment) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            raw = await file.read()
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError):
        return None
    return raw[:LARGEST].decode("utf-8", errors="replace")


def _block(name: str, text: str | None) -> str:
    return f"[file, not read: {name}]" if text is None else f"[file: {name}]\n{text}".rstrip()
