"""Files that mean harm end by a limit, with a sentence: nothing is written, nothing is fetched."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from document_reader import FILES, whole
from hostile_files import HOSTILE, Hostile

from bot.documents.limits import Limits
from bot.documents.process import read_in_process
from bot.domain.documents import NotReadable

LIMITS = Limits(seconds=20, computing=15)


class Listener:
    """An address on this machine at which nobody may ask."""

    def __init__(self) -> None:
        self.visits = 0
        self.address = ""

    async def serve(self) -> asyncio.Server:
        """From here on."""
        server = await asyncio.start_server(self._note, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def _note(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listening = Listener()
    async with await listening.serve():
        yield listening


async def read(path: Path, name: str) -> str:
    """All that comes of it: the text, the notes, or the reason."""
    try:
        document = await read_in_process(path, name, limits=LIMITS)
    except NotReadable as error:
        return str(error)
    return f"{' '.join(document.notes)}\n{whole(document)}"


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=list(HOSTILE))
async def test_a_hostile_file_ends_with_a_sentence(
    hostile: Hostile, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "posted"
    path.write_bytes(hostile.make(listener.address))

    said = await read(path, hostile.name)

    assert said.strip()
    assert hostile.said in said
    assert "root:" not in said
    assert listener.visits == 0
    assert os.listdir(tmp_path) == ["posted"]


MADE = sorted(path.name for path in FILES.glob("harbour.*"))


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", MADE)
async def test_a_file_that_is_cut_off_is_read_in_part_or_told(
    name: str, part: float, tmp_path: Path
) -> None:
    data = (FILES / name).read_bytes()
    (tmp_path / "posted").write_bytes(data[: int(len(data) * part)])

    assert await read(tmp_path / "posted", name)
