"""What hears: the words of sounds and voice messages (bot.domain.ports)."""

from pathlib import Path
from typing import Protocol


class Transcriber(Protocol):
    """Made by its plugin from the settings. None comes with Nellie."""

    async def transcribe(self, path: Path, name: str, media_type: str) -> str:
        """The words of a recording, in paragraphs; of a whole file on this machine.

        `media_type` is what its platform calls it, and may be empty. Nobody waits for it: it may
        take minutes, one recording after another, and is cancelled after half an hour. Raises
        NotReadable where it never can (its text is for people), and anything else where it may
        work later.
        """
        ...
