"""A message's attachments: text files are read, the others are named."""

from collections.abc import Iterable

import aiohttp
import discord

from adapters.discord.message_text import VOICE_FILE, VOICE_MESSAGE
from adapters.kit.text_files import (
    AttachedFile,
    NotRead,
    is_text,
    read_limited,
    read_text_files,
)
from bot.domain.errors import SettingsError
from bot.domain.http_proxy import find_proxy

SECONDS = 5.0  # for all files of a message
_NOT_DOWNLOADED = "Discord did not hand it over"


async def read_attachments(attachments: Iterable[discord.Attachment]) -> str:
    """What the files say, each under its name, or why it was not read; "" without files.

    What was spoken is called that: nobody here hears it.
    """
    files = list(attachments)
    spoken = [VOICE_MESSAGE for file in files if _is_voice(file)]
    read = [_attached(file) for file in files if not _is_voice(file)]
    return "\n".join(filter(None, (*spoken, await read_text_files(read, seconds=SECONDS))))


async def _download(url: str) -> bytes:
    """Not by discord.py, which reads a file whole, whatever size Discord has stated."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, proxy=find_proxy(url)) as response,
    ):
        if response.status != 200:
            raise NotRead(_NOT_DOWNLOADED)
        return await read_limited(response.content.read)


def _is_voice(attachment: discord.Attachment) -> bool:
    return attachment.is_voice_message() or attachment.filename == VOICE_FILE


def _attached(attachment: discord.Attachment) -> AttachedFile:
    async def download() -> bytes:
        try:
            return await _download(str(attachment.url))  # of another type where it is garbled
        except (aiohttp.ClientError, OSError, ValueError, SettingsError):
            raise NotRead(_NOT_DOWNLOADED) from None

    # Of another type where Discord garbled them: then they say nothing.
    name, kind, size = attachment.filename, attachment.content_type, attachment.size
    name = name if isinstance(name, str) else ""
    return AttachedFile(
        name=name,
        is_text=is_text(kind if isinstance(kind, str) else "", name),
        size=size if isinstance(size, int) else 0,
        download=download,
    )
