"""Sounds and voice messages, read as documents where a plugin hears them (`NELLIE_TRANSCRIBER`)."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.config import plugins
from bot.config.settings import Settings
from bot.documents.process import read_in_process
from bot.domain.documents import DocumentText, NotReadable, PostedFile
from bot.domain.errors import PluginError, SettingsError
from bot.domain.ports import Transcriber

PATIENCE = 1_800.0  # seconds for one recording: an hour of talk takes some minutes on a processor
SILENT = "nobody says anything in it"
TOO_LONG = f"it takes longer than {PATIENCE / 60:.0f} minutes to hear"

Read = Callable[..., Awaitable[DocumentText]]


class NotHeard(Exception):
    """What hears has failed, and may do better later. The text is for people."""


def load_transcriber(settings: Settings) -> Transcriber | None:
    """What the operator has chosen; None where nothing hears. Raises SettingsError."""
    name = settings.transcriber
    if not name:
        return None
    try:
        transcriber: Transcriber = plugins.load("transcriber", name)(settings)
    except PluginError as error:
        raise SettingsError(name="NELLIE_TRANSCRIBER", reason=str(error)) from error
    return transcriber


@dataclass(frozen=True, slots=True)
class Hearing:
    """Reads files of every kind: sounds by what was heard, which then is a text like any other."""

    transcriber: Transcriber
    read: Read = read_in_process

    async def __call__(self, path: Path, name: str, media_type: str, **how: Any) -> DocumentText:
        """As read_in_process. Raises NotReadable and NotHeard."""
        if PostedFile(id="", name=name, media_type=media_type).kind != "sound":
            return await self.read(path, name, media_type, **how)
        words = await self._hear(path, name, media_type)
        if not words.strip():
            raise NotReadable(SILENT)
        with _written(path, words) as text:
            return replace(await self.read(text, "heard.txt", "text/plain", **how), kind="sound")

    async def _hear(self, path: Path, name: str, media_type: str) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                return str(await self.transcriber.transcribe(path, name, media_type))
        except NotReadable:
            raise
        except TimeoutError:
            raise NotReadable(TOO_LONG) from None
        except Exception as error:  # whatever a plugin raises
            raise NotHeard(f"what hears has failed ({type(error).__name__})") from error


@contextmanager
def _written(beside: Path, words: str) -> Iterator[Path]:
    """A file of these words, in the private folder of the sound; it is gone after the block."""
    path = beside.with_suffix(".heard")
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(words.encode(errors="replace"))
        yield path
    finally:
        path.unlink(missing_ok=True)
